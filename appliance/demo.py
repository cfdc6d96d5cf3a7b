"""The whole appliance on a simulated house, in one terminal.

1. The house starts: a Modbus server with three meters, and the relay pins.
2. The core starts and makes the store. 3. Meters, a charging point and two
people with PINs and a tariff are put in, unless they are there. 4. Touchscreen and web admin
start. 5. It says what to open, tap and type. Ctrl-C, or closing the terminal, ends everything cleanly.

A process that dies is started again, as systemd would. Logs lie in `logs/`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from appliance import audit, clock, config, core_lock, errors, heartbeat, opened
from appliance.access import app_service
from appliance.billing import tariffs
from appliance.charging import identifications, points, users
from appliance.errors import N_
from appliance.metering import meters
from appliance.network import addresses
from appliance.store import migrate, settings

START_S = 20.0  # a process that is not there after this long will not come
STOP_S = 8.0  # how long a process may take to end cleanly
FASTEST = 120.0
PEOPLE = (("Anna", "Berger", "#271828"), ("Ben", "Maier", "#4711"))
METERS = (("Grid", "kostal-ksem-g2", 1, "grid"), ("Wallbox meter", "eastron-sdm630", 2, "charger"),
          ("Solar roof", "eastron-sdm630", 3, "pv"))  # fmt: skip
POINT = "Wallbox"
TARIFF = "House"


@dataclass(frozen=True, slots=True)
class Options:
    """What `wattward demo` was asked for."""

    headless: bool = False
    speed: float = 1.0
    port: int = 8443
    modbus_port: int = 5020


class Supervisor:
    """Starts processes, starts them again when they die, and ends them."""

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self._logs = logs
        self._environment = environment
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str) -> None:
        """Start one process; what it prints goes to `logs/NAME.log`."""
        self._commands[name] = [sys.executable, *command]
        with (self._logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment,
                start_new_session=True,
            )  # fmt: skip

    def dead(self) -> dict[str, int]:
        """Names and exit codes of the processes that ended."""
        return {name: process.returncode for name, process in self._running.items() if process.poll() is not None}

    def revive(self) -> None:
        """Start dead processes again and say so."""
        for name, code in self.dead().items():
            _say(f"{name} ended with {code}; starting it again (see {self._logs / name}.log)")
            self.start(name, *self._commands[name][1:])

    def stop(self) -> None:
        """End everything, the last started first; the house last, so that the relays open before their pins go."""
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _await(what: str, ready: Callable[[], bool], supervisor: Supervisor) -> None:
    """Wait until something is there. Raises Refused naming the log when it does not come."""
    deadline = time.monotonic() + START_S
    while not ready():
        if supervisor.dead() or time.monotonic() > deadline:
            raise errors.Refused(N_("{what} did not start: see the log in {logs}."), what=what, logs=supervisor._logs)
        time.sleep(0.05)


def _house(home: config.Home, options: Options, supervisor: Supervisor) -> int:
    """Start the house; return the port of its meters."""
    log = home.root / "logs" / "house.log"
    log.unlink(missing_ok=True)
    supervisor.start(
        "house", "-m", "drivers.simulated.house", "--modbus-port", str(options.modbus_port),
        "--pins", str(home.run / "house.sock"), "--state", str(home.root / "house.json"),
    )  # fmt: skip

    def found() -> re.Match[str] | None:
        return re.search(r"house ready modbus=(\d+)", log.read_text() if log.exists() else "")

    _await("the simulated house", lambda: found() is not None, supervisor)
    match = found()
    assert match is not None  # noqa: S101 - awaited just now
    return int(match[1])


def furnish(it: opened.Opened, modbus_port: int) -> None:
    """Put in meters, the charging point and two people, unless they are there; follow the house's port."""
    url = f"tcp://127.0.0.1:{modbus_port}"
    there = {meter.name: meter for meter in meters.all(it.store)}
    for name, model, unit, role in METERS:
        if name not in there:
            meters.add(it.store, it.clock, name=name, model=model, url=url, unit=unit, role=role, actor=audit.CLI)
        elif there[name].url != url:
            meters.edit(it.store, it.clock, there[name].id, url=url, actor=audit.CLI)
    if not points.all(it.store):
        meter = meters.find(it.store, "Wallbox meter")
        points.add(it.store, it.clock, name=POINT, relay="gpio:17", meter_id=meter.id, actor=audit.CLI)
    if not users.all(it.store):
        for first, last, code in PEOPLE:
            user = users.add(it.store, it.clock, first, last, actor=audit.CLI)
            identifications.add(
                it.store, it.key(), it.clock, user.id, type="pin", code=code, active=True, actor=audit.CLI
            )
    if not tariffs.all(it.store):
        made = tariffs.add(it.store, it.clock, TARIFF, "fixed", basis="demo", actor=audit.CLI)
        first_day = date(it.clock.now().year, 1, 1)
        tariffs.set_price(it.store, it.clock, made.id, first_day, Decimal("0.34"), actor=audit.CLI)
        settings.put(it.store, it.clock.now(), audit.CLI, "billing.tariff", TARIFF)


