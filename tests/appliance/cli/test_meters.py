"""`wattward meters …` against a real Modbus server."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.opened import Opened
from tests.appliance.cli.house import Run


def test_models_are_listed_with_what_they_are_read_over(run: Run) -> None:
    models = {row["model"]: row for row in run("meters", "models", "--json").json}
    assert {"kostal-ksem-g2", "eastron-sdm630"} <= set(models)
    assert "rtu" in models["eastron-sdm630"]["transports"] and models["kostal-ksem-g2"]["tested"] is True


def test_a_meter_is_added_read_edited_archived_and_removed(run: Run, port: int, opened: Opened) -> None:
    url = f"tcp://127.0.0.1:{port}"
    assert run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", url, "--unit", "1").code == 0
    reading = run("meters", "read", "Grid", "--json").json
    assert reading["fresh"] and 200 < reading["values"]["voltage_l1_v"] < 260
    assert "voltage_l1_v" in run("meters", "test", "Grid").out
    assert run("meters", "edit", "Grid", "--role", "submeter", "--interval", "5").code == 0
    (row,) = run("meters", "list", "--json").json
    assert (row["role"], row["interval_s"], row["url"]) == ("submeter", 5.0, url)
    assert run("meters", "archive", "Grid").code == 0 and run("meters", "list", "--json").json == []
    assert run("meters", "activate", "Grid").code == 0
    assert run("meters", "remove", "Grid").code == 0
    assert [event.event for event in audit.newest(opened.store)][0] == "meter.remove"


def test_a_meter_may_be_read_the_other_way_round(run: Run, port: int) -> None:
    run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", f"tcp://127.0.0.1:{port}", "--unit", "1")
    before = run("meters", "test", "Grid", "--json").json["values"]
    run("meters", "edit", "Grid", "--inverted", "on")
    after = run("meters", "test", "Grid", "--json").json["values"]
    assert after["import_wh"] == pytest.approx(before["export_wh"], abs=100) != before["import_wh"]
    assert after["power_w"] * before["power_w"] < 0
    assert run("meters", "list", "--json").json[0]["inverted"] is True
    run("meters", "edit", "Grid", "--inverted", "off")
    assert run("meters", "list", "--json").json[0]["inverted"] is False


def test_what_is_seldom_meant_is_said(run: Run, port: int) -> None:
    words = ("--model", "kostal-ksem-g2", "--at", f"tcp://127.0.0.1:{port}", "--unit", "1")
    assert "Note" not in run("meters", "add", "Grid", *words).out
    said = run("meters", "add", "Again", *words).out
    assert "Grid is read at the same address and unit" in said and "Grid is a grid meter, too" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--model", "nonsense", "--at", "tcp://127.0.0.1:502"), "no meter model nonsense"),
        (("--model", "eastron-sdm630", "--at", "http://127.0.0.1"), "tcp://"),
        (("--model", "eastron-sdm630", "--at", "tcp://127.0.0.1:502", "--unit", "300"), "0 to 255, not 300"),
        (("--model", "eastron-sdm630", "--at", "tcp://127.0.0.1:502", "--role", "roof"), "role of a meter is one of"),
    ],
)
def test_bad_input_is_refused_with_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    answer = run("meters", "add", "X", *words)
    assert answer.code == 2 and sentence in answer.err and len(answer.err.strip().splitlines()) == 1
    assert run("meters", "list", "--json").json == []


def test_a_meter_that_is_not_there_says_what_to_check(run: Run) -> None:
    run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", "tcp://127.0.0.1:1")
    answer = run("meters", "read", "Grid")
    assert answer.code == 1 and "127.0.0.1:1" in answer.err and "firewall" in answer.err


def test_the_wrong_model_is_told(run: Run, port: int) -> None:
    run("meters", "add", "Grid", "--model", "kostal-ksem-g2", "--at", f"tcp://127.0.0.1:{port}", "--unit", "2")
    answer = run("meters", "test", "Grid")
    assert answer.code == 1 and "model" in answer.err
