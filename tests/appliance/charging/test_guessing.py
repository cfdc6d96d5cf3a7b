"""Who guesses for ten years gets nowhere, and keeps nobody else out for long (reading 17)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import audit
from appliance.access import display_pin, throttle
from appliance.charging import codes, grants, identifications, users
from appliance.charging.points import Point
from appliance.opened import Opened
from tests.appliance.charging.house import ACTOR, CODES, House
from tests.benchmarks.guessing import Attack
from tests.fake_clock import FakeClock


@pytest.fixture
def point(house: House) -> Point:
    return house.point()


def test_ten_years_of_guessing_give_fewer_than_twenty_guesses_at_one_person(
    opened: Opened, clock: FakeClock, point: Point
) -> None:
    found = Attack(opened, clock, 2, point).run(10)
    assert 12 < found.most_named < 20
    assert found.hit_a_year(people=10, digits=6) < 0.01
    assert found.visits > 500 and found.kept_out_s <= 900


def test_ten_years_at_the_settings_pin_give_fewer_than_twenty_guesses(house: House) -> None:  # A003-05
    display_pin.set_first(house.opened, "7391", "7391")
    end, guesses = house.clock.now() + timedelta(days=3650), 0
    while house.clock.now() < end:
        assert not display_pin.check(house.opened, f"{guesses:04}").ok
        guesses += 1
        house.clock.advance(max(1.0, display_pin.look(house.opened.store, house.clock).wait_s))
    assert 12 < guesses < 20


def typed(house: House, point: Point, code: str, who: str = "Anna") -> grants.Decision:
    return grants.authorize(house.opened, code, point, "touch", house.people[who].id, actor=ACTOR)


def failures(house: House, who: str = "Anna") -> int:
    with house.opened.store.read() as db:
        return throttle.failures(db, users.throttle_name(house.people[who].id))


def test_typos_of_the_right_pin_are_forgotten_when_it_is_typed(house: House, point: Point) -> None:
    for code in ("#271829", "#21828", "#278128", "#555555"):
        typed(house, point, code)
    assert failures(house) == 4
    assert typed(house, point, CODES["Anna"]).result == "accepted"
    assert failures(house) == 1, "555555 is no typo of 271828"


def test_a_year_of_a_clumsy_person_costs_no_wait(house: House, point: Point) -> None:
    for day in range(120):
        house.clock.advance(3 * 86400.0)
        assert typed(house, point, f"#27182{day % 8}").wait_s == 0
        assert typed(house, point, CODES["Anna"]).result == "accepted"


def test_guesses_do_not_go_away_with_time_or_with_successes(house: House, point: Point) -> None:
    for number in range(8):
        typed(house, point, f"#90000{number}")
        house.clock.advance(86400.0)
    house.clock.advance(400 * 86400.0)
    assert typed(house, point, CODES["Anna"]).result == "accepted"
    assert failures(house) == 8
    assert typed(house, point, "#900009").wait_s == 5400


def test_who_was_attacked_charges_with_a_card_meanwhile(house: House, point: Point) -> None:
    card = "04A2B31C"
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Anna"].id, type="rfid", code=card,
        active=True, actor=ACTOR,
    )  # fmt: skip
    for number in range(15):
        house.clock.advance(typed(house, point, f"#9000{number:02}").wait_s)
    typed(house, point, "#900099")
    assert typed(house, point, CODES["Anna"]).result == "locked_out"
    assert grants.present(house.opened, "rfid", card, [point], "Hall", actor=audit.CORE).result == "accepted"


def test_guesses_round_many_people_slow_down_the_terminal(house: House, point: Point) -> None:
    """Four free guesses at each of ten thousand people would be many."""
    waits = []
    for number in range(14):
        person = house.person(f"P{number}", f"#6{number:05}").id
        for guess in range(4):
            decision = grants.authorize(
                house.opened, f"#7{number:03}{guess:02}", point, "touch", person, actor=ACTOR
            )  # fmt: skip
            waits.append(decision.wait_s)
            house.clock.advance(decision.wait_s)
    assert waits[:50] == [0.0] * 50
    assert waits[50:] == [900.0] * 6


def test_guesses_at_numbers_nobody_has_keep_nobody_out(house: House, point: Point) -> None:
    for number in range(60):
        grants.authorize(house.opened, f"#9000{number:02}", point, "touch", 4000 + number, actor=ACTOR)
    assert typed(house, point, "#555555").wait_s == 0, "a typo after that costs nobody a wait"
    assert typed(house, point, CODES["Anna"]).result == "accepted"


def test_cards_tried_by_the_hundred_cost_a_minute_each_and_hurt_no_pin(house: House, point: Point) -> None:
    waits = []
    for number in range(40):
        decision = grants.present(house.opened, "rfid", f"04{number:06X}", [point], "Hall", actor=audit.CORE)
        waits.append(decision.wait_s)
        house.clock.advance(decision.wait_s)
    assert waits[:20] == [0.0] * 20 and set(waits[21:]) == {60.0}
    assert typed(house, point, CODES["Anna"]).result == "accepted"


def test_somebody_who_goes_on_trying_does_not_fill_the_card(house: House, point: Point) -> None:
    """Two codes a second for ten minutes at a keypad outdoors, all during waits but for a few."""
    for number in range(1200):
        grants.present(house.opened, "pin", f"{900000 + number}", [point], "Hall", actor=audit.CORE)
        house.clock.advance(0.5)
    with house.opened.store.read() as db:
        assert db.execute("SELECT count(*) FROM attempts").get < 30
        assert db.execute("SELECT count(*) FROM audit WHERE event='charging.refuse'").get < 30


@pytest.mark.parametrize(
    ("typed_code", "is_typo"),
    [("#1234", True), ("#1235", True), ("#1243", True), ("#123", False), ("#12345", True), ("#0234", True),
     ("#11234", True), ("#4321", False), ("#1256", False)],
)  # fmt: skip
def test_what_a_typo_is(typed_code: str, is_typo: bool) -> None:
    assert (typed_code in codes.near("#1234")) is is_typo
