"""The gate: who may charge, what is written, and who else is kept out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from appliance import audit, errors
from appliance.access import display_pin
from appliance.charging import attempts, grants, identifications, points, users
from appliance.charging.rules import Result
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, CODES, House


def last(house: House) -> attempts.Attempt:
    return attempts.newest(house.opened.store, 1)[0]


def identification_of(house: House, who: str) -> identifications.Identification:
    return identifications.all(house.opened.store, house.people[who].id)[0]


def test_a_right_pin_gives_a_grant_for_the_start_window(house: House) -> None:  # A001-22, X-04
    point = house.point()
    decision = house.authorize(point)
    assert decision.result == "accepted" and decision.user == house.people["Anna"]
    with house.opened.store.read() as db:
        row = db.execute("SELECT id, reason, user_id, boot_id, until_s FROM grants").fetchall()
    assert row == [(decision.grant_id, "pin", house.people["Anna"].id, "boot-1", house.clock.boottime_s() + 300)]
    assert (last(house).result, last(house).user) == ("accepted", "Anna Berger")
    assert house.events()[0] == "charging.authorize"


def test_digits_without_the_sign_match_too(house: House) -> None:  # reading 2
    assert house.authorize(house.point(), "271828").result == "accepted"


def test_a_wrong_pin_gives_nothing_and_is_written_down(house: House) -> None:  # A001-23
    point = house.point()
    decision = house.authorize(point, "#999999")
    assert decision == grants.Decision(Result.UNKNOWN, point_id=point.id)
    assert (last(house).result, last(house).user) == ("unknown", None)
    assert house.grant_ends() == []
    assert house.events()[0] == "charging.refuse"


def test_a_removed_pin_works_no_more(house: House) -> None:  # A001-23
    point = house.point()
    identifications.remove(house.opened.store, house.clock, identification_of(house, "Anna").id, actor=ACTOR)
    assert house.authorize(point).result == "unknown"


def test_a_blocked_user_is_refused_at_once_and_unblocking_restores(house: House) -> None:  # A001-14
    point, anna = house.point(), house.people["Anna"]
    users.block(house.opened.store, house.clock, anna.id, actor=ACTOR)
    assert house.authorize(point).result == "blocked"
    assert last(house).user == "Anna Berger"
    users.unblock(house.opened.store, house.clock, anna.id, actor=ACTOR)
    assert house.authorize(point).result == "accepted"


def test_an_archived_user_is_refused_as_blocked(house: House) -> None:
    users.archive(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    assert house.authorize(house.point()).result == "blocked"


def test_an_inactive_pin_is_refused_until_it_is_active(house: House) -> None:  # A001-17
    point, found = house.point(), identification_of(house, "Anna")
    store, key = house.opened.store, house.opened.key()
    identifications.edit(store, key, house.clock, found.id, active=False, actor=ACTOR)
    assert house.authorize(point).result == "inactive"
    identifications.edit(store, key, house.clock, found.id, active=True, actor=ACTOR)
    assert house.authorize(point).result == "accepted"


def test_an_edited_pin_replaces_the_old_one_at_once(house: House) -> None:  # A001-25
    point = house.point()
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, identification_of(house, "Anna").id, code="#161803",
        actor=ACTOR,
    )  # fmt: skip
    assert house.authorize(point).result == "unknown"
    assert house.authorize(point, "#161803").result == "accepted"


def test_pins_switched_off_refuse_a_right_pin(house: House) -> None:  # A001-08
    point = house.point()
    settings.put(house.opened.store, house.clock.now(), ACTOR, "identification.pin.enabled", "off")
    assert house.authorize(point).result == "type_disabled"
    settings.put(house.opened.store, house.clock.now(), ACTOR, "identification.pin.enabled", "on")
    assert house.authorize(point).result == "accepted"


def test_a_locked_or_archived_point_refuses_everybody(house: House) -> None:
    point = house.point(mode="locked")
    assert house.authorize(point).result == "mode"
    points.set_mode(house.opened.store, house.clock, point.id, "authorized", actor=ACTOR)
    points.archive(house.opened.store, house.clock, point.id, actor=ACTOR)
    assert house.authorize(point).result == "mode"


BERLIN_ENDS = [  # last day, the last good moment and the first bad one in UTC
    (date(2026, 11, 25), "2026-11-25T22:59:59+00:00", "2026-11-25T23:00:00+00:00"),
    (date(2027, 3, 28), "2027-03-28T21:59:59+00:00", "2027-03-28T22:00:00+00:00"),  # the day clocks go forward
    (date(2027, 10, 31), "2027-10-31T22:59:59+00:00", "2027-10-31T23:00:00+00:00"),  # the day they go back
]


@pytest.mark.parametrize(("day", "good", "bad"), BERLIN_ENDS)
def test_a_pin_works_through_its_last_local_second(house: House, day: date, good: str, bad: str) -> None:  # A001-20
    house.person("Clara", "#141421", expires_on=day)
    point = house.point()
    house.clock.set(datetime.fromisoformat(good))
    assert house.authorize(point, "#141421").result == "accepted"
    house.clock.set(datetime.fromisoformat(bad))
    assert house.authorize(point, "#141421").result == "expired"
    assert last(house).remark == ""


def test_an_expiry_is_not_decided_while_the_date_is_doubtful(house: House) -> None:
    house.person("Clara", "#141421", expires_on=date(2099, 1, 1))
    point = house.point()
    house.clock.set(datetime(2024, 1, 1, tzinfo=UTC))  # before this program was built
    assert house.authorize(point, "#141421").result == "expired"
    assert last(house).remark == "clock"
    assert house.authorize(point, "Ben").result == "accepted"


def test_a_time_zone_nobody_knows_is_the_default_one(house: House) -> None:
    house.person("Clara", "#141421", expires_on=date(2099, 1, 1))
    point = house.point()
    with house.opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('site.timezone', 'Mars/Olympus', '', '')")
    assert house.authorize(point, "#141421").result == "accepted"


def test_the_same_pin_twice_in_a_moment_is_one_authorization(house: House) -> None:
    point = house.point()
    first = house.authorize(point)
    house.clock.advance(2)
    assert house.authorize(point).grant_id == first.grant_id
    house.clock.advance(60)
    again = house.authorize(point)
    assert again.grant_id != first.grant_id
    assert house.grant_ends() == ["replaced", None]


def test_somebody_else_takes_over_a_grant_no_car_used(house: House) -> None:
    point = house.point()
    house.authorize(point, "Anna")
    assert house.authorize(point, "Ben").user == house.people["Ben"]
    assert house.grant_ends() == ["replaced", None]


def test_no_code_is_looked_at_while_a_car_charges_there(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    with pytest.raises(errors.Refused, match="charging at Wallbox already"):
        house.authorize(point, "Ben")
    assert len(attempts.newest(house.opened.store)) == 1


def test_stop_ends_the_grant_and_says_whether_there_was_one(house: House) -> None:
    point = house.point()
    assert grants.stop(house.opened, point.id, ACTOR) is False
    house.authorize(point)
    assert grants.stop(house.opened, point.id, ACTOR) is True
    assert house.grant_ends() == ["stop"] and house.events()[0] == "charging.stop"
    with pytest.raises(errors.NotFound):
        grants.stop(house.opened, 99, ACTOR)


def test_the_settings_pin_starts_nothing_and_a_users_pin_opens_no_settings(house: House) -> None:  # X-03, reading 6
    point = house.point()
    display_pin.set_first(house.opened, "7391", "7391")
    assert house.authorize(point, "#7391", "cli").result == "unknown"
    house.person("Clara", "#8264")
    assert not display_pin.check(house.opened, "8264").ok


def test_an_examination_decides_and_leaves_no_trace(house: House) -> None:
    point = house.point(mode="locked")
    before = house.events()
    assert grants.examine(house.opened, "271828")[0] == "accepted"
    assert grants.examine(house.opened, "#271828", point)[0] == "mode"
    assert grants.examine(house.opened, "#999999") == (Result.UNKNOWN, None)
    assert house.events() == before and attempts.newest(house.opened.store) == []


def test_nothing_of_a_code_is_in_audit_or_attempts(house: House) -> None:
    point = house.point()
    for code in ("#271828", "#999999"):
        house.authorize(point, code)
    written = repr(audit.newest(house.opened.store)) + repr(attempts.newest(house.opened.store))
    assert "271828" not in written and "999999" not in written


# Wrong guesses (reading 17) ------------------------------------------------------------------


def guess(house: House, number: int, named: int | None = None, terminal: str = "touch") -> grants.Decision:
    """A wrong code that was not typed before."""
    return grants.authorize(
        house.opened, f"#{900000 + number}", points.all(house.opened.store)[0], terminal, named, actor=ACTOR
    )


def test_the_fifth_wrong_code_costs_a_wait_during_which_none_is_looked_at(house: House) -> None:  # A001-23
    point = house.point()
    assert [guess(house, number).wait_s for number in range(5)] == [0, 0, 0, 0, 60]
    house.clock.advance(59)
    decision = house.authorize(point)
    assert (decision.result, decision.wait_s) == ("locked_out", 1.0)
    assert last(house).result == "locked_out"


def test_after_five_wrong_codes_within_30_days_the_keypad_asks_who_you_are(house: House) -> None:
    point = house.point()
    for number in range(5):
        guess(house, number)
    house.clock.advance(61)
    assert house.authorize(point).result == "name_needed"
    assert guess(house, 77).result == "name_needed", "whether the code exists is not told"
    anna = house.people["Anna"].id
    assert grants.authorize(house.opened, CODES["Anna"], point, "touch", anna, actor=ACTOR).result == "accepted"
    assert house.authorize(point, "Ben").result == "name_needed", "a success does not shorten the 30 days"
    house.clock.advance(timedelta(days=30).total_seconds())
    assert house.authorize(point, "Ben").result == "accepted"


def test_a_short_pin_always_needs_a_name_at_the_keypad_but_not_at_the_command_line(house: House) -> None:
    clara = house.person("Clara", "#8264")
    point = house.point()
    assert house.authorize(point, "#8264").result == "name_needed"
    assert house.authorize(point, "#0000").result == "name_needed"
    assert attempts.newest(house.opened.store) == [], "nothing was looked at"
    assert grants.authorize(house.opened, "#8264", point, "touch", clara.id, actor=ACTOR).result == "accepted"
    assert house.authorize(point, "#8264", "cli").result == "accepted"


def test_somebody_elses_right_pin_is_wrong_for_the_person_named(house: House) -> None:
    point, ben = house.point(), house.people["Ben"].id
    assert grants.authorize(house.opened, CODES["Anna"], point, "touch", ben, actor=ACTOR).result == "unknown"
    assert (last(house).user, last(house).named) == (None, "Ben Berger")


def test_guesses_at_one_person_wait_longer_and_longer_for_that_person_only(house: House) -> None:
    point, anna, ben = house.point(), house.people["Anna"].id, house.people["Ben"].id
    waits = []
    for number in range(9):
        wait_s = guess(house, number, anna).wait_s
        waits.append(wait_s)
        house.clock.advance(wait_s)
    assert waits == [0, 0, 0, 0, 60, 300, 900, 1800, 5400]
    wait_s = guess(house, 9, anna).wait_s
    assert wait_s == 14400
    house.clock.advance(900)
    asked = grants.authorize(house.opened, CODES["Ben"], point, "touch", ben, actor=ACTOR)
    assert asked.result == "accepted", "somebody else's guesses keep nobody out for more than 15 minutes"
    assert grants.authorize(house.opened, CODES["Anna"], point, "touch", anna, actor=ACTOR).result == "locked_out"


def test_who_administers_ends_a_persons_wait(house: House) -> None:
    point, anna = house.point(), house.people["Anna"].id
    for number in range(7):
        house.clock.advance(guess(house, number, anna).wait_s)
    guess(house, 7, anna)
    house.clock.advance(900)
    users.unblock(house.opened.store, house.clock, anna, actor=ACTOR)
    assert grants.authorize(house.opened, CODES["Anna"], point, "touch", anna, actor=ACTOR).result == "accepted"


def test_the_same_typo_twice_counts_once(house: House) -> None:
    house.point()
    for _ in range(3):
        guess(house, 1)
    assert [guess(house, number).wait_s for number in range(2, 6)] == [0, 0, 0, 60]


def test_a_right_code_that_may_not_charge_counts_as_wrong(house: House) -> None:
    """Else the absence of a wait would tell that the code exists."""
    house.point()
    users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    for number in range(4):
        guess(house, number)
    assert house.authorize(points.all(house.opened.store)[0]).wait_s == 60


def test_an_unknown_number_is_answered_like_a_known_one(house: House) -> None:
    house.point()
    known = [guess(house, number, house.people["Anna"].id) for number in range(4)]
    unknown = [guess(house, number, 4711, "other") for number in range(4)]
    assert known == unknown


def test_waits_survive_a_reboot_and_begin_again(house: House) -> None:
    point = house.point()
    for number in range(5):
        guess(house, number)
    house.clock.advance(50)
    house.clock.reboot(off_s=5)
    decision = house.authorize(point)
    assert decision.result == "locked_out" and decision.wait_s > 45


def test_a_year_of_guessing_at_a_keypad_stays_hopeless(house: House) -> None:
    """Who guesses whenever the keypad lets them, without naming anybody, tries few codes a year."""
    house.point()
    tried, end = 0, house.clock.now() + timedelta(days=365)
    while house.clock.now() < end:
        decision = guess(house, tried)
        tried += decision.result == "unknown"
        house.clock.advance(max(decision.wait_s, 86400.0 if decision.result == "name_needed" else 0.0))
    assert tried <= 5 * 13  # five in 30 days: with ten users of six digits one in 1500 years


def test_opened_core_never_ran_still_answers(opened: Opened, house: House) -> None:
    point = house.point()
    opened.live.close()
    for file in opened.home.run.glob("live.db*"):
        file.unlink()
    assert house.authorize(point).result == "accepted"
