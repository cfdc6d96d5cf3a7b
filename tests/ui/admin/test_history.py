"""History: periods and their figures, and the same as files, asked without a browser."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.billing import tariffs
from appliance.metering import exporting
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import tasks
from tests.fake_clock import FakeClock
from tests.ui.admin import household
from tests.ui.admin.conftest import HERE
from tests.ui.admin.test_pages import meter
from ui.admin import history_files

NOON = datetime(2026, 11, 21, 12, tzinfo=household.ZONE)
FILE = "/history/file"


@pytest.fixture
def lived(opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Ten days of grid, car and roof; the household's clock says noon."""
    monkeypatch.setenv("WATTWARD_RUN", str(opened.home.run))
    clock.set(NOON)
    for name, role in (("Grid", "grid"), ("Wallbox <b>", "charger"), ("Roof", "pv")):
        meter(opened, name, role, None)
    household.live_through(opened, 10)
    return opened


def shown(browser: FlaskClient, query: str = "") -> str:
    return browser.get(f"/history{query}", base_url=HERE).text


def asked(**words: str) -> dict[str, str]:
    return {"what": "balance", "step": "day", "format": "csv", "begin": "2026-11-14", "end": "2026-11-20"} | words


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Sat, 21 Nov 2026"),
        ("?kind=day&day=2026-11-19", "Thu, 19 Nov 2026"),
        ("?kind=week", "16–22 Nov 2026"),
        ("?kind=month&day=2026-11-02", "November 2026"),
        ("?kind=year", "2026"),
        ("?kind=total", "2026"),
        ("?kind=day&day=2099-01-01", "Sat, 21 Nov 2026"),  # never one that has not begun
        ("?kind=nonsense&day=nonsense", "Sat, 21 Nov 2026"),
    ],
)
def test_each_period_has_its_page(lived: Opened, admin: FlaskClient, query: str, title: str) -> None:
    page = shown(admin, query)
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None and heading[1].replace("\u2009", "") == title
    assert "Used in all" in page and "Self-sufficiency" in page
    assert "<b>" not in page  # of a meter's name


def test_one_turns_to_what_was_measured_and_not_beyond(lived: Opened, admin: FlaskClient) -> None:
    today = shown(admin)
    assert 'rel="prev"' in today and 'rel="next"' not in today
    first = shown(admin, "?day=2026-11-12")
    assert 'rel="prev"' not in first
    assert 'href="/history?kind=day&amp;day=2026-11-13"' in first


def test_a_week_that_is_over_is_held_against_the_whole_one_before(lived: Opened, admin: FlaskClient) -> None:
    assert "the period before" in shown(admin, "?kind=week&day=2026-11-15")
    assert "before, up to the same moment" in shown(admin, "?kind=week")
    assert "the period before" not in shown(admin, "?kind=total")


def test_costs_and_earnings_stand_there_with_a_tariff(lived: Opened, admin: FlaskClient) -> None:
    assert "With a tariff, costs are shown here, too." in shown(admin)
    for name, setting, price in (("Buy", "billing.tariff", "0.40"), ("Sell", "billing.feed_in_tariff", "0.08")):
        made = tariffs.add(lived.store, lived.clock, name, "fixed", actor=audit.CLI)
        tariffs.set_price(lived.store, lived.clock, made.id, date(2026, 1, 1), Decimal(price), (), actor=audit.CLI)
        settings.put(lived.store, lived.clock.now(), audit.CLI, setting, name)
    page = shown(admin, "?day=2026-11-20")
    assert "Cost" in page and "Earned by feed-in" in page and "€" in page
    assert "With a tariff" not in page


def test_without_a_meter_the_page_says_when_the_curve_begins(admin: FlaskClient) -> None:
    assert "The curve begins with the first readings." in shown(admin)
    assert shown(admin, "?kind=total")


def test_a_day_nobody_measured_says_so(lived: Opened, admin: FlaskClient) -> None:
    assert "Nothing was measured then." in shown(admin, "?day=2025-11-20")


