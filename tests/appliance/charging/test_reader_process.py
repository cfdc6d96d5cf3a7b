"""A card at a simulated reader, a real core, real sockets: in at the door, out at the relay's line."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit, clock, config, faults, opened
from appliance.charging import attempts, identifications, observed, points, readers, users
from appliance.charging.identifications import Extras
from appliance.charging.points import Point
from appliance.store import settings
from tests.drivers.simulated.house_process import HouseProcess, Wire
from tests.test_core import Cores, until

CARD, MASTER = "04A2B31C", "04998877"


@pytest.fixture
def street(tmp_path: Path) -> Iterator[HouseProcess]:
    """The simulated house with its doorstep."""
    with HouseProcess(tmp_path) as house:
        yield house


@pytest.fixture
def cores(tmp_path: Path) -> Iterator[Cores]:
    found = Cores(config.Home(root=tmp_path / "home", run=tmp_path / "run"))
    yield found
    for process in found.started:
        process.kill()
        process.wait()


def furnish(it: opened.Opened) -> Point:
    """One point with a reader, and Anna with a card and a master card."""
    settings.put(it.store, it.clock.now(), audit.CLI, "charging.min_pause_s", "1")
    point = points.add(it.store, it.clock, "Wallbox", "gpio:17", actor=audit.CLI)
    anna = users.add(it.store, it.clock, "Anna", "Berger", actor=audit.CLI)
    for code in (CARD, MASTER):
        identifications.add(
            it.store, it.key(), it.clock, anna.id, type="rfid", code=code, active=True,
            extras=Extras(stop_only=code == MASTER), actor=audit.CLI,
        )  # fmt: skip
    readers.add(it.store, it.clock, "Hall", "serial:/dev/ttyUSB0", [point.id], actor=audit.CLI)
    return point


def newest(it: opened.Opened) -> str:
    found = attempts.newest(it.store, 1)
    return found[0].result.value if found else ""


def start(cores: Cores, street: HouseProcess, it: opened.Opened) -> subprocess.Popen[str]:
    core = cores.start(WATTWARD_HARDWARE=f"simulated:{street.pins}")
    cores.ready(core, it)
    return core


def test_a_card_opens_the_way_and_closes_it_through_unplugging_and_a_killed_core(
    cores: Cores, street: HouseProcess
) -> None:  # part 3
    it = opened.open_home(cores.home, clock.SystemClock())
    core = start(cores, street, it)
    point = furnish(it)
    wire = Wire(street.pins)

    def holds(what: str, ready: Callable[[], bool]) -> None:
        until(ready, what, core)

    def line_is(closed: bool) -> bool:
        seen = observed.all(it.live).get(point.id)
        return seen is not None and seen.closed is closed

    holds("the reader listens", lambda: wire.say("reader") != "none")
    wire.say(f"present card {CARD}")
    holds("the card is accepted", lambda: newest(it) == "accepted")
    holds("the relay closes", lambda: line_is(closed=True))
    wire.say("reader pull")
    holds("the fault is said", lambda: any(one.source == "reader:1" for one in faults.active(it.live)))
    assert line_is(closed=True), "a reader that fails stops nobody"
    wire.say("reader plug")
    holds("the fault ends by itself", lambda: not any(one.source == "reader:1" for one in faults.active(it.live)))
    wire.say(f"present card {MASTER}")
    holds("the master card stops", lambda: newest(it) == "stopped")
    holds("the relay opens", lambda: line_is(closed=False))
    core.send_signal(signal.SIGKILL)
    core.wait()
    core = start(cores, street, it)
    holds("the reader listens again", lambda: wire.say("reader") != "none")
    wire.say("present card 04DDCCBB")
    holds("an unknown card is refused", lambda: newest(it) == "unknown")
    assert line_is(closed=False)
    wire.close()
