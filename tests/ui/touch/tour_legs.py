"""Legs of the tour outside the settings: energy, charging, sessions; and trouble, long work, the assistant."""

from __future__ import annotations

import time
from typing import Any

from appliance import audit, faults, start
from appliance.backup import worker
from appliance.charging import points
from appliance.system import tasks
from tests.ui.touch.tour import PIN, Tour
from tests.ui.touch.tour_legs_settings import give_up


def energy(tour: Tour) -> None:
    """Home, the large picture, a source, history, figures, counters."""
    tour.stop("energy", "energy")
    tour.tap("Large")
    tour.stop("flow", "flow")
    _node(tour, "Grid")
    tour.stop("source", "source")
    tour.tap("Counters")
    tour.stop("counters", "counters")
    tour.tap("Energy")
    tour.tap("Today, kW")
    tour.stop("history", "history")
    for kind in ("Week", "Month", "Year", "All", "Day"):
        tour.tap(kind)
        tour.stop(f"history-{kind.lower()}")
    tour.tap_one(lambda one: "icon:next" in one["labels"] and len(one["labels"]) > 2)
    tour.stop("figures", "figures")


def _node(tour: Tour, name: str) -> None:
    word = tour.word(name)
    tour.tap_one(lambda one: word in one["labels"] and tour.word("Today, kW") not in one["labels"])


def charge(tour: Tour) -> None:
    """From the keypad to a session that has ended, with what goes wrong on the way."""
    touch, house = tour.touch, tour.house
    tour.tap("Charging")
    tour.see("Enter your PIN to charge.")
    touch.keys("4711")
    tour.stop("typed")
    tour.tap("OK")
    tour.see("Who are you?")
    tour.stop("who")
    tour.tap_name("Anna B.")
    tour.see("This code is not accepted here.")
    tour.stop("refused")
    for code in ("271829", "271830", "271831", "271832"):
        tour.enter(code)
        time.sleep(0.2)
    tour.see("Too many wrong codes. Wait {time}.")
    tour.stop("locked-out")
    tour.wait(61)
    tour.enter("4711")
    tour.see("Who are you?")
    tour.tap_name("Ben M.")
    touch.see("Ben Maier")
    tour.stop("authorized")
    house.live(2)
    house.measure(Wallbox_meter=10_900.0, Grid=9_400.0)
    tour.wait(900)
    tour.see("Stop charging")
    tour.stop("charging")
    house.measure(Wallbox_meter=0.0)
    tour.wait(125)  # charging.pause_after_s
    tour.see("Paused: the car draws no power")
    tour.stop("paused")
    tour.tap("Stop charging")
    tour.see("Charging was stopped.")
    house.live(3)
    tour.stop("stopped")
    tour.tap("icon:clock")  # the line that says why
    tour.stop("why", "why")
    tour.back()
    tour.tap("Sessions")
    touch.see("Ben Maier")
    tour.stop("sessions", "sessions")
    tour.tap_name("Ben Maier")
    tour.stop("session", "session")
    tour.back()


def first_pin(tour: Tour) -> None:
    """The settings ask for a PIN to be chosen, twice and not a weak one."""
    tour.tap("Settings")
    tour.see("Choose a settings PIN")
    tour.stop("pin-first", "pin")
    for first, again, name in ((PIN, "2581", "pin-mismatch"), ("1234", "1234", "pin-weak")):
        tour.enter(first)
        tour.see("The same PIN again")
        tour.enter(again)
        tour.see("Choose a settings PIN")
        time.sleep(0.2)
        tour.stop(name)
    tour.enter(PIN)
    tour.see("The same PIN again")
    tour.stop("pin-again")
    tour.enter(PIN)
    tour.stop("settings", "settings")


def reasons(tour: Tour) -> None:
    """Why a code was refused, with the settings PIN, and back to where one came from."""
    tour.tap("Charging")
    tour.tap("icon:clock")
    tour.on("why")
    tour.tap("Show reasons")
    tour.unlock()
    tour.stop("why-all", "why_all")
    tour.back()
    tour.on("why")


def several(tour: Tour) -> None:
    """A second charging point makes the page an overview."""
    points.add(tour.house.it.store, tour.house.clock, "Carport", "gpio:27", actor=audit.CLI)
    tour.house.live(2)
    tour.tap("Charging")
    tour.touch.see("Carport", "Wallbox")
    tour.stop("charging-several", "charging")
    tour.tap_name("Carport")
    tour.stop("charge-point", "charge_point")
    tour.tap("Energy")


def guessing(tour: Tour) -> None:
    """Wrong settings PINs cost a wait."""
    tour.tap("Settings")
    for pin in ("1357", "1358", "1359", "1360", "1361"):
        tour.see("Settings PIN")
        tour.enter(pin)
        time.sleep(0.5)
    tour.see("Too many wrong PINs. Wait {time}.")
    tour.stop("pin-locked", "pin")


def assistant(tour: Tour) -> None:
    """The assistant is gone on with where it was left."""
    start.keep_step(tour.house.it, "network")
    tour.house.live(1)
    tour.tap("Energy")
    tour.tap("Go on with the set-up")
    tour.stop("setup", "setup")
    tour.tap("Back")
    tour.stop("welcome", "welcome")
    tour.tap("Set up")
    tour.on("setup")
    tour.tap("Later")
    start.keep_step(tour.house.it, start.DONE)
    tour.house.live(1)


def long_work(tour: Tour) -> None:
    """Long work is found from every page."""
    tasks.ask(tour.house.it, audit.TOUCH, "restore", path="x")
    tour.tap("Backup is being restored")
    tour.stop("tasks", "tasks")
    give_up(tour.house.it, "restore")
    tour.see("There is no room left.")
    tour.stop("tasks-failed")
    tour.back()


def trouble(tour: Tour) -> None:
    """Faults, a silent meter, and at last no core."""
    house, now = tour.house, tour.house.clock.now()
    message = "Nothing answers at {address}: check power, network cable, address, port and firewall."
    faults.report(house.it.live, now, "meter:1", "unreachable", message, address="192.168.178.130:502")
    message = worker.NO_STICK_SENTENCE
    faults.report(house.it.live, now, "backup", "usb_missing", message)
    house.silence("Grid")
    tour.wait(20)
    tour.tap("Energy")
    tour.touch.see("–")
    tour.stop("energy-no-data", "energy")
    tour.tap("+1")
    tour.see("Notifications")
    tour.stop("faults", "faults")
    house.clock.advance(30)
    tour.see("It is tried again by itself.")
    tour.stop("no-core")


Leg = Any  # a function of the tour
EVERY_DAY: tuple[Leg, ...] = (energy, charge, first_pin)
NOT_EVERY_DAY: tuple[Leg, ...] = (reasons, several, guessing, assistant, long_work, trouble)
