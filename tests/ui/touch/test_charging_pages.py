"""Charging around the keypad, by taps: cards and phones, privacy, why or why not, sessions; and their settings."""

from __future__ import annotations

import re
import time
from datetime import date, datetime
from decimal import Decimal

import pytest

from appliance import audit
from appliance.access import display_pin
from appliance.billing import tariffs
from appliance.charging import grants, identifications, learning, points, readers, users, why, windows
from appliance.charging.rules import Result
from appliance.store import settings
from tests.ui.touch.house import ZONE, House
from tests.ui.touch.screen import Touch
from ui.touch.screens.charging import plan

PIN = "2580"
CARD, NOBODYS = "04A2B31C", "04AABB7766"
CORE = audit.Actor("core", "reader:Hall")


@pytest.fixture
def reader(house: House) -> str:
    """A reader at the wallbox, and a card of Ben's."""
    readers.add(house.it.store, house.clock, "Hall", "serial:/dev/ttyUSB0", [1], actor=audit.CLI)
    identifications.add(
        house.it.store, house.it.key(), house.clock, 2, type="rfid", code=CARD, active=True, actor=audit.CLI
    )
    return "Hall"


def present(house: House, code: str) -> Result:
    """Hold a card to the reader, as the core tells the gate."""
    point = points.get(house.it.store, 1)
    return grants.present(house.it, "rfid", code, [point], "Hall", actor=CORE).result


def enter_settings(house: House, touch: Touch, *subjects: str) -> None:
    if not display_pin.is_set(house.it.store):
        display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Settings")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("Communication")
    for subject in subjects:
        touch.tap(subject)
        time.sleep(0.5)  # a list finds its place


def keypad(touch: Touch) -> None:
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")


def charge(house: House, touch: Touch, code: str = "271828") -> None:
    """From the code to a running session."""
    touch.enter(code)
    touch.see("Released: waiting for the car")
    house.live(1)
    house.measure(Wallbox_meter=11_000.0)
    house.live(60)
    touch.see("Stop charging")


def end(house: House, touch: Touch) -> None:
    touch.tap("Stop charging")
    touch.see("Charging was stopped.")  # what the core has to do is written
    house.measure(Wallbox_meter=0.0)
    house.live(3)
    touch.see("Ready")


# Cards and phones ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
def test_the_card_first_and_then_a_short_pin(house: House, touch: Touch) -> None:
    points.set_rules(house.it.store, house.clock, 1, second_factor=True, actor=audit.CLI)
    touch.tap("Charging")
    touch.see("First hold your card to the reader, then enter your PIN.")
    assert present(house, CARD) is Result.SECOND_FACTOR
    touch.see("Now the PIN", "The card is good")
    assert not any("Ben" in text for text in touch.texts())
    touch.enter("4711")
    touch.see("Released: waiting for the car", "Ben Maier")


def test_a_phone_is_looked_for_only_when_somebody_asks(house: House, touch: Touch) -> None:
    readers.add(house.it.store, house.clock, "Carport", "ble-tag:AA:BB:CC:DD:EE:FF", [1], actor=audit.CLI)
    keypad(touch)
    (reader,) = readers.all(house.it.store)
    assert reader.asked_s(house.clock) == 0
    touch.tap("My phone or tag is here")
    touch.see("Looking for your phone … 0:")
    (reader,) = readers.all(house.it.store)
    assert 0 < reader.asked_s(house.clock) <= readers.ASKED_S


# Privacy ------------------------------------------------------------------------------------------


def private(house: House) -> None:
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.privacy", "on")


def test_with_privacy_only_who_typed_the_pin_sees_names_and_values(house: House, touch: Touch) -> None:
    private(house)
    keypad(touch)
    charge(house, touch)
    touch.see("Anna Berger", "kWh")
    touch.tap("Energy")
    touch.tap("Charging")
    touch.see("Stop charging", "Names and values are hidden here.")
    assert not any("Anna" in text or "kWh" in text or text.startswith("11.0") for text in touch.texts())
    touch.tap("Sessions")
    touch.see("Names and values are hidden")
    assert not any("Anna" in text or "kWh" in text for text in touch.texts())
    touch.go("session")
    touch.wait(lambda seen: seen[0]["screen"] == "sessions")  # where it leads while names are hidden
    assert not any("Anna" in text or "kWh" in text for text in touch.texts())


def test_with_privacy_the_sessions_stand_behind_the_settings_pin(house: House, touch: Touch) -> None:
    keypad(touch)
    charge(house, touch)
    end(house, touch)
    private(house)
    display_pin.set_first(house.it, PIN, PIN)
    assert touch.go("all_sessions") == "pin"
    touch.tap("Sessions")
    touch.tap("Show with the settings PIN")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("All sessions", "Anna Berger", "1 session")
    touch.tap("Anna Berger")
    touch.see("Meter, begin", "Wallbox")
    touch.tap("icon:back")
    touch.see("All sessions")
    touch.tap("icon:back")
    touch.see("Names and values are hidden")
    assert touch.go("all_sessions") == "pin"  # who left the settings is asked again