def _touch_command(home: config.Home, options: Options) -> list[str]:
    command = ["-m", "ui.touch", "--home", str(home.root)]
    return [*command, "--screenshot-every", "5", str(home.root / "touch.png")] if options.headless else command


def _short(path: Path) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _guide(home: config.Home, options: Options) -> None:
    """Say what to open, tap and type."""
    people = ", ".join(f"{first} {last} {code}" for first, last, code in PEOPLE)
    program = "wattward" if shutil.which("wattward") else _short(Path(sys.executable).with_name("wattward"))
    command = f"{program} --home {_short(home.root)}"
    _say("")
    _say("Wattward runs on a simulated house. Ctrl-C ends it.")
    if options.headless:
        _say(f"  Touchscreen  there is no display: a fresh screenshot is kept in {_short(home.root / 'touch.png')}")
    else:
        _say("  Touchscreen  the window that just opened")
    _say(f"  Charge       tap Charging, type a PIN, tap OK. People: {people}")
    _say(f"               or: {command} authorize {POINT} '{PEOPLE[0][2]}'")
    _say("  Web admin    closed until you tap Settings > Web admin > Enable (choose a 4-digit PIN first),")
    _say(f"               or: {command} web open. Then open https://localhost:{options.port}")
    for address in addresses.local_addresses():
        _say(f"               in the local network: {addresses.url(address, options.port)}")
    _say("               sign in as admin, password admin, with the code that the touchscreen and 'web status' show")
    _say(f"  Phones       {command} settings set service.phone on, then open https://localhost:{app_service.PORT}")
    _say(f"  Report       {command} reports make --month {clock.from_environment().now():%Y-%m} --format pdf,csv")
    _say(f"  See all      {command} status")
    _say(f"  Logs         {_short(home.root / 'logs')}")


def main(home: config.Home, options: Options) -> int:
    """Run the demo until Ctrl-C or SIGTERM; return the exit code."""
    if not 1.0 <= options.speed <= FASTEST:
        raise errors.BadInput(N_("The speed is a number from 1 to {fastest}."), fastest=f"{FASTEST:g}")
    home.make()
    _require_nobody(home)
    logs = home.root / "logs"
    logs.mkdir(exist_ok=True)
    _prepare_environment(home, options)
    supervisor = Supervisor(logs, dict(os.environ))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # HUP: the terminal was closed
        signal.signal(number, lambda *_: stop.set())
    try:
        _start_all(home, options, supervisor)
        _guide(home, options)
        while not stop.wait(1.0):
            supervisor.revive()
    finally:
        supervisor.stop()
        (home.run / clock.FAST).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the terminal may be gone
        _say("Wattward ended.")
    return 0


def _require_nobody(home: config.Home) -> None:
    """Leave a home alone that is in use. Raises Refused."""
    try:
        with core_lock.only_core(home.run):
            return
    except errors.Refused as error:
        raise errors.Refused(
            N_("One already runs in {folder} (process {pid}): end it, or take another: wattward --home DIR demo."),
            folder=home.root, pid=error.values["pid"],
        ) from error  # fmt: skip


def _prepare_environment(home: config.Home, options: Options) -> None:
    """What every process of the demo is told: home, hardware, port, clock, screen."""
    os.environ["WATTWARD_HOME"] = str(home.root)
    os.environ["WATTWARD_RUN"] = str(home.run)
    os.environ["WATTWARD_HARDWARE"] = f"simulated:{home.run / 'house.sock'}"
    os.environ["WATTWARD_WEB_PORT"] = str(options.port)
    (home.run / clock.FAST).unlink(missing_ok=True)
    if options.speed != 1.0:
        os.environ["WATTWARD_CLOCK"] = clock.fast_spec(options.speed)
        (home.run / clock.FAST).write_text(os.environ["WATTWARD_CLOCK"])
    if options.headless:
        os.environ["SDL_VIDEODRIVER"] = "offscreen"


def _start_all(home: config.Home, options: Options, supervisor: Supervisor) -> None:
    """House, core, what it needs to know, touchscreen, web admin."""
    modbus_port = _house(home, options, supervisor)
    supervisor.start("core", "-m", "appliance.cli.main", "--home", str(home.root), "core")
    it = opened.open_home(home, clock.from_environment())
    started = clock.utc_text(it.clock.now())
    _await("the core", lambda: heartbeat.core_runs(it.live, it.clock) and _began_after(it, started), supervisor)
    migrate.require_current(it.store)
    furnish(it, modbus_port)
    supervisor.start("admin", "-m", "ui.admin", "--home", str(home.root))
    supervisor.start("phone", "-m", "ui.phone", "--home", str(home.root))
    supervisor.start("touch", *_touch_command(home, options))
    if options.headless:
        picture = home.root / "touch.png"
        picture.unlink(missing_ok=True)
        _await("the touchscreen", picture.exists, supervisor)


def _began_after(it: opened.Opened, moment: str) -> bool:
    """Tell whether the core that gives signs of life is the one started just now."""
    with it.live.read() as db:
        began = db.execute("SELECT started_at FROM heartbeats WHERE name='core'").get
    return began is not None and str(began) >= moment
