"""Lamps and buzzer: every signal has a rhythm of its own, and playing keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from drivers import feedback
from drivers.feedback import SIGNALS, GpioFeedback, Lamps, Signal, Step, parse_lamps, timeline
from drivers.interfaces import DriverError, SignalName
from drivers.sentences import BadAddress
from drivers.simulated.pins import StrictPins
from tests.drivers import boards
from tests.drivers.boards import Board

GREEN, RED, BUZZER = 22, 23, 24
LAMPS = Lamps({"green": GREEN, "red": RED, "buzzer": BUZZER})


class Beat:
    """Sleep that ends when the test says so, and the levels at each beat."""

    def __init__(self, pins: StrictPins) -> None:
        self._pins = pins
        self._go = asyncio.Semaphore(0)
        self.played: list[tuple[set[int], int]] = []  # lines that are high, and for how many ms

    async def sleep(self, for_s: float) -> None:
        """The player's sleep."""
        self.played.append((self.high(), round(for_s * 1000)))
        await self._go.acquire()

    def high(self) -> set[int]:
        """The lines that are high now."""
        return {line for line, level in self._pins.levels.items() if level}

    async def on(self, beats: int = 1) -> None:
        """Let so many sleeps end."""
        for _ in range(beats):
            self._go.release()
            for _ in range(5):
                await asyncio.sleep(0)


def playing(case: Callable[[GpioFeedback, Beat, StrictPins], Awaitable[None]], lamps: Lamps = LAMPS) -> StrictPins:
    """Run a case."""
    pins = StrictPins()

    async def whole() -> None:
        beat = Beat(pins)
        player = GpioFeedback(lamps, pins, beat.sleep)
        await case(player, beat, pins)
        player.close()

    asyncio.run(whole())
    return pins


