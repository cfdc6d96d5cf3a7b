"""`wattward settings` and `wattward audit`."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.cli.house import Run, runner


def test_list_shows_each_setting_with_value_and_bounds(run: Run) -> None:
    rows = {row["key"]: row for row in run("settings", "list", "--json").json}
    assert list(rows) == [setting.key for setting in settings.TABLE]
    assert rows["charging.start_window_s"] == {
        "key": "charging.start_window_s", "value": 300, "default": 300, "unit": "s", "allowed": "30 to 3600",
        "label": "Time for the car to start after an authorization",
    }  # fmt: skip
    assert rows["backup.usb"]["allowed"] == "on, off" and rows["ui.language"]["allowed"] == "en, de"
    assert all(row["allowed"] for row in rows.values())
    text = run("settings", "list").out
    assert all(key in text for key in rows) and "30 to 3600" in text


def test_what_is_set_is_got(run: Run) -> None:
    for key, value in (("backup.usb", "on"), ("ui.language", "de"), ("charging.start_window_s", "120")):
        changed = run("settings", "set", key, value)
        assert changed.code == 0 and changed.out.startswith(f"{key} is {value}")
        assert run("settings", "get", key).out == f"{value}\n"


def test_bad_input_ends_with_2_one_sentence_and_no_change(run: Run) -> None:
    for words in (
        ("set", "charging.start_window_s", "soon"),
        ("set", "charging.start_window_s", "1"),
        ("set", "site.timezone", "Mars"),
        ("set", "no.such.key", "1"),
        ("get", "no.such.key"),
    ):
        refused = run("settings", *words)
        assert refused.code == 2 and len(refused.err.splitlines()) == 1 and not refused.out
    assert run("settings", "get", "charging.start_window_s").out == "300\n"


def test_the_audit_tells_who_set_what(run: Run) -> None:
    assert run("audit").out == "Nothing happened yet.\n"
    run("settings", "set", "site.name", "Home")
    run("settings", "set", "site.name", "House")
    newest = run("audit", "--json", "--limit", "1").json
    assert [(row["event"], row["subject"], row["surface"], row["detail"]) for row in newest] == [
        ("setting.change", "site.name", "cli", {"old": "Home", "new": "House"})
    ]
    assert "old=Home, new=House" in run("audit").out


def test_before_the_first_start_it_says_to_start_the_core(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(home, capsys, monkeypatch)
    for words in (
        ("settings", "list"),
        ("settings", "get", "site.name"),
        ("settings", "set", "site.name", "x"),
        ("audit",),
    ):
        answer = run(*words)
        assert answer.code == 1 and "start the core first" in answer.err


def test_a_calendar_in_doubt_is_said_and_can_be_confirmed(opened: Opened, run: Run) -> None:
    with opened.store.write() as db:
        db.execute("INSERT INTO known_time VALUES (1,'2099-01-01T00:00:00.000Z')")
    assert "not believed" in run("clock", "status").out
    assert run("clock", "confirm").code == 0
    assert "not believed" not in run("clock", "status").out
    assert audit.newest(opened.store, 1)[0].event == "clock.confirm"
