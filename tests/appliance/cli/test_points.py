"""`wattward points`."""

from __future__ import annotations

import pytest

from appliance import audit, clock, faults, heartbeat
from appliance.charging import contacts, grants, observed, points
from appliance.charging.observed import Look
from appliance.metering import meters
from appliance.opened import Opened
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def run(opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("WATTWARD_HARDWARE", "pi")
    return runner(opened.home, capsys, monkeypatch)


def add_meter(opened: Opened) -> None:
    meters.add(
        opened.store, opened.clock, name="Car", model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=2,
        role="charger", actor=audit.CLI,
    )  # fmt: skip


def test_a_point_is_added_listed_edited_and_removed(run: Run, opened: Opened) -> None:
    add_meter(opened)
    assert run("points", "add", "Wallbox", "--relay", "gpio:17", "--meter", "Car").code == 0
    assert run("points", "list", "--json").json == [
        {
            "id": 1,
            "name": "Wallbox",
            "relay": "gpio:17",
            "meter": "Car",
            "mode": "authorized",
            "archived": False,
            "feedback": "",
            "plug": "",
            "plan": [],
            "second_factor": False,
        }
    ]
    assert run("points", "edit", "Wallbox", "--name", "Carport", "--relay", "gpio:22", "--meter", "").code == 0
    assert run("points", "mode", "carport", "free").code == 0
    (row,) = run("points", "list", "--json").json
    assert (row["name"], row["relay"], row["meter"], row["mode"]) == ("Carport", "gpio:22", None, "free")
    assert "Carport" in run("points", "list").out
    assert run("points", "remove", "Carport").code == 0
    assert run("points", "list").out == "No charging points: 'wattward points add' adds one.\n"


def test_an_archived_point_is_listed_on_request_only(run: Run) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    assert run("points", "archive", "Wallbox").code == 0
    assert run("points", "list", "--json").json == []
    assert run("points", "list", "--all", "--json").json[0]["archived"] is True
    assert run("points", "activate", "Wallbox").code == 0
    assert len(run("points", "list", "--json").json) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "X", "--relay", "gpio:2"), "9 to 27"),
        (("add", "X", "--relay", "gpio:17"), "belongs to Wallbox"),
        (("add", "Wallbox", "--relay", "gpio:18"), "already"),
        (("add", "X", "--relay", "gpio:18", "--meter", "Nope"), "no meter"),
        (("mode", "Wallbox", "solar"), "locked, free, authorized"),
        (("mode", "Nowhere", "free"), "there are: Wallbox"),
        (("edit", "Wallbox", "--relay", "17"), "9 to 27"),
        (("test", "Nowhere"), "there are: Wallbox"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(run: Run, words: tuple[str, ...], says: str) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    answer = run("points", *words)
    assert answer.code == 2 and says in answer.err and len(answer.err.strip().splitlines()) == 1
    assert len(run("points", "list", "--json").json) == 1


def test_a_point_that_was_used_is_not_removed(run: Run, opened: Opened) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    run("authorize", "Wallbox", "#999999")
    answer = run("points", "remove", "Wallbox")
    assert answer.code == 1 and "archive it instead" in answer.err
    assert grants.stop(opened, 1, audit.CLI) is False


def test_a_relay_is_asked_directly_while_no_core_runs(run: Run) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    answer = run("points", "test", "Wallbox")
    assert answer.code == 1 and "GPIO" in answer.err, "this machine has no GPIO lines"


def test_a_running_core_is_asked_what_it_sees(run: Run, opened: Opened) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    machine = clock.SystemClock()
    heartbeat.begin(opened.live, "core", machine)
    assert "does not see" in run("points", "test", "Wallbox").err
    observed.put(opened.live, machine, {1: Look(False, False, machine.boottime_s())})
    assert run("points", "test", "Wallbox").out == "Relay gpio:17 answers: it is open.\n"


def test_a_feedback_contact_is_added_changed_and_taken_away(run: Run) -> None:
    assert run("points", "add", "Wallbox", "--relay", "gpio:17", "--feedback", "gpio:17").code != 0
    assert run("points", "list", "--json").json == []  # nothing half added
    assert run("points", "add", "Wallbox", "--relay", "gpio:17", "--feedback", "gpio:22").code == 0
    for typed, kept in (("gpio:23", "gpio:23"), ("", "")):
        assert run("points", "edit", "Wallbox", "--feedback", typed).code == 0
        assert run("points", "list", "--json").json[0]["feedback"] == kept


def test_seen_open_wants_a_fault_to_answer(run: Run) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    refused = run("points", "seen-open", "Wallbox")
    assert refused.code != 0 and "The contactor of Wallbox has no such fault." in refused.err


def test_seen_open_ends_the_fault_of_a_welded_contactor(run: Run, opened: Opened) -> None:
    run("points", "add", "Wallbox", "--relay", "gpio:17")
    point = points.find(opened.store, "Wallbox")
    faults.report(opened.live, opened.clock.now(), f"contactor:{point.id}", "stuck", contacts.WELDED, point="Wallbox")
    with opened.store.write() as db:
        db.execute("UPDATE points SET welded=1")
    assert run("points", "seen-open", "Wallbox").code == 0
    assert faults.active(opened.live) == []


def test_a_relay_on_a_board_is_added_with_a_word_about_its_watchdog(run: Run) -> None:  # part 4
    added = run("points", "add", "Wallbox", "--relay", "coil:tcp://192.168.1.50/1/0", "--plug", "gpio:23:nc")
    assert added.code == 0 and "Switch on the board's own watchdog" in added.out
    (row,) = run("points", "list", "--json").json
    assert (row["relay"], row["plug"]) == ("coil:tcp://192.168.1.50/1/0", "gpio:23:nc")
    edited = run("points", "edit", "Wallbox", "--relay", "pulse:tcp://192.168.1.50/1/0", "--plug", "")
    assert edited.code == 0 and "watchdog" not in edited.out
    (row,) = run("points", "list", "--json").json
    assert (row["relay"], row["plug"]) == ("pulse:tcp://192.168.1.50/1/0", "")


def test_a_board_that_cannot_be_is_refused_before_anything_is_kept(run: Run) -> None:
    refused = run("points", "add", "Wallbox", "--relay", "coil:rtu:///dev/ttyUSB0?baud=1/1/0")
    assert refused.code == 2 and "A serial address takes baud" in refused.err
    assert run("points", "add", "Wallbox", "--relay", "coil:tcp://host/1").code == 2
    assert run("points", "list", "--json").json == []


def test_a_board_that_does_not_answer_is_said_so_without_a_core(run: Run) -> None:
    run("points", "add", "Wallbox", "--relay", "coil:tcp://127.0.0.1:1/1/0")
    tested = run("points", "test", "Wallbox")
    assert tested.code == 1 and "127.0.0.1:1" in tested.err


def test_a_meter_is_refused_to_a_second_point_with_a_sentence_that_says_what_to_do(run: Run, opened: Opened) -> None:
    add_meter(opened)
    run("points", "add", "Wallbox", "--relay", "gpio:17", "--meter", "Car")
    refused = run("points", "add", "Garage", "--relay", "gpio:18", "--meter", "Car")
    assert refused.code == 2 and refused.err == (
        "The charging point Wallbox has this meter already, and a meter cannot tell two cars apart: choose another"
        " meter, or none, or take it away from Wallbox first.\n"
    )
    assert run("points", "add", "Garage", "--relay", "gpio:18").code == 0
    assert run("points", "edit", "Garage", "--meter", "Car").code == 2
    assert run("points", "edit", "Wallbox", "--meter", "").code == 0
    assert run("points", "edit", "Garage", "--meter", "Car").code == 0
    run("points", "archive", "Garage")
    assert run("points", "edit", "Wallbox", "--meter", "Car").code == 0
    assert run("points", "activate", "Garage").code == 2


def test_status_says_what_is_wrong_at_each_point_once(run: Run, opened: Opened) -> None:
    add_meter(opened)
    run("points", "add", "Wallbox", "--relay", "gpio:17", "--meter", "Car")
    run("points", "add", "Garage", "--relay", "gpio:18")
    run("readers", "add", "Hall", "--at", "wiegand:gpio:5,gpio:6", "--point", "Garage")
    with opened.store.write() as db:
        db.execute("UPDATE points SET meter_id=1")
    faults.report(opened.live, opened.clock.now(), "reader:1", "silent", "Nothing comes from {reader}.", reader="Hall")
    garage, wallbox = (row["notes"] for row in run("status", "--json").json["points"])
    assert garage[-1] == "Nothing comes from Hall." and "Garage and Wallbox have the same meter" in garage[0]
    assert len(wallbox) == 1
    out = run("status").out
    assert out.count("Nothing comes from Hall.") == 1 and "Garage: Nothing comes from Hall." in out
    assert "Wallbox: Wallbox and Garage have the same meter" in out
