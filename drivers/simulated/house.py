"""The simulated house as a program of its own: meters on Modbus TCP, relay pins on a socket.

    python -m drivers.simulated.house --modbus-port 5020 --pins house.sock

Units: 1 grid (KOSTAL), 2 charging station, 3 roof (Eastron SDM630). GPIO 17
releases the charging station. The pins' socket also takes a few words that
make things happen: `car leave`, `car arrive 20` (percent), `sky 0.3`, `sky
auto`, `unit 2 silent|sick|well`. SIGTERM ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from drivers.simulated.day import Counters, House
from drivers.simulated.modbus_server import Unit, serve

RELEASE_LINE = 17
SAVE_S = 30.0
METERS = ((1, "kostal-ksem-g2", "grid"), (2, "eastron-sdm630", "charger"), (3, "eastron-sdm630", "pv"))


class HouseClock:
    """Unix time in seconds, as fast as `speed;origin_utc_s;origin_boottime_s` says; real without it."""

    def __init__(self, spec: str) -> None:
        parts = [float(part) for part in spec.split(";")] if spec else [1.0, time.time(), self._boottime_s()]
        self._speed, self._utc_s, self._origin_s = parts

    @staticmethod
    def _boottime_s() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now_s(self) -> float:
        return self._utc_s + (self._boottime_s() - self._origin_s) * self._speed


class Program:
    """House, meters and pins together."""

    def __init__(self, clock: HouseClock, seed: int, state: Path | None) -> None:
        self._clock = clock
        self._state = state
        self.house = House(clock.now_s(), seed)
        self.units = [Unit(number, model, partial(self._show, role)) for number, model, role in METERS]
        self._driven: dict[asyncio.StreamWriter, dict[int, int]] = {}
        self._load()

    def _show(self, role: str) -> dict[str, float]:
        self.house.advance(self._clock.now_s())
        return dict(self.house.shown(role))

    def level(self, line: int) -> int:
        """The level of a pin: high while any connection drives it high."""
        return max((pins.get(line, 0) for pins in self._driven.values()), default=0)

    def _follow_pins(self) -> None:
        self.house.advance(self._clock.now_s())
        self.house.release(bool(self.level(RELEASE_LINE)))

    async def wire(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; when it ends, its pins fall."""
        self._driven[writer] = {}
        try:
            while line := await reader.readline():
                writer.write(f"{self._obey(writer, line.decode().split())}\n".encode())
                await writer.drain()
        except (ConnectionError, UnicodeDecodeError):
            pass
        finally:
            self._driven.pop(writer, None)
            self._follow_pins()
            writer.close()

    async def hang_up(self) -> None:
        """End all connections; their pins fall."""
        while self._driven:
            for writer in list(self._driven):
                writer.close()
            await asyncio.sleep(0.01)

    def _obey(self, writer: asyncio.StreamWriter, words: list[str]) -> str:
        """Do what a line says; return the answer."""
        match words:
            case ["drive", line, ("0" | "1") as level] if line.isdecimal():
                self._driven[writer][int(line)] = int(level)
                self._follow_pins()
                return level
            case ["read", line] if line.isdecimal():
                return str(self.level(int(line)))
            case ["free", line] if line.isdecimal():
                self._driven[writer].pop(int(line), None)
                self._follow_pins()
                return "0"
            case ["car", "leave"]:
                self.house.car.present, self.house.car.away_until_s = False, float("inf")
            case ["car", "arrive", percent] if percent.isdecimal() and int(percent) <= 100:
                self.house.car.present = True
                self.house.car.stored_wh = self.house.car.capacity_wh * int(percent) / 100
            case ["sky", "auto"]:
                self.house.sky = None
            case ["sky", share] if share.replace(".", "", 1).isdecimal():
                self.house.sky = min(1.0, float(share))
            case ["unit", ("1" | "2" | "3") as number, ("silent" | "sick" | "well") as mood]:
                self.units[int(number) - 1].mood = mood
            case _:
                return f"error: {' '.join(words)} is not understood"
        return "ok"

    def _load(self) -> None:
        """Go on from the counters and the car of the last time."""
        if self._state is None or not self._state.exists():
            return
        kept = json.loads(self._state.read_text())
        self.house.counters = {name: Counters(**values) for name, values in kept["counters"].items()}
        self.house.car.stored_wh = kept["car_wh"]

    def save(self) -> None:
        """Keep counters and car, whole or not at all."""
        if self._state is None:
            return
        kept = {
            "counters": {name: asdict(counters) for name, counters in self.house.counters.items()},
            "car_wh": self.house.car.stored_wh,
        }
        staged = self._state.with_suffix(".new")
        staged.write_text(json.dumps(kept))
        staged.replace(self._state)


async def run(program: Program, host: str, port: int, pins: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server, found_port = await serve(program.units, host, port)
    pins.unlink(missing_ok=True)
    wires = await asyncio.start_unix_server(program.wire, pins)
    sys.stdout.write(f"house ready modbus={found_port} pins={pins}\n")
    sys.stdout.flush()
    while not stop.is_set():
        try:
            async with asyncio.timeout(SAVE_S):
                await stop.wait()
        except TimeoutError:
            program.save()
    wires.close()
    await program.hang_up()
    await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it without annotations
    pins.unlink(missing_ok=True)
    program.save()


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="A simulated house.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--modbus-port", type=int, default=5020, help="or the next free one; 0: any")
    parser.add_argument("--pins", type=Path, required=True, help="Unix socket of the relay pins")
    parser.add_argument(
        "--clock", default=os.environ.get("WATTWARD_CLOCK", ""), help="speed;origin_utc;origin_boottime"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, help="file that keeps counters and car between runs")
    args = parser.parse_args()
    program = Program(HouseClock(args.clock), args.seed, args.state)
    asyncio.run(run(program, args.host, args.modbus_port, args.pins))
    return 0


if __name__ == "__main__":
    sys.exit(main())
