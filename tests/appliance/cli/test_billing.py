"""`wattward tariffs`, `reports` and what `sessions` tells of the journal."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import clock as clocks
from appliance.billing import mail_account
from appliance.opened import Opened
from tests.appliance.billing.bench import Bench
from tests.appliance.cli.house import Answer, Run, runner
from tests.fake_clock import FakeClock


@pytest.fixture
def bench(opened: Opened, clock: FakeClock) -> Bench:
    return Bench(opened, clock)


@pytest.fixture
def run(bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command that must end with `code`."""
    plain = runner(bench.opened.home, capsys, monkeypatch)

    def must(*words: str, code: int = 0, stdin: str = "") -> Answer:
        ended = plain(*words, stdin=stdin)
        assert ended.code == code, ended
        return ended

    return must


def test_a_tariff_is_made_priced_and_made_the_usual_one(run: Run, bench: Bench) -> None:
    assert "wattward settings set billing.tariff 'House'" in run("tariffs", "add", "House", "--kind", "by_time").out
    run("tariffs", "price", "House", "0,34", "--from", "2026-01-01", "--band", "1-5 22:00-06:00 0.21")
    run("settings", "set", "billing.tariff", "House")
    (one,) = run("tariffs", "list", "--json").json
    assert one["prices"] == [{"valid_from": "2026-01-01", "per_kwh": "0.34", "bands": ["1,2,3,4,5 22:00-06:00 0.21"]}]
    assert "House (usual)" in run("tariffs", "list").out
    bench.session(wh=1_000)
    assert bench.entered()[0].cost == "0.34"


def test_only_a_tariff_in_use_is_made_the_usual_one_or_given(run: Run) -> None:
    run("tariffs", "add", "House"), run("tariffs", "add", "Old"), run("tariffs", "archive", "Old")
    for name in ("Hause", "Old"):
        for words in (("settings", "set", "billing.tariff", name), ("tariffs", "give", "Anna Berger", name)):
            assert f"no tariff {name}; there are: House" in run(*words, code=2).err
    run("settings", "set", "billing.feed_in_tariff", "house"), run("settings", "set", "billing.feed_in_tariff", "")


def test_somebody_gets_a_tariff_and_gives_it_back(run: Run) -> None:
    run("tariffs", "add", "Employer", "--kind", "employer")
    assert run("tariffs", "give", "Anna Berger", "Employer").out == "Anna Berger pays by Employer.\n"
    assert "the usual tariff" in run("tariffs", "give", "Anna Berger", "-").out
    run("tariffs", "archive", "Employer")
    assert run("tariffs", "list").out == "No tariffs yet.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("price", "House", "cheap", "--from", "2026-01-01"), "0 to 100 per kWh"),
        (("price", "House", "0.3", "--from", "soon"), "A date is written like"),
        (("price", "Nowhere", "0.3", "--from", "2026-01-01"), "there are: House"),
        (("price", "House", "0.3", "--from", "2026-01-01", "--band", "x"), "A band is days, hours and price"),
        (("add", "Other", "--kind", "cheap"), "one of: fixed, by_time, employer"),
    ],
)
def test_bad_input_ends_with_code_2_and_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    run("tariffs", "add", "House")
    ended = run("tariffs", *words, code=2)
    assert sentence in ended.err and ended.err.count("\n") == 1


def test_the_journal_is_verified_exported_and_verified_from_the_export(run: Run, bench: Bench, tmp_path: Path) -> None:
    bench.session()
    bench.session(wh=100)
    told = run("sessions", "verify").out
    assert told.startswith("3 entries, 2 sessions: sound. Head 3-")
    file, key = tmp_path / "journal.jsonl", told.split("key ")[1].rstrip(".\n")
    run("sessions", "export", "-o", str(file))
    assert run("sessions", "verify", str(file), "--key", key).out == told
    file.write_text(file.read_text().replace('\\"end_wh\\":5007000', '\\"end_wh\\":5007001'))
    ended = run("sessions", "verify", str(file), code=1)
    assert "Entry 2 was changed after it was written." in ended.out and "NOT sound, 1 findings" in ended.out
    assert run("sessions", "export", "-o", "-").out.count("\n") == 3