def test_without_a_settings_pin_one_is_chosen_first_and_then_the_sessions_are_seen(house: House, touch: Touch) -> None:
    private(house)
    touch.tap("Sessions")
    touch.tap("Show with the settings PIN")
    for title in ("Choose a settings PIN", "The same PIN again"):
        touch.see(title)
        touch.enter(PIN)
    touch.see("All sessions")
    assert display_pin.check(house.it, PIN).ok


def test_who_turns_away_from_the_pin_finds_the_menu_behind_it_next_time(house: House, touch: Touch) -> None:
    private(house)
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Sessions")
    touch.tap("Show with the settings PIN")
    touch.see("Settings PIN")
    touch.tap("Energy")
    enter_settings(house, touch)


def test_with_privacy_one_names_oneself_by_number(house: House, touch: Touch) -> None:
    private(house)
    keypad(touch)
    touch.enter("4711")
    touch.see("Who are you?", "Type your user number.")
    assert not any("Ben" in text or "Anna" in text for text in touch.texts())
    touch.enter("1")
    touch.see("This code is not accepted here.")
    touch.enter("4711")
    touch.see("Type your user number.")
    touch.enter("2")
    touch.see("Released: waiting for the car", "Ben Maier")


# Why ----------------------------------------------------------------------------------------------


def test_the_display_says_what_happened_and_the_settings_say_why(house: House, touch: Touch) -> None:  # reading 1
    users.block(house.it.store, house.clock, 1, actor=audit.CLI)
    keypad(touch)
    touch.enter("271828")
    touch.see("This code is not accepted here.")
    touch.see("Refused.")
    touch.tap("Refused.")
    touch.see("What happened here", "Wallbox: Refused.")
    assert not any("Anna" in text or "blocked" in text for text in touch.texts())
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Show reasons")
    touch.see("Settings PIN")
    touch.enter(PIN)
    touch.see("Refused: Anna Berger is blocked or archived.")
    touch.tap("icon:back")
    touch.see("Wallbox: Refused.", "Show reasons")
    assert not any("Anna" in text or "blocked" in text for text in touch.texts())
    enter_settings(house, touch, "Charging", "Wallbox", "What happened here")
    touch.see("Refused: Anna Berger is blocked or archived.")


def test_a_stop_names_who_typed_the_pin_here_behind_the_settings_pin_only(house: House, touch: Touch) -> None:
    keypad(touch)
    charge(house, touch)
    end(house, touch)
    touch.see("Stopped at the touchscreen.")
    told = why.tell(house.it, 1, reasons=True).events
    assert "Stopped by Anna Berger at the touchscreen." in {str(one.told) for one in told}
    hidden = {str(one.told) for one in why.tell(house.it, 1, reasons=False).events}
    assert "Stopped at the touchscreen." in hidden
    assert not any("Anna" in sentence for sentence in hidden)


def test_a_stop_by_somebody_who_came_later_names_nobody(house: House, touch: Touch) -> None:
    keypad(touch)
    charge(house, touch)
    touch.tap("Energy")  # whoever comes back may be anybody
    touch.tap("Charging")
    end(house, touch)
    told = why.tell(house.it, 1, reasons=True).events
    assert "Stopped at the touchscreen." in {str(one.told) for one in told}


def test_a_weekly_plan_says_until_when() -> None:
    week = windows.parse(["1-5 08:00-18:00", "6,7 00:00-24:00 free"], plan=True)
    friday = datetime(2026, 6, 19, 17, 30, tzinfo=ZONE)
    assert plan.until(week, friday) == datetime(2026, 6, 19, 18, 0, tzinfo=ZONE)
    assert plan.until(week, friday.replace(hour=20)) == datetime(2026, 6, 20, 0, 0, tzinfo=ZONE)
    assert plan.until(week, friday.replace(day=20)) == datetime(2026, 6, 22, 0, 0, tzinfo=ZONE)
    assert plan.until((), friday) is None
    always = windows.parse(["1-7 00:00-24:00 free"], plan=True)
    assert plan.until(always, friday) is None


def test_a_point_with_a_plan_says_until_when_it_is_locked(house: House, touch: Touch) -> None:
    week = windows.parse(["1-7 22:00-23:00"], plan=True)
    points.set_rules(house.it.store, house.clock, 1, plan=week, actor=audit.CLI)
    points.set_mode(house.it.store, house.clock, 1, "time", actor=audit.CLI)
    touch.tap("Charging")
    touch.see("Locked by the weekly plan until 22:00")


# Sessions -----------------------------------------------------------------------------------------


