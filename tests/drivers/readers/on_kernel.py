"""Run readers on a kernel that makes real input devices and GPIO lines, in a virtual machine.

    python -m tests.drivers.readers.on_kernel linux-image-…-amd64.deb [--gpio-sim gpio-sim.ko]

Needs qemu-system-x86_64, dpkg-deb, cpio and a Debian kernel package (`apt-get
download linux-image-6.1.0-…-amd64`); no root, no network, about a minute. The
machine is the kernel and this Python in memory: its first process loads uinput
and evdev, runs `test_hid.py` with /dev/uinput there, and switches off. Ends
with the tests' own exit code.

Debian's kernels have no gpio-sim. Built for the same kernel from its source
(`drivers/gpio/gpio-sim.c` with `kernel/irq/irq_sim.c`, where
`handle_simple_irq(irq_to_desc(irqnum))` becomes `generic_handle_irq(irqnum)`)
it gives `test_real_lines.py` its lines; without it those tests skip.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = (
    "_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments", "serial", "bleak", "dbus_fast",
    "pymodbus", "RPi", "py.py", "typing_extensions.py",
)  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("site-packages", "test", "idlelib", "ensurepip", "lib2to3", "__pycache__", "*.a")
MODULES = ("evdev", "uinput", "configfs")
PATIENCE_S = 300
INIT = """#!{python}
import ctypes, os, subprocess, sys
os.environ.update(PATH="/bin", HOME="/tmp", PYTHONPATH="/app:/packages", PYTHONDONTWRITEBYTECODE="1")
libc = ctypes.CDLL(None, use_errno=True)
for kind, place in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/tmp")):
    libc.mount(kind.encode(), place.encode(), kind.encode(), 0, None)
for module in (*{modules}, "gpio-sim"):
    if not os.path.exists("/modules/" + module + ".ko"):
        continue
    with open("/modules/" + module + ".ko", "rb") as file:
        if libc.syscall(313, file.fileno(), b"", 0):  # finit_module
            print("no module", module, os.strerror(ctypes.get_errno()))
if os.path.exists("/modules/gpio-sim.ko"):
    libc.mount(b"configfs", b"/sys/kernel/config", b"configfs", 0, None)
    os.makedirs("/sys/kernel/config/gpio-sim/pi/lines")
    for name, text in (("lines/num_lines", "28"), ("live", "1")):
        with open("/sys/kernel/config/gpio-sim/pi/" + name, "w") as file:
            file.write(text)
done = subprocess.run([sys.executable, "-m", "pytest", "--noconftest", "-v", "-rs", "-p", "no:cacheprovider",
                       "/app/tests/drivers/readers/test_hid.py", "/app/tests/drivers/readers/test_real_lines.py"],
                      cwd="/app")
print("exit code", done.returncode, flush=True)
libc.reboot(0x4321FEDC)  # power off
"""


def fill(folder: Path, package: Path, gpio_sim: Path | None) -> Path:
    """Lay out the machine's whole file system in `folder`; return its kernel."""
    python = Path(sys.executable).resolve()
    subprocess.run(["dpkg-deb", "-x", package, folder / "kernel"], check=True)
    machine = folder / "machine"
    for place in ("proc", "sys", "dev", "tmp", "bin", "modules", "packages", "app"):
        (machine / place).mkdir(parents=True)
    for module in MODULES:
        (found,) = (folder / "kernel").rglob(f"{module}.ko")
        shutil.copy(found, machine / "modules")
    if gpio_sim is not None:
        shutil.copy(gpio_sim, machine / "modules/gpio-sim.ko")
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    shutil.copytree(stdlib, machine / stdlib.relative_to("/"), ignore=LEFT_OUT)
    binaries = [python, *stdlib.rglob("*.so")]
    _copy(python, machine)
    for library in _libraries(binaries):
        _copy(library, machine)
    site = Path(sysconfig.get_paths()["platlib"])
    for source in [site / name for name in PACKAGES] + [*site.glob("p*.dist-info"), *site.glob("*lgpio*")]:
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, machine / "packages" / source.name)
    for name in ("drivers", "tests"):
        shutil.copytree(ROOT / name, machine / "app" / name, ignore=LEFT_OUT)
    init = machine / "init"
    init.write_text(INIT.format(python=python, modules=MODULES))
    init.chmod(0o755)
    (kernel,) = (folder / "kernel/boot").glob("vmlinuz-*")
    return kernel


def _copy(path: Path, machine: Path) -> None:
    """Put a file where it was."""
    place = machine / path.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, place)


def _libraries(binaries: list[Path]) -> set[Path]:
    """Every shared library that the loader would load."""
    said = subprocess.run(["ldd", *binaries], capture_output=True, text=True, check=False).stdout
    return {Path(one) for one in re.findall(r"(?:=> |\t)(/\S+) \(0x", said)}


def boot(folder: Path, kernel: Path) -> int:
    """Run the machine, its console here; return the tests' exit code."""
    initrd = folder / "initrd"
    with initrd.open("wb") as file:
        names = subprocess.run(["find", "."], cwd=folder / "machine", capture_output=True, check=True).stdout
        subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"], cwd=folder / "machine", input=names, stdout=file, check=True
        )
    console = subprocess.run(
        ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "1536", "-nographic", "-no-reboot", "-nic", "none",
         "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False,
    ).stdout.decode(errors="replace")  # fmt: skip
    print(console)
    code = re.search(r"^exit code (\d+)", console, re.MULTILINE)
    return int(code[1]) if code else 1


def main() -> int:
    """Build the machine and boot it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="a Debian kernel package for amd64")
    parser.add_argument("--gpio-sim", type=Path, help="the kernel's module, built for it")
    args = parser.parse_args()
    missing = [tool for tool in ("qemu-system-x86_64", "dpkg-deb", "cpio") if shutil.which(tool) is None]
    if missing:
        print(f"needs {', '.join(missing)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="wattward-", dir=os.environ.get("TMPDIR")) as folder:
        return boot(Path(folder), fill(Path(folder), args.package, args.gpio_sim))


if __name__ == "__main__":
    sys.exit(main())