@pytest.mark.parametrize("kind", ["day", "week", "month", "year"])
def test_a_day_of_a_year_nobody_means_is_today(lived: Opened, admin: FlaskClient, kind: str) -> None:
    assert shown(admin, f"?kind={kind}&day=0001-01-01") == shown(admin, f"?kind={kind}")


@pytest.mark.parametrize("days", [("0001-01-01", "0001-01-02"), ("0026-11-14", "2026-11-20"), ("9999-12-31",) * 2])
def test_no_file_begins_for_years_nobody_means(lived: Opened, admin: FlaskClient, days: tuple[str, str]) -> None:
    answer = admin.get(FILE, query_string=asked(begin=days[0], end=days[1]), base_url=HERE)
    assert (answer.status_code, "Write a date as" in answer.text) == (422, True)
    assert f'value="{days[0]}"' in answer.text


def test_a_viewer_sees_history_and_an_operator_takes_files(lived: Opened, client: Callable[[str], FlaskClient]) -> None:
    assert "As a file" not in shown(client("viewer"))
    assert client("viewer").get(FILE, query_string=asked(), base_url=HERE).status_code == 403
    assert "As a file" in shown(client("operator"))


@pytest.mark.parametrize(
    ("words", "name", "columns", "rows"),
    [
        ({}, "household-2026-11-14-2026-11-20-day.csv", "start,grid_import_wh,grid_export_wh", 7),
        ({"what": "2"}, "wallbox-b-2026-11-14-2026-11-20-day.csv", "start,import_wh,export_wh,gap", 7),
        ({"what": "1", "step": "quarter"}, "grid-2026-11-14-2026-11-20-quarter.csv", "start,import_wh", 7 * 96),
        (
            {"step": "month", "begin": "2026-11-01"},
            "household-2026-11-01-2026-11-20-month.csv",
            "start,grid_import_wh",
            1,
        ),
    ],
)
def test_a_file_has_a_row_for_each_step(
    lived: Opened, admin: FlaskClient, words: dict[str, str], name: str, columns: str, rows: int
) -> None:
    answer = admin.get(FILE, query_string=asked(**words), base_url=HERE)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    lines = answer.text.splitlines()
    assert lines[0].startswith(columns)
    assert len(lines) == rows + 1
    assert len({line.count(",") for line in lines}) == 1


def test_many_rows_come_in_pieces_that_fit_together(
    lived: Opened, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = admin.get(FILE, query_string=asked(what="1", step="quarter"), base_url=HERE).text
    monkeypatch.setattr(history_files, "ROWS_AT_ONCE", 7)
    assert admin.get(FILE, query_string=asked(what="1", step="quarter"), base_url=HERE).text == whole
    assert admin.get(FILE, query_string=asked(what="1", format="excel"), base_url=HERE).text.count("\ufeff") == 1


def test_the_file_and_the_page_say_the_same(lived: Opened, admin: FlaskClient) -> None:
    text = admin.get(FILE, query_string=asked(begin="2026-11-20"), base_url=HERE).text
    (row,) = csv.DictReader(io.StringIO(text))
    kwh = int(row["grid_import_wh"]) / 1000
    assert f"{kwh:.1f}\u202fkWh" in shown(admin, "?day=2026-11-20") or f"{kwh:.2f}\u202fkWh" in shown(
        admin, "?day=2026-11-20"
    )


def test_a_workbook_has_numbers_and_times(lived: Opened, admin: FlaskClient) -> None:
    answer = admin.get(FILE, query_string=asked(what="2", step="quarter", format="xlsx"), base_url=HERE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith('quarter.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Wallbox <b>"]
    head, first, *rest = book.active.iter_rows(values_only=True)
    assert head[:3] == ("start", "utc_offset_h", "import_wh")
    assert first[0] == datetime(2026, 11, 14) and first[1:4] == (1, 0, 0)  # noqa: DTZ001 - workbooks know no zones
    assert len(rest) == 7 * 96 - 1


def test_a_workbook_of_the_household_is_made_too(lived: Opened, admin: FlaskClient) -> None:
    answer = admin.get(FILE, query_string=asked(format="xlsx"), base_url=HERE)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet.title == "Household" and sheet.max_row == 8


def test_what_a_closed_window_left_half_made_is_taken_away(lived: Opened, admin: FlaskClient) -> None:
    old, fresh = lived.home.run / "paper-old", lived.home.run / "paper-fresh"
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (0, 0))
    assert admin.get(FILE, query_string=asked(format="xlsx"), base_url=HERE).status_code == 200
    assert [path.name for path in lived.home.run.glob("paper-*")] == ["paper-fresh"]


LONG = asked(what="1", step="minute", begin="2026-11-01", end="2026-11-21")


def test_a_long_file_is_asked_about_first_and_made_by_the_core(lived: Opened, admin: FlaskClient) -> None:  # 8
    page = admin.get(FILE, query_string=LONG, base_url=HERE)
    assert "up to 30,240 rows" in page.text and page.headers["Content-Type"].startswith("text/html")
    assert tasks.under_way(lived) == []  # looking changes nothing
    assert dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)).items() >= LONG.items()
    answer = admin.post(FILE, data=LONG, base_url=HERE)
    (task,) = tasks.under_way(lived)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/system/tasks/{task.id}")
    assert (task.kind, task.by.name) == (exporting.KIND, "admin one")
    assert task.wanted["asked"][-2:] == ["--name", "grid-2026-11-01-2026-11-21-minute"]
    assert f'href="/system/tasks/{task.id}"' in shown(admin)  # found again after another sign-in
    assert "being done already" in admin.post(FILE, data=LONG, base_url=HERE).text


