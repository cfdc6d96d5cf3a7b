"""Charging at the keypad, from the first digit to the report: real gate, real controller, a relay that obeys."""

from __future__ import annotations

import time

import pytest

from appliance import audit
from appliance.billing import statement
from appliance.charging import points, sessions, users
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from ui.text import numbers

pytestmark = pytest.mark.usefixtures("touch")


@pytest.fixture(autouse=True)
def at_the_keypad(touch: Touch) -> None:
    """Somebody stands before the charging screen."""
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")


def authorize(house: House, touch: Touch, code: str = "271828") -> None:
    touch.enter(code)
    touch.see("Released: waiting for the car")
    house.live(1)


def plug_in(house: House, touch: Touch) -> None:
    house.measure(Wallbox_meter=11_000.0)
    house.live(3)
    touch.see("Stop charging")


def test_a_long_pin_charges_from_grant_to_report(house: House, touch: Touch) -> None:
    authorize(house, touch)
    touch.see("Anna Berger", "4:59")
    assert house.relays[1].closed
    plug_in(house, touch)
    house.live(50)
    touch.see("Anna Berger", "0.16 kWh", "11.0 kW", "0:00:5")
    touch.tap("Stop charging")
    touch.see("Charging was stopped.")
    house.measure(Wallbox_meter=0.0)
    house.live(3)
    assert not house.relays[1].closed
    touch.see("Ready")
    (session,) = sessions.newest(house.it.store)
    assert (session.user, session.end_reason) == ("Anna Berger", "stop")
    touch.tap("Sessions")
    touch.see("Anna Berger", numbers.energy(session.energy_wh, "en").replace("\u202f", " "), "stopped")
    report = statement.make(house.it, statement.month(house.clock.now().date()), "test")
    assert [(line.user, line.session.energy_wh) for line in report.lines] == [("Anna Berger", session.energy_wh)]
    (meter,) = report.continuity
    assert meter.unassigned_wh == 0


def test_the_hash_key_leads_a_code_and_makes_no_difference(house: House, touch: Touch) -> None:
    authorize(house, touch, "#271828")
    assert house.relays[1].closed


def test_a_short_pin_asks_who_are_you(house: House, touch: Touch) -> None:
    touch.enter("4711")
    touch.see("Who are you?", "Anna B.", "Ben M.", "Jörg Ö.")
    assert not any("Maier" in text for text in touch.texts())
    touch.tap("Ben M.")
    touch.see("Released: waiting for the car", "Ben Maier")


def test_naming_somebody_else_is_refused_like_any_wrong_code(house: House, touch: Touch) -> None:
    touch.enter("4711")
    touch.tap("Anna B.")
    touch.see("This code is not accepted here.")
    touch.enter("999111")
    touch.see("This code is not accepted here.")
    house.live(1)
    assert not house.relays.get(1) or not house.relays[1].closed


def test_going_back_from_who_are_you_forgets_the_code(touch: Touch) -> None:
    touch.enter("4711")
    touch.see("Who are you?")
    touch.tap("icon:back")
    touch.see("Enter your PIN to charge.")
    assert not next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]


def test_a_refusal_gives_no_reason_and_no_name(house: House, touch: Touch) -> None:
    users.block(house.it.store, house.clock, 1, actor=audit.CLI)
    touch.enter("271828")
    touch.see("This code is not accepted here.")
    assert not any("Anna" in text or "block" in text for text in touch.texts())


def test_too_many_wrong_codes_wait_with_a_countdown_across_a_restart(house: House, touch: Touch) -> None:
    for number in range(5):
        touch.enter(f"90010{number}")
        touch.see("Wait 1:00" if number == 4 else "not accepted")
        time.sleep(0.1)
    touch.kill()
    touch.start()
    touch.tap("Charging")
    touch.see("Too many wrong codes. Wait 1:00.")
    assert not any(one["enabled"] for one in touch.targets() if "5" in one["labels"])
    house.live(30)
    touch.see("Wait 0:30")


def test_ok_comes_with_the_fourth_digit(touch: Touch) -> None:
    touch.keys("271")
    assert not next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]
    touch.keys("8")
    assert next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]


def test_typed_digits_are_never_shown(touch: Touch) -> None:
    before = touch.texts()
    touch.keys("271828")
    assert touch.texts() == before


def test_leaving_the_screen_forgets_what_was_typed(touch: Touch) -> None:
    touch.keys("2718")
    touch.tap("Energy")
    touch.tap("Charging")
    touch.see("Enter your PIN to charge.")
    assert not next(one for one in touch.targets() if "OK" in one["labels"])["enabled"]


def test_the_start_window_counts_down_and_ends(house: House, touch: Touch) -> None:
    authorize(house, touch)
    touch.see("4:59")
    house.live(59)
    touch.see("4:00")
    house.live(241)
    touch.see("Ready")
    assert not house.relays[1].closed


def test_an_authorization_can_be_taken_back(house: House, touch: Touch) -> None:
    authorize(house, touch)
    touch.tap("Cancel")
    touch.see("Ready")
    house.live(1)
    assert not house.relays[1].closed


def test_green_only_when_the_relay_is_seen_closed(house: House, touch: Touch) -> None:
    authorize(house, touch)
    plug_in(house, touch)
    with house.it.live.write() as db:
        db.execute("UPDATE relays SET closed=NULL")
    touch.see("Paused")
    touch.not_see("icon:bolt")


def test_a_locked_point_says_so_and_offers_no_pad(house: House, touch: Touch) -> None:
    points.set_mode(house.it.store, house.clock, 1, "locked", actor=audit.CLI)
    touch.see("Charging is switched off at this point.")
    assert not any("5" in one["labels"] for one in touch.targets())


def test_several_points_are_seen_together_and_each_has_its_page(house: House, touch: Touch) -> None:
    points.add(house.it.store, house.clock, "Garage", "gpio:18", None, actor=audit.CLI)
    house.live(12)
    touch.see("Garage", "Wallbox")
    touch.not_see("icon:erase")
    touch.tap("Garage")
    touch.see("Enter your PIN to charge.")
    authorize(house, touch)
    by_name = {point.name: point.id for point in points.all(house.it.store)}
    assert house.relays[by_name["Garage"]].closed
    assert not house.relays[by_name["Wallbox"]].closed
    touch.see("Stop charging")
    touch.tap("icon:back")
    touch.see("Anna Berger", "Wallbox", "Ready")  # without a meter the session begins with the relay
    touch.tap("Wallbox")
    touch.see("Enter your PIN to charge.")
