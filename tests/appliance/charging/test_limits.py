"""Hours, plans, allowances and caps: who is refused, and what ends while it runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from appliance import clock, errors
from appliance.billing import charged, prices, tariffs
from appliance.charging import (
    allowances,
    attempts,
    grants,
    guests,
    identifications,
    overview,
    points,
    users,
    windows,
)
from appliance.charging.identifications import Extras
from appliance.charging.points import Point
from appliance.charging.windows import OUTSIDE
from appliance.errors import BadInput
from appliance.metering import slots
from appliance.metering.slots import Slot
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, House

BERLIN = ZoneInfo("Europe/Berlin")


def put(house: House, key: str, value: str) -> None:
    settings.put(house.opened.store, house.clock.now(), ACTOR, key, value)


def set_local(house: House, text: str) -> None:
    """Set the calendar to a local time in Berlin."""
    house.clock.set(datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC))


def counts_at(house: House, point: Point, border: datetime, counter_wh: int) -> None:
    """What the quarter hour that ends at a moment says of the point's meter."""
    assert point.meter_id is not None
    quarter = Slot(point.meter_id, int(border.timestamp()) - 900, 0, None, counter_wh, None, 0, 0, 0, 9, False)
    with house.opened.store.write() as db:
        slots.save(db, [quarter])


def hours(house: House, *texts: str) -> None:
    users.edit(
        house.opened.store, house.clock, house.people["Anna"].id, hours=windows.parse(texts), actor=ACTOR
    )  # fmt: skip


# Hours at the gate and while it runs ----------------------------------------------------------


def test_a_user_is_refused_outside_their_hours(house: House) -> None:
    point = house.point()
    hours(house, "6 08:00-18:00")
    set_local(house, "2026-11-21T12:00")  # a Saturday
    assert house.authorize(point).result == "accepted"
    set_local(house, "2026-11-21T18:00")
    assert house.authorize(point).result == "hours"
    assert house.authorize(point, "Ben").result == "accepted"
    hours(house)
    assert house.authorize(point).result == "accepted", "none at all are always"


def test_an_identification_has_hours_of_its_own(house: House) -> None:
    point = house.point()
    mine = identifications.all(house.opened.store, house.people["Anna"].id)[0]
    identifications.edit(
        house.opened.store, house.opened.key(), house.clock, mine.id,
        extras=Extras(hours=windows.parse(["1 08:00-09:00"])), actor=ACTOR,
    )  # fmt: skip
    assert house.authorize(point).result == "hours"


def test_without_a_known_time_hours_are_refused_and_the_log_says_why(house: House) -> None:
    point = house.point()
    hours(house, "1-7 00:00-24:00")
    house.clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    assert house.authorize(point).result == "hours"
    assert attempts.newest(house.opened.store, 1)[0].remark == "clock"


@pytest.mark.parametrize(("setting", "ends"), [("off", None), ("on", "hours")])
def test_the_end_of_the_hours_ends_a_session_or_lets_it_finish(house: House, setting: str, ends: str | None) -> None:
    put(house, "charging.stop_outside_hours", setting)
    set_local(house, "2026-11-21T12:00")
    hours(house, "6 08:00-12:01")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.drive(point, 70, 11000.0, wh)
    assert house.session().end_reason == ends
    assert house.is_closed(point) is (ends is None)


def test_an_unused_grant_ends_with_the_hours_whatever_the_setting(house: House) -> None:
    set_local(house, "2026-11-21T12:00")
    hours(house, "6 08:00-12:01")
    point = house.point(metered=True)
    house.start()
    house.measure(point, 0.0, 5000.0)
    house.authorize(point)
    house.drive(point, 70, 0.0, 5000.0)
    assert house.grant_ends() == ["hours"] and not house.is_closed(point)


