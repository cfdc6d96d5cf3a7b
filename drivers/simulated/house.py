"""The simulated house as a program of its own: meters on Modbus TCP, relay lines on a socket.

    python -m drivers.simulated.house --modbus-port 5020 --pins house.sock

Units: 1 grid (KOSTAL), 2 charging station, 3 roof (Eastron SDM630). GPIO 17
releases the charging station. The pins' socket takes the lines of `wires` and a
few words that make things happen: `car` (how it is), `car leave`, `car arrive
20` (percent), `sky 0.3`, `sky auto`, `meter grid|charger|pv
well|off|garbage|broken`, and those of `doorstep` for the readers: `present card
04A1B2C3`, `reader pull`. SIGTERM and Ctrl-C end it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Hashable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from drivers.simulated.car import AWAY_S
from drivers.simulated.doorstep import Doorstep
from drivers.simulated.household import Counters, Household
from drivers.simulated.kept import Kept
from drivers.simulated.modbus_server import MOODS, Unit, serve
from drivers.simulated.terminals import Refused, Terminals

RELEASE_LINE = 17
LIVE_S = 1.0  # how often time passes when nobody asks
METERS = {"grid": (1, "kostal-ksem-g2"), "charger": (2, "eastron-sdm630"), "pv": (3, "eastron-sdm630")}


class HouseClock:
    """Unix time in seconds, as fast as `speed;origin_utc_s;origin_boottime_s` says; real without it."""

    def __init__(self, spec: str = "") -> None:
        parts = [float(part) for part in spec.split(";")] if spec else [1.0, time.time(), self._boottime_s()]
        self._speed, self._utc_s, self._origin_s = parts
        if not all(map(math.isfinite, parts)) or self._speed <= 0:
            raise ValueError(f"{spec} is no clock")

    @staticmethod
    def _boottime_s() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now_s(self) -> float:
        return self._utc_s + (self._boottime_s() - self._origin_s) * self._speed


class Program:
    """Household, meters and relay lines together."""

    def __init__(self, clock: HouseClock, seed: int, state: Path | None) -> None:
        self._clock = clock
        self._kept = Kept(state) if state else None
        self._kept_at_s: float | None = None
        self._wires: set[asyncio.StreamWriter] = set()
        self.household = Household(clock.now_s(), seed)
        self.terminals = Terminals()
        self.doorstep = Doorstep()
        self.units = {role: Unit(number, model, partial(self._show, role)) for role, (number, model) in METERS.items()}
        if self._kept and (record := self._kept.load()):
            try:
                self._resume(record)
            except (KeyError, TypeError):  # of another version
                self._kept.set_aside()

    def live(self) -> None:
        """Let time pass until now, and keep the counters."""
        self.household.advance(self._clock.now_s())
        if self._kept and self._kept_at_s != self.household.t_s:
            self._kept_at_s = self.household.t_s
            self._kept.keep(self._record())

    def close(self) -> None:
        """Keep everything once more."""
        self.live()
        if self._kept:
            self._kept.close()

    async def wire(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; when it ends, its lines fall."""
        self._wires.add(writer)
        try:
            while line := await reader.readline():
                writer.write(f"{self.obey(writer, line.decode().split())}\n".encode())
                await writer.drain()
        except (OSError, ValueError):  # ValueError: a line without end, or no text
            pass
        finally:
            self._wires.discard(writer)
            self.terminals.lose(writer)
            self.doorstep.lose(writer)
            self._follow_lines()
            writer.close()

    async def hang_up(self) -> None:
        """End all connections; their lines fall."""
        for writer in self._wires:
            writer.close()
        while self._wires:
            await asyncio.sleep(0.01)

    def obey(self, holder: Hashable, words: list[str]) -> str:
        """Do what a line says; return the answer."""
        try:
            match words:
                case [("claim" | "drive" | "read" | "free"), line, *_] if not line.isdecimal():
                    return f"error {line} is no line"
                case ["claim", line]:
                    self.terminals.claim(holder, int(line))
                case ["drive", line, ("0" | "1") as level]:
                    self.terminals.drive(holder, int(line), int(level))
                case ["free", line]:
                    self.terminals.free(holder, int(line))
                case ["read", _]:
                    pass
                case [("present" | "reader"), *_]:
                    return self.doorstep.obey(holder, words)
                case _:
                    return self._play(words)
        except Refused as error:
            return f"error {error}"
        self._follow_lines()
        return str(self.terminals.level(int(words[1])))

    def _play(self, words: list[str]) -> str:
        """Make something happen, for demonstrations and tests."""
        self.live()
        car = self.household.car
        match words:
            case ["car"]:
                where = "here" if car.present else "away"
                return f"{where} {car.charge:.0%} {car.power_w(self.household.t_s):.0f} W"
            case ["car", "leave"]:
                car.leave()
            case ["car", "arrive", percent] if percent.isdecimal() and int(percent) <= 100:
                car.arrive(int(percent) / 100, self.household.t_s)
            case ["sky", "auto"]:
                self.household.sky = None
            case ["sky", share] if share.replace(".", "", 1).isdecimal():
                self.household.sky = min(1.0, float(share))
            case ["meter", role, mood] if role in self.units and mood in MOODS:
                self.units[role].mood = mood
            case _:
                return f"error {' '.join(words)!r} is not understood"
        return "ok"

    def _show(self, role: str) -> dict[str, float]:
        self.live()
        return self.household.shown(role)

    def _follow_lines(self) -> None:
        self.live()
        self.household.release(bool(self.terminals.level(RELEASE_LINE)))

    def _record(self) -> dict[str, Any]:
        car = self.household.car
        counters = {role: asdict(one) for role, one in self.household.counters.items()}
        return {"counters": counters, "stored_wh": car.stored_wh, "away": not car.present}

    def _resume(self, record: dict[str, Any]) -> None:
        """Go on from the counters and the car of the last time. A car that was away comes back soon."""
        counters = {role: Counters(**record["counters"][role]) for role in METERS}
        stored_wh, away = record["stored_wh"], record["away"]
        self.household.counters, self.household.car.stored_wh = counters, stored_wh
        if away:
            self.household.car.leave(self.household.t_s + AWAY_S)


