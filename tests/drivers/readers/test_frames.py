"""Cards are told apart in what serial readers send, however it is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.readers import frames
from drivers.readers.codes import Unreadable

RDM6300 = b"\x02" + b"0B00C5D20F" + b"13" + b"\x03"  # 0B^00^C5^D2^0F = 13
ID12 = b"\x02" + b"0B00C5D20F" + b"13" + b"\r\n\x03"


def cards(framer: frames.Framer, *pieces: bytes) -> list[str]:
    """What came of the pieces and the pause after them; an error is told by its words."""
    ended = [one for piece in pieces for one in framer.feed(piece)] + framer.idle()
    return [one if isinstance(one, str) else f"({one})" for one in ended]


@pytest.mark.parametrize("frame", [RDM6300, ID12])
@given(st.integers(1, 15))
def test_a_checked_frame_is_a_card_however_it_is_cut(frame: bytes, at: int) -> None:
    assert cards(frames.framer_of("stx", "hex", "normal"), frame[:at], frame[at:]) == ["0B00C5D20F"]


def test_frames_one_after_another_are_one_card_each() -> None:
    assert cards(frames.Checked("reversed"), RDM6300 + ID12) == ["0FD2C5000B"] * 2


def test_a_wrong_check_sum_is_no_card_and_the_next_frame_is_one() -> None:
    spoilt = RDM6300.replace(b"13", b"14")
    assert cards(frames.Checked("normal"), spoilt + RDM6300) == ["(check sum)", "0B00C5D20F"]


@pytest.mark.parametrize("noise", [b"\xff\xfe", b"\x02\x02", b"garbage", b"\x0200"])
def test_noise_before_a_frame_does_not_cost_the_card(noise: bytes) -> None:
    assert cards(frames.Checked("normal"), noise + RDM6300) == ["0B00C5D20F"]


@pytest.mark.parametrize("stuff", [b"\x020B00", b"\xff" * 10, b"\x02" + b"0" * 100, b"\x03", b"\x02XY\x03"])
def test_noise_alone_is_no_frame_and_is_forgotten(stuff: bytes) -> None:
    framer = frames.Checked("normal")
    assert cards(framer, stuff) == ["(no frame)"]
    assert cards(framer, RDM6300) == ["0B00C5D20F"]


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_a_framer(data: bytes) -> None:
    for framer in (frames.Checked("normal"), frames.Lines("hex", "normal"), frames.Bursts("normal")):
        for one in framer.feed(data) + framer.idle():
            assert isinstance(one, Unreadable) or set(one) <= set("0123456789ABCDEF")
        assert framer.idle() == []


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\n\x03"])
def test_a_line_ends_with_what_readers_end_it(end: bytes) -> None:
    assert cards(frames.Lines("hex", "normal"), b"\x0204A1", b"B2C3" + end) == ["04A1B2C3"]


def test_lines_are_read_in_the_form_and_order_of_the_address() -> None:
    assert cards(frames.framer_of("line", "decimal", "reversed"), b"0077705923\r\n") == ["C3B2A104"]


def test_a_line_without_end_is_a_card_only_where_a_pause_may_end_it() -> None:
    assert cards(frames.Lines("hex", "normal"), b"04A1B2C3") == ["(a line without end)"]
    assert cards(frames.Lines("hex", "normal", pause_ends=True), b"04A1B2C3") == ["04A1B2C3"]


def test_an_endless_line_is_refused_once_and_does_not_fill_the_memory() -> None:
    framer = frames.Lines("hex", "normal")
    said = cards(framer, *[b"0" * 60] * 4)
    assert len(said) == 2 and all(one.startswith("(") for one in said)
    assert cards(framer, b"04A1B2C3\r") == ["04A1B2C3"]


def test_a_burst_is_a_number_once_it_pauses() -> None:
    framer = frames.framer_of("raw", "hex", "normal")
    assert cards(framer, b"\x04\xa1", b"\xb2\xc3") == ["04A1B2C3"]
    assert cards(framer, b"\x04") == ["(1 bytes are no card number)"]
    assert cards(framer, b"\x01" * 500) == ["(65 bytes are no card number)"]