@pytest.fixture(params=("twin", "rpi-lgpio"))
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """The strict twin, and rpi-lgpio itself over a chip in memory."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


def without_colour(signal: Signal) -> list[tuple[bool, int]]:
    """What somebody sees who knows only light and dark, in the first four seconds."""
    steps = [(bool(step.on - {"buzzer"}), step.for_ms) for step in timeline(signal)]
    return [] if not any(lit for lit, _ in steps) else steps


def test_rhythms_differ_so_that_colour_is_not_the_only_sign() -> None:
    for (one, first), (other, second) in combinations(SIGNALS.items(), 2):
        assert without_colour(first) != without_colour(second) or without_colour(first) == [], (one, other)


def test_answers_differ_by_ear_too() -> None:
    heard = [signal.lamps["buzzer"] for name, signal in SIGNALS.items() if not signal.repeats]
    assert len(set(heard)) == len(heard) == 5


def test_states_are_quiet_and_answers_end() -> None:
    for name, signal in SIGNALS.items():
        assert signal.repeats == ("buzzer" not in signal.lamps), name
        length_ms = sum(step.for_ms for step in timeline(signal))
        assert length_ms <= (4000 if signal.repeats else 2000), name


def test_no_lamp_flashes_more_than_five_times_a_second() -> None:
    for name, signal in SIGNALS.items():
        for lamp, rhythm in signal.lamps.items():
            if lamp != "buzzer":
                assert all(on + off >= 200 for on, off in rhythm), (name, lamp)


def test_a_timeline_is_every_lamp_at_every_moment() -> None:
    signal = Signal({"green": ((100, 50), (30, 20)), "red": ((0, 120), (60, 0))})
    assert timeline(signal) == [
        Step(frozenset({"green"}), 100), Step(frozenset(), 20), Step(frozenset({"red"}), 30),
        Step(frozenset({"green", "red"}), 30), Step(frozenset(), 20),
    ]  # fmt: skip
    assert timeline(Signal({})) == []


def test_an_answer_is_played_once_and_the_state_goes_on_after_it() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("ready")
        await asyncio.sleep(0)
        await beat.on(3)
        assert beat.played == [({GREEN}, 60), (set(), 2940), ({GREEN}, 60), (set(), 2940)]
        beat.played.clear()
        player.show("accepted")
        await beat.on(0)
        await asyncio.sleep(0)
        await beat.on(3)
        assert beat.played == [({GREEN, BUZZER}, 400), ({GREEN}, 800), ({GREEN}, 60), (set(), 2940)]

    playing(case)


def test_a_steady_lamp_needs_no_beat() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("charging")
        for _ in range(5):
            await asyncio.sleep(0)
        assert beat.high() == {GREEN} and beat.played == []
        player.show("dark")
        for _ in range(5):
            await asyncio.sleep(0)
        assert beat.high() == set()

    playing(case)


def test_a_state_shown_during_an_answer_waits_for_its_end() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("ready")
        await asyncio.sleep(0)
        player.show("accepted")
        await asyncio.sleep(0)
        player.show("waiting")
        player.show("charging")
        await asyncio.sleep(0)
        assert beat.high() == {GREEN, BUZZER}
        await beat.on(2)
        assert beat.high() == {GREEN} and beat.played[-1] == ({GREEN}, 800), "charging is steady and needs no beat"

    playing(case)


def test_a_new_answer_ends_the_one_before() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("refused")
        await asyncio.sleep(0)
        assert beat.high() == {RED, BUZZER}
        player.show("accepted")
        await asyncio.sleep(0)
        assert beat.high() == {GREEN, BUZZER}
        await beat.on(3)
        assert beat.high() == set()

    playing(case)


def test_a_state_that_is_shown_again_and_again_keeps_its_rhythm() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        for _ in range(6):
            player.show("fault")
            await asyncio.sleep(0)
            await beat.on(1)
        assert beat.played[:6] == [({RED}, 150), (set(), 150), ({RED}, 150), (set(), 1550), ({RED}, 150), (set(), 150)]

    playing(case)


def test_another_state_begins_at_once() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("fault")
        await asyncio.sleep(0)
        player.show("charging")
        for _ in range(5):
            await asyncio.sleep(0)
        assert beat.high() == {GREEN}

    playing(case)


def test_lamps_that_are_not_there_are_left_out() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("waiting")
        await asyncio.sleep(0)
        await beat.on(1)
        assert [set(on) for on, _ in beat.played] == [set(), set()]
        assert set(pins.levels) == {RED}

    playing(case, Lamps({"red": RED}))


def test_lines_that_are_active_when_low_rest_high() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("charging")
        for _ in range(5):
            await asyncio.sleep(0)
        assert pins.levels == {GREEN: 0, RED: 1}

    playing(case, Lamps({"green": GREEN, "red": RED}, active_low=True))


def test_in_the_end_all_is_dark_and_the_lines_are_free() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("fault")
        await asyncio.sleep(0)
        assert beat.high() == {RED}
        player.close()
        player.close()
        assert beat.high() == set()
        with pytest.raises(RuntimeError, match="You must setup"):
            pins.input(RED)

    playing(case)


def test_a_line_of_another_program_is_unavailable_and_works_once_it_is_free(board: Board) -> None:
    async def whole() -> None:
        player = GpioFeedback(LAMPS, board.gpio)
        board.block(RED)
        with pytest.raises(DriverError, match="The lamps at the charger cannot be used \\(GPIO busy\\)") as caught:
            player.show("charging")
        assert caught.value.code == "unavailable"
        board.unblock(RED)
        player.show("charging")
        await asyncio.sleep(0.01)
        assert (board.level(GREEN), board.level(RED)) == (1, 0)
        player.close()
        assert board.level(GREEN) == 0

    asyncio.run(whole())


def test_a_line_that_fails_while_playing_is_told_at_the_next_signal_which_is_played() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        player.show("ready")
        await asyncio.sleep(0)
        pins.lose()
        await beat.on(1)
        with pytest.raises(DriverError):
            player.show("charging")
        for _ in range(5):
            await asyncio.sleep(0)
        assert beat.high() == {GREEN}

    playing(case)


def test_an_unknown_signal_is_a_mistake_of_the_program() -> None:
    async def case(player: GpioFeedback, beat: Beat, pins: StrictPins) -> None:
        with pytest.raises(KeyError):
            player.show("disco")  # type: ignore[arg-type]  # what is tested

    playing(case)


@pytest.mark.parametrize(
    ("spec", "lamps"),
    [
        ("green=gpio:22", Lamps({"green": 22})),
        ("green=gpio:22,red=gpio:23,yellow=gpio:25,buzzer=gpio:24?active=low",
         Lamps({"green": 22, "red": 23, "yellow": 25, "buzzer": 24}, active_low=True)),
        (" red=gpio:2?active=high ", Lamps({"red": 2})),
    ],
)  # fmt: skip
def test_lamps_are_named_with_their_lines(spec: str, lamps: Lamps) -> None:
    assert parse_lamps(spec) == lamps


@pytest.mark.parametrize(
    "spec",
    ["", "green", "green=22", "blue=gpio:22", "green=gpio:28", "green=gpio:22,green=gpio:23",
     "green=gpio:22,red=gpio:22", "green=gpio:22,", "green=gpio:22?active=no"],
)  # fmt: skip
def test_lamps_that_cannot_be_are_refused_with_the_rule(spec: str) -> None:
    with pytest.raises(BadAddress, match="Lamps are named as in green=gpio:22"):
        parse_lamps(spec)


def test_every_signal_that_can_be_asked_for_is_in_the_table() -> None:
    assert set(get_args(SignalName)) == set(SIGNALS)


def test_every_lamp_of_the_table_has_a_name_for_its_line() -> None:
    assert {lamp for signal in SIGNALS.values() for lamp in signal.lamps} == set(feedback.LAMPS)
