"""A small Debian machine with systemd as process 1, booted in a container.

The root file system is built once and kept below the cache folder, like the
Python packages that `setup.sh install` will find there without a network. Each
boot works on a copy in memory, so what a test breaks is gone afterwards.

What a machine cannot do (no root, no mounts, no way to fetch the root file
system) raises `Impossible`; the tests then skip with its reason.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wattward"
PYTHON = "/usr/bin/python3"  # the distribution's: the machine in the container has the same
BOOT_S = 30.0
SOURCE = ("setup.sh", "pyproject.toml", "README.md", "requirements", "appliance", "drivers", "ui", "systemd", "docs")
TOOLS = ("mmdebstrap", "systemd-nspawn", "unshare", "nsenter", "script", "mount")


class Impossible(Exception):
    """This machine cannot boot another one; the message says why."""


def setup_list(name: str) -> list[str]:
    """A list of packages as setup.sh has it."""
    match = re.search(rf"^{name}=\((.*?)\)", (ROOT / "setup.sh").read_text(), re.MULTILINE)
    if match is None:
        raise LookupError(f"setup.sh has no list {name}")
    return match[1].split()


def _run(*command: str, timeout_s: float = 900) -> str:
    """Run a program of this machine; raise Impossible with its last words."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode:
        raise Impossible(f"{Path(command[0]).name} did not work here: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def _python_version() -> str:
    return _run(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


@contextmanager
def _only_one() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _cached(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """The folder for `key`, built if it is not there; older ones of its kind go."""
    folder = CACHE / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    with _only_one():
        if not folder.is_dir():
            for old in CACHE.glob(f"{kind}-*"):
                shutil.rmtree(old)
            half = CACHE / f"{kind}-half"
            shutil.rmtree(half, ignore_errors=True)
            build(half)
            half.rename(folder)
    return folder


def root_file_system() -> Path:
    """A Debian of this machine's own suite, with what `setup.sh install` would fetch from it."""
    release = Path("/etc/os-release").read_text()
    suite = re.search(r"^VERSION_CODENAME=(\w+)", release, re.MULTILINE)
    if suite is None or not re.search(r"^ID=(debian|raspbian)$", release, re.MULTILINE):
        raise Impossible("this machine is not a Debian")
    packages = ["systemd", "systemd-sysv", "procps", "mount", "iproute2"]
    for name in ("PYTHON_PACKAGES", "SCREEN_PACKAGES", "SERVICE_PACKAGES"):
        packages += setup_list(name)
    if _python_version() != "3.11":
        packages += setup_list("COMPILER_PACKAGES")
    include = ",".join(sorted(set(packages)))

    def build(folder: Path) -> None:
        _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={include}", suite[1], str(folder))

    return _cached("root", suite[1] + include, build)


def wheels() -> Path:
    """The locked packages as files, fetched with their hashes checked."""
    requirements = ROOT / "requirements"
    locks = [requirements / "build.txt", requirements / "run.txt"]

    def build(folder: Path) -> None:
        _run(PYTHON, "-m", "venv", str(folder / "venv"))
        python = str(folder / "venv/bin/python")
        flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
        _run(python, "-m", "pip", "install", *flags, "-r", str(locks[0]))
        if _python_version() != "3.11":
            flags += ["--no-binary", "lgpio", "--no-build-isolation"]
        for lock in locks:
            _run(python, "-m", "pip", "download", *flags, "-d", str(folder), "-r", str(lock))
        shutil.rmtree(folder / "venv")

    return _cached("wheels", _python_version() + "".join(lock.read_text() for lock in locks), build)


def source(folder: Path) -> Path:
    """A copy of what `setup.sh install` needs, as it stands now."""
    leftovers = shutil.ignore_patterns("__pycache__", "*.mo")
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=leftovers)
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def require_tools() -> None:
    """Raises Impossible with what is missing."""
    if os.geteuid() != 0:
        raise Impossible("booting a container needs root")
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise Impossible(f"these programs are missing: {', '.join(missing)}")


def boot(folder: Path) -> Machine:
    """A booted machine; a boot that hangs is tried once more. Raises Impossible."""
    try:
        return Machine(folder / "first")
    except Impossible:
        return Machine(folder / "second")


class Machine:
    """One booted container."""

    def __init__(self, folder: Path) -> None:
        require_tools()
        folder.mkdir(parents=True)
        self._log = folder / "boot.log"
        command = [str(ROOT / "tests/systemd/boot"), str(root_file_system()), str(folder / "machine")]
        command += [str(source(folder / "source")), str(wheels())]
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", *command],
            stdin=subprocess.DEVNULL, stdout=self._log.open("wb"), stderr=subprocess.STDOUT, start_new_session=True,
            umask=0o022,
        )  # fmt: skip
        try:
            self._init = self._find_init()
            self._await_boot()
        except BaseException:
            self.close()
            raise

    def _find_init(self) -> int:
        deadline = time.monotonic() + BOOT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            for process in psutil.Process(self._process.pid).children(recursive=True):
                if process.name() == "systemd":
                    return process.pid
            time.sleep(0.05)
        raise Impossible(f"the container did not boot: {self._log.read_text(errors='replace')[-400:]}")

    def _await_boot(self) -> None:
        """Nothing of Wattward is on it yet: a boot that hangs says something about containers only."""
        deadline = time.monotonic() + BOOT_S
        while self.run("systemctl", "is-system-running") not in ("running", "degraded"):
            if time.monotonic() > deadline:
                raise Impossible(f"the container hung while it booted: {self.journal()[-400:]}")
            time.sleep(0.1)

    def try_run(self, *command: str, timeout_s: float = 60, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program in the machine, as its root."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels", "HOME": "/root"}
        return subprocess.run(
            ["nsenter", "--target", str(self._init), "--all", "--", *command],
            input=stdin, capture_output=True, text=True, timeout=timeout_s, env=environment, check=False,
        )  # fmt: skip

    def run(self, *command: str, timeout_s: float = 60, stdin: str = "") -> str:
        """The same; its output, whatever its exit code."""
        return self.try_run(*command, timeout_s=timeout_s, stdin=stdin).stdout.strip()

    def must(self, *command: str, timeout_s: float = 60, stdin: str = "") -> str:
        """The same; fails the test when the program fails."""
        done = self.try_run(*command, timeout_s=timeout_s, stdin=stdin)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}\n{self.journal()}"
        return done.stdout.strip()

    def unit(self, name: str, key: str) -> str:
        """One property of a unit."""
        return self.must("systemctl", "show", "-P", key, name)

    def pid(self, name: str) -> int:
        """The main process of a unit, as the machine itself numbers it."""
        return int(self.unit(name, "MainPID"))

    def status(self) -> dict[str, Any]:
        """`wattward status --json`."""
        found: dict[str, Any] = json.loads(self.must("wattward", "status", "--json"))
        return found

    def put(self, path: str, text: str) -> None:
        """Write a file."""
        self.must("sh", "-c", f"mkdir -p $(dirname {path}) && cat >{path}", stdin=text)

    def journal(self, lines: int = 40) -> str:
        """The newest lines of the machine's journal."""
        return self.run("journalctl", "--no-pager", "-q", "-o", "short-monotonic", "-n", str(lines))

    def until(self, ready: Callable[[], object], what: str, patience_s: float = 30.0) -> None:
        """Wait for something that must come; fail naming it."""
        deadline = time.monotonic() + patience_s
        while not ready():
            assert time.monotonic() < deadline, f"{what} did not happen\n{self.journal()}"
            time.sleep(0.1)

    def seen_from_here(self, path: str) -> Path:
        """A path of the machine as this machine sees it; sockets may be connected to."""
        return Path(f"/proc/{self._init}/root{path}")

    def close(self) -> None:
        """Pull the plug."""
        for process in (
            psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else ()
        ):
            if process.name() in ("systemd-nspawn", "systemd"):  # its init would outlive it; with that everything ends
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
