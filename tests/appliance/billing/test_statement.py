"""Statements: which sessions, what sums, and that they agree with the meter to the Wh."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from appliance.billing import journal, statement
from appliance.billing.statement import Statement, Wanted
from appliance.charging import points, users
from appliance.errors import BadInput
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, NOON, Bench

NOVEMBER = Wanted(date(2026, 11, 1), date(2026, 11, 30))


def of(bench: Bench, wanted: Wanted = NOVEMBER) -> Statement:
    return statement.make(bench.opened, wanted, "cli:local")


def test_sums_of_everybody_are_sums_of_sessions(bench: Bench) -> None:
    bench.bill("0.34")
    bench.session(wh=7_311)
    bench.session(bench.ben.id, began_at=NOON + timedelta(hours=2), wh=1_000)
    bench.session(began_at=NOON + timedelta(hours=4), wh=2_689)
    made = of(bench)
    assert [(one.user, one.sessions, one.energy_wh, one.cost) for one in made.sums] == [
        ("Anna Berger", 2, 10_000, Decimal("3.40")),  # 2.49 + 0.91
        ("Ben Berger", 1, 1_000, Decimal("0.34")),
    ]
    assert (made.total.energy_wh, made.total.cost) == (11_000, Decimal("3.74"))


def test_namesakes_are_two_people_with_a_sum_each(bench: Bench) -> None:
    other = users.add(bench.opened.store, bench.clock, "Anna", "Berger", actor=ACTOR)
    bench.session(wh=7_000)
    bench.session(other.id, began_at=NOON + timedelta(hours=2), wh=1_000)
    made = of(bench)
    assert [(one.user, one.energy_wh) for one in made.sums] == [
        (f"Anna Berger ({bench.anna.id})", 7_000), (f"Anna Berger ({other.id})", 1_000)
    ]  # fmt: skip
    assert [line.user for line in made.lines] == [one.user for one in made.sums]


def test_two_currencies_are_never_added(bench: Bench) -> None:
    bench.bill("0.34")
    bench.session(wh=1_000)
    settings.put(bench.opened.store, bench.clock.now(), ACTOR, "billing.currency", "CHF")
    assert of(bench).currency == "EUR", "what it was charged in"
    bench.session(began_at=NOON + timedelta(days=1), wh=1_000)
    with pytest.raises(BadInput, match="is in CHF, EUR: make a report for the days of each"):
        of(bench)
    assert of(bench, Wanted(date(2026, 11, 21), date(2026, 11, 30))).currency == "CHF"
    journal.correct(bench.opened, bench.signer, bench.entered()[-1].number, note="x", billed=False, actor=ACTOR)
    assert (of(bench).currency, of(bench).total.cost) == ("EUR", Decimal("0.34")), "not billed is not summed"


def test_a_day_is_a_local_day_at_both_ends(bench: Bench) -> None:
    inside = [datetime(2026, 10, 31, 23, 0, tzinfo=UTC), datetime(2026, 11, 30, 22, 59, tzinfo=UTC)]  # Berlin
    outside = [datetime(2026, 10, 31, 22, 59, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)]
    for moment in sorted(inside + outside):
        bench.session(began_at=moment, hours=0.01)
    bench.clock.set(NOON - timedelta(days=60))
    assert [line.session.began_at for line in of(bench).lines] == inside


def test_a_session_entered_while_the_calendar_was_back_in_the_past_is_on_its_report(bench: Bench) -> None:
    bench.clock.set(datetime(2025, 6, 1, tzinfo=UTC))
    bench.session(wh=7_311)
    bench.clock.set(NOON + timedelta(days=20))
    bench.session(wh=1_000)
    assert [line.session.energy_wh for line in of(bench).lines] == [7_311, 1_000]


def test_a_report_of_a_point_has_its_sessions_from_before_it_got_another_name(bench: Bench) -> None:
    store = bench.opened.store
    bench.session(wh=7_000)
    points.edit(store, bench.clock, bench.point.id, name="Garage", actor=ACTOR)
    bench.session(began_at=NOON + timedelta(hours=2), wh=1_000)
    for name, wh in (("Garage", 8_000), ("Wallbox", 7_000), ("Carport", 0)):
        assert of(bench, replace(NOVEMBER, point=name)).total.energy_wh == wh
    points.add(store, bench.clock, "Wallbox", "gpio:18", actor=ACTOR)
    assert of(bench, replace(NOVEMBER, point="Wallbox")).total.energy_wh == 0, "that is another one now"


def test_what_is_not_known_is_counted_apart_and_never_zero(bench: Bench) -> None:
    bench.session(wh=None)  # no reading, and no tariff yet
    bench.session(began_at=NOON + timedelta(hours=2), wh=500)
    bench.bill()
    bench.session(began_at=NOON + timedelta(hours=4), wh=1_000)
    bench.session(began_at=NOON + timedelta(hours=6), wh=2_000)
    last = bench.entered()[-1]
    journal.correct(bench.opened, bench.signer, last.number, note="test drive", billed=False, actor=ACTOR)
    total = of(bench).total
    assert (total.sessions, total.energy_wh, total.cost) == (4, 1_500, Decimal("0.34"))
    assert (total.without_energy, total.without_cost, total.not_billed) == (1, 1, 1)


def test_the_continuity_of_a_meter_says_who_took_what(bench: Bench) -> None:
    first_wh = bench.counter_wh
    bench.session(wh=4_000)
    bench.counter_wh += 150  # standby of the charger: no session
    bench.session(bench.ben.id, began_at=NOON + timedelta(hours=2), wh=1_000)
    bench.session(began_at=NOON + timedelta(hours=4), wh=2_000)
    (found,) = of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, user_id=bench.anna.id)).continuity
    assert (found.meter, found.first_wh, found.last_wh) == ("Car", first_wh, bench.counter_wh)
    assert (found.here_wh, found.others_wh, found.unassigned_wh) == (6_000, 1_000, 150)


def test_a_missing_reading_leaves_the_continuity_open(bench: Bench) -> None:
    bench.session(wh=4_000)
    bench.session(bench.ben.id, began_at=NOON + timedelta(hours=2), wh=None)
    bench.session(began_at=NOON + timedelta(hours=4), wh=2_000)
    (found,) = of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, user_id=bench.anna.id)).continuity
    assert (found.here_wh, found.others_wh, found.unassigned_wh) == (6_000, None, None)


def test_a_corrected_owner_moves_the_session_to_the_other_statement(bench: Bench) -> None:
    bench.session(wh=4_000)
    number = bench.entered()[0].number
    journal.correct(bench.opened, bench.signer, number, note="Ben's", user_id=bench.ben.id, actor=ACTOR)
    assert of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, user_id=bench.anna.id)).lines == ()
    assert of(bench).lines[0].user == "Ben Berger"


def test_letterhead_and_the_meters_status_come_from_the_settings(bench: Bench) -> None:
    for key, text in (
        ("report.title", "Familie Berger"),
        ("report.meter_status", "mid"),
        ("report.meter", "SDM630 4711"),
    ):
        settings.put(bench.opened.store, bench.clock.now(), ACTOR, key, text)
    found = of(bench).letterhead
    assert (found.title, found.meter_status, found.meter) == ("Familie Berger", "mid", "SDM630 4711")


def test_the_statement_names_the_journals_head(bench: Bench) -> None:
    assert of(bench).head == "-"
    bench.session()
    assert of(bench).head == journal.verify(bench.opened, bench.signer).head


@pytest.mark.parametrize("end", [date(2026, 10, 31), date(2037, 1, 1)])
def test_a_period_that_ends_before_it_begins_or_lasts_for_ever_is_refused(bench: Bench, end: date) -> None:
    with pytest.raises(BadInput, match="on or after its first day"):
        of(bench, Wanted(NOVEMBER.begin, end))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_month_no_calendar_knows_the_days_around_is_refused(bench: Bench, day: date) -> None:
    with pytest.raises(BadInput, match="on or after its first day"):
        of(bench, statement.month(day))


@pytest.mark.parametrize(
    ("day", "last"), [("2026-11-21", "2026-11-30"), ("2028-02-01", "2028-02-29"), ("2026-12-31", "2026-12-31")]
)
def test_a_month_is_whole(day: str, last: str) -> None:
    found = statement.month(date.fromisoformat(day))
    assert found.begin.day == 1 and found.end == date.fromisoformat(last)


@tuned(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50_000), st.integers(0, 300)), min_size=1, max_size=8))
def test_sums_agree_with_the_meter_to_the_last_wh(bench: Bench, charges: list[tuple[bool, int, int]]) -> None:
    with bench.opened.store.read() as db:
        begun = db.execute("SELECT count(*) FROM sessions").get
    first_day = NOON + timedelta(days=40 * (begun + 1))
    bench.clock.set(first_day)
    first_wh = bench.counter_wh
    for number, (annas, wh, standby_wh) in enumerate(charges):
        bench.session(None if annas else bench.ben.id, began_at=first_day + timedelta(hours=2 * number), wh=wh)
        last_wh = bench.counter_wh
        bench.counter_wh += standby_wh
    made = of(bench, Wanted(first_day.date(), first_day.date() + timedelta(days=3)))
    (found,) = made.continuity
    assert found.unassigned_wh is not None
    assert (
        made.total.energy_wh + found.unassigned_wh == last_wh - first_wh == (found.last_wh or 0) - (found.first_wh or 0)
    )


@pytest.mark.parametrize("remark", ["meter_replaced", "counter_back", "no_reading", "meter_shared", "reversed"])
def test_what_belongs_to_no_session_is_not_known_where_the_energy_of_one_is_not(bench: Bench, remark: str) -> None:
    bench.session()
    bench.session(began_at=NOON + timedelta(hours=2), wh=None, remark=remark)
    bench.counter_wh += 900_000
    bench.session(began_at=NOON + timedelta(hours=4))
    made = of(bench)
    (found,) = made.continuity
    assert (found.here_wh, found.unassigned_wh) == (14_000, None)
    assert (made.total.energy_wh, made.total.without_energy) == (14_000, 1)


@pytest.mark.parametrize("others_wh", [100, 90_000_000])
def test_what_belongs_to_no_session_is_not_known_where_the_meter_was_replaced_between_two(
    bench: Bench, others_wh: int
) -> None:
    bench.session()
    bench.counter_wh = others_wh
    bench.session(bench.ben.id, began_at=NOON + timedelta(hours=4))
    (found,) = of(bench).continuity
    assert (found.last_wh, found.here_wh, found.unassigned_wh) == (others_wh + 7_000, 14_000, None)


def test_a_statement_of_one_card_or_one_car_has_only_its_sessions(bench: Bench) -> None:
    zoe, other = bench.card("04A2B31C", "Zoe", "B AB 1"), bench.card("04A2B31D")
    cards = ((2, zoe), (4, other), (6, zoe))
    mine, second, third = (bench.session(began_at=NOON + timedelta(hours=hours), card=card) for hours, card in cards)
    of_card = of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, identification_id=other.id))
    assert [(line.session.session_id, line.tail, line.vehicle) for line in of_card.lines] == [(second, "B31D", "")]
    of_car = of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, vehicle_id=zoe.extras.vehicle_id))
    assert [(line.session.session_id, line.vehicle) for line in of_car.lines] == [
        (mine, "Zoe (B AB 1)"), (third, "Zoe (B AB 1)"),
    ]  # fmt: skip
    (continuity,) = of_car.continuity
    assert (continuity.here_wh, continuity.others_wh, continuity.unassigned_wh) == (14_000, 7_000, 0)


def test_the_entry_of_a_session_is_found_for_who_corrects_it(bench: Bench) -> None:
    first, second = bench.session(), bench.session(began_at=NOON + timedelta(hours=2))
    numbers = journal.numbers(bench.opened.store, [first, second, 99])
    assert numbers == {first: 2, second: 3}, "the first entry is the journal's begin"
    journal.correct(bench.opened, bench.signer, numbers[first], note="a guest", actor=ACTOR)
    assert journal.numbers(bench.opened.store, [first]) == {first: 2}
