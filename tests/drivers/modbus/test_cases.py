"""Recorded frames, registers with values read beside them, vendors' examples and misreads (real_cases.json).

Every case goes through the real client where it has bytes, and through a map where there is one for its meter.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import DriverError
from drivers.modbus import codec, ear, plausibility, registers
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from drivers.modbus.meter import open_meter
from drivers.modbus.registers import Point
from drivers.modbus.sunspec import layout
from drivers.modbus.sunspec.layout import Identity
from tests.drivers.modbus.device import Behaviour, Request, image, meter, on_tcp
from tests.drivers.modbus.values import shown

Case = dict[str, Any]
CASES: dict[str, Case] = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "real_cases.json").read_text("utf-8"))
}

# case -> model, and which of its points is which of the expected values
IN_MAPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "eastron_doc_v1": ("eastron-sdm630", ("voltage_l1_v",)),
    "tasmota17671_1": ("eastron-sdm630", ("apparent_l2_va",)),
    "tasmota17671_2": ("eastron-sdm630", ("apparent_l3_va",)),
    "tasmota17671_3": ("eastron-sdm630", ("reactive_l1_var",)),
    "tasmota17671_4": ("eastron-sdm630", ("reactive_l2_var",)),
    "tasmota17671_5": ("eastron-sdm630", ("reactive_l3_var",)),
    "tasmota17671_7": ("eastron-sdm630", ("power_factor",)),
    "tasmota17671_8": ("eastron-sdm630", ("power_l1_w",)),
    "tasmota17671_9": ("eastron-sdm630", ("power_l2_w",)),
    "tasmota17671_10": ("eastron-sdm630", ("power_l3_w",)),
    "orno516_freq": ("orno-we-516", ("frequency_hz",)),
    "orno514_energy": ("orno-we-514", ("import_wh",)),
    "saia_doc_ui": ("saia-ald1", ("voltage_l1_v", "current_l1_a")),
    "abb_pf": ("abb-b21", ("power_factor",)),
    "abb_power": ("abb-b21", ("power_w",)),
    "abb_import": ("abb-b23-b24", ("power_w",)),
    "hager_test": ("hager-ecr380d", ("voltage_l1_v", "frequency_hz", "current_l1_a")),
    "cg_em300_test": ("carlo-gavazzi-em340", ("power_l1_w",)),
    "sdm630_test": ("eastron-sdm630", ("power_w",)),
}
UNUSABLE = {
    "dvh4013_request": "a request without an answer, and one register too high",
    "solarlog_old_pro380": "says in words that old firmware lacks the registers; there are no bytes",
}


async def ask(answer: bytes | Behaviour, question: Question, framing: str = "rtu") -> tuple[list[int], Request]:
    """Put a question to a device that gives this answer."""
    behave = answer if callable(answer) else lambda request: [answer]
    async with on_tcp(behave, framing) as device:
        bus = Bus(Address("tcp" if framing == "tcp" else "rtutcp", "127.0.0.1", device.port))
        try:
            return await bus.read(question), device.requests[0]
        finally:
            await bus.close()


def heard(case: Case) -> list[int]:
    """The registers of a case as the client hears them; where a frame was recorded, in that frame."""
    if "response_hex" not in case or not case.get("response_crc_ok", case.get("mbap_length_ok", False)):
        held = dict(enumerate(case["registers"]))
        return asyncio.run(ask(meter(held), Question(1, 3, 0, len(held))))[0]
    frame = bytes.fromhex(case["response_hex"])
    if case["transport"] == "tcp":
        unit, function, start, count = struct.unpack(">BBHH", bytes.fromhex(case["request_hex"])[6:])
        words, request = asyncio.run(
            ask(lambda request: [struct.pack(">H", request.transaction) + frame[2:]],
                Question(unit, function, start, count), "tcp")
        )  # fmt: skip
        assert request.raw[6:].hex() == case["request_hex"][12:]
        return words
    asked = bytes.fromhex(case.get("request_hex") or "") or frame[:2] + b"\0\0"
    words, request = asyncio.run(ask(frame, Question(frame[0], frame[1], int.from_bytes(asked[2:4]), frame[2] // 2)))
    if case.get("request_hex"):
        assert request.raw.hex() == case["request_hex"]
    return words


def a_value(case: Case) -> None:
    """What is decoded is what was read beside it."""
    words = heard(case)
    if "registers" in case:
        assert words == case["registers"]
    for expected in case["expected"]:
        found = value_in(words, expected)
        assert expected.get("verified") or "tol" in expected
        assert found == pytest.approx(expected["value"], abs=expected.get("tol", 0.0), rel=1e-6)
    model, quantities = IN_MAPS.get(case["id"], ("", ()))
    for quantity, expected in zip(quantities, case["expected"], strict=False):
        point = point_of(model, quantity)
        held = dict(enumerate(words[expected.get("offset", 0) :], point.address))
        factor = 1000 if expected.get("unit") == "kWh" else 1
        assert registers.decode(point, held) == pytest.approx(expected["value"] * factor, rel=1e-6, abs=1e-3)
        assert start_of(case) in (None, point.address - expected.get("offset", 0))


def value_in(words: Sequence[int], expected: Case) -> float | None:
    kind, at = expected["type"], expected.get("offset", 0)
    mine = words[at : at + codec.size_of(kind)]
    return codec.value_of(kind, mine, expected.get("scale", 1.0), expected.get("wo", "big"))


def point_of(model: str, quantity: str) -> Point:
    return next(point for point in registers.load(model).points if point.quantity == quantity)


def start_of(case: Case) -> int | None:
    """From which register on it was asked, where the case says so."""
    if case.get("request_hex") and case["transport"] == "rtu":
        return int(case["request_hex"][4:8], 16)
    words = case.get("request", "").split()
    if not words:
        return None
    return int(words[1] if words[0].startswith("FC") else words[0], 0)


def a_refusal(case: Case) -> None:
    """A Modbus exception is a fault that names it."""
    frame = bytes.fromhex(case["response_hex"])
    code = case["expected"][0]["exception"]
    with pytest.raises(DriverError) as caught:
        if case["transport"] == "tcp":
            unit, function, start, count = struct.unpack(">BBHH", bytes.fromhex(case["request_hex"])[6:])
            answer = lambda request: [struct.pack(">H", request.transaction) + frame[2:]]  # noqa: E731  # one use
            asyncio.run(ask(answer, Question(unit, function, start, count), "tcp"))
        else:
            asyncio.run(ask(frame, Question(frame[0], frame[1] & 0x7F, 0, 2)))
    assert caught.value.code == "refused"
    assert {2: "illegal data address", 4: "device failure"}[code] in str(caught.value)


def half_a_check(case: Case) -> None:
    """A frame that lost a byte is not believed, whatever its payload says."""
    with pytest.raises(DriverError) as caught:
        asyncio.run(ask(bytes.fromhex(case["raw_line_hex"]), Question(1, 4, 0, 2)))
    assert caught.value.code == "garbled"


def a_silent_neighbour(case: Case) -> None:
    """One unit answers, another is silent: the first one's value stays its own."""
    sent = [bytes.fromhex(line.split()[2]) for line in case["trace"] if " tx " in line]
    answer = next(bytes.fromhex(line.split()[2]) for line in case["trace"] if " rx 01" in line)

    async def scene() -> None:
        def behave(request: Request) -> list[bytes]:
            return [answer] if request.raw == sent[0] else []

        async with on_tcp(behave, "rtu") as device:
            bus = Bus(Address("rtutcp", "127.0.0.1", device.port))
            for _n in range(2):
                first = await bus.read(Question(1, 3, 0x05DB, 2))
                assert codec.value_of("f32", first) == pytest.approx(0.992115, abs=1e-5)
                with pytest.raises(DriverError, match="unit 63") as caught:
                    await bus.read(Question(63, 3, 0x0708, 2))
                assert caught.value.code == "silent"
            assert sent[1] in [request.raw for request in device.requests]
            await bus.close()

    asyncio.run(scene())


