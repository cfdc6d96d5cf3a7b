"""`wattward history …` and `wattward counters …`: what they write, ask and refuse."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.metering import meters, readings, slots
from appliance.metering.slots import Slot
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests.appliance.cli.house import Run

BERLIN = ZoneInfo("Europe/Berlin")
COUNTED = {"import_wh": 8_000_000.0, "import_l1_wh": 3_000_000.0, "export_wh": 12.0}


@pytest.fixture(autouse=True)
def grid(opened: Opened) -> None:
    """A grid meter with one day of history."""
    meters.add(opened.store, opened.clock, name="Grid", model="m", url="tcp://x:1", unit=1, actor=audit.CLI)
    start_s = slots.start_of(datetime(2026, 6, 1, tzinfo=BERLIN))
    with opened.store.write() as db:
        slots.save(db, [Slot(1, start_s + i * 900, 100, 0, 0, 0, 3, 4, 5, 900, gap=i == 7) for i in range(96)])


@pytest.fixture
def read(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The meter was read just now, by the clock that the command line goes by."""
    monkeypatch.setattr("appliance.clock.from_environment", lambda: opened.clock)
    readings.put(opened.live, opened.clock, 1, Reading(COUNTED))


DAY = ("--from", "2026-06-01", "--to", "2026-06-01")


def test_a_day_as_a_file_for_excel_for_programs_and_as_json(run: Run, tmp_path: Path) -> None:
    excel, plain = tmp_path / "day.csv", tmp_path / "plain.csv"
    assert run("history", "Grid", *DAY, "--excel", "-o", str(excel)).code == 0
    rows = list(csv.reader(excel.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[1] == ["01.06.2026 00:00:00", "2", "100", "0", "0", "3", "4", "5"] and len(rows) == 97
    assert rows[8][4] == "1", "the gap"
    run("history", "Grid", *DAY, "--csv", "-o", str(plain))
    assert plain.read_bytes().splitlines(keepends=True)[1] == b"2026-06-01T00:00:00+02:00,100,0,0,3,4,5\r\n"
    found = run("history", "Grid", *DAY, "--step", "day", "--json").json
    assert found == [{"start": "2026-06-01T00:00:00+02:00", "import_wh": 9600, "export_wh": 0, "gap": True}]
    assert list(tmp_path.glob("*.part")) == []


def test_what_goes_to_standard_output_is_what_goes_to_a_file(run: Run, tmp_path: Path) -> None:
    run("history", "Grid", *DAY, "--csv", "-o", str(tmp_path / "x"))
    assert run("history", "Grid", *DAY, "--csv").out.encode() == (tmp_path / "x").read_bytes()


def test_the_household_for_a_month(run: Run) -> None:
    (row,) = run("history", "--balance", "--from", "2026-06-01", "--to", "2026-06-30", "--step", "month", "--json").json
    assert (row["grid_import_wh"], row["house_wh"], row["pv_wh"], row["gap"]) == (9600, 9600, None, True)
    assert "9600" in run("history", "--balance", *DAY).out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Roof",), "There is no meter Roof; there are: Grid."),
        ((), "Name either a meter or --balance."),
        (("Grid", "--balance"), "Name either a meter or --balance."),
        (("Grid", "--from", "1.6.2026"), "--from is a day like 2026-11-01."),
        (("Grid", "--from", "2026-06-02", "--to", "2026-06-01"), "--to (2026-06-01) is before --from (2026-06-02)."),
        (("--balance", "--step", "second"), "Balances are made for each day, month, year."),
    ],
)
def test_bad_input_is_refused_with_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    answer = run("history", *words)
    assert (answer.code, answer.err) == (2, sentence + "\n")


def test_a_file_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    answer = run("history", "Grid", *DAY, "-o", str(tmp_path / "no" / "x.csv"))
    assert answer.code == 1 and "x.csv cannot be written" in answer.err


# Counters ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("read")
def test_counters_are_shown_and_reset_once_the_name_was_typed(run: Run, opened: Opened) -> None:  # A003-27, A003-28
    assert run("counters", "show", "Grid", "--json").json == [
        {"name": "Grid", "counters": {key: int(wh) for key, wh in COUNTED.items()}, "counters_reset_at": None}
    ]
    assert "8,000.000" in run("counters", "show").out
    for typed in ("\n", "grid\n", "yes\n", ""):
        answer = run("counters", "reset", "Grid", stdin=typed)
        assert answer.code == 2 and "cannot be undone" in answer.err and "nothing was changed" in answer.err
    assert "8,000.000" in run("counters", "show").out, "cancelling changes nothing"
    assert run("counters", "reset", "Grid", stdin="Grid\n").code == 0
    (row,) = run("counters", "show", "--json").json
    assert set(row["counters"].values()) == {0} and row["counters_reset_at"] == "2026-11-21T12:00:00.000Z"
    assert run("status", "--json").json["meters"][0]["counters"] == dict.fromkeys(COUNTED, 0)
    assert [event.event for event in audit.newest(opened.store)][:2] == ["backup.wish", "counters.reset"]


@pytest.mark.usefixtures("read")
def test_scripts_are_not_asked(run: Run) -> None:
    assert run("counters", "reset", "Grid", "--yes").code == 0


def test_without_a_fresh_reading_counters_are_not_known_and_not_reset(run: Run) -> None:
    assert run("counters", "show").out == "No counters: no meter has been read yet.\n"
    answer = run("counters", "reset", "Grid", "--yes")
    assert answer.code == 1 and "no fresh reading" in answer.err


@pytest.mark.usefixtures("read")
def test_the_status_says_what_the_house_uses_and_which_meter_is_missing(run: Run, opened: Opened) -> None:
    readings.put(opened.live, opened.clock, 1, Reading({**COUNTED, "power_w": 700.0}))
    assert run("status", "--json").json["house"]["house_w"] == 700.0
    assert "grid 700 W, house 700 W" in run("status").out
    meters.add(opened.store, opened.clock, name="Roof", model="m", url="tcp://x:1", unit=2, role="pv", actor=audit.CLI)
    house = json.loads(run("status", "--json").out)["house"]
    assert house["house_w"] is None
    assert house["missing"] == [{"meter": "Roof", "role": "pv", "unknown": ["pv", "house"]}]
    assert "Roof has no data; not known: pv, house" in run("status").out
