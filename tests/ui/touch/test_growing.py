"""Long lists grow under the finger, in the real program."""

from __future__ import annotations

from appliance import audit
from appliance.access import display_pin
from appliance.charging import users
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch

PIN = "2718"


def test_the_last_of_many_people_is_reached_by_flicks(house: House, touch: Touch) -> None:
    for number in range(60):
        users.add(house.it.store, house.clock, f"Person{number:02}", "Zander 😀", actor=audit.CLI)
    display_pin.set_first(house.it, PIN, PIN)
    touch.tap("Settings")
    touch.enter(PIN)
    touch.see("Communication")
    touch.tap("Charging")
    touch.tap("Users")
    touch.see("Anna Berger")
    for _flick in range(60):
        if any("Person59" in text for text in touch.texts()):
            break
        touch.drag(300, 420, 300, to_y=140, move_s=0.1)
    touch.see("Person59", "Person58")
