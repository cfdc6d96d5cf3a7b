"""`wattward identifications`."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.opened import Opened
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def run(opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    found = runner(opened.home, capsys, monkeypatch)
    found("users", "add", "Anna", "Berger")
    found("users", "add", "Ben", "Maier")
    return found


def add(run: Run, code: str, *more: str, who: str = "Anna Berger", stdin: str = "") -> tuple[int, str, str]:
    answer = run("identifications", "add", who, "--type", "pin", "--code", code, *more, stdin=stdin)
    return answer.code, answer.out, answer.err


def test_a_code_is_added_and_listed_without_being_shown(run: Run) -> None:  # A001-15 to A001-21
    assert add(run, "#1234", "--expires", "2099-12-31")[0] == 0
    assert add(run, "#5678", "--inactive", who="2")[0] == 0
    rows = run("identifications", "list", "--json").json
    assert [(row["user"], row["active"], row["expires_on"]) for row in rows] == [
        ("Anna Berger", True, "2099-12-31"),
        ("Ben Maier", False, None),
    ]
    assert [row["id"] for row in run("identifications", "list", "Ben Maier", "--json").json] == [2]
    text = run("identifications", "list").out
    assert "inactive" in text and "1234" not in text and "5678" not in text
    assert run("users", "list", "--json").json[0]["identifications"] == 1


def test_a_code_given_as_a_dash_is_read_from_standard_input(run: Run) -> None:
    assert add(run, "-", stdin="#1234\n")[0] == 0
    assert run("identifications", "show", "1").out == "#1234\n"
    code, _, err = add(run, "-", stdin="")
    assert code == 2 and "standard input" in err


@pytest.mark.parametrize("code", ["1234", "", "#", "12#34"])
def test_a_code_that_breaks_the_rule_is_refused_naming_it(run: Run, code: str) -> None:  # A001-19
    ended, _, err = add(run, code)
    assert ended == 2 and "# and 4 to 8 digits" in err
    assert run("identifications", "list", "--json").json == []


def test_a_code_in_use_is_refused_and_who_administers_is_told_whose(run: Run) -> None:  # A001-18
    add(run, "#1234")
    code, _, err = add(run, "#1234", who="Ben Maier")
    assert code == 2 and err == "This code belongs to Anna Berger already: choose another.\n"


def test_other_bad_input_ends_with_2(run: Run) -> None:
    for words in (
        ("add", "Nobody", "--type", "pin", "--code", "#1234"),
        ("add", "1", "--type", "retina", "--code", "#1234"),
        ("add", "1", "--type", "pin", "--code", "#1234", "--expires", "soon"),
        ("edit", "7", "--inactive"),
        ("edit", "7"),
        ("show", "7"),
        ("remove", "7"),
        ("test", "12"),
    ):
        answer = run("identifications", *words)
        assert answer.code == 2 and len(answer.err.strip().splitlines()) == 1, words


def test_a_past_date_is_taken_with_a_warning(run: Run) -> None:  # A001-20
    code, out, _ = add(run, "#1234", "--expires", "2020-01-01")
    assert code == 0 and "2020-01-01 is past" in out


def test_an_edit_changes_code_expiry_and_status(run: Run) -> None:  # A001-25
    add(run, "#1234", "--expires", "2099-12-31")
    assert run("identifications", "edit", "1", "--code", "-", "--inactive", stdin="#8765\n").code == 0
    assert run("identifications", "edit", "1", "--expires", "never").code == 0
    (row,) = run("identifications", "list", "--json").json
    assert (row["active"], row["expires_on"]) == (False, None)
    assert run("identifications", "show", "1").out == "#8765\n"


def test_showing_a_code_is_written_down(run: Run, opened: Opened) -> None:  # A001-25
    add(run, "#1234")
    run("identifications", "show", "1")
    assert audit.newest(opened.store, 1)[0].event == "identification.show"


def test_a_code_is_tested_without_starting_anything(run: Run, opened: Opened) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    add(run, "#1234")
    tested = run("identifications", "test", "#1234", "--point", "Wallbox")
    assert (tested.code, tested.out) == (0, "Identification 1 of Anna Berger: accepted.\n")
    run("points", "mode", "Wallbox", "locked")
    assert "locked" in run("identifications", "test", "#1234", "--point", "Wallbox").out
    assert run("identifications", "test", "#9999").code == 1
    run("users", "block", "1")
    assert "blocked" in run("identifications", "test", "1234").out
    assert run("attempts", "--json").json == []


def test_a_removed_code_is_gone(run: Run) -> None:
    add(run, "#1234")
    assert run("identifications", "remove", "1").code == 0
    assert run("identifications", "list").out.startswith("No identifications")
    assert run("identifications", "test", "#1234").code == 1
