"""Cards, hours, guests, cars, readers, imports, the log and why, as a person types them."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path

import pytest

from appliance import audit, faults
from appliance.charging import grants, learning, points
from appliance.clock import SystemClock
from appliance.opened import Opened
from tests.appliance.cli.house import Answer, Run, runner
from tests.fake_clock import FakeClock

CARD = "04:A2:B3:1C"


@pytest.fixture
def run(opened: Opened, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    found = runner(opened.home, capsys, monkeypatch)
    found("points", "add", "Wallbox", "--relay", "gpio:17")
    found("users", "add", "Anna", "Berger")
    found("users", "add", "Ben", "Maier")
    return found


def show(opened: Opened, code: str, kind: str = "rfid") -> str:
    """Hold a card to the reader of the hall."""
    at = points.all(opened.store)
    return grants.present(opened, kind, code, at, "Hall", actor=audit.CORE).result.value


def refused(answer: Answer, words: str) -> None:
    assert answer.code == 2 and words in answer.err, answer.err


def test_a_card_is_added_listed_renamed_and_belongs_to_a_car(run: Run, opened: Opened) -> None:
    assert run("vehicles", "add", "Anna Berger", "Golf", "--plate", "b-ab 1").out.startswith("Vehicle 1, Golf")
    answer = run(
        "identifications", "add", "1", "--type", "rfid", "--code", CARD, "--name", "key ring", "--vehicle", "1"
    )
    assert answer.code == 0 and "RFID ••••B31C" in answer.out and "04A2" not in answer.out
    (row,) = run("identifications", "list", "--json").json
    assert (row["type"], row["tail"], row["name"], row["vehicle_id"]) == ("rfid", "B31C", "key ring", 1)
    refused(run("identifications", "add", "2", "--type", "rfid", "--code", "04a2b31c"), "belongs to Anna Berger")
    refused(run("identifications", "add", "2", "--type", "rfid", "--code", "04"), "3 to 10 bytes in hex")
    refused(run("identifications", "edit", "1", "--vehicle", "Golf"), "number")
    assert run("identifications", "show", "1").out == "04A2B31C\n"
    run("identifications", "edit", "1", "--vehicle", "none", "--stop-only")
    (row,) = run("identifications", "list", "1", "--json").json
    assert (row["vehicle_id"], row["stop_only"], row["name"]) == (None, True, "key ring")
    assert show(opened, CARD) == "stop_only"


def test_a_card_may_be_typed_and_asks_for_its_pin(run: Run) -> None:
    run("identifications", "add", "1", "--type", "rfid", "--code", CARD)
    run("identifications", "add", "1", "--type", "pin", "--code", "#1234")
    assert run("authorize", "Wallbox", "04a2b31c", "--type", "rfid").out.startswith("Anna Berger may charge")
    run("stop", "Wallbox")
    run("users", "edit", "1", "--card-and-pin")
    assert run("authorize", "Wallbox", "#1234").err == "This code may not charge here.\n"
    assert "Now its PIN" in run("authorize", "Wallbox", CARD, "--type", "rfid").err
    assert run("authorize", "Wallbox", "#1234").out.startswith("Anna Berger may charge")
    refused(run("authorize", "Wallbox", CARD, "--type", "chip"), "is one of")


def test_a_card_read_the_other_way_round_is_turned(run: Run, opened: Opened) -> None:
    run("identifications", "add", "1", "--type", "rfid", "--code", "1CB3A204", "--reversed")
    assert show(opened, CARD) == "accepted"


def test_cars_are_listed_edited_archived_and_removed(run: Run) -> None:
    run("vehicles", "add", "1", "Golf")
    run("vehicles", "add", "2", "Bus", "--plate", "M-X 7")
    assert run("vehicles", "edit", "1", "--plate", "b-ab 12").out == "Vehicle 1 is Golf, B-AB 12.\n"
    assert [row["name"] for row in run("vehicles", "list", "--json").json] == ["Golf", "Bus"]
    assert run("vehicles", "archive", "1").code == 0 and run("vehicles", "remove", "2").code == 0
    assert run("vehicles", "list").out.startswith("No vehicles")
    assert "Golf" in run("vehicles", "list", "Anna Berger", "--all").out
    assert run("users", "list", "b-ab", "--json").json[0]["id"] == 1, "found by the plate"
    refused(run("vehicles", "remove", "9"), "no vehicle with the number 9")


def test_hours_factors_and_allowances_of_a_user(run: Run) -> None:
    assert (
        run("users", "edit", "1", "--hours", "1-5 08:00-18:00", "--hours", "6 00:00-24:00", "--card-and-pin").code == 0
    )
    assert run("users", "allow", "1", "month", "120,5").out == "Anna Berger may charge 120.5 kWh a month.\n"
    shown = run("users", "show", "Anna Berger", "--json").json
    assert shown["hours"] == ["1,2,3,4,5 08:00-18:00", "6 00:00-00:00"] and shown["second_factor"]
    assert shown["allowances"] == [{"period": "month", "wh": 120500, "used_wh": 0}]
    assert "0.0 of 120.5 kWh used this month" in run("users", "show", "1").out
    refused(run("users", "edit", "1", "--hours", "always", "--hours", "x"), "1-5 08:00-18:00")
    refused(run("users", "allow", "1", "day", "lots"), "write it like 12 or 7.5")
    run("users", "edit", "1", "--hours", "always", "--card-or-pin")
    run("users", "allow", "1", "month", "any")
    shown = run("users", "show", "1", "--json").json
    assert (shown["hours"], shown["second_factor"], shown["allowances"]) == ([], False, [])


def test_a_point_gets_a_plan_and_a_second_factor(run: Run) -> None:
    answer = run("points", "plan", "Wallbox", "1-5 22:00-06:00", "6,7 00:00-24:00 free")
    assert "mode time: wattward points mode" in answer.out
    assert run("points", "mode", "Wallbox", "time").code == 0
    assert run("points", "edit", "Wallbox", "--card-and-pin").code == 0
    (row,) = run("points", "list", "--json").json
    assert (row["mode"], row["plan"], row["second_factor"]) == (
        "time", ["1,2,3,4,5 22:00-06:00", "6,7 00:00-00:00 free"], True,
    )  # fmt: skip
    refused(run("points", "plan", "Wallbox", "Monday"), "Monday is 1")
    assert run("points", "plan", "Wallbox").out == "Plan of Wallbox: none.\n"


def test_a_guest_gets_a_code_that_ends(run: Run) -> None:
    made = run("guests", "add", "--minutes", "90", "--expires", "2099-12-31")
    assert made.code == 0 and "lets House Guest charge until 90 minutes are over or 2099-12-31 is over" in made.out
    named = run("guests", "add", "--name", "Maria", "Huber", "--kwh", "7,5")
    assert "lets Maria Huber charge until 7.5 kWh are used" in named.out
    assert "No charging point has a meter yet" in named.out and "meter" not in made.out
    first, second = run("guests", "list", "--json").json
    assert (first["cap_s"], first["used_s"], first["expires_on"]) == (5400, 0, "2099-12-31")
    assert (second["guest"], second["cap_wh"], second["used_wh"]) == ("Maria Huber", 7500, 0)
    code = made.out.split()[0]
    assert run("identifications", "test", code).out.endswith("accepted.\n")
    refused(run("guests", "add"), "ends some day")
    assert run("guests", "add", "--expires", "2020-01-01").out.endswith("2020-01-01 is past, so it does not work.\n")
    for text in ("x", "1e999999999"):
        refused(run("guests", "add", "--kwh", text), "no number")
    assert "settings set billing.tariff" in run("guests", "add", "--money", "5").err


def test_readers_are_added_listed_edited_and_removed(run: Run) -> None:
    added = run(
        "readers", "add", "Hall", "--at", "wiegand:gpio:5,gpio:6", "--point", "Wallbox", "--lamps", "green=gpio:22"
    )
    assert added.code == 0
    refused(run("readers", "add", "Door", "--at", "carrier-pigeon:1", "--point", "Wallbox"), "A reader's address is")
    refused(run("readers", "add", "Door", "--at", "pn532+i2c:1", "--point", "Nowhere"), "no charging point Nowhere")
    refused(run("readers", "edit", "Hall", "--lamps", "pink=gpio:22"), "Lamps are named")
    assert run("readers", "edit", "Hall", "--name", "Front door", "--off").code == 0
    (row,) = run("readers", "list", "--json").json
    assert (row["name"], row["points"], row["enabled"], row["lamps"]) == (
        "Front door",
        ["Wallbox"],
        False,
        "green=gpio:22",
    )
    assert "off" in run("readers", "list").out
    assert run("readers", "ask", "front door", "--for", "5").code == 0
    assert run("readers", "archive", "Front door").code == 0
    assert run("readers", "list").out.startswith("No readers")
    assert run("readers", "activate", "Front door").code == 0
    assert run("readers", "remove", "Front door").code == 0
    refused(run("readers", "test", "Front door"), "no reader Front door")


def test_a_reader_that_cannot_be_had_says_what_to_check(run: Run) -> None:
    run("readers", "add", "Desk", "--at", "serial:/dev/ttyNOWHERE", "--point", "Wallbox")
    answer = run("readers", "test", "Desk", "--wait", "0.1")
    assert answer.code == 1 and "check its plug" in answer.err


def test_a_card_is_learned_at_a_reader_while_the_command_waits(run: Run, opened: Opened, clock: FakeClock) -> None:
    run("readers", "add", "Hall", "--at", "pn532+i2c:1", "--point", "Wallbox")

    def hold() -> None:
        for _ in range(2000):
            with opened.store.read() as db:
                if learning.pending(db, opened.clock, "reader:Hall"):
                    break
            threading.Event().wait(0.005)
        show(opened, CARD)

    machine = SystemClock()  # the command runs on it
    clock.boot_id = machine.boot_id
    clock.advance(machine.boottime_s() - clock.boottime_s())
    holder = threading.Thread(target=hold)
    holder.start()
    answer = run("identifications", "learn", "Anna Berger", "--reader", "Hall", "--name", "found", "--wait", "20")
    holder.join()
    assert answer.code == 0 and "identification 1 of Anna Berger" in answer.out
    late = run("identifications", "learn", "Ben Maier", "--reader", "Hall", "--wait", "0.1")
    assert late.code == 1 and "No card came." in late.out


def test_a_card_is_waited_for_no_more_when_the_command_was_broken_off(
    run: Run, opened: Opened, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("readers", "add", "Hall", "--at", "pn532+i2c:1", "--point", "Wallbox")
    machine = SystemClock()  # the command runs on it
    clock.boot_id = machine.boot_id
    clock.advance(machine.boottime_s() - clock.boottime_s())

    def break_off(_seconds: float) -> None:
        raise KeyboardInterrupt

    def ask_for_ben(_seconds: float) -> None:
        learning.ask(opened.store, opened.clock, "reader:Hall", 2, actor=audit.CLI)

    for asleep, waits_for in ((break_off, None), (ask_for_ben, 2)):
        with monkeypatch.context() as patch:
            patch.setattr("appliance.cli.identifications.time.sleep", asleep)
            assert run("identifications", "learn", "Anna Berger", "--reader", "Hall").code != 0
        with opened.store.read() as db:
            pending = learning.pending(db, opened.clock, "reader:Hall")
        assert (pending and pending[1]) == waits_for, "only one's own request is cancelled"


def test_a_refused_card_is_given_to_somebody(run: Run, opened: Opened, clock: FakeClock) -> None:
    clock.set(SystemClock().now())  # the command runs on it
    assert show(opened, CARD) == "unknown"
    (row,) = run("identifications", "unknown", "--json").json
    assert row["tail"] == "B31C"
    assert run("identifications", "adopt", str(row["attempt"]), "Ben Maier").code == 0
    assert show(opened, CARD) == "accepted"
    assert run("identifications", "unknown").out.startswith("No unknown card")
    refused(run("identifications", "adopt", "99", "1"), "not remembered")


def test_users_come_from_a_file_or_not_at_all(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("first name;last name;type;code;expiry\nClara;Ott;pin;#4711;\nDora;Ott;pin;4712;\n")
    answer = run("users", "import", str(file))
    assert answer.code == 1 and "line 2: Clara Ott, pin: ok" in answer.out
    assert "line 3: A PIN code is # and 4 to 8 digits" in answer.out and "nothing was saved" in answer.out
    file.write_text("Clara;Ott;pin;#4711;\n")
    assert "nothing was saved" in run("users", "import", str(file), "--dry-run").out
    assert len(run("users", "list", "--json").json) == 2
    assert run("users", "import", "-", stdin="Clara;Ott;pin;#4711;\n").out.endswith("1 rows were saved.\n")
    assert len(run("users", "list", "--json").json) == 3
    assert "line 1: Dora Ott: ok" in run("users", "import", "-", stdin="\ufeffDora;Ott;;;\n").out, "with a mark, too"
    refused(run("users", "import", str(tmp_path / "none.csv")), "cannot be read")


def test_a_user_is_made_anonymous_or_removed(run: Run) -> None:
    assert run("users", "anonymise", "1").code == 1
    run("users", "archive", "1")
    assert "Former user 1" in run("users", "anonymise", "1").out
    assert run("users", "remove", "Ben Maier").code == 0
    assert [row["last_name"] for row in run("users", "list", "--all", "--json").json] == ["user 1"]


def test_the_log_is_filtered_and_exported(run: Run, opened: Opened, clock: FakeClock) -> None:
    run("identifications", "add", "1", "--type", "rfid", "--code", CARD)
    show(opened, CARD)
    clock.advance(86400)
    show(opened, "04DDCCBB")
    assert len(run("attempts", "--json").json) == 2
    assert [row["result"] for row in run("attempts", "--user", "Anna Berger", "--json").json] == ["accepted"]
    assert [row["result"] for row in run("attempts", "--result", "unknown", "--json").json] == ["unknown"]
    assert [row["result"] for row in run("attempts", "--from", "2026-11-22", "--json").json] == ["unknown"]
    assert [row["result"] for row in run("attempts", "--to", "2026-11-21", "--json").json] == ["accepted"]
    assert run("attempts", "--point", "Wallbox", "--to", "2026-11-20").out == "No attempt is like that.\n"
    rows = list(csv.DictReader(io.StringIO(run("attempts", "--csv").out)))
    assert [(row["terminal"], row["identification"]) for row in rows] == [
        ("reader:Hall", ""), ("reader:Hall", "RFID ••••B31C"),
    ]  # fmt: skip
    refused(run("attempts", "--from", "soon"), "2026-12-31")


def test_a_cell_is_no_formula(run: Run, opened: Opened) -> None:
    run("users", "edit", "1", "--first", "=SUM(1)")
    run("identifications", "add", "1", "--type", "rfid", "--code", CARD)
    show(opened, CARD)
    (row,) = csv.DictReader(io.StringIO(run("attempts", "--csv").out))
    assert row["user"] == "'=SUM(1) Berger"


def test_why_is_a_sentence_and_a_list(run: Run, opened: Opened) -> None:
    assert run("why", "Wallbox").out == "Wallbox: Waits for a card or a PIN.\n"
    show(opened, "04DDCCBB")
    answer = run("why", "Wallbox", "--json").json
    assert (answer["point"], answer["state"]) == ("Wallbox", "idle")
    assert [event["sentence"] for event in answer["events"]] == ["Refused: nobody has this code."]
    assert "Refused: nobody has this code." in run("why", "Wallbox").out
    refused(run("why", "Garage"), "no charging point Garage")


def test_what_was_decided_at_a_point_is_filtered_and_exported(run: Run, opened: Opened) -> None:  # part 7
    show(opened, "04DDCCBB")
    show(opened, CARD)
    faults.report(opened.live, opened.clock.now(), "leak:1", "leak", "Power flows at {point}.", point="Wallbox")
    shown = run("why", "Wallbox").out.splitlines()
    assert shown[1] == "  ! Power flows at Wallbox."
    assert len([line for line in shown if "Refused: nobody has this code." in line]) == 2
    rows = list(csv.DictReader(io.StringIO(run("why", "Wallbox", "--csv").out)))
    assert [row["sentence"] for row in rows] == ["Refused: nobody has this code."] * 2
    assert rows[0]["at"] == "2026-11-21T12:00:00.000Z"
    for period, count in ((("--from", "2026-11-21"), 2), (("--to", "2026-11-20"), 0), (("--limit", "1"), 1)):
        assert len(run("why", "Wallbox", "--json", *period).json["events"]) == count
    refused(run("why", "Wallbox", "--from", "soon"), "2026-12-31")