@pytest.mark.parametrize(("setting", "ends"), [("off", None), ("on", "expired")])
def test_an_expiry_ends_a_session_or_lets_it_finish(house: House, setting: str, ends: str | None) -> None:
    put(house, "charging.stop_expired_at_once", setting)
    house.person("Clara", "#141421", expires_on=date(2026, 11, 21))
    set_local(house, "2026-11-21T23:59:30")
    point = house.point(metered=True)
    house.start()
    set_local(house, "2026-11-21T23:59:30")
    wh = house.charge(point, who="#141421")
    house.drive(point, 60, 11000.0, wh)
    assert house.session().end_reason == ends


def test_a_clock_that_becomes_unknown_ends_no_session(house: House) -> None:
    put(house, "charging.stop_outside_hours", "on")
    hours(house, "6 00:00-24:00")
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    house.drive(point, 5, 11000.0, wh)
    assert house.session().end_reason is None and house.is_closed(point)


# The weekly plan of a point -------------------------------------------------------------------


def plan(house: House, point: Point, *texts: str) -> None:
    points.set_rules(house.opened.store, house.clock, point.id, plan=windows.parse(texts, plan=True), actor=ACTOR)


def test_a_plan_lets_people_in_at_its_hours_only(house: House) -> None:
    set_local(house, "2026-11-21T12:00")
    point = house.point(mode="time")
    assert house.authorize(point).result == "mode", "without a plan nobody may"
    plan(house, point, "6 11:00-13:00")
    assert house.authorize(point).result == "accepted"
    set_local(house, "2026-11-21T13:00")
    assert house.authorize(point).result == "mode"
    (now,) = overview.points_now(house.opened)
    assert (now.mode, now.state) == (OUTSIDE, "locked") or now.state in ("authorized", "waiting")


def test_a_plan_may_be_free_for_some_hours_and_everything_ends_with_them(house: House) -> None:
    set_local(house, "2026-11-21T12:00")
    point = house.point(mode="time")
    plan(house, point, "6 12:01-12:02 free")
    house.start()
    house.turn(40)
    assert not house.is_closed(point)
    house.turn(20)
    assert house.is_closed(point), "free for everybody"
    house.turn(60)
    assert not house.is_closed(point) and set(house.grant_ends()) == {"mode"}


@pytest.mark.parametrize(("setting", "ends"), [("off", None), ("on", "hours")])
def test_the_end_of_a_plan_ends_a_session_or_lets_it_finish(house: House, setting: str, ends: str | None) -> None:
    put(house, "charging.stop_outside_hours", setting)
    set_local(house, "2026-11-21T12:00")
    point = house.point(metered=True, mode="time")
    plan(house, point, "6 11:00-12:01")
    house.start()
    wh = house.charge(point)
    house.drive(point, 70, 11000.0, wh)
    assert house.session().end_reason == ends


# Allowances -----------------------------------------------------------------------------------


def allow(house: House, period: str, kwh: float | None) -> None:
    wh = None if kwh is None else round(kwh * 1000)
    allowances.put(house.opened.store, house.clock, house.people["Anna"].id, period, wh, actor=ACTOR)


def used(house: House) -> list[tuple[str, int]]:
    known = allowances.look(house.opened.store, house.clock, house.people["Anna"].id)
    return [(one.period, one.used_wh) for one in known]


def test_an_allowance_ends_the_session_when_it_is_used_and_refuses_until_the_next_day(house: House) -> None:
    allow(house, "day", 1.0)
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    wh = house.drive(point, 330, 11000.0, wh)  # 11 kW: a kWh takes 327 s
    session = house.session()
    assert session.end_reason == "allowance" and session.energy_wh is not None
    assert 1000 <= session.energy_wh < 1010
    assert used(house) == [("day", session.energy_wh)]
    assert house.authorize(point).result == "allowance"
    assert house.authorize(point, "Ben").result == "accepted"
    house.clock.advance(86400)
    assert used(house) == [("day", 0)]
    house.measure(point, 0.0, wh)
    assert house.authorize(point).result == "accepted"


