"""Reports as files, opened again by other people's libraries."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader

from appliance.billing import statement
from appliance.billing.statement import Statement, Wanted
from appliance.charging import users
from appliance.errors import BadInput, Refused
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, NOON, Bench
from ui.paper import __main__ as paper
from ui.paper import files, pdf, sheets
from ui.paper.wording import METER_STATUS, Words
from ui.text.catalog import Texts

NOVEMBER = Wanted(date(2026, 11, 1), date(2026, 11, 30))


def of(bench: Bench, wanted: Wanted = NOVEMBER) -> Statement:
    return statement.make(bench.opened, wanted, "local")


def words(bench: Bench, language: str = "en", wanted: Wanted = NOVEMBER) -> Words:
    return Words(Texts(language), of(bench, wanted))


def text_of(content: bytes) -> str:
    """All text of a PDF with single spaces."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def test_a_pdf_says_everything_a_record_needs(bench: Bench) -> None:
    text = text_of(pdf.make(words(bench), "1.2.3"))
    for part in (
        "Familie Berger & Söhne <GmbH>", "Fuhrpark 4711", "01/11/2026 – 30/11/2026 (Europe/Berlin)", "Wallbox",
        "Car, SDM630 No. 22041733", "House (contract 2026)", "Anna Berger, PIN", "20/11/2026 13:00 +01:00",
        "5,000.000", "5,007.311", "7.311", "0.34", "2.49", "not billed. “=1+1”",
        "The appliance was out for a short while.",
        "Total 5 11.000 3.74", "Without energy, because the meter could not be read: 1.",
        "Meter Car: from 5,000.000 to 5,011.500 kWh.",
        "the meter conforms to the Measuring Instruments Directive (MID)",
        "Signature", "Page 1 of 1", "with Wattward 1.2.3", of(bench).head,
    ):  # fmt: skip
        assert part in text, part


def test_one_car_stands_above_and_a_card_shows_its_last_digits_only(bench: Bench) -> None:
    zoe = bench.card("04A2B31C", "Blue Zoe", "B AB 123E")
    bench.session(began_at=NOON + timedelta(hours=10), card=zoe)
    of_car = words(bench, wanted=Wanted(NOVEMBER.begin, NOVEMBER.end, vehicle_id=zoe.extras.vehicle_id))
    text = text_of(pdf.make(of_car, "1"))
    assert "Vehicle Blue Zoe (B AB 123E)" in text and "Card …B31C" in text and "04A2" not in text
    (row,) = csv.DictReader(io.StringIO(sheets.csv_machine(of_car).decode()))
    assert (row["identification"], row["vehicle"]) == ("Card …B31C", "Blue Zoe (B AB 123E)")


def test_of_several_cars_each_session_names_its_own(bench: Bench) -> None:
    for hours, card in ((10, bench.card("04A2B31C", "Zoe")), (12, bench.card("04A2B31D", "Golf"))):
        bench.session(began_at=NOON + timedelta(hours=hours), card=card)
    text = text_of(pdf.make(words(bench), "1"))
    assert "Vehicle" not in text and "Zoe." in text and "Golf." in text


@pytest.mark.parametrize("status", list(METER_STATUS))
def test_the_meters_legal_status_always_stands_there(bench: Bench, status: str) -> None:
    settings.put(bench.opened.store, bench.clock.now(), ACTOR, "report.meter_status", status)
    assert METER_STATUS[status] in text_of(pdf.make(words(bench), "1"))


def test_the_three_weights_of_the_font_are_embedded_each(bench: Bench) -> None:
    fonts = PdfReader(io.BytesIO(pdf.make(words(bench), "1"))).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in fonts.values()}
    assert {"Roboto-Light", "Roboto-Regular", "Roboto-Medium"} <= names


def test_the_same_statement_gives_the_same_bytes(bench: Bench) -> None:
    made = words(bench)
    assert pdf.make(made, "1") == pdf.make(made, "1")


def test_many_sessions_fill_pages_with_a_head_each_and_lose_none(bench: Bench) -> None:
    for number in range(120):
        bench.session(began_at=NOON + timedelta(days=2, minutes=10 * number), hours=0.1, wh=10)
    pages = PdfReader(io.BytesIO(pdf.make(words(bench), "1"))).pages
    texts = [page.extract_text() for page in pages]
    assert len(pages) >= 3 and all("Start kWh" in text for text in texts[:-1])
    assert all(f"Page {number} of {len(pages)}" in text for number, text in enumerate(texts, 1))
    assert sum(text.count("Anna Berger, PIN") for text in texts) == 124


def test_a_period_without_sessions_says_so(bench: Bench) -> None:
    text = text_of(pdf.make(words(bench, wanted=Wanted(date(2026, 1, 1), date(2026, 1, 31))), "1"))
    assert "Nothing was charged in this period." in text and "Total 0 0.000 0.00" in text


def test_hostile_names_stay_text(bench: Bench) -> None:
    users.edit(
        bench.opened.store, bench.clock, bench.anna.id, first_name="<b>&Anna", last_name="</para>{x}", actor=ACTOR
    )
    assert "<b>&Anna </para>{x}, PIN" in text_of(pdf.make(words(bench), "1"))


