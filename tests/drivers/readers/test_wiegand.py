"""Wiegand: bits on two lines, cards and keys, and time between them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.readers import codes, wiegand
from drivers.readers.address import parse_url
from drivers.readers.wiegand import Frame, Keypad, WiegandReader
from drivers.simulated.pins import StrictPins
from tests.drivers import boards
from tests.drivers.boards import Board
from tests.drivers.readers.benches import wiegand_bits

CARD_26, CARD_34 = bytes.fromhex("7BB26E"), bytes.fromhex("04A1B2C3")
PAUSE_S = 0.05


def four(key: str) -> list[int]:
    """A key in four bits."""
    return [int(bit) for bit in f"{codes.KEYS.index(key):04b}"]


def eight(key: str) -> list[int]:
    """A key in eight bits: complement, then itself."""
    return [1 - bit for bit in four(key)] + four(key)


@pytest.fixture(params=("twin", "rpi-lgpio"))
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """The strict twin, and rpi-lgpio itself over a chip in memory."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


async def send(board: Board, *frames: list[int]) -> None:
    """Frames with a pause after each."""
    for frame in frames:
        pulses(board, frame)
        await asyncio.sleep(PAUSE_S)


def pulses(board: Board, bits: list[int]) -> None:
    """One frame."""
    for line in (5, 6):
        board.feed(line, 1)
    for bit in bits:
        board.feed((5, 6)[bit], 0)
        board.feed((5, 6)[bit], 1)


def on(board: Board, case: Callable[[WiegandReader], Awaitable[None]]) -> None:
    """Run a case on an opened reader."""

    async def whole() -> None:
        reader = WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), board.gpio)
        await reader.open()
        async with asyncio.timeout(10):
            await case(reader)
        await reader.close()

    asyncio.run(whole())


@pytest.mark.parametrize("number", [CARD_26, CARD_34])
def test_cards_of_both_lengths_are_read(board: Board, number: bytes) -> None:
    async def case(reader: WiegandReader) -> None:
        await send(board, wiegand_bits(number))
        assert (await reader.next()).code == number.hex().upper()

    on(board, case)


@pytest.mark.parametrize("burst", [four, eight])
def test_keys_gather_to_a_pin_until_the_hash(board: Board, burst: Callable[[str], list[int]]) -> None:
    async def case(reader: WiegandReader) -> None:
        await send(board, *map(burst, "271828#"))
        found = await reader.next()
        assert (found.code, found.kind) == ("271828", "pin")

    on(board, case)


def test_edges_come_from_a_thread_of_the_library(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiegand, "SETTLED_S", (0.5, 0.5))  # this thread may be kept waiting
    monkeypatch.setattr(wiegand, "PAUSE_S", 0.5)

    async def case(reader: WiegandReader) -> None:
        await asyncio.to_thread(pulses, board, wiegand_bits(CARD_34))
        assert (await reader.next()).code == "04A1B2C3"

    on(board, case)


def test_cards_and_keys_share_the_lines(board: Board) -> None:
    async def case(reader: WiegandReader) -> None:
        await send(board, four("1"), four("2"), wiegand_bits(CARD_34), four("3"), four("4"), four("#"))
        assert [(await reader.next()).code for _ in range(2)] == ["04A1B2C3", "1234"]

    on(board, case)


def test_a_flipped_bit_a_lost_bit_and_a_stray_bit_are_garbled(board: Board) -> None:
    async def case(reader: WiegandReader) -> None:
        whole = wiegand_bits(CARD_34)
        for broken in ([1 - whole[0], *whole[1:]], whole[1:], [1]):
            await send(board, broken)
            with pytest.raises(DriverError) as caught:
                await reader.next()
            assert caught.value.code == "garbled"
        await send(board, whole)
        assert (await reader.next()).code == "04A1B2C3"

    on(board, case)


def test_bits_without_end_do_not_fill_the_memory(board: Board) -> None:
    async def case(reader: WiegandReader) -> None:
        pulses(board, [0] * 33 + [0, 1] * 1000)
        await asyncio.sleep(0)  # all of them wait for the loop now
        said = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    try:
                        said.append((await reader.next()).code)
                    except DriverError as error:
                        said.append(error.code)
        assert said[0] == "garbled" and len(said) in (16, 17), "2033 bits are 59 frames and a rest; most were dropped"

    on(board, case)


def test_keys_pressed_while_the_program_was_busy_are_still_two_keys() -> None:
    frame, at_s = Frame(), 100.0
    assert [frame.add(bit, at_s + place * 0.002) for place, bit in enumerate(four("1"))] == [None] * 4
    assert frame.add(0, at_s + 0.1) == four("1")
    assert frame.bits == [0]


@pytest.mark.parametrize(("bit_s", "wait_s"), [(0.0004, 0.006), (0.0016, 0.008), (0.02, 0.010)])
def test_a_frame_that_could_be_whole_is_waited_for_less_and_the_longest_not_at_all(bit_s: float, wait_s: float) -> None:
    waits = {}
    frame = Frame()
    for count, bit in enumerate([*wiegand_bits(CARD_26), *[1] * 8], 1):
        frame.add(bit, 100 + count * bit_s)
        waits[count] = round(frame.wait_s, 6)
    assert {count: waits[count] for count in (4, 8, 26, 34)} == {4: wait_s, 8: wait_s, 26: wait_s, 34: 0.0}
    assert {waits[count] for count in waits if count not in (4, 8, 26, 34)} == {wiegand.PAUSE_S}


def show(frame: Frame, bits: list[int], at_s: float) -> float:
    """A frame's bits, one a millisecond; how long the end of it is waited for."""
    for place, bit in enumerate(bits):
        frame.add(bit, at_s + place * 0.001)
    return frame.wait_s