def test_a_used_allowance_may_let_a_session_finish(house: House) -> None:
    put(house, "charging.stop_at_allowance", "off")
    allow(house, "month", 0.5)
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    house.drive(point, 200, 11000.0, wh)
    assert house.session().end_reason is None
    house.clock.advance(20)
    ((period, used_wh),) = used(house)
    assert period == "month" and 300 < used_wh < 500, "what runs counts as far as it was marked"


def test_the_smallest_allowance_counts_and_none_is_none(house: House) -> None:
    point = house.point(metered=True)
    house.measure(point, 0.0, 5000.0)
    allow(house, "month", 100)
    assert house.authorize(point).result == "accepted"
    allow(house, "week", 0)
    assert house.authorize(point).result == "allowance"
    allow(house, "week", None)
    assert house.authorize(point).result == "accepted"
    with pytest.raises(BadInput, match="day, week, month"):
        allow(house, "year", 1)


def test_without_a_meter_an_allowance_cannot_be_counted_and_is_refused(house: House) -> None:
    allow(house, "day", 10)
    assert house.authorize(house.point()).result == "uncounted"


def test_a_session_over_midnight_counts_in_each_day_what_was_charged_in_it(house: House) -> None:
    allow(house, "day", 50)
    set_local(house, "2026-11-21T23:50")
    point = house.point(metered=True)
    house.start()
    set_local(house, "2026-11-21T23:50")
    wh = house.charge(point)
    wh = house.drive(point, 60, 11000.0, wh)
    house.clock.advance(540 - 62)
    midnight = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    counts_at(house, point, midnight, round(wh) + 100)
    house.clock.advance(900)
    house.drive(point, 1, 0.0, wh + 400)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.drive(point, 2, 0.0, wh + 400)
    assert house.session().end_wh == round(wh + 400)
    assert used(house) == [("day", 300)]


# Codes for guests -----------------------------------------------------------------------------


def guest(house: House, **caps: int) -> guests.GuestCode:
    return guests.make(house.opened, Extras(**caps), actor=ACTOR)  # type: ignore[arg-type]  # caps by name


def tariff(house: House) -> None:
    made = tariffs.add(house.opened.store, house.clock, "House", "fixed", actor=ACTOR)
    tariffs.set_price(
        house.opened.store, house.clock, made.id, date(2026, 1, 1), Decimal("0.30"), actor=ACTOR
    )  # fmt: skip
    put(house, "billing.tariff", "House")


@pytest.mark.parametrize(
    ("cap", "value", "lasts_s"),
    [("cap_wh", 500, 164), ("cap_s", 120, 120), ("cap_cents", 15, 164)],  # 15 cents at 0.30 are 0.5 kWh
)
def test_a_guests_code_ends_the_session_at_its_cap_and_starts_none_after(
    house: House, cap: str, value: int, lasts_s: int
) -> None:
    tariff(house)
    point = house.point(metered=True)
    made = guest(house, **{cap: value})
    assert made.user.name == "House Guest" and len(made.code) == 7
    house.start()
    wh = house.charge(point, who=made.code)
    wh = house.drive(point, lasts_s - 8, 11000.0, wh)
    assert house.session().end_reason is None
    house.drive(point, 16, 11000.0, wh)
    assert house.session().end_reason == "limit" and not house.is_closed(point)
    assert house.authorize(point, made.code).result == "used_up"


def test_a_cap_is_over_all_sessions_of_the_code(house: House) -> None:
    point = house.point(metered=True)
    made = guest(house, cap_wh=1000)
    house.start()
    wh = 5000.0
    for _ in range(3):
        wh = house.charge(point, import_wh=wh, who=made.code)
        wh = house.drive(point, 100, 11000.0, wh)
        grants.stop(house.opened, point.id, ACTOR)
        house.turn()
        wh = house.drive(point, 12, 0.0, wh)
    spent = guests.spent(house.opened, made.identification.id)
    assert spent.energy_wh is not None and 900 < spent.energy_wh < 1000
    wh = house.charge(point, import_wh=wh, who=made.code)
    house.drive(point, 40, 11000.0, wh)
    assert house.session().end_reason == "limit"


