"""E-mail through a real server: TLS, STARTTLS, passwords, certificates, and every way to fail as a sentence."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import faults
from appliance.billing import deliveries, journal, mail_account
from appliance.errors import Refused
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, Bench
from tests.ui.paper.post_office import PostOffice, opened_post_office
from ui.paper import deliver, mail


@pytest.fixture(params=["tls", "starttls"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostOffice]:
    with opened_post_office(tmp_path, request.param) as found:
        yield found


def test_a_message_arrives_with_its_files_over_an_encrypted_line(office: PostOffice) -> None:
    message = mail.compose(
        office.account(), ["anna@example.org", "ben@example.org"], "Ladeprotokoll – November", "Grüße",
        {"Ladeprotokoll.pdf": b"%PDF", "x.machine.csv": b"a,b"},
    )  # fmt: skip
    mail.send(office.account(), message, office.trust)
    (letter,) = office.letters
    assert (letter["Subject"], letter["From"]) == ("Ladeprotokoll – November", "house@example.org")
    assert letter["To"] == "anna@example.org, ben@example.org" and letter["Message-ID"].endswith("@example.org>")
    files = {part.get_filename(): part.get_payload(decode=True) for part in letter.iter_attachments()}
    assert files == {"Ladeprotokoll.pdf": b"%PDF", "x.machine.csv": b"a,b"}


def test_a_wrong_password_is_said_without_the_password(office: PostOffice) -> None:
    account = office.account("canary-secret")
    with pytest.raises(Refused, match="refused user name or password") as raised:
        mail.send(account, mail.compose(account, ["a@example.org"], "s", "t"), office.trust)
    assert "canary" not in str(raised.value) and office.letters == []


def test_a_server_nobody_vouches_for_gets_neither_password_nor_message(office: PostOffice) -> None:
    with pytest.raises(Refused, match="no certificate that can be trusted"):
        mail.send(office.account(), mail.compose(office.account(), ["a@example.org"], "s", "t"))
    assert office.letters == []


def test_a_certificate_for_another_name_is_refused(office: PostOffice) -> None:
    account = replace(office.account(), host="localhost")
    with pytest.raises(Refused, match="no certificate that can be trusted"):
        mail.send(account, mail.compose(account, ["a@example.org"], "s", "t"), office.trust)


def test_an_address_the_server_does_not_know_is_named(office: PostOffice) -> None:
    with pytest.raises(Refused, match="does not accept nobody@example.org"):
        mail.send(office.account(), mail.compose(office.account(), ["nobody@example.org"], "s", "t"), office.trust)


def test_an_address_with_letters_the_server_cannot_take_is_named(office: PostOffice) -> None:
    message = mail.compose(office.account(), ["anna@example.org", "anna@müller.example"], "s", "t")
    with pytest.raises(Refused, match="does not accept anna@müller.example:"):
        mail.send(office.account(), message, office.trust)


def test_one_address_of_several_that_is_not_taken_is_named(office: PostOffice) -> None:
    message = mail.compose(office.account(), ["anna@example.org", "nobody@example.org"], "s", "t")
    with pytest.raises(Refused, match="does not accept nobody@example.org:"):
        mail.send(office.account(), message, office.trust)
    assert len(office.letters) == 1, "Anna has it"


def test_a_server_that_is_not_there_is_said(office: PostOffice) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        account = replace(office.account(), port=free.getsockname()[1])
        with pytest.raises(Refused, match="cannot be reached on port"):
            mail.send(account, mail.compose(account, ["a@example.org"], "s", "t"), office.trust)


# Deliveries ------------------------------------------------------------------------------------


def put(bench: Bench, key: str, text: str) -> None:
    settings.put(bench.opened.store, bench.clock.now(), ACTOR, key, text)


@pytest.fixture
def monthly(bench: Bench) -> Bench:
    """November was delivered to nobody yet; it is the second of December."""
    put(bench, "report.monthly", "on")
    put(bench, "report.formats", "pdf csv xlsx")
    put(bench, "ui.language", "de")
    bench.clock.advance(12 * 86400)
    return bench


def test_a_month_goes_into_the_folder_and_by_mail_once(monthly: Bench, office: PostOffice) -> None:
    put(monthly, "report.mail_to", "anna@example.org, ben@example.org")
    mail_account.put(monthly.opened.store, monthly.opened.key(), monthly.clock, office.account(), actor=ACTOR)
    assert deliver.due(monthly.opened, office.trust) == {("2026-11", "folder"): "ok", ("2026-11", "mail"): "ok"}
    assert deliver.due(monthly.opened, office.trust) == {}
    files = sorted((monthly.opened.home.root / "reports" / "2026-11").iterdir())
    assert [file.suffix for file in files] == [".csv", ".pdf", ".xlsx"]
    (letter,) = office.letters
    attached = {part.get_filename(): part.get_payload(decode=True) for part in letter.iter_attachments()}
    assert attached == {file.name: file.read_bytes() for file in files}
    assert "11,000" in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_mail_without_an_account_fails_with_what_to_do_and_the_folder_is_filled_all_the_same(monthly: Bench) -> None:
    put(monthly, "report.mail_to", "anna@example.org")
    outcomes = deliver.due(monthly.opened)
    assert outcomes["2026-11", "folder"] == "ok" and "mail-account" in outcomes["2026-11", "mail"]
    assert [one.source for one in faults.active(monthly.opened.live)] == ["report"]
    assert deliveries.due(monthly.opened) == [], "not before an hour"


def test_a_report_that_not_all_got_is_not_delivered_and_a_fault_is_told_once_all_the_same(
    monthly: Bench, office: PostOffice
) -> None:
    for key in ("report.mail_to", "faults.mail_to"):
        put(monthly, key, "anna@example.org, nobody@example.org")
    mail_account.put(monthly.opened.store, monthly.opened.key(), monthly.clock, office.account(), actor=ACTOR)
    assert "nobody@example.org" in deliver.due(monthly.opened, office.trust)["2026-11", "mail"]
    monthly.clock.advance(301)
    with pytest.raises(Refused, match=r"nobody@example\.org"):
        deliver.tell_faults(monthly.opened, monthly.opened.key(), office.trust)
    assert deliver.tell_faults(monthly.opened, monthly.opened.key(), office.trust) == 0


def test_who_got_a_report_does_not_get_it_again_because_another_address_is_wrong(
    monthly: Bench, office: PostOffice
) -> None:
    put(monthly, "report.mail_to", "anna@example.org, nobody@example.org")
    mail_account.put(monthly.opened.store, monthly.opened.key(), monthly.clock, office.account(), actor=ACTOR)
    assert deliver.due(monthly.opened, office.trust)["2026-11", "mail"] != "ok"
    for _ in range(3):
        monthly.clock.advance(6 * 3600)
        assert deliver.due(monthly.opened, office.trust) == {}
    assert [one.source for one in faults.active(monthly.opened.live)] == ["report"], "it is not forgotten"
    put(monthly, "report.mail_to", "anna@example.org, ben@example.org")
    assert deliver.due(monthly.opened, office.trust) == {("2026-11", "mail"): "ok"}
    assert len(office.letters) == 2 and faults.active(monthly.opened.live) == []


def csv_of(bench: Bench) -> str:
    (file,) = (bench.opened.home.root / "reports" / "2026-11").glob("*.csv")
    return file.read_text("utf-8-sig")


def test_a_report_waits_for_a_session_that_has_not_ended_and_says_so(monthly: Bench) -> None:
    number = monthly.session(began_at=datetime(2026, 11, 30, 17, tzinfo=UTC), hours=72, wh=4_321, enter=False)
    waits = deliver.due(monthly.opened)["2026-11", "folder"]
    assert waits == "A session of 2026-11 has not ended yet: its report waits for that, at the latest until 2026-12-09."
    assert waits in faults.active(monthly.opened.live)[0].sentence
    monthly.clock.set(datetime(2026, 12, 3, 17, tzinfo=UTC))
    with monthly.opened.store.write() as db:
        journal.enter(db, monthly.clock.now(), monthly.signer, number)
    assert deliver.due(monthly.opened) == {("2026-11", "folder"): "ok"}
    assert "4,321" in csv_of(monthly) and faults.active(monthly.opened.live) == []


def test_a_session_that_ends_after_the_report_was_made_brings_it_once_more(monthly: Bench) -> None:
    number = monthly.session(began_at=datetime(2026, 11, 30, 17, tzinfo=UTC), hours=999, wh=4_321, enter=False)
    monthly.clock.set(datetime(2026, 12, 10, 12, tzinfo=UTC))
    assert deliver.due(monthly.opened) == {("2026-11", "folder"): "ok"}, "it waited long enough"
    assert "4,321" not in csv_of(monthly) and deliver.due(monthly.opened) == {}
    monthly.clock.set(datetime(2027, 5, 2, 12, tzinfo=UTC))
    with monthly.opened.store.write() as db:
        journal.enter(db, monthly.clock.now(), monthly.signer, number)
    monthly.clock.advance(600)
    assert deliver.due(monthly.opened)["2026-11", "folder"] == "ok"
    assert "4,321" in csv_of(monthly) and deliver.due(monthly.opened) == {}


def test_a_folder_that_cannot_be_written_is_tried_again(monthly: Bench) -> None:
    place = monthly.opened.home.root / "reports"
    place.write_text("in the way")
    assert "cannot be written" in deliver.due(monthly.opened)["2026-11", "folder"]
    place.unlink()
    monthly.clock.advance(3700)
    assert deliver.due(monthly.opened) == {("2026-11", "folder"): "ok"}
    assert faults.active(monthly.opened.live) == []


def test_a_fault_that_lasts_is_told_once_in_the_households_language(monthly: Bench, office: PostOffice) -> None:
    put(monthly, "faults.mail_to", "anna@example.org")
    mail_account.put(monthly.opened.store, monthly.opened.key(), monthly.clock, office.account(), actor=ACTOR)
    faults.report(
        monthly.opened.live,
        monthly.clock.now(),
        "backup",
        "failed",
        "The last backup failed: {sentence}",
        sentence="disk",
    )
    monthly.clock.advance(301)
    assert deliver.tell_faults(monthly.opened, monthly.opened.key(), office.trust) == 1
    assert deliver.tell_faults(monthly.opened, monthly.opened.key(), office.trust) == 0
    body = office.letters[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Die letzte Sicherung" in body and "disk" in body