def test_cost_curve_and_counters_of_a_session(house: House, touch: Touch) -> None:
    tariff = tariffs.add(house.it.store, house.clock, "Home", "fixed", actor=audit.CLI)
    tariffs.set_price(house.it.store, house.clock, tariff.id, date(2026, 1, 1), Decimal("0.50"), actor=audit.CLI)
    settings.put(house.it.store, house.clock.now(), audit.CLI, "billing.tariff", "Home")
    keypad(touch)
    charge(house, touch)
    touch.see("Cost", "0.09 €")
    end(house, touch)
    touch.see("Stopped at the touchscreen.")
    touch.tap("Sessions")
    touch.see("November 2026", "1 session", "0.18 kWh")
    assert not any(one["enabled"] for one in touch.targets() if one["labels"] == ["icon:next"])
    touch.tap("Anna Berger")
    touch.see("Meter, begin", "812.004 kWh", "Meter, end", "stopped", "PIN ••••")
    touch.tap("icon:back")
    touch.see("November 2026")


# Settings -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
def test_a_card_is_learned_by_holding_it_to_the_reader(house: House, touch: Touch) -> None:  # reading 7
    enter_settings(house, touch, "Charging", "Learn a card", "Anna Berger")
    touch.tap("Hold it to the reader Hall now")
    touch.see("Hold the card to the reader.", "1:00")
    assert present(house, NOBODYS) is Result.LEARNED
    touch.see("The card now belongs to Anna Berger.")
    assert present(house, NOBODYS) is Result.ACCEPTED


@pytest.mark.usefixtures("reader")
def test_a_card_somebody_has_is_not_learned_and_leaving_waits_no_more(house: House, touch: Touch) -> None:
    enter_settings(house, touch, "Charging", "Learn a card", "Anna Berger", "Hold it to the reader Hall now")
    touch.see("Hold the card to the reader.", "1:00")
    assert present(house, CARD) is Result.TAKEN
    touch.see("This card belongs to Ben Maier already.")
    touch.tap("Back")
    touch.tap("Hold it to the reader Hall now")
    touch.see("1:00")
    touch.tap("Cancel")
    touch.see("Refused card" if learning.unknown(house.it.store, house.clock) else "Hold it to the reader Hall now")
    assert present(house, NOBODYS) is Result.UNKNOWN


@pytest.mark.usefixtures("reader")
def test_a_card_is_learned_from_a_refused_attempt(house: House, touch: Touch) -> None:  # reading 7
    assert present(house, NOBODYS) is Result.UNKNOWN
    enter_settings(house, touch, "Charging", "Learn a card", "Jörg Öztürk", "Refused card ••••7766")
    touch.see("The card now belongs to Jörg Öztürk.")
    assert present(house, NOBODYS) is Result.ACCEPTED


def test_a_user_is_blocked_and_that_can_be_taken_back(house: House, touch: Touch) -> None:
    enter_settings(house, touch, "Charging", "Users")
    touch.see("Anna Berger", "PIN")
    touch.tap("Block")
    touch.see("Anna Berger is blocked and starts no more.", "Unblock")
    assert users.get(house.it.store, 1).blocked
    touch.undo()
    touch.not_see("Unblock")
    assert not users.get(house.it.store, 1).blocked


def test_the_mode_of_a_point_and_card_and_pin_are_set(house: House, touch: Touch) -> None:
    enter_settings(house, touch, "Charging", "Wallbox", "Card and PIN")
    touch.see("on")
    assert points.get(house.it.store, 1).second_factor
    touch.tap("Who may charge")
    touch.see("Who may charge at Wallbox?")
    touch.tap("Anybody: plug in and charge")
    touch.see("Card and PIN", "Anybody: plug in and charge")
    assert points.get(house.it.store, 1).mode == "free"
    house.live(3)
    touch.tap("icon:back")
    touch.tap("icon:back")
    touch.tap("icon:back")
    touch.tap("Charging")
    touch.see("No PIN is needed.", "Plug in")
    assert not any("5" in one["labels"] for one in touch.targets())


def test_a_guests_code_lets_a_guest_charge(house: House, touch: Touch) -> None:
    enter_settings(house, touch, "Charging", "Code for a guest", "10 kWh", "today", "Make the code")
    touch.see("Good for 10.0 kWh, through 21/11/2026.")
    code = next(text for text in touch.texts() if re.fullmatch(r"#\d{6,8}", text))
    touch.tap("Done")
    touch.see("Learn a card")
    assert not any(code in text for text in touch.texts())
    touch.tap("icon:back")
    touch.tap("icon:back")
    keypad(touch)
    touch.enter(code)
    touch.see("Released: waiting for the car", "House Guest")


def test_privacy_is_a_switch(house: House, touch: Touch) -> None:
    enter_settings(house, touch, "Charging")
    touch.see("Learn a card")
    touch.drag(400, 440, 400, to_y=120, move_s=0.4)  # it stands below what is seen first
    touch.see("Privacy")
    time.sleep(1)  # until the list stands still
    touch.tap("Privacy")
    touch.see("on")
    assert settings.flag(house.it.store, "ui.privacy")