LONG = wiegand_bits(bytes.fromhex("7B000080"))  # its first 26 bits could be a card
OTHER = wiegand_bits(bytes.fromhex("7BB26F"))


def test_a_card_that_was_whole_before_is_told_at_its_last_bit() -> None:
    frame, card = Frame(), wiegand_bits(CARD_26)
    assert show(frame, card, 1.0) == wiegand.SETTLED_S[0]
    assert frame.take() == card
    assert show(frame, card, 2.0) == 0.0 and frame.take() == card
    assert show(frame, OTHER, 3.0) == wiegand.SETTLED_S[0], "another one is not known"
    assert frame.take() == OTHER and show(frame, card, 4.0) == 0.0


def test_26_bits_without_right_parity_are_no_card_yet() -> None:
    frame, card = Frame(), wiegand_bits(CARD_26)
    assert show(frame, [1 - card[0], *card[1:]], 1.0) == wiegand.PAUSE_S


def test_the_begin_of_a_long_card_is_never_known_as_a_short_one() -> None:
    """Not even if its 27th bit came so late that 26 were told."""
    assert codes.has_parity(LONG[:26]) and codes.has_parity(LONG)
    frame = Frame()
    for at_s in (1.0, 2.0):
        assert show(frame, LONG[:26], at_s) == wiegand.SETTLED_S[0]
        assert frame.take() == LONG[:26]
        assert show(frame, LONG[26:], at_s + 0.045) == 0.0, "20 ms after the 26th"
        assert frame.take() == LONG, "the rest goes on where the frame was"


def test_a_short_card_that_turns_out_to_go_on_is_known_no_more() -> None:
    frame = Frame()
    show(frame, LONG[:26], 1.0)
    frame.take()
    assert show(frame, LONG[:26], 2.0) == 0.0, "it was alone, once"
    frame.take()
    assert show(frame, LONG[26:], 2.026) == 0.0 and frame.take() == LONG
    assert show(frame, LONG, 3.0) == 0.0 and frame.take() == LONG
    assert show(frame, LONG[:26], 4.0) == wiegand.SETTLED_S[0]


def test_only_so_many_cards_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiegand, "KNOWN_MAX", 2)
    frame, cards = Frame(), [wiegand_bits(bytes([1, 2, number])) for number in range(4)]
    for at_s, card in enumerate((*cards[:3], cards[1]), 1):
        show(frame, card, at_s)
        frame.take()
    assert show(frame, cards[0], 10.0) > 0, "the one that was not seen for the longest time is forgotten"
    frame.take()
    assert show(frame, cards[1], 11.0) == 0.0


def test_a_long_card_after_a_short_one_that_begins_alike_is_read(board: Board) -> None:
    async def case(reader: WiegandReader) -> None:
        await send(board, LONG[:26], LONG[:26], LONG, LONG)
        said = [(await reader.next()).code for _ in range(5)]
        assert said[:2] == [codes.from_wiegand(LONG[:26])] * 2 and said[-2:] == ["7B000080"] * 2

    on(board, case)


def test_the_pause_before_a_frame_is_no_pause_in_it() -> None:
    frame = Frame()
    for at_s in (1.0, 5.0, 5.001, 5.002, 5.003):
        frame.add(1, at_s)
    assert frame.bits == [1] * 4 and frame.wait_s == wiegand.SETTLED_S[0]


@pytest.mark.parametrize(
    ("pressed", "pin"),
    [
        ("271828#", "271828"),
        ("#271828#", "271828"),  # who begins with the hash, as the PIN is written
        ("#", None),
        ("12*271828#", "271828"),
        ("12*#", None),
        ("1234567890123#", None),  # nobody's PIN has so many
        ("27", None),
    ],
)
def test_a_keypad_gives_what_was_typed_between_clear_and_hash(pressed: str, pin: str | None) -> None:
    keypad = Keypad()
    found = [keypad.press(key, place * 0.3) for place, key in enumerate(pressed)]
    assert [one for one in found if one is not None] == ([] if pin is None else [pin])


def test_digits_left_on_the_keypad_are_forgotten_after_a_while() -> None:
    keypad = Keypad()
    for place, key in enumerate("27"):
        keypad.press(key, place)
    later_s = 2 + wiegand.KEY_PAUSE_S
    assert [keypad.press(key, later_s) for key in "1828#"][-1] == "1828"


def test_lines_of_another_program_are_unavailable_and_none_is_kept(board: Board) -> None:
    async def whole() -> None:
        reader = WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), board.gpio)
        board.block(6)
        with pytest.raises(DriverError, match="GPIO 5, GPIO 6 cannot be used \\(GPIO busy\\)") as caught:
            await reader.open()
        assert caught.value.code == "unavailable"
        with pytest.raises(RuntimeError, match="You must setup"):
            board.gpio.input(5)
        board.unblock(6)
        await reader.open()
        await send(board, wiegand_bits(CARD_26))
        assert (await reader.next()).code == "7BB26E"
        await reader.close()

    asyncio.run(whole())


def test_without_a_chip_the_reader_says_so(board: Board) -> None:
    board.remove()
    with pytest.raises(DriverError) as caught:
        asyncio.run(WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), board.gpio).open())
    assert caught.value.code == "unavailable"


def test_edges_after_the_loop_has_ended_disturb_nobody() -> None:
    pins = StrictPins()

    async def leave_open() -> None:
        await WiegandReader(parse_url("wiegand:gpio:5,gpio:6"), pins).open()

    asyncio.run(leave_open())
    pins.feed(5, 1)
    pins.feed(5, 0)
    assert pins.input(5) == 0
