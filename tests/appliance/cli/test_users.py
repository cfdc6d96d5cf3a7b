"""`wattward users`."""

from __future__ import annotations

import pytest

from tests.appliance.cli.house import Run


def test_a_user_is_added_listed_edited_blocked_and_archived(run: Run) -> None:  # A001-12, A001-14, A001-24
    added = run("users", "add", "Anna", "Berger")
    assert added.code == 0 and "identifications add 1" in added.out, "it says what comes next"
    assert run("users", "list", "--json").json == [
        {
            "id": 1, "first_name": "Anna", "last_name": "Berger", "blocked": False, "archived": False,
            "guest": False, "second_factor": False, "hours": [], "identifications": 0,
        }
    ]  # fmt: skip
    assert run("users", "edit", "Anna Berger", "--last", "Maier").out == "User 1 is now Anna Maier.\n"
    assert run("users", "block", "1").out == "Anna Maier is blocked.\n"
    assert "blocked" in run("users", "list").out
    assert run("users", "unblock", "anna maier").code == 0
    assert run("users", "list", "--json").json[0]["blocked"] is False
    assert run("users", "archive", "1").out == "Anna Maier is archived.\n"
    assert run("users", "list").out.startswith("No users")
    assert "archived" in run("users", "list", "--all").out
    assert run("users", "activate", "1").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", " ", "Berger"), "1 to 80"),
        (("add", "Anna", "x" * 81), "1 to 80"),
        (("block", "Nobody Known"), "users list"),
        (("block", "99"), "number 99"),
        (("block", "Anna Berger"), "one of 1, 2"),
        (("edit", "1", "--first", ""), "1 to 80"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(run: Run, words: tuple[str, ...], says: str) -> None:
    for _ in range(2):
        run("users", "add", "Anna", "Berger")
    answer = run("users", *words)
    assert answer.code == 2 and says in answer.err and len(answer.err.strip().splitlines()) == 1
    assert len(run("users", "list", "--json").json) == 2
