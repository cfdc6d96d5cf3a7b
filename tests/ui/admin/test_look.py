"""Every page in both languages, dark and light, on a desk and in a hand: axe, no overflow, nothing foreign."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from appliance import audit, faults, known_time
from appliance.access import tokens, web_window
from appliance.backup import worker
from appliance.billing import journal, prices, tariffs
from appliance.billing.journal import Signer
from appliance.charging import granted, grants, guests, identifications, points, readers, sessions, users
from appliance.metering import meters, readings
from appliance.network import links
from appliance.network.links import Link, Network
from appliance.opened import Opened
from appliance.store import settings
from drivers.interfaces import Reading
from tests.ui.admin import household
from tests.ui.admin.conftest import Open, Served, Visit, eventually

PAGES = {
    "overview": "/",
    "history-day": "/history",
    "history-week": "/history?kind=week",
    "history-month": "/history?kind=month",
    "history-year": "/history?kind=year",
    "history-total": "/history?kind=total",
    "history-file-refused": "/history/file?what=balance&step=second",
    "help": "/help",
    "updates": "/system/updates",
    "factory-reset": "/system/machine/factory-reset",
    "import-users": "/configuration/user/import",
    "edit-token": "/system/access-tokens/2/edit",
    "charging": "/charging",
    "sessions": "/sessions",
    "record": "/sessions/record",
    "point": "/charging/points/1",
    "add-point": "/charging/points/new",
    "archived-point": "/charging/points/2",
    "edit-point": "/charging/points/2/edit",
    "attempts": "/charging/attempts",
    "guests": "/charging/guests",
    "guest-code": "/charging/guests/new",
    "tariffs": "/charging/tariffs",
    "add-tariff": "/charging/tariffs/new",
    "rules": "/configuration/user/local-users/1/rules",
    "cards": "/configuration/user/local-users/1/cards",
    "events": "/events",
    "access-tokens": "/system/access-tokens",
    "confirm-token": "/system/access-tokens/1/confirm",
    "make-token": "/system/access-tokens/new",
    "accounts": "/system/accounts",
    "edit-account": "/system/accounts/1",
    "second-factor": "/system/second-factor",
    "browsers": "/system/browsers",
    "security": "/system/security",
    "machine": "/system/machine",
    "wifi": "/system/machine/wifi",
    "address": "/system/machine/address/wired",
    "set-time": "/system/machine/time",
    "task": "/system/tasks/1",
    "long-file": "/history/file?what=1&step=second&format=csv&begin=2026-11-01&end=2026-11-21",
    "restore": "/configuration/backups/restore",
    "password": "/password",
    "charging-authorization": "/configuration/user/charging-authorization",
    "local-users": "/configuration/user/local-users",
    "my-profile": "/configuration/user/local-users/new",
    "edit-user": "/configuration/user/local-users/1",
    "user-identifications": "/configuration/user/local-users/1/identifications",
    "add-manually": "/configuration/user/local-users/1/identifications/new",
    "edit-identification": "/configuration/user/local-users/1/identifications/1",
    "meters": "/configuration/meters",
    "meter": "/configuration/meters/1",
    "add-meter": "/configuration/meters/new",
    "search-meters": "/configuration/meters/search",
    "backups": "/configuration/backups",
    "settings": "/configuration/settings",
    "no-such-page": "/nothing-here",
}
LOOKS = [
    ("desk-en-dark", 1280, 800, "en-GB", "dark"),
    ("phone-de-light", 390, 844, "de-DE", "light"),
    ("small-de-dark", 360, 640, "de-DE", "dark"),
]


@pytest.fixture
def lived_in(served: Served) -> Served:
    """An appliance in use: meters with readings, a day's curve, users, a backup, a fault."""
    served.set_password()
    opened = served.opened
    for name, model, unit, role, power_w in (
        ("Grid", "kostal-ksem-g2", 1, "grid", -2310.0),
        ("Wallbox meter", "eastron-sdm630", 2, "charger", 0.0),
        ("Solar roof", "eastron-sdm630", 3, "pv", -4120.0),
    ):
        meter = meters.add(
            opened.store, opened.clock, name=name, model=model, url="tcp://127.0.0.1:5020", unit=unit, role=role,
            actor=audit.CLI,
        )  # fmt: skip
        readings.put(opened.live, opened.clock, meter.id, Reading({"power_w": power_w}, 0.01))
    household.live_through(opened, 45)
    points.add(opened.store, opened.clock, name="Wallbox", relay="gpio:17", actor=audit.CLI)
    for first, last in (("Anna", "Berger"), ("Maximilian-Alexander", "von Donaudampfschifffahrtsgesellschaft")):
        user = users.add(opened.store, opened.clock, first, last, actor=audit.CLI)
        identifications.add(
            opened.store, opened.key(), opened.clock, user.id, type="pin", code=f"#27182{user.id}", active=True,
            expires_on=(opened.clock.now() + timedelta(days=90)).date(), actor=audit.CLI,
        )  # fmt: skip
    worker.everywhere(opened, audit.CLI)
    known_time.confirm(opened.store, opened.clock, audit.CLI)  # codes with an expiry open nothing else
    charge(opened)
    board = points.add(
        opened.store, opened.clock, "Carport", "pulse:rtu:///dev/serial/by-id/usb-Board?baud=9600/1/0", 2,
        plug="input:tcp://192.168.1.50/1/4:nc", feedback="gpio:22", actor=audit.CLI,
    )  # fmt: skip
    points.archive(opened.store, opened.clock, board.id, actor=audit.CLI)
    wired = Link("wired", "eth0", "connected", mac="02:00:00:00:00:01", addresses=("192.0.2.7",))
    links.put(opened, Network(True, (wired, Link("wifi", "wlan0", "connected", "Heimnetz", 82))))
    links.find_wifi(opened, audit.CLI)
    tokens.create(opened, audit.CLI, "Anna's phone", app="Wattward app")
    tablet, _secret = tokens.create(
        opened, audit.CLI, "Tablet in the kitchen of the Donaudampfschifffahrtsgesellschaft"[:40]
    )
    tokens.confirm(opened, tablet.id, audit.CLI)
    faults.report(opened.live, opened.clock.now(), "meter:1", "silent", "The meter does not answer: check its cable.")
    served.enable()
    return served


