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

SOURCES = Path(__file__).parent


class Missing(Exception):
    """This machine cannot compile or run the programs. The message says what to install."""


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
    process = subprocess.Popen([program, *(how or ("tcp",))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(lines)
        process.stdin.close()
        ready = process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise Missing("the libmodbus server did not start")
        yield int(ready[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
