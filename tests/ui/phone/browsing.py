"""A phone in front of the service: a real browser, and what it asked for and complained about.

Screenshots go to the folder named in WATTWARD_SCREENSHOTS (else to pytest's
temporary folder), to be looked at by a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from appliance import clock
from appliance.access import tokens, tokens_charging
from appliance.opened import Opened
from tests.ui.phone.house import ADMIN, Served, token_of

CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=15_000)  # a busy machine may show a page later
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOT_S = 900


@dataclass(slots=True)
class Phone:
    """One phone, and everything it asked for."""

    context: BrowserContext
    page: Page
    served: Served
    folder: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str = "/") -> None:
        """Open an address as if typed."""
        self.page.goto("about:blank")
        self.page.goto(self.served.url + path)

    def connect(self, role: str = "charge", user: int | None = 1) -> tokens.Token:
        """Scan the QR code of a token that is confirmed."""
        token, secret = token_of(self.served.opened, role, installation=None)
        tokens_charging.lend(self.served.opened, token.id, user, ADMIN)
        self.go(f"/pair#{secret}")
        self.page.wait_for_selector("body[data-view=latest]")
        return token

    def tab(self, name: str) -> None:
        """Tap a tab."""
        self.page.click(f"#tabs a[href='#{name}']")

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def foreign(self) -> list[str]:
        """Addresses asked for that are not this appliance's."""
        return [url for url in self.asked if not url.startswith((self.served.url, "data:", "about:"))]

    def remembered(self) -> str:
        """What the phone keeps."""
        return str(self.page.evaluate("localStorage.getItem('wattward') || ''"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Phones:
    """Unpacks phones: phones(width=390, locale='de-DE', theme='light')."""

    def __init__(self, browser: Browser, served: Served, folder: Path) -> None:
        self._browser = browser
        self._served = served
        self._folder = folder
        self.contexts: list[BrowserContext] = []

    def __call__(self, width: int = 390, height: int = 844, locale: str = "en-GB", theme: str = "dark") -> Phone:
        context = self._browser.new_context(
            ignore_https_errors=True, locale=locale, viewport={"width": width, "height": height}, has_touch=True,
            timezone_id="Europe/Berlin", color_scheme="light" if theme == "light" else "dark", device_scale_factor=2,
        )  # fmt: skip
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        it = Phone(context, context.new_page(), self._served, self._folder)
        context.on("request", lambda request: it.asked.append(request.url))
        it.page.on("console", lambda line: it.complaints.append(line.text) if line.type == "error" else None)
        it.page.on("pageerror", lambda error: it.complaints.append(str(error)))
        return it


@pytest.fixture
def phones(browser: Browser, tmp_path: Path, served: Served) -> Iterator[Phones]:
    """Phones of the household."""
    folder = Path(os.environ.get("WATTWARD_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    it = Phones(browser, served, folder)
    yield it
    for context in it.contexts:
        context.close()


def with_a_day(it: Opened, zone_offset_h: int = 1) -> None:
    """Quarter hours of today so far: a house, a roof, and a car in the morning."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(hours=zone_offset_h)).replace(hour=0, minute=0, second=0, microsecond=0)
    start_s = int((midnight - timedelta(hours=zone_offset_h)).timestamp())
    with it.store.write() as db:
        for at in range(start_s, int(now.timestamp()) - SLOT_S, SLOT_S):
            hour = (at - start_s) / 3600
            sun = max(0, int(4200 - 190 * (hour - 12.5) ** 2))
            car = 3600 if 6 <= hour < 9 else 0
            house = 350 + int(400 * (hour % 5 > 3)) + (900 if 11.5 < hour < 12.5 else 0)
            for meter, watts in ((1, house + car - sun), (2, -sun), (3, car)):
                db.execute(
                    "INSERT INTO slots (id, meter_id, start_s, import_wh, export_wh, min_w, mean_w, max_w,"
                    " samples, gap) VALUES (?,?,?,?,?,?,?,?,900,0)",
                    (at // SLOT_S * 1024 + meter, meter, at, max(0, watts) // 4, max(0, -watts) // 4, watts, watts,
                     watts),
                )  # fmt: skip


def with_sessions(it: Opened) -> None:
    """What was charged before, by Anna and without a name."""
    now = datetime.now(UTC)
    with it.store.write() as db:
        for number, (user, wh) in enumerate(((1, 11_240), (None, 4_800), (1, 23_510)), 1):
            began = clock.utc_text(now - timedelta(days=number, hours=4))
            ended = clock.utc_text(now - timedelta(days=number))
            db.execute(
                "INSERT INTO grants (id, point_id, reason, user_id, boot_id, granted_at, until_s, ended_at, end_reason)"
                " VALUES (?,1,'pin',?,'x',?,0,?,'stop')",
                (number, user, began, ended),
            )
            db.execute(
                "INSERT INTO sessions (id, point_id, grant_id, user_id, meter_id, boot_id, began_at, begin_wh,"
                " ended_at, end_wh, end_reason) VALUES (?,1,?,?,3,'x',?,1000,?,?,'idle')",
                (number, number, user, began, ended, 1000 + wh),
            )


def with_running_session(it: Opened) -> None:
    """Anna's car charges since 83 minutes."""
    began = clock.utc_text(it.clock.now() - timedelta(minutes=83))
    with it.store.write() as db:
        db.execute(
            "INSERT INTO grants (id, point_id, reason, user_id, boot_id, granted_at, until_s)"
            " VALUES (9,1,'app',1,?,?,?)",
            (it.clock.boot_id, began, it.clock.boottime_s() + 86_400),
        )
        db.execute(
            "INSERT INTO sessions (id, point_id, grant_id, user_id, meter_id, boot_id, began_at, begin_wh)"
            " VALUES (9,1,9,1,3,?,?,1000)",
            (it.clock.boot_id, began),
        )


def confirm_all(it: Opened) -> None:
    """Somebody at the appliance confirms what waits."""
    for one in tokens.all(it.store):
        if one.state == "pending":
            tokens.confirm(it, one.id, ADMIN)
