"""Programs in C on Debian's libmodbus, compiled when they are needed.

Tests use the server as somebody else's reading of the protocol, the benchmark
uses server and client as the measure of what is possible. `Missing` says what
to install where that cannot be.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.drivers.modbus.served import Missing, served

SOURCES = Path(__file__).parent


def compiled(name: str, folder: Path) -> Path:
    """The program `name`.c, in `folder`. Raises Missing."""
    for tool, package in (("gcc", "gcc"), ("pkg-config", "pkg-config")):
        if shutil.which(tool) is None:
            raise Missing(f"{tool} is not installed: apt-get install {package}")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmodbus"], capture_output=True, text=True)
    if flags.returncode:
        raise Missing("libmodbus is not installed: apt-get install libmodbus-dev")
    program = folder / name
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(program), str(SOURCES / f"{name}.c"), *flags.stdout.split()]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode or built.stderr:
        raise Missing(f"{name}.c does not compile: {built.stderr}")
    return program


@contextlib.contextmanager
def server(program: Path, function: int, held: Mapping[int, int], *how: str) -> Iterator[int]:
    """Run the server with these registers; gives its port."""
    lines = "".join(f"{function} {address} {value}\n" for address, value in held.items())
    with served([program, *(how or ("tcp",))], lines) as port:
        yield port