def exponents(case: Case) -> None:
    """The maker's format, not an integer: 0xFF is 10^-1, and the display's value is near."""
    expected = case["expected"][0]
    high, low = case["registers_approx"][0], int(case["registers_approx"][1].lstrip("~"), 16)
    found = codec.value_of("t5", [high, low])
    assert found == pytest.approx(expected["value"], abs=expected["tol"])
    assert codec.value_of("u32", [high, low], 0.001) == pytest.approx(4_278_192.5, rel=1e-5)  # what was misread


def a_serial_number(case: Case) -> None:
    label = next(label for label in registers.load("inepro-pro380").labels if label.name == "serial")
    assert label.text(heard(case)) == case["expected"][0]["value"]


def a_sunspec_meter(case: Case) -> None:
    at = {"AphA": 3, "AphB": 4, "AphC": 5, "A_SF": 6, "PhVphA": 8, "PhVphB": 9, "PhVphC": 10, "V_SF": 15, "Hz": 16,
          "Hz_SF": 17, "W": 18, "WphA": 19, "WphB": 20, "WphC": 21, "W_SF": 22}  # fmt: skip
    words = [203, 105, *[0x8000] * 105]
    for name, offset in at.items():
        words[offset] = case["registers"][name] & 0xFFFF
    found = layout.decode(203, words, Identity())
    for name, value in case["expected"].items():
        ours = {"frequency": "frequency_hz", "power_total": "power_w"}.get(name, f"{name}_{name[0].translate(UNITS)}")
        if name != "current_total":
            assert found[ours] == pytest.approx(value, abs=1e-6)
    assert sum(found[f"power_l{n}_w"] for n in (1, 2, 3)) == pytest.approx(found["power_w"], abs=1)


UNITS = str.maketrans({"c": "a", "v": "v", "p": "w"})