def charge(opened: Opened) -> None:
    """A tariff, a guest's code, a reader, attempts good and bad, and two sessions in the journal."""
    (point,), now = points.all(opened.store), opened.clock.now()
    tariff = tariffs.add(opened.store, opened.clock, "Contract", "by_time", basis="Stadtwerke 2026", actor=audit.CLI)
    night = [prices.band("1-7 22:00-06:00 0.21")]
    tariffs.set_price(opened.store, opened.clock, tariff.id, now.date(), Decimal("0.345"), night, actor=audit.CLI)
    settings.put(opened.store, now, audit.CLI, "billing.tariff", "Contract")
    guests.make(opened, identifications.Extras(cap_wh=20_000), first_name="Uncle", last_name="Otto", actor=audit.CLI)
    readers.add(opened.store, opened.clock, "Front door", "hid:event0", [point.id], actor=audit.CLI)
    grants.authorize(opened, "#999999", point, "touch", 1, actor=audit.TOUCH)
    for user, wh in ((1, 12_345), (2, 8_020)):
        decision = grants.authorize(opened, f"#27182{user}", point, "touch", user, actor=audit.TOUCH)
        assert decision.grant_id is not None
        with opened.store.write() as db:
            sessions.begin(db, opened.clock, grant_id=decision.grant_id, meter_id=2, begin_wh=1000, remarks=())
        (running,) = sessions.running(opened.store)
        with opened.store.write() as db:
            sessions.end(
                db,
                opened.clock.now(),
                running,
                ended_at=opened.clock.now(),
                end_wh=1000 + wh,
                reason="stop",
                remarks=(),
            )
            granted.end(db, opened.clock.now(), decision.grant_id, "stop")
    journal.catch_up(opened, Signer.of(opened.key()))


