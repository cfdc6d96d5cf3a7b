"""Charging records in the web admin: what is shown, the files, and the journal's proof; asked without a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.billing import journal, tariffs
from appliance.billing.journal import Signer
from appliance.charging import users
from appliance.opened import Opened
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import HERE
from tests.ui.admin.test_pages import charged, person, wallbox

PAGE = "/sessions/record"


@pytest.fixture
def november(opened: Opened, clock: FakeClock) -> Opened:
    """A month in which Anna charged 8,420 Wh and Ben 5 Wh at 30 cents."""
    wallbox(opened)
    tariff = tariffs.add(opened.store, clock, "Contract", "fixed", basis="2026", actor=audit.CLI)
    tariffs.set_price(
        opened.store, clock, tariff.id, valid_from=clock.now().date().replace(day=1), per_kwh=Decimal("0.30"),
        actor=audit.CLI,
    )  # fmt: skip
    for name, code, wh in (("Anna", "#271828", 8420), ("=Ben", "#314159", 5)):
        user = person(opened, name, code)
        tariffs.give(opened.store, clock, user.id, tariff.id, actor=audit.CLI)
        charged(opened, clock, user, code, wh)
        clock.advance(60)
    journal.catch_up(opened, Signer.of(opened.key()))
    return opened


def test_the_running_month_is_shown_with_sums(admin: FlaskClient, november: Opened) -> None:
    page = admin.get(PAGE, base_url=HERE).text
    assert 'value="2026-11-01"' in page
    assert 'value="2026-11-30"' in page
    assert page.count("2.53\u202fEUR") == 3  # hers, the total, her session


def test_somebody_elses_sessions_are_not_on_a_persons_record(admin: FlaskClient, november: Opened) -> None:
    page = admin.get(f"{PAGE}?user=2", base_url=HERE).text
    assert "8.42" not in page
    assert "=Ben Berger" in page


def test_a_month_without_sessions_says_so(admin: FlaskClient, november: Opened) -> None:
    assert "Nobody charged" in admin.get(f"{PAGE}?begin=2026-01-01&end=2026-01-31", base_url=HERE).text


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("begin=2026-12-01&end=2026-01-31", "2026-12-01"),
        ("begin=yesterday", "yesterday"),
        ("end=2026-02-30", "2026-02-30"),
        ("user=me", ""),
        ("begin=0001-01-01&end=9999-12-31", "0001-01-01"),
        ("begin=0026-11-01&end=0026-11-30", "0026-11-01"),
        ("begin=2026-11-01&end=9999-12-31", "9999-12-31"),
        ("begin=0001-01-01&end=0001-01-02", "0001-01-01"),
        ("begin=9999-12-30&end=9999-12-31", "9999-12-31"),
    ],
)
def test_a_wrong_period_is_refused_and_kept(admin: FlaskClient, november: Opened, query: str, kept: str) -> None:
    answer = admin.get(f"{PAGE}?{query}", base_url=HERE)
    assert answer.status_code == 422
    assert kept in answer.text
    assert admin.get(f"{PAGE}/pdf?{query}", base_url=HERE).status_code == 409


def test_the_record_comes_as_pdf_csv_and_workbook(admin: FlaskClient, november: Opened) -> None:
    files = {kind: admin.get(f"{PAGE}/{kind}", base_url=HERE) for kind in ("pdf", "csv", "machine", "xlsx")}
    assert {kind: answer.status_code for kind, answer in files.items()} == dict.fromkeys(files, 200)
    assert files["pdf"].data.startswith(b"%PDF-")
    assert files["pdf"].headers["Content-Disposition"].endswith(".pdf")
    assert "xl/workbook.xml" in ZipFile(io.BytesIO(files["xlsx"].data)).namelist()
    assert files["csv"].data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(files["machine"].data.decode())))
    assert len(rows) == 3
    assert "'=Ben Berger" in files["machine"].data.decode()


def test_a_record_of_one_person_holds_one_person(admin: FlaskClient, november: Opened) -> None:
    text = admin.get(f"{PAGE}/machine?user=1&point=Wallbox", base_url=HERE).data.decode()
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_a_record_is_named_after_a_person_whatever_the_letters(admin: FlaskClient, november: Opened) -> None:
    users.edit(november.store, november.clock, 1, first_name="Łukasz", last_name="Ćwik", actor=audit.CLI)
    answer = admin.get(f"{PAGE}/pdf?user=1", base_url=HERE)
    named = answer.headers["Content-Disposition"]
    assert named.isascii(), "a server sends no such header"
    assert unquote(named.partition("filename*=UTF-8''")[2]) == "Charging_record_2026-11-01_2026-11-30_Łukasz_Ćwik.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"


def test_a_point_that_looks_like_an_option_is_a_name(admin: FlaskClient, november: Opened) -> None:
    answer = admin.get(f"{PAGE}/machine?point=--output=/tmp", base_url=HERE)
    assert (answer.status_code, "There is no charging point --output=/tmp" in answer.text) == (409, True)
    assert admin.get(f"{PAGE}/machine?point=%00", base_url=HERE).status_code == 200  # of every point


def test_what_keeps_a_record_from_being_made_is_said(admin: FlaskClient, november: Opened) -> None:
    answer = admin.get(f"{PAGE}/pdf?user=99", base_url=HERE)
    assert answer.status_code == 409
    assert "There is no user" in answer.text


def test_a_viewer_gets_no_record(client: Callable[[str], FlaskClient], november: Opened) -> None:
    assert client("viewer").get(f"{PAGE}/pdf", base_url=HERE).status_code == 403


def test_the_journal_is_verified_and_a_change_is_found(admin: FlaskClient, november: Opened) -> None:
    admin.post(f"{PAGE}/verify", base_url=HERE)
    assert "The journal is sound" in admin.get(PAGE, base_url=HERE).text
    with november.store.write() as db:
        db.execute("DROP TRIGGER sessions_stay_as_they_ended; UPDATE sessions SET end_wh=end_wh-1 WHERE id=1")
    answer = admin.post(f"{PAGE}/verify", base_url=HERE)
    assert (answer.status_code, "not sound" in answer.text) == (409, True)