def an_owners_ksem(case: Case) -> None:
    """The values come through our own block whole, and their phases add up."""
    seen = case["expected"]
    values = shown("kostal-ksem-g2") | {
        "power_w": seen["W"], "power_l1_w": seen["WphA"], "power_l2_w": seen["WphB"], "power_l3_w": seen["WphC"],
        "voltage_l1_v": seen["PhVphA"], "voltage_l2_v": seen["PhVphB"], "voltage_l3_v": seen["PhVphC"],
        "current_l3_a": seen["AphC"], "frequency_hz": seen["Hz"], "power_factor": seen["PF"] / 100,
        "apparent_va": seen["VA"], "reactive_var": seen["VAR"],
    }  # fmt: skip

    async def read() -> dict[str, float]:
        async with on_tcp(meter(image("kostal-ksem-g2", values))) as device:
            one = open_meter("kostal-ksem-g2", f"tcp://127.0.0.1:{device.port}", 71)
            reading = await one.read()
            await one.close()
            return dict(reading.values)

    found = asyncio.run(read())
    assert found == pytest.approx(values, abs=1e-3)
    assert found["power_w"] == pytest.approx(sum(found[f"power_l{phase}_w"] for phase in (1, 2, 3)), abs=1.5)


def words_the_right_way_round(case: Case) -> None:
    """A float of two registers; the other way round what comes out is believed by nobody."""
    point = point_of("schneider-iem3155", "frequency_hz")
    assert point.address == 0x0C25
    value = case["expected"][0]["value"]
    held = registers.encode(point, value)
    assert registers.decode(point, held) == pytest.approx(value, rel=1e-7)
    words = list(held.values())
    for bits in (words, [int.from_bytes(word.to_bytes(2), "little") for word in words]):
        wrong = codec.value_of("f32", bits, order="little")
        assert wrong is not None and plausibility.first_impossible({"frequency_hz": wrong}) == "frequency_hz"


def a_float_read_as_an_integer(case: Case) -> None:
    point = point_of("janitza-umg96", "voltage_l1_v")
    raw = case["derived"]["u32_of_230_0"]
    assert registers.decode(point, {19000: raw >> 16, 19001: raw & 0xFFFF}) == 230.0
    assert point.address == int(case["request"].split()[1])


def what_is_not_there(case: Case) -> None:
    prefix = bytes.fromhex(case["response_prefix_hex"])[3:]
    words = struct.unpack(f">{len(prefix) // 2}H", prefix)
    gone = [codec.value_of("s16", [word], invalid=(b"\x80\x00",)) for word in words[4:]]
    assert gone and set(gone) == {None}
    for text in case["strings"]:
        assert codec.text_of(codec.words_of(text, 20)) == text.strip()


def a_common_model(case: Case) -> None:
    frame = bytes.fromhex(case["response_hex"])
    assert ear.crc(frame[:-2]) == frame[-2:]
    words, request = asyncio.run(ask(frame, Question(1, 3, 40000, 70)))
    assert request.raw.hex() == case["request_hex"]
    who, expected = layout.identity(words[2:]), case["expected"]
    assert (who.vendor, who.model, who.version, who.serial) == tuple(expected[key] for key in ("Mn", "Md", "Vr", "SN"))


def a_block_with_a_gap(case: Case) -> None:
    """The middle of the frame was left out where it was published: what is there decodes."""
    known = {int(address): word for address, word in case["registers_known"].items()}
    addresses = {"energy_total": 0, "voltage_l1": 12, "current_l1": 13, "power_total": 14, "frequency": 17}
    for expected in case["expected"]:
        take = codec.taker(expected["type"], addresses[expected["quantity"]], expected.get("scale", 1))
        assert take(known) == pytest.approx(expected["value"], rel=1e-9)
    assert case["response_partial_hex"].endswith(f"{known[0]:04x}{known[1]:04x}")
    assert case["response_tail_hex"].startswith("".join(f"{known[n]:04x}" for n in range(12, 18)))


CHECKS: dict[str, Callable[[Case], None]] = {
    "hager_exception": a_refusal,
    "edp_exception4": a_refusal,
    "sdm120_glitch_truncated": half_a_check,
    "timeout_then_other": a_silent_neighbour,
    "finder_t5_misread": exponents,
    "inepro_serial": a_serial_number,
    "solaredge_meter_203": a_sunspec_meter,
    "ksem_sunspec_203": an_owners_ksem,
    "iem3255_freq": words_the_right_way_round,
    "janitza_misread": a_float_read_as_an_integer,
    "pm5310_ident": what_is_not_there,
    "pysunspec2_common": a_common_model,
    "dds238_block": a_block_with_a_gap,
}


@pytest.mark.parametrize("name", [name for name in CASES if name not in UNUSABLE])
def test_a_real_case_decodes_to_what_was_read_beside_it_or_is_refused(name: str) -> None:
    CHECKS.get(name, a_value)(CASES[name])


def test_only_cases_without_bytes_are_not_used() -> None:
    assert set(UNUSABLE) == {"dvh4013_request", "solarlog_old_pro380"}
    assert all("registers" not in CASES[name] and "response_hex" not in CASES[name] for name in UNUSABLE)
    assert set(CHECKS) | set(IN_MAPS) <= set(CASES)


def test_the_one_register_too_high_is_not_where_the_map_reads() -> None:
    asked = int(CASES["dvh4013_request"]["request_hex"][4:8], 16)
    assert point_of("dzg-dvh4013", "import_wh").address == asked - 1 == 0x4000