def test_a_german_record_has_german_numbers_and_days(bench: Bench) -> None:
    text = text_of(pdf.make(words(bench, "de"), "1"))
    assert "20.11.2026 13:00 +01:00" in text and "5.007,311" in text and "2,49" in text


def test_the_machines_csv_has_fixed_names_points_and_offsets(bench: Bench) -> None:
    rows = list(csv.DictReader(io.StringIO(sheets.csv_machine(words(bench, "de")).decode())))
    assert list(rows[0]) == [name for name, _ in sheets.COLUMNS]
    first = rows[0]
    assert datetime.fromisoformat(first["begin"]) == NOON and first["begin"].endswith("+01:00")
    assert (first["begin_kwh"], first["energy_kwh"], first["amount"], first["currency"]) == (
        "5000.000",
        "7.311",
        "2.49",
        "EUR",
    )
    assert rows[2]["energy_kwh"] == rows[2]["amount"] == ""
    assert (first["billed"], first["end_reason"]) == ("yes", "stop"), "words of no language"


def test_the_csv_for_a_german_spreadsheet_has_a_mark_semicolons_and_commas(bench: Bench) -> None:
    content = sheets.csv_excel(words(bench, "de"))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][8:13] == ["5000,000", "5007,311", "7,311", "0,34", "2,49"]


@pytest.mark.parametrize("name", ["=SUM(A1)", "+49", "-x", "@x"])
def test_a_name_that_a_spreadsheet_would_calculate_is_disarmed(bench: Bench, name: str) -> None:
    users.edit(bench.opened.store, bench.clock, bench.anna.id, first_name=name, actor=ACTOR)
    for content in (sheets.csv_machine(words(bench)), sheets.csv_excel(words(bench))):
        assert f"'{name} Berger" in content.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.xlsx(words(bench)))).active
    assert sheet["E2"].value == f"{name} Berger" and sheet["E2"].data_type == "s"


def test_a_workbook_has_numbers_as_numbers_and_times_as_times(bench: Bench) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(sheets.xlsx(words(bench)))).active
    row = [cell.value for cell in sheet[2]]
    assert row[1] == NOON.replace(tzinfo=None) + timedelta(hours=1)
    assert [Decimal(str(value)) for value in row[8:13]] == [
        Decimal(text) for text in ("5000", "5007.311", "7.311", "0.34", "2.49")
    ]
    assert sheet.max_row == 6 and sheet.freeze_panes == "A2"


def test_the_formats_agree_with_each_other_and_with_the_statement(bench: Bench) -> None:
    rows = list(csv.DictReader(io.StringIO(sheets.csv_machine(words(bench)).decode())))
    billed = [row for row in rows if row["billed"] == "yes" and row["energy_kwh"]]
    total = of(bench).total
    assert sum(Decimal(row["energy_kwh"]) for row in billed) * 1000 == total.energy_wh
    assert sum(Decimal(row["amount"]) for row in billed) == total.cost


def test_files_are_named_for_people_and_replaced_whole(bench: Bench, tmp_path: Path) -> None:
    made = files.make(
        of(bench, Wanted(NOVEMBER.begin, NOVEMBER.end, user_id=bench.anna.id)), "en", ["pdf", "csv", "pdf"]
    )
    paths = files.write(tmp_path / "reports", made)
    assert [path.name for path in paths] == [
        f"Charging_record_2026-11-01_2026-11-30_Anna_Berger.{ending}" for ending in ("pdf", "csv")
    ]
    assert files.write(tmp_path / "reports", made) == paths
    assert sorted(tmp_path.joinpath("reports").iterdir()) == sorted(paths), "nothing half is left"


def test_a_report_of_something_else_does_not_take_the_place_of_another(bench: Bench) -> None:
    card = bench.card("04A2B31C", "Blue", "B-AB 1")
    wanted = (
        NOVEMBER, replace(NOVEMBER, user_id=bench.anna.id), replace(NOVEMBER, user_id=bench.ben.id),
        replace(NOVEMBER, point="Wallbox"), replace(NOVEMBER, identification_id=card.id),
        replace(NOVEMBER, identification_id=card.id, point="Wallbox"), replace(NOVEMBER, vehicle_id=1),
    )  # fmt: skip
    names = {name for one in wanted for name in files.make(of(bench, one), "en", ["machine"])}
    assert len(names) == len(wanted), names


def test_the_last_month_is_over_at_midnight_of_the_house(bench: Bench) -> None:
    bench.clock.set(datetime(2026, 11, 30, 23, 30, tzinfo=UTC))  # 00:30 on 1 December in Berlin
    assert statement.month(paper.last_month(bench.opened)) == NOVEMBER


def test_a_folder_that_cannot_be_written_is_said(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be written to"):
        files.write(tmp_path / "file" / "reports", {"x.pdf": b""})


def test_an_unknown_format_names_those_there_are(bench: Bench) -> None:
    with pytest.raises(BadInput, match="there are: pdf, csv, machine, xlsx"):
        files.make(of(bench), "en", ["doc"])
