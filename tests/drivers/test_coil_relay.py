"""A relay that is a coil of a board, over real sockets and pseudo-terminals: its promises, and what a line may do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic

import pytest

from drivers.hardware import Hardware
from drivers.interfaces import DriverError
from drivers.modbus import bits, bus, coil, pace, sharing
from drivers.modbus.address import parse_url
from drivers.modbus.bus import Question
from drivers.modbus.coil import CoilRelay
from drivers.sentences import BadAddress
from drivers.simulated.pins import StrictPins
from tests.drivers.modbus.coil_board import FLASH_ON, OFF, ON, CoilBoard
from tests.drivers.modbus.device import Cable, on_cable, on_tcp

Scene = Callable[[CoilRelay, CoilBoard], Awaitable[object]]
LINES = ("tcp", "rtutcp", "rtu")
KINDS = ("coil", "pulse")
PROMPTLY_S = 5.0  # far more than anything here takes


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules with shorter times."""
    for module, name, value in (
        (coil, "LOOK_S", 0.05), (coil, "LOST_S", 0.3), (coil, "PULSE_S", 0.4), (coil, "RETRY_S", (0.05,)),
        (pace, "FIRST_ANSWER_S", 0.15), (pace, "PAUSES_S", (0.0,)), (pace, "SETTLE_S", 0.1),
        (bus, "LATE_S", 0.05), (bus, "CONNECT_PAUSES_S", (0.0,)),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    for transport in pace.ANSWER_S:
        monkeypatch.setitem(pace.ANSWER_S, transport, 0.15)


def play(line: str, kind: str, tmp_path: Path, then: Scene, board: CoilBoard | None = None, number: int = 3) -> None:
    """Run `then` with a relay on such a line and its board."""
    found = board or CoilBoard()

    async def with_relay(url: str) -> None:
        relay = CoilRelay(bits.parse(f"{kind}:{url}/1/{number}", bits.RELAYS))
        await then(relay, found)
        relay.release()
        await until(lambda: relay._task is None or relay._task.done() or not found.power)
        if relay._task is not None:
            relay._task.cancel()

    async def scene() -> None:
        if line == "rtu":
            cable = Cable(tmp_path / "ttyUSB0")
            async with on_cable(found.behave, cable.plug()):
                await with_relay(f"rtu://{cable.near}?baud=115200")
            cable.pull()
        else:
            async with on_tcp(found.behave, "tcp" if line == "tcp" else "rtu") as device:
                await with_relay(f"{line}://127.0.0.1:{device.port}")

    asyncio.run(scene())


async def until(what: Callable[[], object]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PROMPTLY_S):
        while not what():
            await asyncio.sleep(0.005)


async def told(relay: CoilRelay, *, closed: bool) -> None:
    """Tell it and wait for what comes of it. Raises what the relay says."""
    relay.switch(closed=closed)
    await relay.settled(PROMPTLY_S)
    assert relay.is_closed() is closed


def fails(relay: CoilRelay, code: str) -> bool:
    try:
        relay.is_closed()
    except DriverError as error:
        assert error.code == code and str(error).endswith("."), error
        return True
    return False


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("kind", KINDS)
def test_closed_and_open_are_read_back_from_the_board(line: str, kind: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        assert relay.is_closed() is None, "nobody has answered yet"
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False
        for closed in (True, True, False, False, True):
            await told(relay, closed=closed)
            assert board.closed(3) is closed
        assert [number for number in board.coils if board.closed(number)] == [3]

    play(line, kind, tmp_path, then)


@pytest.mark.parametrize("line", LINES)
def test_a_coil_that_an_earlier_program_left_closed_is_open_before_anything_else(line: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        relay.is_closed()
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False and board.closed(3) is False
        assert board.writes == [(3, OFF)]

    board = CoilBoard()
    board.coils[3] = True
    play(line, "coil", tmp_path, then, board)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("kind", KINDS)
def test_release_opens_the_coil_and_leaves_the_line(line: str, kind: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        address = relay._at.address
        assert sharing.held(address) is not None
        relay.release()
        relay.release()
        await until(lambda: sharing.held(address) is None)
        assert board.closed(3) is False
        await told(relay, closed=True)
        assert board.closed(3) is True, "a released relay can be used again"

    play(line, kind, tmp_path, then)


@pytest.mark.parametrize("kind", KINDS)
def test_a_contact_that_does_not_close_is_stuck_and_told_to_open(kind: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=False)
        board.stuck[3] = False
        relay.switch(closed=True)
        await until(lambda: fails(relay, "stuck"))
        await until(lambda: board.writes[-1] == (3, OFF))
        board.stuck.clear()
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False and board.closed(3) is False

    play("tcp", kind, tmp_path, then)


def test_a_contact_that_does_not_open_is_stuck_seen_closed_and_told_again_until_it_opens(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        board.stuck[3] = True
        relay.switch(closed=False)
        await until(lambda: fails(relay, "stuck"))
        assert relay.is_closed() is True
        board.stuck.clear()
        board.coils[3] = True
        await until(lambda: not fails(relay, "stuck") and relay.is_closed() is False)
        assert board.closed(3) is False

    play("tcp", "coil", tmp_path, then)


@pytest.mark.parametrize("line", LINES)
def test_a_board_that_stops_answering_is_not_known_and_its_relay_is_open_when_it_is_back(
    line: str, tmp_path: Path
) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        board.unit = 2  # somebody changed its unit id: the coil stays closed
        await until(lambda: fails(relay, "silent"))
        assert board.closed(3) is True
        board.unit = 1
        await until(lambda: not fails(relay, "silent") and relay.is_closed() is False)
        assert board.closed(3) is False

    play(line, "coil", tmp_path, then)


def test_one_lost_answer_opens_nothing(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        seen = len(board.asked)
        board.unit = 2
        await until(lambda: len(board.asked) > seen)
        board.unit = 1
        await until(lambda: len(board.asked) > seen + 2)
        assert relay.is_closed() is True and board.closed(3) is True

    play("tcp", "coil", tmp_path, then)


def test_a_coil_that_opened_by_itself_stays_open_until_it_is_told_again(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        board.coils[3] = False
        await until(lambda: relay.is_closed() is False)
        assert board.writes == [(3, OFF), (3, ON)]
        await told(relay, closed=True)

    play("tcp", "coil", tmp_path, then)


def test_a_coil_that_somebody_else_closed_is_opened(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=False)
        board.coils[3] = True
        await until(lambda: not board.closed(3))
        await until(lambda: relay.is_closed() is False)

    play("tcp", "coil", tmp_path, then)


# What a board does without us -------------------------------------------------------------------


def test_a_pulse_is_renewed_as_long_as_it_is_wanted_and_ends_by_itself_when_nobody_renews_it(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        began = monotonic()
        while monotonic() < began + 3 * coil.PULSE_S:
            assert relay.is_closed() is True and board.closed(3) is True
            await asyncio.sleep(0.02)
        assert set(board.writes) == {(3, OFF), (FLASH_ON + 3, int(coil.PULSE_S * 10))}
        assert relay._task is not None
        relay._task.cancel()  # the program dies
        await until(lambda: not board.closed(3))

    play("tcp", "pulse", tmp_path, then)


def test_a_coil_without_a_watchdog_stays_closed_when_the_program_dies(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        assert relay._task is not None
        relay._task.cancel()
        await asyncio.sleep(3 * coil.PULSE_S)
        assert board.closed(3) is True, "what docs/wiring.md says of it would not be true"
        board.cut_power()

    play("tcp", "coil", tmp_path, then)


def test_a_relay_nobody_asks_for_opens_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        monkeypatch.setattr(coil, "ALONE_S", 0.1)
        await until(lambda: not board.closed(3))  # the charging loop hangs, this task does not

    play("tcp", "coil", tmp_path, then)


def test_a_board_without_the_command_refuses_a_pulse_and_stays_open(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        relay.switch(closed=True)
        await until(lambda: fails(relay, "refused"))
        assert board.closed(3) is False

    play("tcp", "pulse", tmp_path, then, CoilBoard(flashes=False))


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_that_hears_itself_does_not_answer_for_the_board(kind: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=False)
        for closed in (True, False, True):
            await told(relay, closed=closed)
            assert board.closed(3) is closed
        board.unit = 2  # the echo goes on, the board does not answer
        relay.switch(closed=False)
        await until(lambda: fails(relay, "garbled"))
        board.unit = 1

    play("rtu", kind, tmp_path, then, CoilBoard(echoes=True))


# Meters on the same line --------------------------------------------------------------------------


def test_an_opening_waits_for_no_more_than_the_question_in_flight(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        line = sharing.join(relay._at.address, relay)
        board.slow_s = 0.05
        polls = [asyncio.create_task(line.read(Question(1, 1, 0, 8), monotonic() - 60)) for _ in range(10)]
        polls += [asyncio.create_task(line.read(Question(1, 2, 0, 8), monotonic() + 100)) for _ in range(5)]
        await asyncio.sleep(0.02)
        before = len(board.asked)
        relay.switch(closed=False)
        await until(lambda: not board.closed(3))
        since = [function for function, _, _ in board.asked[before:]]
        assert since.index(5) <= 1, since
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False
        assert not all(poll.done() for poll in polls), "the meters were not in the way"
        await asyncio.gather(*polls)

    play("tcp", "coil", tmp_path, then)


@pytest.mark.parametrize("line", LINES)
def test_an_opening_takes_back_a_closing_that_waits_for_the_line(line: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=False)
        shared = sharing.join(relay._at.address, relay)
        board.slow_s = 0.05
        poll = asyncio.create_task(shared.read(Question(1, 1, 0, 8), monotonic()))
        await asyncio.sleep(0.02)
        relay.switch(closed=True)
        await asyncio.sleep(0)
        relay.switch(closed=False)
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False and not board.closed(3)
        assert (3, ON) not in board.writes
        await poll

    play(line, "coil", tmp_path, then)


@pytest.mark.parametrize("line", LINES)
def test_a_closing_under_way_is_opened_after_it(line: str, tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=False)
        board.slow_s = 0.05
        relay.switch(closed=True)
        await until(lambda: (3, ON) in board.writes)
        relay.switch(closed=False)
        assert relay.is_closed() is None, "whether it closed nobody knows"
        await relay.settled(PROMPTLY_S)
        assert relay.is_closed() is False and not board.closed(3)
        assert board.writes[-1] == (3, OFF)

    play(line, "coil", tmp_path, then)


def test_a_relay_between_the_requests_of_one_meter_reading_goes_first(tmp_path: Path) -> None:
    async def then(relay: CoilRelay, board: CoilBoard) -> None:
        await told(relay, closed=True)
        board.unit = 2
        line = sharing.join(relay._at.address, relay)
        waiting = asyncio.create_task(line.read(Question(9, 3, 0, 40, least=2), monotonic()))
        await until(lambda: (3, 0, 40) in board.asked)
        board.unit = 1
        relay.switch(closed=False)
        await until(lambda: not board.closed(3))
        with pytest.raises(DriverError):
            await waiting

    play("rtutcp", "coil", tmp_path, then)


# How it is written --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "url", "unit", "number"),
    [
        ("coil:tcp://192.168.1.50/1/0", "tcp://192.168.1.50:502", 1, 0),
        ("pulse:rtutcp://gateway:4196/17/255", "rtutcp://gateway:4196", 17, 255),
        ("coil:rtu:///dev/ttyUSB0?baud=19200&parity=E/2/7", "rtu:///dev/ttyUSB0?baud=19200&parity=E", 2, 7),
        ("coil:rtu:///dev/ttyUSB0/247/65535", "rtu:///dev/ttyUSB0", 247, 65535),
    ],
)
def test_a_coil_is_written_with_its_line_unit_and_number(spec: str, url: str, unit: int, number: int) -> None:
    at = bits.parse(spec, bits.RELAYS)
    assert (at.kind, at.address, at.unit, at.number) == (spec.split(":")[0], parse_url(url), unit, number)


@pytest.mark.parametrize(
    "spec",
    [
        "coil:", "coil:tcp://host", "coil:tcp://host/1", "coil:tcp://host/1/", "coil:tcp://host/x/0", "coil:1/0",
        "coil:tcp://host/1/65536", "pulse:tcp://host/1/256", "coil:tcp://host/256/0", "coil:rtu:///dev/ttyUSB0/0/0",
        "coil:http://host/1/0", "coil:rtu:///dev/ttyUSB0?baud=1/1/0", "input:tcp://host/1/0", "relay:tcp://host/1/0",
        "coil:tcp://host/-1/0",
    ],
)  # fmt: skip
def test_what_is_no_coil_is_refused_with_the_rule(spec: str) -> None:
    with pytest.raises(BadAddress, match="is|takes"):
        bits.parse(spec, bits.RELAYS)


def test_the_same_coil_written_otherwise_is_in_use_already() -> None:
    chosen = Hardware(StrictPins)
    first = chosen.relay("coil:tcp://127.0.0.1/1/0")
    assert chosen.relay("coil:tcp://127.0.0.1/1/0") is first
    for other in ("coil:tcp://127.0.0.1:502/1/0", "pulse:tcp://127.0.0.1/1/0"):
        with pytest.raises(DriverError, match="in use already, as coil:tcp://127.0.0.1/1/0"):
            chosen.relay(other)
    assert chosen.relay("coil:tcp://127.0.0.1/1/1") is not first
    with pytest.raises(DriverError, match="A coil or input of a Modbus board is coil:ADDRESS/UNIT/NUMBER"):
        chosen.relay("coil:tcp://127.0.0.1/1")
