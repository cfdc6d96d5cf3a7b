"""Other people's Modbus servers, each serving all models at once: the unit id says which one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pyModbusTCP.server import DataBank, ModbusServer

from drivers.modbus import registers
from tests.drivers.modbus.served import Missing, served
from tests.drivers.modbus.values import shown

FOLDER = Path(__file__).parent
UNITS = {unit: model for unit, model in enumerate(registers.names(), 1)}  # unit id -> model
FETCH_S = 120.0


def image(model: str) -> dict[tuple[int, int], int]:
    """`(function, address) -> register` of a model that shows the values of these tests."""
    of, values = registers.load(model), shown(model)
    return {
        (function, address): value
        for function in (3, 4)
        for address, value in registers.image(of, values, function).items()
    }


class _Bank(DataBank):  # type: ignore[misc]  # pyModbusTCP has no annotations
    """Registers of each unit."""

    def __init__(self) -> None:
        super().__init__(virtual_mode=True)
        self._held = {unit: image(model) for unit, model in UNITS.items()}

    def get_holding_registers(self, address: int, number: int = 1, srv_info: object = None) -> list[int]:
        return self._get(3, address, number, srv_info)

    def get_input_registers(self, address: int, number: int = 1, srv_info: object = None) -> list[int]:
        return self._get(4, address, number, srv_info)

    def _get(self, function: int, address: int, number: int, of: object) -> list[int]:
        held = self._held[of.recv_frame.mbap.unit_id]  # type: ignore[attr-defined]  # no annotations
        return [held.get((function, address + i), 0) for i in range(number)]


@contextlib.contextmanager
def py_modbus_tcp() -> Iterator[int]:
    """pyModbusTCP's server in a thread; gives its port."""
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=_Bank())
    server.start()
    try:
        yield server._service.server_address[1]  # it does not tell the port it was given
    finally:
        server.stop()


def modbus_serial() -> Path:
    """The folder of npm's modbus-serial, fetched once for this version. Raises Missing."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("node and npm are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    lock = (FOLDER / "package-lock.json").read_bytes()
    folder = cache / "wattward" / "modbus-serial"
    if not (folder / "fetched").is_file() or (folder / "fetched").read_bytes() != lock:
        _fetch(folder)
        (folder / "fetched").write_bytes(lock)
    shutil.copy(FOLDER / "server.js", folder)
    return folder


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=FETCH_S)
    except subprocess.TimeoutExpired as error:
        raise Missing("npm did not fetch modbus-serial in time") from error
    if fetched.returncode:
        raise Missing(f"npm cannot fetch modbus-serial: {fetched.stderr.strip()[-300:]}")


@contextlib.contextmanager
def node(folder: Path, *how: str) -> Iterator[int]:
    """modbus-serial's server in a process; `how` is "tcp" or "rtu", device and baud. Gives its port."""
    lines = "".join(
        f"{unit} {function} {address} {value}\n"
        for unit, model in UNITS.items()
        for (function, address), value in image(model).items()
    )
    with served(["node", "server.js", *how], lines, folder) as port:
        yield port