async def run(program: Program, host: str, port: int, pins: Path) -> None:
    """Serve until SIGTERM or SIGINT. Raises OSError when a port or the socket cannot be had."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    _refuse_second(pins)
    pins.unlink(missing_ok=True)
    wires = await asyncio.start_unix_server(program.wire, pins)
    server, found_port = await serve(list(program.units.values()), host, port)
    sys.stdout.write(f"house ready modbus={found_port} pins={pins}\n")
    sys.stdout.flush()
    while not stop.is_set():
        program.live()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIVE_S):
                await stop.wait()
    wires.close()
    await program.hang_up()
    await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
    pins.unlink(missing_ok=True)
    program.close()


def _refuse_second(pins: Path) -> None:
    """Raise OSError when another house answers at `pins`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        try:
            wire.connect(str(pins))
        except (FileNotFoundError, ConnectionRefusedError):
            return  # nobody, or what one that was killed has left
    raise OSError(f"another house already answers at {pins}: stop it, or choose other --pins")


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="house", description="A simulated house.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--modbus-port", type=int, default=5020, help="or the next free one; 0: any")
    parser.add_argument("--pins", type=Path, required=True, help="Unix socket of the relay lines")
    parser.add_argument(
        "--clock", type=HouseClock, default=os.environ.get("WATTWARD_CLOCK", ""),
        help="speed;origin_utc_s;origin_boottime_s (default: WATTWARD_CLOCK, else real time)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="another number is another household")
    parser.add_argument("--state", type=Path, help="file that keeps counters and car between runs")
    args = parser.parse_args()
    try:
        asyncio.run(run(Program(args.clock, args.seed, args.state), args.host, args.modbus_port, args.pins))
    except OSError as error:
        sys.stderr.write(f"house: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