def overflow(visit: Visit) -> int:
    """How many pixels a page is wider than its window."""
    return int(visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.slow
@pytest.mark.parametrize(("look", "width", "height", "locale", "theme"), LOOKS)
def test_every_page_is_accessible_fits_and_asks_nobody_else(
    lived_in: Served, visit: Open, look: str, width: int, height: int, locale: str, theme: str
) -> None:
    it = visit(width, height, locale, theme)
    it.go("/sign-in")
    check(it, f"{look}-sign-in")
    it.sign_in()
    expect(it.page.locator("#today")).to_be_visible()
    for name, path in PAGES.items():
        it.go(path)
        it.page.wait_for_load_state()
        check(it, f"{look}-{name}")
    it.go("/")
    it.page.get_by_role("button", name="Menu" if locale == "en-GB" else "Menü").click()
    check(it, f"{look}-menu")
    assert it.foreign() == []
    assert [line for line in it.complaints if "404" not in line and "422" not in line] == []  # asked for above
    expect(it.page.locator("html")).to_have_attribute("data-bs-theme", theme)
    expect(it.page.locator("html")).to_have_attribute("lang", locale[:2])


def check(visit: Visit, name: str) -> None:
    """axe, overflow, and a picture to look at."""
    visit.picture(name)
    found = Axe().run(visit.page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert overflow(visit) <= 0, name


def test_live_values_move_without_a_reload(lived_in: Served, visit: Open) -> None:  # A003-17
    opened = lived_in.opened
    it = visit()
    it.sign_in()
    figure = it.page.locator("[data-card=grid] [data-figure]")
    readings.put(opened.live, opened.clock, 1, Reading({"power_w": 612.0}, 0.01))
    expect(figure).to_have_text("612\u202fW")
    expect(it.page.locator("[data-card=grid] [data-note]")).to_have_text("from the grid")
    expect(it.page.locator("[data-wire=grid]")).to_have_attribute("data-way", "right")
    faults.clear(opened.live, "meter:1")
    expect(it.page.get_by_text("check its cable")).to_have_count(0)


@pytest.mark.parametrize(("wish", "motion"), [("no-preference", "drops"), ("reduce", "none")])
def test_drops_run_only_for_who_likes_motion(lived_in: Served, visit: Open, wish: str, motion: str) -> None:
    it = visit()
    it.page.emulate_media(reduced_motion="reduce" if wish == "reduce" else "no-preference")
    it.sign_in()
    readings.put(lived_in.opened.live, lived_in.opened.clock, 1, Reading({"power_w": 612.0}, 0.01))
    wire = it.page.locator("[data-wire=grid]")
    expect(wire).to_have_attribute("data-way", "right")
    assert wire.evaluate("(wire) => getComputedStyle(wire).animationName") == motion


def test_a_value_that_is_too_old_is_no_data(lived_in: Served, visit: Open) -> None:
    it = visit()
    it.sign_in()
    card = it.page.locator("[data-card=grid]")
    expect(card).to_contain_text("no data", timeout=15000)


def test_figures_of_an_appliance_that_fell_silent_look_old(lived_in: Served, visit: Open) -> None:
    it = visit()
    it.page.clock.install()
    it.sign_in()
    expect(it.page.locator("[data-card=grid]")).to_be_visible()
    expect(it.page.locator("#silent")).to_be_hidden()
    assert lived_in.process is not None
    programs = psutil.Process(lived_in.process.pid).children(recursive=True)
    for one in programs:
        one.suspend()
    try:
        it.page.clock.fast_forward(15_000)
        expect(it.page.locator("#silent")).to_have_text("The appliance does not answer. Trying again …")
        expect(it.page.locator("body")).to_have_class("is-old")
        it.picture("silent")
    finally:
        for one in programs:
            one.resume()
    it.page.clock.fast_forward(2_000)
    expect(it.page.locator("#silent")).to_be_hidden()
    expect(it.page.locator("body")).not_to_have_class("is-old")


def test_each_page_counts_down_warns_and_says_when_it_is_over(hurried: Served, visit: Open) -> None:  # A003-22
    hurried.set_password()
    hurried.enable()
    it = visit()
    it.served = hurried
    it.sign_in()
    expect(it.page.locator("#time-left")).to_have_text(re.compile(r"0:[01]\d"))  # real seconds: below 1:00
    expect(it.page.locator("#closing")).to_be_visible()
    it.picture("closing")
    expect(it.page.locator("#closed")).to_be_visible(timeout=30_000)
    expect(it.page.locator("#closing")).to_be_hidden()
    it.picture("closed")
    eventually(hurried.refused, "the port is open after the page said it is closed")


def test_the_time_left_follows_a_second_enable(lived_in: Served, visit: Open) -> None:  # A003-22
    it = visit()
    it.sign_in()
    with lived_in.opened.store.write() as db:
        db.execute("UPDATE web_window SET open_until_s=open_until_s-300")
    it.go("/")
    expect(it.page.locator("#time-left")).to_contain_text("4:")
    web_window.enable(lived_in.opened.store, lived_in.opened.clock, audit.TOUCH)
    expect(it.page.locator("#time-left")).to_contain_text("9:", timeout=20000)


def test_the_language_is_kept_for_the_account(lived_in: Served, visit: Open) -> None:
    it = visit(locale="en-GB")
    it.sign_in()
    it.page.get_by_role("button", name="Menu").click()
    it.page.get_by_role("button", name="Deutsch").click()
    expect(it.page.locator("html")).to_have_attribute("lang", "de")
    other = visit(locale="en-GB")
    other.sign_in()
    expect(other.page.locator("html")).to_have_attribute("lang", "de")


def test_everything_can_be_done_with_the_keyboard(lived_in: Served, visit: Open) -> None:
    it = visit()
    it.go("/sign-in")
    keyboard = it.page.keyboard
    keyboard.type("admin")
    keyboard.press("Tab")
    keyboard.type("kettle orbit 9")
    keyboard.press("Enter")
    expect(it.page.locator("#today")).to_be_visible()
    keyboard.press("Tab")
    expect(it.page.get_by_role("link", name="Skip to content")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(it.page.get_by_role("navigation", name="Menu")).to_be_visible()
    keyboard.press("Escape")
    expect(it.page.get_by_role("navigation", name="Menu")).to_be_hidden()


def test_settings_refuse_at_their_field_and_save_nothing(lived_in: Served, visit: Open) -> None:
    it = visit()
    it.sign_in()
    it.go("/configuration/settings")
    it.page.locator("[name='ui.dim_after_s']").fill("5")
    it.page.locator("[name='site.name']").fill("At home")
    it.page.get_by_role("button", name="Save").click()
    expect(it.page.get_by_text("Nothing was saved")).to_be_visible()
    expect(it.page.locator("[id='ui.dim_after_s-wrong']")).to_contain_text("10")
    assert settings.text(lived_in.opened.store, "site.name") == "Wattward"
    it.page.locator("[name='ui.dim_after_s']").fill("120")
    it.page.get_by_role("button", name="Save").click()
    expect(it.page.get_by_text("The settings are saved.")).to_be_visible()
    assert settings.number(lived_in.opened.store, "ui.dim_after_s") == 120
    assert settings.text(lived_in.opened.store, "site.name") == "At home"


def test_a_backup_can_be_taken_along_and_is_the_file_itself(lived_in: Served, visit: Open) -> None:
    it = visit()
    it.sign_in()
    it.go("/configuration/backups")
    with it.page.expect_download() as download:
        it.page.get_by_role("link", name="Download").first.click()
    name = download.value.suggested_filename
    assert download.value.path().read_bytes() == (lived_in.opened.home.backups / name).read_bytes()
