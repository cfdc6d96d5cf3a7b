"""Why a point charges or not: one sentence for now, and what led there; reasons only for who may know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from appliance import errors, faults, heartbeat
from appliance.charging import contacts, grants, identifications, learning, points, readers, users, why, windows
from appliance.charging.points import Point
from tests.appliance.charging.house import ACTOR, House

CARD = "04A2B31C"


def now(house: House, point: Point, *, reasons: bool = True) -> str:
    heartbeat.begin(house.opened.live, "core", house.clock)
    return str(why.tell(house.opened, point.id, reasons=reasons).now)


def events(house: House, point: Point, *, reasons: bool = True) -> list[str]:
    return [str(event.told) for event in why.tell(house.opened, point.id, reasons=reasons).events]


def test_the_whole_way_from_idle_to_the_end_in_sentences(house: House) -> None:  # part 7
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    assert now(house, point) == "Waits for a card or a PIN."
    house.authorize(point)
    assert now(house, point) == "Released; the relay closes in a moment."
    house.turn()
    house.drive(point, 108, 0.0, 5000.0)
    assert now(house, point) == "Waiting for the car, 3:12 left."
    wh = house.drive(point, 3, 11000.0, 5000.0)
    assert now(house, point).startswith("Charging since 2026-11-21")
    wh = house.drive(point, 130, 0.0, wh)
    assert now(house, point) == "Paused. The session ends in 27:50."
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    assert now(house, point) == "Ended: the last reading of the meter is awaited."
    house.drive(point, 1, 0.0, wh)
    assert now(house, point) == "Stopped on the command line."
    house.clock.advance(601)
    assert now(house, point) == "Waits for a card or a PIN."
    assert events(house, point) == [
        "Stopped on the command line.", "The session ended: 0.01 kWh.", "The car began to charge.",
        "Released for Anna Berger at the touchscreen.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("locked", "Refused: the point is locked now."),
        ("time", "Refused: date and time are not known, and the point's weekly plan needs them."),
    ],
)
def test_without_a_known_time_only_a_plan_refuses_for_it(house: House, mode: str, sentence: str) -> None:
    point = house.point(mode=mode)
    house.clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    assert house.authorize(point).result == "mode"
    assert events(house, point) == [sentence]


def test_a_card_that_stops_is_told_once_though_time_goes_on_while_it_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = house.point()
    house.start()
    add_card(house)
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(house.clock, "now", Ticking(house.clock.now()).now)
            grants.present(house.opened, "rfid", CARD, [point], "Hall", actor=ACTOR)
        house.turn()
        house.clock.advance(30)
        house.turn()
    assert events(house, point).count("Stopped by Anna Berger at the reader Hall.") == 1


class Ticking:
    """A calendar that goes on by a millisecond at each look, as a real one does."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        self._at += timedelta(milliseconds=1)
        return self._at


def add_card(house: House) -> None:
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Anna"].id, type="rfid", code=CARD,
        active=True, actor=ACTOR,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("unknown", "Refused: nobody has this code."),
        ("expired", "Refused: the code of Clara Berger has expired."),
        ("blocked", "Refused: Anna Berger is blocked or archived."),
        ("hours", "Refused: outside the hours of Anna Berger."),
    ],
)
def test_a_refusal_is_told_with_its_reason_only_to_who_may_know(house: House, what: str, sentence: str) -> None:
    point, code = house.point(), "#271828"
    if what == "unknown":
        code = "#999999"
    elif what == "expired":
        code = "#141421"
        house.person("Clara", code, expires_on=date(2026, 11, 20))
    elif what == "blocked":
        users.block(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    else:
        users.edit(
            house.opened.store, house.clock, house.people["Anna"].id, hours=windows.parse(["1 08:00-09:00"]),
            actor=ACTOR,
        )  # fmt: skip
    assert house.authorize(point, code).result == what
    assert now(house, point) == sentence
    assert now(house, point, reasons=False) == "Refused."


def test_who_stopped_it_and_where_stands_behind_a_sign_in(house: House) -> None:
    point = house.point(metered=True)
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Anna"].id, type="rfid", code=CARD,
        active=True, actor=ACTOR,
    )  # fmt: skip
    house.start()
    wh = house.charge(point)
    house.clock.advance(20)
    grants.present(house.opened, "rfid", CARD, [point], "Hall", actor=ACTOR)
    house.turn()
    house.drive(point, 1, 0.0, wh)
    assert "Stopped by Anna Berger at the reader Hall." in events(house, point)
    assert events(house, point).count("Stopped by Anna Berger at the reader Hall.") == 1
    hidden = events(house, point, reasons=False)
    assert "Stopped at the reader Hall." in hidden and not [one for one in hidden if "Anna" in one]
    grants.authorize(house.opened, "#271828", point, "touch", actor=ACTOR)
    house.clock.advance(1)
    grants.stop(house.opened, point.id, ACTOR, house.people["Anna"].id)
    assert events(house, point)[0] == "Stopped by Anna Berger on the command line."


def test_a_point_says_that_it_is_locked_outside_its_plan_or_free(house: House) -> None:
    point = house.point(mode="locked")
    assert now(house, point) == "Locked: nobody may charge here now."
    points.set_mode(house.opened.store, house.clock, point.id, "time", actor=ACTOR)
    assert now(house, point) == "Outside the hours of the weekly plan."
    points.set_mode(house.opened.store, house.clock, point.id, "free", actor=ACTOR)
    assert now(house, point) == "Free for everybody: plug in."
    house.start()
    assert now(house, point).startswith(("Free for everybody", "Charging since"))


