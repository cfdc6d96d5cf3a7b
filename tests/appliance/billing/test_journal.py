"""The journal over sessions: entered as they end, costed, corrected, verified, and what tampering leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import apsw
import pytest

from appliance.billing import chain, journal, prices, tariffs
from appliance.errors import BadInput, NotFound
from appliance.opened import Opened
from tests.appliance.billing.bench import ACTOR, NOON, Bench
from tests.appliance.charging.house import House
from tests.fake_clock import FakeClock


def tamper(bench: Bench, statement: str) -> None:
    """What somebody does who has the card in a reader: triggers do not stop them."""
    path = bench.opened.store.path
    bench.opened.store.close()
    db = apsw.Connection(str(path))
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute(statement)
    db.close()


def sentences(bench: Bench) -> list[str]:
    found = journal.verify(bench.opened, bench.signer)
    return [one.message.format(number=one.number) for one in found.findings]


def test_a_real_session_enters_the_journal_in_the_moment_it_ends(opened: Opened, clock: FakeClock) -> None:
    house = House(opened, clock)
    house.person("Anna")
    point = house.point(metered=True)
    house.start()
    counter = house.drive(point, 120, 11_000, house.charge(point))
    assert list(journal.entries(opened.store)) == [], "it still runs"
    from appliance.charging import grants

    grants.stop(opened, point.id, ACTOR)
    house.turn(1)
    house.measure(point, 0.0, counter)
    house.turn(12)
    first, entry = journal.entries(opened.store)
    assert first.kind == "begin" and entry.kind == "session"
    body, session = entry.content(), house.session()
    assert (body["session"], body["begin_wh"], body["end_wh"]) == (session.id, session.begin_wh, session.end_wh)
    assert body["end_wh"] - body["begin_wh"] == session.energy_wh != 0
    assert (body["reason"], body["identification"], body["end_reason"]) == ("pin", "pin", "stop")
    assert "Anna" not in entry.body, "people are numbers"
    assert journal.verify(opened, journal.Signer.of(opened.key())).sound


def test_the_cost_is_written_when_the_session_ends_and_no_later_price_changes_it(bench: Bench) -> None:
    tariff = bench.bill("0.34")
    bench.session(wh=7_311)
    tariffs.set_price(bench.opened.store, bench.clock, tariff.id, NOON.date(), prices.amount("0.99"), actor=ACTOR)
    (one,) = bench.entered()
    assert (one.cost, one.currency, one.per_kwh, one.basis) == ("2.49", "EUR", ("0.34",), "contract 2026")
    assert one.energy_wh == 7_311


def test_a_price_that_changes_at_midnight_is_met_where_the_counter_stood(bench: Bench) -> None:
    tariff = bench.bill("0.30")
    tariffs.set_price(
        bench.opened.store,
        bench.clock,
        tariff.id,
        (NOON + timedelta(days=1)).date(),
        prices.amount("0.40"),
        actor=ACTOR,
    )
    begins = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 23:30 in Berlin; midnight is 23:00 UTC
    bench.quarter(begins, bench.counter_wh + 4_000)
    bench.quarter(begins + timedelta(minutes=15), bench.counter_wh + 9_000)
    bench.session(began_at=begins, hours=1, wh=10_000)
    (one,) = bench.entered()
    assert one.per_kwh == ("0.30", "0.40") and one.cost == "3.10"  # 9 kWh before midnight, 1 kWh after


@pytest.mark.parametrize("wh", [None, 0])
def test_without_a_reading_there_is_no_cost_and_without_energy_it_is_nothing(bench: Bench, wh: int | None) -> None:
    bench.bill()
    bench.session(wh=wh)
    assert bench.entered()[0].cost == (None if wh is None else "0.00")


def test_without_a_tariff_nothing_is_billed(bench: Bench) -> None:
    bench.session()
    (one,) = bench.entered()
    assert (one.cost, one.tariff, one.currency) == (None, None, None)


def test_what_was_missed_is_entered_once(bench: Bench) -> None:
    missed = [bench.session(enter=False), bench.session(enter=False, began_at=NOON + timedelta(hours=2))]
    assert journal.catch_up(bench.opened, bench.signer) == 2
    assert journal.catch_up(bench.opened, bench.signer) == 0
    assert [one.session_id for one in bench.entered()] == missed and sentences(bench) == []


def test_a_session_number_that_comes_again_after_a_restore_is_another_session(bench: Bench) -> None:
    number = bench.session()
    tamper(bench, f"DELETE FROM sessions WHERE id={number}")
    assert bench.session(began_at=NOON + timedelta(days=1), enter=False) == number
    assert journal.catch_up(bench.opened, bench.signer) == 1
    assert [one.session_id for one in bench.entered()] == [number, number] and sentences(bench) == []


def test_a_session_that_a_restore_brought_back_running_is_entered_beside_the_later_one(bench: Bench) -> None:
    number = bench.session()
    tamper(bench, f"DELETE FROM sessions WHERE id={number}")
    assert bench.session(began_at=NOON - timedelta(days=1), hours=72, enter=False) == number, "ended by the restore"
    assert journal.catch_up(bench.opened, bench.signer) == 1 and sentences(bench) == []


def test_a_correction_is_a_new_entry_and_leaves_the_old_one_as_it_is(bench: Bench) -> None:
    bench.session()
    before = [entry.hash for entry in journal.entries(bench.opened.store)]
    number = bench.entered()[0].number
    journal.correct(bench.opened, bench.signer, number, note="Ben's car", user_id=bench.ben.id, actor=ACTOR)
    journal.correct(bench.opened, bench.signer, number, note="a test drive", billed=False, actor=ACTOR)
    (one,) = bench.entered()
    assert (one.user_id, one.billed, one.notes) == (bench.ben.id, False, ("Ben's car", "a test drive"))
    assert [entry.hash for entry in journal.entries(bench.opened.store)][:2] == before and sentences(bench) == []


def test_a_correction_needs_a_session_and_a_reason(bench: Bench) -> None:
    bench.session()
    with pytest.raises(BadInput, match="needs a reason"):
        journal.correct(bench.opened, bench.signer, 2, note=" ", actor=ACTOR)
    for number in (1, 99):  # the first entry, and none at all
        with pytest.raises(NotFound, match="is not a session"):
            journal.correct(bench.opened, bench.signer, number, note="why", actor=ACTOR)


def test_neither_the_journal_nor_a_row_of_it_can_be_changed_by_a_program(bench: Bench) -> None:
    bench.session()
    for statement in ("UPDATE journal SET at='x'", "DELETE FROM journal"):
        with pytest.raises(Exception, match="append-only"), bench.opened.store.write() as db:
            db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE journal SET body=replace(body, '\"end_wh\":5007000', '\"end_wh\":5009000') WHERE number=2",
            "Entry 2 was changed",
        ),
        ("DELETE FROM journal WHERE number=2", "Entry 2 is missing."),
        ("UPDATE journal SET signature=zeroblob(64) WHERE number=3", "Entry 3 was not signed"),
        ("UPDATE sessions SET end_wh=end_wh+1 WHERE id=1", "Session 1 differs from its entry"),
        ("UPDATE sessions SET user_id=NULL WHERE id=1", "Session 1 differs from its entry"),
    ],
)
def test_who_writes_to_the_card_is_found(bench: Bench, statement: str, sentence: str) -> None:
    bench.session()
    bench.session(began_at=NOON + timedelta(hours=3))
    assert sentences(bench) == []
    tamper(bench, statement)
    assert sentences(bench)[0].startswith(sentence)


def test_an_ended_session_without_an_entry_is_found_until_it_is_entered(bench: Bench) -> None:
    bench.session()
    bench.session(began_at=NOON + timedelta(hours=3), enter=False)
    assert sentences(bench) == ["Session 2 has no entry in the journal."]
    assert journal.catch_up(bench.opened, bench.signer) == 1 and sentences(bench) == []


def test_a_session_with_another_begin_is_found_and_not_entered_again(bench: Bench) -> None:
    bench.clock.set(NOON + timedelta(hours=1))  # the moment it ends
    bench.session()
    tamper(bench, "UPDATE sessions SET began_at='2026-11-19T12:00:00.000000Z'")
    assert journal.catch_up(bench.opened, bench.signer) == 0
    assert sentences(bench) == ["Session 1 differs from its entry in the journal."]
    assert [one.began_at for one in bench.entered()] == [NOON]


def test_an_anonymous_user_breaks_nothing(bench: Bench) -> None:
    bench.session()
    tamper(bench, "UPDATE users SET first_name='-', last_name='-'")
    assert sentences(bench) == []


def test_an_export_is_verified_without_the_appliance(bench: Bench) -> None:
    for hour in range(3):
        bench.session(began_at=NOON + timedelta(hours=2 * hour))
    lines = [chain.to_line(entry) for entry in journal.entries(bench.opened.store)]
    found = chain.verify(chain.from_line(line, number) for number, line in enumerate(lines, 1))
    assert found.sound and found.sessions == 3 and found.key == bench.signer.public.hex()
    lines[2] = lines[2].replace("5014000", "5024000")
    assert not chain.verify(chain.from_line(line, number) for number, line in enumerate(lines, 1)).sound


def test_only_sessions_that_began_in_the_period_are_found(bench: Bench) -> None:
    for day in range(4):
        bench.session(began_at=NOON + timedelta(days=day))
    found = bench.entered(NOON + timedelta(days=1), NOON + timedelta(days=3))
    assert [one.began_at for one in found] == [NOON + timedelta(days=1), NOON + timedelta(days=2)]