def test_a_long_file_is_fetched_when_it_is_ready(
    lived: Opened, admin: FlaskClient, client: Callable[[str], FlaskClient]
) -> None:
    number = exporting.ask(lived, audit.Actor("admin", "local"), ["--step", "minute"])
    page, place = f"/system/tasks/{number}", exporting.folder(lived.home) / str(number)
    assert tasks.claim(lived) is not None
    tasks.tell(lived.live, number, exporting.WRITING, 43)
    assert 'max="100" value="43"' in admin.get(page, base_url=HERE).text
    assert admin.get(f"{page}.json", base_url=HERE).get_json()["percent"] == 43
    assert admin.get(f"{page}/file", base_url=HERE).status_code == 404
    place.mkdir(parents=True)
    (place / "grid.zip").write_bytes(b"PK whole")
    tasks.end(lived.live, number, {"name": "grid.zip", "size_bytes": 8})
    assert f'href="{page}/file"' in admin.get(page, base_url=HERE).text
    answer = client("operator").get(f"{page}/file", base_url=HERE)
    assert (answer.data, answer.headers["Content-Disposition"]) == (b"PK whole", "attachment; filename=grid.zip")
    assert client("viewer").get(f"{page}/file", base_url=HERE).status_code == 403
    (place / "grid.zip").unlink()
    assert "only the newest three are kept" in admin.get(page, base_url=HERE).text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"end": "2026-11-01"}, "The last day is before the first."),
        ({"step": "second"}, "finer steps are a meter"),
        ({"step": "fortnight"}, "Choose one of the list."),
        ({"what": "99"}, "Choose one of the list."),
        ({"what": "1 OR 1=1"}, "Choose one of the list."),
        ({"format": "exe"}, "Choose one of the list."),
        ({"begin": "yesterday"}, "2026-"),
        ({"what": "1", "step": "minute", "format": "xlsx", "begin": "2020-01-01"}, "too much for a workbook"),
    ],
)
def test_what_cannot_be_had_is_said_at_its_field(
    lived: Opened, admin: FlaskClient, words: dict[str, str], sentence: str
) -> None:
    answer = admin.get(FILE, query_string=asked(**words), base_url=HERE)
    assert answer.status_code == 422
    assert sentence in answer.text and "is-invalid" in answer.text


def test_ten_years_of_days_are_one_request(lived: Opened, admin: FlaskClient) -> None:
    long_ago = (NOON - timedelta(days=3650)).date().isoformat()
    answer = admin.get(FILE, query_string=asked(what="1", begin=long_ago), base_url=HERE)
    assert len(answer.text.splitlines()) == 10