@pytest.mark.parametrize(("day", "night"), [("0.60", "0.10"), ("0.10", "0.60")])
def test_a_cap_in_money_counts_what_the_journal_bills(house: House, day: str, night: str) -> None:
    made_tariff = tariffs.add(house.opened.store, house.clock, "Night", "by_time", actor=ACTOR)
    band = prices.band(f"1-7 18:00-06:00 {night}")
    tariffs.set_price(
        house.opened.store, house.clock, made_tariff.id, date(2026, 1, 1), Decimal(day), [band], actor=ACTOR
    )  # fmt: skip
    put(house, "billing.tariff", "Night")
    point, made = house.point(metered=True), guest(house, cap_cents=500)
    house.start()
    set_local(house, "2026-11-21T17:50")
    wh = house.charge(point, who=made.code) + 1000
    counts_at(house, point, datetime(2026, 11, 21, 17, 0, tzinfo=UTC), round(wh))
    house.clock.advance(1800)
    house.drive(point, 1, 0.0, wh + 100)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.drive(point, 2, 0.0, wh + 100)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    with house.opened.store.read() as db:
        (billed,) = charged.between(db, since, house.clock.now())
    assert billed.cost is not None and len(billed.per_kwh) == 2
    assert guests.spent(house.opened, made.identification.id).cost == Decimal(billed.cost)


def test_a_guests_code_needs_an_end_and_money_needs_a_price(house: House) -> None:
    with pytest.raises(BadInput, match="ends some day"):
        guest(house)
    with pytest.raises(errors.Refused, match="tariff"):
        guest(house, cap_cents=500)
    assert guests.make(house.opened, Extras(), expires_on=date(2026, 12, 24), actor=ACTOR).user.guest


def test_a_capped_code_starts_nothing_where_it_cannot_be_measured(house: House) -> None:
    made = guest(house, cap_wh=1000)
    assert house.authorize(house.point(), made.code).result == "uncounted"
    by_time = guest(house, cap_s=600)
    assert house.authorize(house.point("Other", 18), by_time.code).result == "accepted"


def test_no_code_is_made_for_a_guest_who_is_blocked(house: House) -> None:
    first = guest(house, cap_wh=1000)
    users.block(house.opened.store, house.clock, first.user.id, actor=ACTOR)
    with pytest.raises(errors.Refused, match="House Guest is blocked"):
        guest(house, cap_wh=1000)
    users.unblock(house.opened.store, house.clock, first.user.id, actor=ACTOR)
    assert guest(house, cap_wh=1000).user.id == first.user.id


def test_guests_share_a_user_or_have_names_of_their_own(house: House) -> None:
    first, second = guest(house, cap_wh=1000), guest(house, cap_wh=1000)
    assert first.user.id == second.user.id and first.code != second.code
    named = guests.make(
        house.opened, Extras(cap_wh=1), first_name="Maria", last_name="Huber", actor=ACTOR
    )  # fmt: skip
    assert named.user.name == "Maria Huber" and named.user.id != first.user.id


def test_marks_of_running_sessions_are_rare(house: House) -> None:
    """Each is a write to the card: every two minutes, only while something runs."""
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    seen = set()
    for _ in range(30):
        wh = house.drive(point, 10, 11000.0, wh)
        with house.opened.store.read() as db:
            seen.add(db.execute("SELECT seen_at FROM sessions").get)
    assert len(seen) in (3, 4)
    newest = max(clock.from_utc_text(text) for text in seen)
    assert house.clock.now() - newest <= timedelta(seconds=120)
