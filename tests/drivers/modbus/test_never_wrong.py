"""Whatever a line does: what is read is what the meter holds, or a fault."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.modbus.address import Address
from drivers.modbus.bus import Bus, Question
from tests.drivers.modbus.device import CLOSE, Behaviour, Cable, Request, Step, on_cable, on_tcp

QUESTIONS = 40


def held(unit: int, function: int, register: int) -> int:
    """What each register of each unit holds: no two the same."""
    return unit * 10_000 + function * 1_000 + register


def at_random(chance: random.Random, framing: str) -> Behaviour:
    """Answer rightly half the time, and otherwise in every wrong way, late answers of the same length included."""

    def behave(request: Request) -> list[Step]:
        words = [held(request.unit, request.function, request.start + n) for n in range(request.count)]
        right = request.frame(words)
        noise = chance.randbytes(chance.randint(1, 40))
        wrong: list[list[Step]] = [
            [],
            [noise],
            [noise, right],
            [right, noise],
            [right, right],
            [right[:-1]],
            [right[: len(right) // 2], 0.02, right[len(right) // 2 :]],
            [request.frame(words, unit=request.unit % 3 + 1)],
            [request.frame(words, function=7 - request.function)],
            [request.frame(words[1:])],
            [request.refusal(6)],
            [request.raw, right],
            [0.2, right],  # after the time-out, before the line is used again
            [0.2, noise, right],
            [0.5, right],  # when the line is used again
        ]
        if framing == "tcp":
            wrong += [[request.frame(words, transaction=request.transaction - 1)], [CLOSE]]
        return [right] if chance.random() < 0.5 else chance.choice(wrong)

    return behave


async def read_all(bus: Bus, chance: random.Random) -> Counter[str]:
    """Ask many times, now and then giving up; count what came of it. A wrong register fails the test."""
    found: Counter[str] = Counter()
    for _ in range(QUESTIONS):
        unit, function, start = chance.randint(1, 3), chance.choice([3, 4]), chance.randint(0, 99)
        question = Question(unit, function, start, chance.choice([2, 2, 2, 4]), least=1)
        try:
            async with asyncio.timeout(0.05 if chance.random() < 0.1 else None):
                words = await bus.read(question)
        except (DriverError, TimeoutError) as error:
            found[error.code if isinstance(error, DriverError) else "given up"] += 1
        else:
            assert words == [held(unit, function, start + n) for n in range(question.count)]
            found["read"] += 1
    await bus.close()
    return found


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("transport", ["tcp", "rtutcp", "rtu"])
def test_no_wrong_value_ever_comes_through(transport: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(20_240_229)

    async def scene() -> Counter[str]:
        if transport == "rtu":
            cable = Cable(tmp_path / "ttyUSB0")
            async with on_cable(at_random(chance, "rtu"), cable.plug()):
                return await read_all(Bus(Address("rtu", device=str(cable.near), baud=115_200)), chance)
        framing = "tcp" if transport == "tcp" else "rtu"
        async with on_tcp(at_random(chance, framing), framing) as device:
            return await read_all(Bus(Address(transport, "127.0.0.1", device.port)), chance)

    found = asyncio.run(scene())
    assert found.total() == QUESTIONS
    assert found["read"] > QUESTIONS / 6
    assert found["silent"] + found["garbled"] > QUESTIONS / 20
    complaints = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not complaints, "asyncio had to say something"
