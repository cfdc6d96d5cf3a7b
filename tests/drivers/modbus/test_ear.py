"""What is taken for an answer, byte by byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.ear import Ear, RtuEar, TcpEar, crc

RTU_QUESTION = bytes.fromhex("01040000000271cb")
RTU_ANSWER = bytes.fromhex("010404436633341b38")
TCP_QUESTION = bytes.fromhex("000500000006010400000002")
TCP_ANSWER = bytes.fromhex("00050000000701040443663334")


def rtu(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc(body)


def asked(ear: Ear, question: bytes) -> Ear:
    assert ear.trace(True, question) == question
    return ear


def test_the_check_is_that_of_the_vendors_example() -> None:
    assert crc(RTU_QUESTION[:-2]) == RTU_QUESTION[-2:]
    assert crc(RTU_ANSWER[:-2]) == RTU_ANSWER[-2:]


@pytest.mark.parametrize(
    ("ear", "question", "answer"), [(RtuEar, RTU_QUESTION, RTU_ANSWER), (TcpEar, TCP_QUESTION, TCP_ANSWER)]
)
def test_nothing_passes_before_the_answer_is_whole(ear: type[Ear], question: bytes, answer: bytes) -> None:
    one = asked(ear(), question)
    for end in range(1, len(answer)):
        assert one.trace(False, answer[:end]) == b""
    assert one.trace(False, answer) == answer


@pytest.mark.parametrize(
    ("ear", "question", "answer"), [(RtuEar, RTU_QUESTION, RTU_ANSWER), (TcpEar, TCP_QUESTION, TCP_ANSWER)]
)
def test_nothing_passes_while_nothing_is_asked(ear: type[Ear], question: bytes, answer: bytes) -> None:
    one = ear()
    assert one.trace(False, answer) == b""
    asked(one, question)
    one.deafen()
    assert one.trace(False, answer) == b""
    assert one.heard_at > 0


@given(st.lists(st.sampled_from([0x00, 0xFF, 0x80, 0x7F]), max_size=6).map(bytes))
def test_a_glitch_before_or_after_the_answer_does_no_harm(glitch: bytes) -> None:
    assert asked(RtuEar(), RTU_QUESTION).trace(False, glitch + RTU_ANSWER + glitch) == RTU_ANSWER


def test_an_adapter_that_hears_itself_does_no_harm() -> None:
    ear = asked(RtuEar(), RTU_QUESTION)
    both = RTU_QUESTION + RTU_ANSWER
    assert [ear.trace(False, both[:end]) for end in (3, 8, 12)] == [b"", b"", b""]
    assert ear.trace(False, both) == RTU_ANSWER


@pytest.mark.parametrize(
    "late",
    [rtu("010402123456"), rtu("0103044366333412"), rtu("0204044366333412"), rtu("01040643663334000011")],
    ids=["short", "other function", "other unit", "longer"],
)
def test_an_answer_to_another_question_is_passed_over(late: bytes) -> None:
    ear = asked(RtuEar(), RTU_QUESTION)
    assert ear.trace(False, late) == b""
    assert ear.noise
    assert ear.trace(False, late + RTU_ANSWER) == RTU_ANSWER


def test_a_wrong_check_is_not_believed() -> None:
    assert asked(RtuEar(), RTU_QUESTION).trace(False, RTU_ANSWER[:-1] + b"\0") == b""


def test_a_refusal_passes() -> None:
    refusal = rtu("018402")
    assert asked(RtuEar(), RTU_QUESTION).trace(False, refusal) == refusal
    tcp = bytes.fromhex("000500000003018402")
    assert asked(TcpEar(), TCP_QUESTION).trace(False, tcp) == tcp


@pytest.mark.parametrize(
    "other",
    ["00040000000701040443663334", "00050000000702040443663334", "00050000000701030443663334"],
    ids=["transaction", "unit", "function"],
)
def test_frames_of_others_are_left_out(other: str) -> None:
    frame = bytes.fromhex(other)
    ear = asked(TcpEar(), TCP_QUESTION)
    assert ear.trace(False, frame) == b""
    assert ear.trace(False, frame + TCP_ANSWER) == TCP_ANSWER


def test_what_is_not_modbus_ends_the_hope_for_an_answer() -> None:
    ear = asked(TcpEar(), TCP_QUESTION)
    assert ear.trace(False, b"HTTP/1.1 400 Bad Request\r\n" + TCP_ANSWER) == b""
    assert ear.noise


def test_one_or_two_bytes_are_a_glitch_not_somebody_talking() -> None:
    ear = asked(RtuEar(), RTU_QUESTION)
    ear.trace(False, b"\0\0")
    assert not ear.noise


@given(st.binary(max_size=300), st.integers(1, 125))
def test_noise_never_becomes_an_answer_of_another_length(noise: bytes, count: int) -> None:
    head = struct.pack(">BBHH", 1, 3, 0, count)
    answer = asked(RtuEar(), head + crc(head)).trace(False, noise)
    assert answer == b"" or (crc(answer[:-2]) == answer[-2:] and len(answer) in (5, 5 + 2 * count))


@given(st.binary(max_size=12), st.integers(1, 4))
def test_the_answer_is_found_behind_any_noise_that_does_not_begin_like_it(noise: bytes, count: int) -> None:
    head = struct.pack(">BBHH", 1, 3, 0, count)
    question, body = head + crc(head), bytes([1, 3, 2 * count]) + bytes(2 * count)
    answer = body + crc(body)
    if b"\x01" in noise:
        return
    assert asked(RtuEar(), question).trace(False, noise + answer) == answer


# Coils and inputs -----------------------------------------------------------------------------------

READ_COIL, COIL_IS_ON = rtu("010100030001"), rtu("01010101")
WRITE_COIL = rtu("01050003ff00")  # its answer is itself


def test_the_answer_to_a_written_coil_is_the_request_itself() -> None:
    ear = asked(RtuEar(), WRITE_COIL)
    assert ear.trace(False, WRITE_COIL[:7]) == b""
    assert ear.trace(False, WRITE_COIL) == WRITE_COIL
    other = rtu("010500030000")
    assert asked(RtuEar(), WRITE_COIL).trace(False, other) == b"", "an older order's"


def test_a_line_known_to_echo_answers_no_written_coil_by_itself() -> None:
    ear = asked(RtuEar(), READ_COIL)
    assert ear.trace(False, READ_COIL) == b"" and not ear.echoes
    assert ear.trace(False, READ_COIL + COIL_IS_ON) == COIL_IS_ON and ear.echoes
    asked(ear, WRITE_COIL)
    assert ear.trace(False, WRITE_COIL) == b"", "that was the adapter"
    assert ear.trace(False, WRITE_COIL + WRITE_COIL) == WRITE_COIL
    assert asked(ear, READ_COIL).trace(False, COIL_IS_ON) == COIL_IS_ON
    assert not ear.echoes, "another adapter"


def test_a_refused_coil_passes_on_both_kinds_of_line() -> None:
    refusal = rtu("018502")
    assert asked(RtuEar(), WRITE_COIL).trace(False, refusal) == refusal
    question = bytes.fromhex("0001000000060105000300ff")
    frame = bytes.fromhex("000100000003018502")
    assert asked(TcpEar(), question).trace(False, frame) == frame


@pytest.mark.parametrize(
    ("pdu", "answer", "passes"),
    [
        ("0100030001", "010101", True),
        ("0100030001", "01020100", False),  # two bytes for one bit
        ("0100030009", "01020100", True),
        ("0200000008", "0201ff", True),
        ("0200000008", "0101ff", False),
        ("050003ff00", "050003ff00", True),
        ("050003ff00", "0500030000", False),
        ("050003ff00", "050004ff00", False),
        ("0502030050", "0502030050", True),  # a time where the protocol has on and off
    ],
)
def test_on_tcp_bits_come_in_as_many_bytes_as_they_need_and_orders_come_back(
    pdu: str, answer: str, passes: bool
) -> None:
    def frame(text: str) -> bytes:
        body = bytes.fromhex("01" + text)
        return struct.pack(">HHH", 7, 0, len(body)) + body

    assert asked(TcpEar(), frame(pdu)).trace(False, frame(answer)) == (frame(answer) if passes else b"")