def test_a_file_that_is_no_journal_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello\n")
    assert "Line 1 is not an entry" in run("sessions", "verify", str(tmp_path / "x"), code=2).err
    assert "cannot be read" in run("sessions", "verify", str(tmp_path / "none"), code=2).err
    assert "64 hexadecimal digits" in run("sessions", "verify", str(tmp_path / "x"), "--key", "ab", code=2).err
    assert "cannot be written" in run("sessions", "export", "-o", str(tmp_path / "no" / "x"), code=1).err


def test_a_correction_names_its_entry(run: Run, bench: Bench) -> None:
    bench.session()
    said = run("sessions", "correct", "2", "--note", "a guest", "--not-billed", "--user", "Ben Berger").out
    assert said == "Entry 3 corrects entry 2.\n"
    (one,) = bench.entered()
    assert (one.billed, one.user_id, one.notes) == (False, bench.ben.id, ("a guest",))
    assert "is not a session" in run("sessions", "correct", "1", "--note", "x", code=2).err


def test_the_account_for_mail_asks_for_its_password(run: Run, bench: Bench) -> None:
    words = ("reports", "mail-account", "smtp.example.org", "--user", "house", "--sender", "house@example.org")
    run(*words, stdin="correct horse\n")
    account = mail_account.get(bench.opened.store, bench.opened.key())
    assert (account.port, account.security, account.password) == (465, "tls", "correct horse")
    assert "removed" in run("reports", "forget-mail").out


def test_what_was_delivered_is_listed(run: Run) -> None:
    assert "report.monthly on" in run("reports", "list").out
    assert run("reports", "list", "--json").json == []
    run("settings", "set", "report.monthly", "on")
    assert "day 2 of the next one" in run("reports", "list").out


def wattward(bench: Bench, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real program: making reports is a program of its own."""
    home = bench.opened.home
    return subprocess.run(
        [sys.executable, "-m", "appliance.cli.main", "--home", str(home.root), *words],
        capture_output=True, text=True, check=False, 
        env={"WATTWARD_RUN": str(home.run), "PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip


def test_who_delivers_by_hand_is_told_what_became_of_it(bench: Bench, run: Run) -> None:
    assert "No report is due now" in wattward(bench, "reports", "deliver").stdout
    run("settings", "set", "report.monthly", "on")
    with bench.opened.store.write() as db:
        db.execute("UPDATE settings SET changed_at='2026-01-01T12:00:00.000Z' WHERE key='report.monthly'")
    spec = f"1;{datetime(2026, 12, 3, tzinfo=UTC).timestamp()};{clocks.SystemClock().boottime_s()}"
    told = wattward(bench, "reports", "deliver", WATTWARD_CLOCK=spec).stdout
    assert "2026-11, folder: ok\n" in told
    assert "2026-11" in run("reports", "list").out


def test_a_report_is_made_now_where_one_asks_for_it(bench: Bench, tmp_path: Path) -> None:
    bench.bill()
    bench.session()
    folder = tmp_path / "out"
    made = wattward(
        bench, "reports", "make", "--month", "2026-11", "--user", "Anna Berger", "--format", "pdf,machine,csv,xlsx",
        "--language", "de", "-o", str(folder),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert sorted(made.stdout.split()) == sorted(str(file) for file in folder.iterdir())
    assert {file.name.partition("Berger")[2] for file in folder.iterdir()} == {".pdf", ".csv", ".machine.csv", ".xlsx"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--month", "November"), "A month is written like 2026-11."),
        (("--from", "2026-11-01"), "first and last day"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "on or after its first day"),
        (("--format", "doc"), "there are: pdf"),
        (("--user", "Nobody"), "There is no user Nobody"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(bench: Bench, words: tuple[str, ...], sentence: str) -> None:
    ended = wattward(bench, "reports", "make", *words)
    assert ended.returncode == 2 and sentence in ended.stderr and ended.stderr.count("\n") == 1
