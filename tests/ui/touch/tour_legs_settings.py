"""Legs of the tour inside the settings, one a subject; each begins and ends at the menu."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from appliance import audit
from appliance.access import app_service, tokens, tokens_check, web_accounts, web_sessions, web_window
from appliance.backup import key, make, targets
from appliance.metering import errands, scans
from appliance.network import links
from appliance.network.links import CONNECTED, WIFI, WIRED, Address, Link, Network
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import support, tasks, timekeeping
from appliance.system.timekeeping import Timekeeping
from drivers.interfaces import Candidate, Found, ScanStep, ScanWanted
from tests.ui.touch.house import House
from tests.ui.touch.test_web_admin import decoded
from tests.ui.touch.tour import Tour

PHONE = "installation-of-a-phone"


def security(tour: Tour) -> None:
    """PIN, web password, tokens, pairing, overview."""
    it = tour.house.it
    tour.tap("Security")
    tour.stop("security", "security")
    tour.tap("Reset web password")
    tour.see("Reset the web password?")
    tour.stop("question")
    tour.tap("Cancel")
    tour.page("Change PIN", "change_pin")
    tour.page("Security overview", "security_overview")
    tokens.create(it, audit.Actor("phone", "app"), "Tablet in the kitchen", "Wattward for Android 1.4")
    tour.tap("Access tokens")
    tour.touch.see("Tablet in the kitchen")
    tour.stop("tokens", "tokens")
    tour.tap_name("Tablet in the kitchen")
    tour.see("pending")
    tour.stop("token", "token")
    tour.back()
    _pair(tour)
    tour.back(2)


def _pair(tour: Tour) -> None:
    it = tour.house.it
    tour.tap("Pair a phone")
    tour.see("Switch it on")
    tour.stop("pair-phone-off", "pair_phone")
    tour.tap("Switch it on")
    tour.see("Scan the code with the camera of the phone.")
    tour.stop("pair-phone")
    tokens_check.check(it, _scanned(tour), PHONE)  # as the page of a phone does that scanned the code
    tour.see("A phone has scanned the code. Does it show this number?")
    tour.stop("pair-phone-asks")
    tour.tap("Yes: look and charge")
    tour.on("token")
    tour.stop("token-active")
    tour.back()
    settings.put(it.store, it.clock.now(), audit.CLI, app_service.SWITCH, "off")


def _scanned(tour: Tour) -> str:
    """The secret that a camera finds in the code on the display."""
    picture = tour.house.it.home.run / "code.png"
    while not (found := decoded(tour.touch.shot(picture))):
        time.sleep(0.1)
    return urlsplit(found[0]).fragment


def communication(tour: Tour) -> None:
    """Web admin, browsers, cable, Wi-Fi, addresses, services."""
    it = tour.house.it
    wifi = Link(WIFI, "wlan0", CONNECTED, "Heimnetz-5G", 82, "D8:3A:DD:12:34:57", ("192.168.178.61",))
    wired = Link(WIRED, "eth0", CONNECTED, mac="D8:3A:DD:12:34:56", addresses=("192.168.178.50",), wanted=Address())
    links.put(it, Network(True, (wired, wifi)))
    tour.tap("Communication")
    tour.tap("Web admin")
    tour.see("Enable")
    tour.stop("web-off", "web_admin")
    tour.tap("Enable")
    tour.touch.see("10:00")
    tour.stop("web-on")
    _sign_in(tour)
    tour.back()
    tour.stop("communication", "communication")
    tour.tap("Network cable")
    tour.stop("wired", "wired")
    tour.tap("Address")
    tour.stop("address", "address")
    tour.back()
    if tour.touch.screen != "communication":
        tour.back()
    tour.tap("Wi-Fi")
    tour.stop("wifi", "wifi")
    tour.tap("Set up Wi-Fi")
    tour.stop("wifi-find", "wifi_find")
    tour.back(2)
    tour.page("Services", "services")
    tour.back()


def _sign_in(tour: Tour) -> None:
    it = tour.house.it
    opening = web_window.state(it.store, it.clock).opening
    admin = web_accounts.all(it)[0]
    with it.store.write() as db:
        web_sessions.start(db, it.clock.now(), admin.id, opening, "192.0.2.20", "Mozilla/5.0 Firefox/140.0")
    tour.tap_one(lambda one: any(label.startswith("1 ") for label in one["labels"]))
    tour.stop("browsers", "browsers")
    tour.back()


def charging(tour: Tour) -> None:
    """Points, their plans, users, cards, guests, all sessions."""
    tour.tap("Charging")
    tour.stop("charging-settings", "charging_settings")
    tour.page("Add a charging point", "point_form")
    tour.tap_name("Wallbox")
    tour.stop("charging-settings-point", "charging_settings_point")
    tour.reach("Name, relay, contacts, meter")
    tour.stop("point-form-known", "point_form")
    tour.tap("Relay")
    tour.stop("point-form-relay", "choice")
    tour.back(2)
    tour.on("charging_settings_point")
    tour.reach("Weekly plan")
    tour.stop("weekly-plan-none", "weekly_plan")
    tour.tap_one(lambda one: one["kind"] == "DayColumn")
    tour.stop("plan-day-empty", "plan_day")
    tour.tap("Add hours")
    tour.stop("plan-hours", "plan_hours")
    tour.tap("Save")
    tour.on("plan_day")
    tour.stop("plan-day")
    tour.tap("Copy to other days")
    tour.stop("plan-copy", "plan_copy")
    tour.tap("Every day")
    tour.tap("Copy")
    tour.stop("weekly-plan", "weekly_plan")
    tour.back(2)
    tour.page("Users", "users")
    tour.page("Learn a card", "learn_card")
    tour.page("Code for a guest", "guest_code")
    tour.reach("All sessions")
    tour.stop("all-sessions", "all_sessions")
    tour.tap_name("Ben Maier")
    tour.stop("session-behind-pin", "session_behind_pin")
    tour.back(3)


def measurement(tour: Tour) -> None:
    """Meters, one closely, a search and what it found, resetting counters."""
    tour.tap("Measurement")
    tour.stop("measurement", "measurement")
    tour.tap_name("Grid")
    for part in ("Values", "Check", "Set up"):
        tour.tap(part)
        tour.stop(f"meter-{part.lower().replace(' ', '-')}", "measurement_meter")
    tour.back()
    tour.reach("Add a meter")
    tour.stop("meter-search", "measurement_search")
    tour.tap("In the network")
    with answering(tour.house):
        tour.on("text_entry")
        tour.tap("123")
        for key_ in "192.0.2.30":
            tour.tap(key_)
        tour.tap("Search")
        tour.touch.see("Eastron SDM630")
        tour.stop("meter-search-found", "measurement_search")
        tour.tap_name("Eastron SDM630")
        tour.stop("meter-found", "measurement_found")
    tour.back(2)
    tour.page("Reset energy counters", "reset_counters")
    tour.back()


def display(tour: Tour) -> None:
    """Language and colours are chosen on a page of their own; the night has one."""
    tour.tap("Display")
    tour.stop("display", "display")
    tour.page("Language", "choice", name="language")
    tour.page("Colours", "choice", name="colours")
    tour.page("Darker at night", "night")
    tour.back()


def backups(tour: Tour) -> None:
    """State, recovery code, restoring one."""
    it = tour.house.it
    key.make(it.home.keys)
    make.make(it, targets.of(it.home)["folder"], audit.CLI)
    tour.tap("Backups")
    tour.stop("backups", "backups")
    tour.page("Recovery code", "recovery_code")
    tour.reach("Restore a backup")
    tour.touch.see("2026")
    tour.stop("restore", "restore")
    tour.tap_one(lambda one: any("2026" in label for label in one["labels"]))
    tour.stop("restore-one", "restore_one")
    tour.back(3)


def machine(tour: Tour) -> None:
    """Updates, system, about."""
    it = tour.house.it
    timekeeping.put(it, Timekeeping(managed=True, server=True, in_step=True, zone="Europe/Berlin"))
    tour.page("Updates", "updates")
    tour.tap("System")
    tour.stop("system", "system")
    tour.tap("Date and time")
    tour.stop("time", "time")
    tour.page("Set by hand", "set_time")
    tour.back()
    tour.page("Self-test", "self_test")
    tour.tap("Factory reset")
    tour.stop("factory", "factory")
    tour.tap("Type the word …")
    tour.stop("text-entry", "text_entry")
    tour.back(2)
    tour.tap("Support bundle")
    tour.stop("task", "task")
    give_up(it, support.KIND)
    tour.see("There is no room left.")
    tour.stop("task-failed")
    tour.back(2)
    tour.tap("About")
    tour.stop("about", "about")
    tour.page("Help with the wiring", "wiring")
    tour.page("Licences", "licences")
    tour.back(2)
    tour.on("energy")


def give_up(it: Opened, kind: str) -> None:
    """The core takes what waits until it comes to this kind of work, and fails at all of it."""
    taken = ""
    while taken != kind:
        claimed = tasks.claim(it)
        assert claimed is not None
        taken = claimed[0].kind
        tasks.fail(it.live, claimed[0].id, "There is no room left.", {})


@contextmanager
def answering(house: House) -> Iterator[None]:
    """The core's part of a search: a meter answers as unit 7."""

    async def scan(wanted: ScanWanted) -> AsyncGenerator[ScanStep, None]:
        values = {"power_w": -1240.0, "import_wh": 812_004.0}
        found = Found(wanted.url, 7, "", (Candidate("eastron-sdm630", "Eastron SDM630", "likely", True, values),))
        yield ScanStep(1, 1, wanted.url, 7, found)

    loop = asyncio.new_event_loop()
    task = loop.create_task(errands.Runner(house.it.live, house.clock, {scans.KIND: scans.work(scan)}).run())

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()


SETTINGS: tuple[Callable[[Tour], None], ...] = (
    security, communication, charging, measurement, display, backups, machine,
)  # fmt: skip
