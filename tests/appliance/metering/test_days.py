"""Days summed ahead say what their quarter hours say, whatever happens to time zone and clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import days, meters, slots
from appliance.metering.slots import Slot
from appliance.opened import Opened

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
BEGIN = datetime(2026, 3, 27, 23, 0, tzinfo=UTC)  # local midnight in Berlin, two days before the clocks change
FIRST = date(2026, 3, 28)


@pytest.fixture(autouse=True)
def house(opened: Opened) -> None:
    """Two meters and a week of quarter hours."""
    for name in ("Grid", "Car"):
        meters.add(opened.store, opened.clock, name=name, model="m", url="tcp://x:1", unit=1, actor=audit.CLI)
    keep(opened, [slot(meter_id, number) for number in range(7 * 96) for meter_id in (1, 2)])


def slot(meter_id: int, number: int, *, import_wh: int | None = None, gap: bool = False) -> Slot:
    wh = number % 50 if import_wh is None else import_wh
    start_s = slots.start_of(BEGIN) + 900 * number
    return Slot(meter_id, start_s, wh * meter_id, 1, number, number, wh, 2 * wh, 3 * wh, 900, gap)


def keep(opened: Opened, found: list[Slot]) -> None:
    with opened.store.write() as db:
        slots.save(db, found)


def sum_up(opened: Opened, zone: ZoneInfo, now: datetime) -> None:
    with opened.store.write() as db:
        days.sum_up(db, zone, now)


def read(opened: Opened, zone: ZoneInfo, meter_id: int = 1) -> dict[date, days.Sums]:
    with opened.store.read() as db:
        return days.read(db, FIRST - timedelta(days=2), FIRST + timedelta(days=9), meter_id, zone)


def summed(opened: Opened) -> int:
    with opened.store.read() as db:
        found: int = db.execute("SELECT count(*) FROM days").get
    return found


@pytest.mark.parametrize("zone", [BERLIN, KATHMANDU])
def test_a_summed_day_says_what_its_quarter_hours_say(opened: Opened, zone: ZoneInfo) -> None:
    plain = {meter_id: read(opened, zone, meter_id) for meter_id in (1, 2)}
    sum_up(opened, zone, BEGIN + timedelta(days=5))
    assert summed(opened) > 8
    assert {meter_id: read(opened, zone, meter_id) for meter_id in (1, 2)} == plain
    assert sum(one.import_wh or 0 for one in plain[2].values()) == 2 * sum(number % 50 for number in range(7 * 96))


def test_days_of_23_hours_have_92_quarter_hours(opened: Opened) -> None:
    found = read(opened, BERLIN)
    assert [one.samples // 900 for one in found.values()] == [96, 92, 96, 96, 96, 96, 96, 4]


def test_today_is_never_summed_ahead(opened: Opened) -> None:
    sum_up(opened, BERLIN, BEGIN + timedelta(hours=30))
    assert summed(opened) == 2
    sum_up(opened, BERLIN, BEGIN + timedelta(hours=31))
    assert summed(opened) == 2


def test_a_few_days_are_summed_at_a_time(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "DAYS_A_COMMIT", 2)
    counts = []
    for _ in range(4):
        sum_up(opened, BERLIN, BEGIN + timedelta(days=6))
        counts.append(summed(opened))
    assert counts == [4, 8, 12, 12], "two meters"


def test_another_time_zone_sums_anew(opened: Opened) -> None:
    sum_up(opened, BERLIN, BEGIN + timedelta(days=6))
    plain = read(opened, KATHMANDU)
    sum_up(opened, KATHMANDU, BEGIN + timedelta(days=6))
    assert read(opened, KATHMANDU) == plain != read(opened, BERLIN)


def test_a_quarter_hour_that_comes_late_counts_in_its_day(opened: Opened) -> None:
    sum_up(opened, BERLIN, BEGIN + timedelta(days=6))
    late = slot(1, 100, import_wh=7000, gap=True)
    with opened.store.write() as db:
        db.execute("DELETE FROM slots WHERE id = ?", (slots.slot_id(late.start_s, 1),))
        days.changed(db, late.start_s)
        slots.save(db, [late])
    plain = read(opened, BERLIN)
    assert plain[FIRST + timedelta(days=1)].gaps == 1 and (plain[FIRST + timedelta(days=1)].max_w or 0) == 21_000
    sum_up(opened, BERLIN, BEGIN + timedelta(days=6))
    assert read(opened, BERLIN) == plain


def test_an_empty_store_has_no_days(opened: Opened) -> None:
    with opened.store.write() as db:
        db.execute("DELETE FROM slots")
    sum_up(opened, BERLIN, BEGIN)
    assert read(opened, BERLIN) == {} and summed(opened) == 0


def test_the_first_day_of_a_meter_is_known_before_and_after_days_are_summed(opened: Opened) -> None:
    keep(opened, [slot(3, 0), slot(2, -96)])  # nobody is number 3
    for _ in range(2):
        with opened.store.read() as db:
            found = [days.first_of(db, meter_id, BERLIN) for meter_id in (1, 2, 3)]
        assert found == [FIRST, FIRST - timedelta(days=1), None]
        sum_up(opened, BERLIN, BEGIN + timedelta(days=5))
    keep(opened, [slot(1, 96 * 9)])
    with opened.store.read() as db:
        assert days.first_of(db, 1, BERLIN) == FIRST
