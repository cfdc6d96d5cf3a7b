"""Rows of history for other programs: right days, right values, and no more memory for more years."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import export, meters, slots, tables
from appliance.metering.book import Book
from appliance.metering.export import Column, Row, Stretch, Value
from appliance.metering.slots import Slot
from appliance.opened import Opened
from tests.fake_clock import FakeClock

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # where the test's clock begins
TODAY = Stretch(date(2026, 11, 21), date(2026, 11, 21), BERLIN)


@pytest.fixture(autouse=True)
def grid(opened: Opened) -> None:
    for name, role in (("Grid", "grid"), ("Roof", "pv")):
        meters.add(
            opened.store, opened.clock, name=name, model="m", url="tcp://x:1", unit=1, role=role, actor=audit.CLI
        )


def fill(opened: Opened, begin: datetime, count: int, meter_id: int = 1, export_wh: int = 0) -> None:
    """So many quarter hours of 100 Wh from `begin` on."""
    start_s = slots.start_of(begin)
    with opened.store.write() as db:
        slots.save(
            db,
            [
                Slot(meter_id, start_s + i * 900, 100, export_wh, 0, 0, 300, 400, 500, 900, gap=False)
                for i in range(count)
            ],
        )


def all_rows(opened: Opened, stretch: Stretch, step: str) -> list[Row]:
    return list(export.rows(opened, 1, stretch, step))


def live_on(opened: Opened, clock: FakeClock, seconds: int) -> None:
    book = Book(opened.store, opened.live)
    for _ in range(seconds):
        second = (clock.now() - NOON).total_seconds()
        book.add(1, clock.now(), clock.boottime_s(), {"power_w": second, "import_wh": 5000.0, "voltage_l1_v": 230.1})
        clock.advance(1)
    book.close(clock.now(), clock.boottime_s())
    book.write()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
@pytest.mark.parametrize(("step", "rows_an_hour"), [("quarter", 4), ("day", 0)])
def test_a_local_day_has_its_own_length(opened: Opened, day: date, hours: int, step: str, rows_an_hour: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    fill(opened, midnight - timedelta(hours=2), 4 * 30)
    found = all_rows(opened, Stretch(day, day, BERLIN), step)
    assert found[0].start == midnight and len(found) == (rows_an_hour * hours or 1)
    assert sum(int(row.values[0] or 0) for row in found) == 400 * hours


def test_when_the_clocks_go_back_the_two_hours_are_told_apart(opened: Opened) -> None:
    fill(opened, datetime(2026, 10, 25, tzinfo=BERLIN), 4 * 25)
    found = all_rows(opened, Stretch(date(2026, 10, 25), date(2026, 10, 25), BERLIN), "quarter")
    texts = [row.start.isoformat() for row in found]
    assert len(set(texts)) == 100 and texts == sorted(texts, key=lambda text: datetime.fromisoformat(text))
    assert "2026-10-25T02:15:00+02:00" in texts and "2026-10-25T02:15:00+01:00" in texts


@pytest.mark.parametrize(
    ("step", "starts", "first_wh"),
    [
        ("day", ["2026-03-28", "2026-03-29", "2026-03-30"], 9600),
        ("month", ["2026-03-28"], 9600 + 9200 + 9600),
        ("year", ["2026-03-28"], 9600 + 9200 + 9600),
    ],
)
def test_days_months_and_years_begin_where_the_stretch_does(
    opened: Opened, step: str, starts: list[str], first_wh: int
) -> None:
    fill(opened, datetime(2026, 3, 1, tzinfo=BERLIN), 96 * 60)
    found = all_rows(opened, Stretch(date(2026, 3, 28), date(2026, 3, 30), BERLIN), step)
    assert [f"{row.start:%Y-%m-%d}" for row in found] == starts
    assert found[0].values == (first_wh, 0, False)


def test_months_follow_one_another_over_the_end_of_a_year(opened: Opened) -> None:
    fill(opened, datetime(2025, 11, 1, tzinfo=BERLIN), 96 * 120)
    found = all_rows(opened, Stretch(date(2025, 11, 15), date(2026, 1, 31), BERLIN), "month")
    assert [f"{row.start:%d.%m.}" for row in found] == ["15.11.", "01.12.", "01.01."]
    assert [row.values[0] for row in found] == [16 * 9600, 31 * 9600, 31 * 9600]


def test_what_is_not_known_has_no_row(opened: Opened) -> None:
    fill(opened, datetime(2026, 6, 1, 12, tzinfo=BERLIN), 2)
    for step, count in (("quarter", 2), ("day", 1), ("month", 1), ("year", 1), ("minute", 0), ("second", 0)):
        assert len(all_rows(opened, Stretch(date(2026, 5, 1), date(2026, 7, 31), BERLIN), step)) == count


def test_seconds_and_minutes_have_every_quantity_and_where_counters_stood(opened: Opened, clock: FakeClock) -> None:
    live_on(opened, clock, 960)
    seconds = all_rows(opened, TODAY, "second")
    names = [column.name for column in export.columns("second")]
    last = dict(zip(names, seconds[-1].values, strict=True))
    assert len(seconds) == 960 and seconds[-1].start == NOON + timedelta(seconds=959)
    known = {name: value for name, value in last.items() if value is not None}
    assert known == {"power_w": 959.0, "import_counter_wh": 5000.0, "voltage_l1_v": 230.1}
    minutes = all_rows(opened, TODAY, "minute")
    names = [column.name for column in export.columns("minute")]
    second = dict(zip(names, minutes[1].values, strict=True))
    assert len(minutes) == 16 and minutes[1].start == NOON + timedelta(minutes=1)
    assert (second["power_w"], second["power_min_w"], second["power_max_w"]) == (89.5, 60.0, 119.0)


def test_the_household_by_day(opened: Opened) -> None:
    fill(opened, datetime(2026, 6, 1, tzinfo=BERLIN), 96 * 2, export_wh=50)
    fill(opened, datetime(2026, 6, 1, tzinfo=BERLIN), 96, meter_id=2, export_wh=150)
    found = list(export.balance_rows(opened, Stretch(date(2026, 5, 30), date(2026, 6, 2), BERLIN), "day"))
    names = [column.name for column in export.balance_columns()]
    first, second = (dict(zip(names, row.values, strict=True)) for row in found)
    assert (first["grid_import_wh"], first["pv_wh"], first["house_wh"]) == (9600, 14_400, 9600)
    assert first["self_consumption"] == pytest.approx(2 / 3)
    assert (second["grid_import_wh"], second["pv_wh"], second["house_wh"]) == (9600, None, None)


def test_four_times_as_much_history_needs_no_more_memory(opened: Opened) -> None:
    begin = datetime(2020, 1, 1, tzinfo=BERLIN)
    fill(opened, begin, 96 * 350)

    def peak(last: date) -> int:
        tracemalloc.start()
        count = sum(1 for _ in export.rows(opened, 1, Stretch(begin.date(), last, BERLIN), "quarter"))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count > 0
        return found

    assert peak(date(2020, 12, 10)) < 1.5 * peak(date(2020, 3, 20))


# As text -----------------------------------------------------------------------------------------

COLUMNS = (Column("import_wh"), Column("gap"), Column("voltage_l1_v", 1), Column("power_factor", 3))
VALUES: tuple[Value, ...] = (1234, True, 230.06, -0.5)
ROWS = [
    Row(datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN), VALUES),
    Row(datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=BERLIN), (None, False, None, None)),
]


def written(write: tables.Writer, rows: list[Row] = ROWS) -> str:
    file = io.StringIO(newline="")
    write(file, COLUMNS, rows)
    return file.getvalue()


def test_csv_for_programs() -> None:
    assert written(tables.write_csv) == (
        "start,import_wh,gap,voltage_l1_v,power_factor\r\n"
        "2026-10-25T02:15:00+02:00,1234,1,230.1,-0.500\r\n"
        "2026-10-25T02:15:00+01:00,,0,,\r\n"
    )


def test_csv_for_a_german_excel() -> None:
    text = written(tables.write_excel)
    assert text.encode().startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(text[1:]), delimiter=";")) == [
        ["start", "utc_offset_h", "import_wh", "gap", "voltage_l1_v", "power_factor"],
        ["25.10.2026 02:15:00", "2", "1234", "1", "230,1", "-0,500"],
        ["25.10.2026 02:15:00", "1", "", "0", "", ""],
    ]


def test_json() -> None:
    assert json.loads(written(tables.write_json)) == [
        {"start": "2026-10-25T02:15:00+02:00", "import_wh": 1234, "gap": True}
        | {"voltage_l1_v": 230.1, "power_factor": -0.5},
        {"start": "2026-10-25T02:15:00+01:00", "import_wh": None, "gap": False}
        | {"voltage_l1_v": None, "power_factor": None},
    ]
    assert json.loads(written(tables.write_json, [])) == []


def test_a_table_for_people_is_aligned() -> None:
    lines = written(tables.write_text).splitlines()
    assert len({len(line) for line in lines}) == 1 and "1234" in lines[1]
