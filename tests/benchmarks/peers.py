"""Other people's programs, in an environment of their own: never among the project's dependencies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# sdm_modbus 0.7.0 uses payload decoders that pymodbus 3.7 was the last to carry without a warning.
PACKAGES = ("sdm_modbus==0.7.0", "pymodbus==3.6.9", "pyserial==3.5", "setuptools==75.1.0")


class Missing(Exception):
    """The peers cannot be installed. The message says why."""


def python() -> Path:
    """The interpreter of the peers' environment, made at the first call. Raises Missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "wattward-benchmarks"
    mark = cache / "peers" / "installed"
    found = cache / "peers" / "bin" / "python"
    if mark.exists() and mark.read_text() == "\n".join(PACKAGES):
        return found
    cache.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(cache / "peers")],
        [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
    ):
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode:
            raise Missing(ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else f"{command[0]} failed")
    mark.write_text("\n".join(PACKAGES))
    return found
