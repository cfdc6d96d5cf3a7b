"""A home with the web admin's real processes in it, and a real browser in front of it; and its app without a browser.

Screenshots of every page go to the folder named in WATTWARD_SCREENSHOTS (else to
pytest's temporary folder), to be looked at by a person.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import argon2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from appliance import audit, clock, heartbeat
from appliance.access import device_key, presence, verifier, web_accounts, web_sessions, web_sign_in, web_window
from appliance.backup import key as backup_key
from appliance.config import Home
from appliance.opened import Opened, open_home
from appliance.store import live, migrate
from tests.patience import PATIENCE_S
from ui.admin import guard
from ui.admin.app import create_app

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
GOOD = "kettle orbit 9"
HERE = "https://localhost"


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so; how long it takes is not what is tested."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Served:
    """One appliance's home and its `python -m ui.admin`."""

    opened: Opened
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the waiting process."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ui.admin", "--home", str(self.opened.home.root), "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"WATTWARD_RUN": str(self.opened.home.run)} | self.environment,
                start_new_session=True,
            )
        eventually(lambda: (self.opened.home.bells / "admin").exists(), "the waiting process has no bell")

    def stop(self) -> None:
        """End it as a service manager would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def refused(self, host: str = "127.0.0.1") -> bool:
        """Tell whether the port refuses connections."""
        try:
            socket.create_connection((host, self.port), timeout=2).close()
        except ConnectionRefusedError:
            return True
        except (TimeoutError, ConnectionResetError):
            return False  # the port is there, or closes this moment
        return False

    def answers(self) -> bool:
        """Tell whether the sign-in page comes."""
        with contextlib.suppress(OSError), self.channel() as channel:
            channel.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return channel.recv(15).startswith(b"HTTP/1.1 200")
        return False

    def channel(self) -> ssl.SSLSocket:
        """A TLS connection to the port. Raises OSError."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the certificate is the appliance's own
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=5))

    def enable(self) -> web_window.Window:
        """Open the window as the touchscreen does and wait until it is served."""
        window = web_window.enable(self.opened.store, self.opened.clock, audit.TOUCH)
        eventually(self.answers, "the web admin does not answer")
        return window

    def code(self) -> str:
        """The presence code on the touchscreen."""
        window = web_window.state(self.opened.store, self.opened.clock)
        return presence.code(self.opened.key(), window.opening)

    def set_password(self) -> None:
        """Give `admin` the password GOOD, as its person did on the first day."""
        opened = self.opened
        web_window.enable(opened.store, opened.clock, audit.TOUCH)
        token = web_sign_in.sign_in(opened, "admin", "admin", self.code(), "", "")
        assert isinstance(token, str)
        who = web_sessions.of_token(opened, token)
        assert who is not None
        assert isinstance(web_sign_in.change_password(opened, who, "admin", GOOD, GOOD), str)
        web_window.close(opened.store, opened.clock, audit.TOUCH)


def furnished(root: Path, when: clock.Clock) -> Opened:
    """A home as the core's first start leaves it."""
    home = Home(root / "home", root / "run")
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    device_key.make(home.keys)
    backup_key.make(home.keys)
    opened = open_home(home, when)
    web_accounts.ensure_default(opened)
    return opened


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The waiting process of a fresh appliance, its window closed."""
    yield from at_work(Served(furnished(tmp_path, clock.SystemClock()), free_port(), tmp_path / "admin.log"))


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Served]:
    """The same with clocks so fast that the ten minutes pass in fifteen seconds."""
    spec = clock.fast_spec(40)
    when = clock.FastClock(*(float(part) for part in spec.split(";")))
    it = Served(furnished(tmp_path, when), free_port(), tmp_path / "admin.log", environment={"WATTWARD_CLOCK": spec})
    yield from at_work(it)


def at_work(it: Served) -> Iterator[Served]:
    """Start it, and leave nothing of it behind."""
    it.start()
    yield it
    it.stop()
    if it.process is not None and it.process.poll() is None:
        os.killpg(it.process.pid, signal.SIGKILL)
    it.opened.store.close()
    it.opened.live.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@dataclass(slots=True)
class Visit:
    """A browser window on one appliance, and everything it asked for."""

    page: Page
    served: Served
    folder: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.served.url + path)

    def sign_in(self, name: str = "admin", password: str = GOOD, code: str = "") -> None:
        """Fill in the sign-in form."""
        self.go("/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        if code:
            self.page.fill("#code", code)
        self.page.click("main form button[type=submit]")

    def answer_dialogs(self, *answers: bool) -> None:
        """Accept (True) or dismiss the browser's dialogs in this order, then accept all; `dialogs` notes their type."""
        waiting = list(answers)

        def answer(dialog: Dialog) -> None:
            self.dialogs.append(dialog.type)
            if waiting and not waiting.pop(0):
                dialog.dismiss()
            else:
                dialog.accept()

        self.page.on("dialog", answer)

    def picture(self, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def foreign(self) -> list[str]:
        """Addresses asked for that are not this appliance's."""
        return [url for url in self.asked if not url.startswith((self.served.url, "data:"))]


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, tmp_path: Path, served: Served) -> Iterator[Open]:
    """Open browser windows: visit(width=390, locale='de-DE', theme='light')."""
    folder = Path(os.environ.get("WATTWARD_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    contexts: list[BrowserContext] = []

    def open_window(width: int = 1280, height: int = 800, locale: str = "en-GB", theme: str = "dark") -> Visit:
        context = browser.new_context(
            ignore_https_errors=True,
            locale=locale,
            viewport={"width": width, "height": height},
            color_scheme="light" if theme == "light" else "dark",
        )
        contexts.append(context)
        it = Visit(context.new_page(), served, folder)
        context.on("request", lambda request: it.asked.append(request.url))
        it.page.on("console", lambda line: it.complaints.append(line.text) if line.type == "error" else None)
        it.page.on("pageerror", lambda error: it.complaints.append(str(error)))
        return it

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that cost no time: what they cost is proved elsewhere (tests/appliance/access/test_verifier.py)."""
    monkeypatch.setattr(verifier, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def app(opened: Opened, quick_passwords: None) -> Flask:
    """The app with forms that need no key (test_guard proves that they do), a person of each role, a core alive."""
    backup_key.make(opened.home.keys)
    heartbeat.begin(opened.live, "core", opened.clock)
    for role in web_sessions.ROLES:
        web_accounts.add(opened, audit.CLI, role + " one", role, GOOD)
    web_window.enable(opened.store, opened.clock, audit.TOUCH)
    made = create_app(opened)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def client(app: Flask, opened: Opened) -> Callable[[str], FlaskClient]:
    """`client("operator")`: signed in, without a browser."""

    def make(role: str) -> FlaskClient:
        token = web_sign_in.sign_in(opened, role + " one", GOOD, "", "", "")
        assert isinstance(token, str)
        found = app.test_client()
        found.set_cookie(guard.COOKIE, token, domain="localhost", secure=True)
        return found

    return make


@pytest.fixture
def admin(client: Callable[[str], FlaskClient]) -> FlaskClient:
    """An administrator, without a browser."""
    return client("admin")