def test_a_point_says_what_it_waits_for_at_its_reader(house: House) -> None:
    point = house.point()
    reader = readers.add(house.opened.store, house.clock, "Hall", "bell:1", [point.id], actor=ACTOR)
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Anna"].id, type="rfid", code=CARD,
        active=True, actor=ACTOR,
    )  # fmt: skip
    points.set_rules(house.opened.store, house.clock, point.id, second_factor=True, actor=ACTOR)
    learning.ask(house.opened.store, house.clock, reader.terminal, house.people["Ben"].id, actor=ACTOR)
    assert now(house, point) == "Waits for the card that is to be learned: 1:00 left."
    learning.cancel(house.opened.store, house.clock, reader.terminal)
    grants.present(house.opened, "rfid", CARD, [point], "Hall", actor=ACTOR)
    assert now(house, point) == "The card is good. Now the PIN: 1:00 left."


def test_a_fault_of_the_relay_is_the_answer(house: House) -> None:
    point = house.point()
    house.start()
    house.pins.stuck[17] = 0
    house.authorize(point)
    house.turn()
    assert "relay" in now(house, point).lower() or "GPIO" in now(house, point)


def test_a_point_out_of_use_has_no_answer(house: House) -> None:
    point = house.point()
    points.archive(house.opened.store, house.clock, point.id, actor=ACTOR)
    with pytest.raises(errors.NotFound, match="in use"):
        why.tell(house.opened, point.id, reasons=True)


# What is wrong there ---------------------------------------------------------------------------


def report(house: House, source: str, code: str, message: str, **values: object) -> None:
    faults.report(house.opened.live, house.clock.now(), source, code, message, **values)


def test_a_contactor_that_sticks_is_said_like_a_relay_that_does(house: House) -> None:
    point = house.point()
    house.start()
    report(house, f"contactor:{point.id}", "stuck", contacts.WELDED, point="Wallbox")
    told = why.tell(house.opened, point.id, reasons=False)
    assert told.state == "fault" and str(told.now).startswith("The contactor of Wallbox does not open")
    assert told.notes == ()
    report(house, f"relay:{point.id}", "stuck", "The relay does not follow.")
    told = why.tell(house.opened, point.id, reasons=False)
    assert str(told.now) == "The relay does not follow." and len(told.notes) == 1


def test_too_much_drawn_from_the_grid_is_why_a_car_does_not_charge(house: House) -> None:
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    report(house, "grid:limit", "limit", "More than {limit} A are drawn.", limit=35)
    assert now(house, point).startswith("Charging since")
    assert [str(note) for note in why.tell(house.opened, point.id, reasons=False).notes] == [
        "More than 35 A are drawn."
    ]
    house.drive(point, 125, 0.0, wh)
    assert now(house, point) == "More than 35 A are drawn."
    assert why.tell(house.opened, point.id, reasons=False).notes == (), "it is said once"


def test_a_reader_that_fails_is_a_note_at_its_points_and_nowhere_else(house: House) -> None:
    wallbox, garage = house.point(), house.point("Garage", 18)
    reader = readers.add(house.opened.store, house.clock, "Hall", "bell:1", [wallbox.id], actor=ACTOR)
    report(house, f"reader:{reader.id}", "unplugged", "The reader {reader} is not there.", reader="Hall")
    report(house, f"contactor:{wallbox.id}", "unavailable", "GPIO {line} cannot be used.", line=22)
    told = why.tell(house.opened, wallbox.id, reasons=False)
    assert str(told.now) == "Waits for a card or a PIN." and told.state == "idle"
    assert [str(note) for note in told.notes] == ["GPIO 22 cannot be used.", "The reader Hall is not there."]
    assert why.tell(house.opened, garage.id, reasons=False).notes == ()
    readers.archive(house.opened.store, house.clock, reader.id, actor=ACTOR)
    assert len(why.tell(house.opened, wallbox.id, reasons=False).notes) == 1


# The log -----------------------------------------------------------------------------------------


def test_the_log_of_a_point_is_cut_to_a_time(house: House) -> None:
    point = house.point()
    moments = []
    for _ in range(5):
        house.authorize(point, "#999999")
        moments.append(house.clock.now())
        house.clock.advance(3600)
    log = why.log(house.opened, point.id, reasons=True)
    assert [event.at for event in log] == moments[::-1]
    assert why.log(house.opened, point.id, reasons=True, since=moments[1], until=moments[3]) == log[2:4]
    assert why.log(house.opened, point.id, reasons=True, limit=1) == log[:1]
    assert {str(event.told) for event in why.log(house.opened, point.id, reasons=False)} == {"Refused."}


def test_a_place_is_a_sentence_of_its_own_to_be_translated() -> None:
    assert why.place("reader:Hall") == why.Told(why.AT_READER, {"reader": "Hall"})
    assert why.place("touch") == why.Told(why.PLACES["touch"])
    assert str(why.Told(why.STOPPED_BY, {"user": "Anna", "place": why.place("touch")})) == (
        "Stopped by Anna at the touchscreen."
    )


def test_a_stop_of_which_nobody_knows_where_is_told_without_a_place(house: House) -> None:
    """As of grants that ended before places were written down."""
    point = house.point()
    house.start()
    house.authorize(point)
    house.clock.advance(1)
    grants.stop(house.opened, point.id, ACTOR)
    with house.opened.store.write() as db:
        db.execute("UPDATE grants SET ended_terminal=''")
    assert events(house, point)[0] == "Stopped."
