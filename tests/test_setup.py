"""`setup.sh` on a machine made of small stand-ins: what it installs, starts and leaves alone.

dpkg-query, apt-get, sudo and Python are scripts that write down how they were
called; everything else is the real thing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

DPKG_QUERY = """#!/bin/sh
for package; do :; done
grep -qxF "$package" "$WORLD/installed" && printf installed
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$WORLD/calls"
[ "$1" = install ] || exit 0
for word; do case $word in -* | install) ;; *) echo "$word" >>"$WORLD/installed" ;; esac; done
"""
SUDO = """#!/bin/sh
echo "sudo $*" >>"$WORLD/calls"
exec "$@"
"""
PYTHON = """#!/bin/sh
case "$*" in
  *"!= (3, 11)"*) exit "${NEW_PYTHON:-0}" ;;
  *"<= (3, 13)"*) exit 0 ;;
  --version) echo "Python 3.11.2" ;;
  "-m venv --clear "*)
    echo "python $*" >>"$WORLD/calls"
    rm -rf "$4"
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python"
    echo "#!$4/bin/python" >"$4/bin/pip"
    printf '#!/bin/sh\\necho "wattward $*"\\n' >"$4/bin/wattward"
    for tool in ruff mypy; do
      printf '#!/bin/sh\\necho %s "$*"\\ncase $FAILING in *%s*) exit 1 ;; esac\\n' $tool $tool >"$4/bin/$tool"
    done
    chmod +x "$4"/bin/* ;;
  "-m pytest"*) echo "pytest $*"; echo "=== 7 passed ==="; case $FAILING in *pytest*) exit 1 ;; esac ;;
  *) echo "python $*" >>"$WORLD/calls" ;;
esac
"""
SHELLCHECK = """#!/bin/sh
echo "shellcheck $*"
case $FAILING in *shellcheck*) exit 1 ;; esac
"""
NPM = """#!/bin/sh
echo "npm $*" >>"$WORLD/calls"
case $FAILING in *npm*) echo "the network is away"; exit 1 ;; esac
mkdir -p node_modules/uplot/dist
touch node_modules/uplot/LICENSE node_modules/uplot/dist/uPlot.iife.min.js node_modules/uplot/dist/uPlot.min.css
"""


@dataclass
class World:
    """A checkout and the machine around it."""

    folder: Path
    checkout: Path
    environment: dict[str, str]

    def setup(self, *words: str, as_user: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call setup.sh."""
        command = [str(self.checkout / "setup.sh"), *words]
        return subprocess.run(
            ["unshare", "--user", *command] if as_user else command,
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
            env=self.environment | environment,
        )  # fmt: skip

    def calls(self) -> list[str]:
        """What was called since the last look."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def world(tmp_path: Path) -> World:
    checkout, programs = tmp_path / "checkout", tmp_path / "bin"
    shutil.copytree(ROOT / "systemd", checkout / "systemd")
    shutil.copytree(ROOT / "requirements", checkout / "requirements")
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    for file in ("setup.sh", "pyproject.toml"):
        shutil.copy(ROOT / file, checkout / file)
    programs.mkdir()
    stand_ins = {"dpkg-query": DPKG_QUERY, "apt-get": APT_GET, "sudo": SUDO, "fake-python": PYTHON}
    for name, text in (stand_ins | {"shellcheck": SHELLCHECK, "npm": NPM}).items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (tmp_path / "installed").touch()
    environment = {"PATH": f"{programs}:/usr/bin:/bin", "WORLD": str(tmp_path), "HOME": str(tmp_path), "FAILING": ""}
    environment |= {"PYTHON": str(programs / "fake-python"), "DRM_CLASS": str(tmp_path / "drm")}
    environment |= {"DRM_DEVICES": str(tmp_path / "dri")}
    return World(tmp_path, checkout, environment)


def plug_in_a_screen(world: World) -> None:
    connector = world.folder / "drm" / "card1-DSI-1"
    connector.mkdir(parents=True)
    (connector / "status").write_text("connected\n")
    (world.folder / "dri").mkdir()
    (world.folder / "dri" / "card1").touch()


def test_run_installs_what_is_missing_and_starts_the_demo(world: World) -> None:
    done = world.setup("run")
    assert done.returncode == 0, done.stderr
    calls = "\n".join(world.calls())
    assert "apt-get install -y -qq --no-install-recommends python3 python3-venv" in calls and "libmtdev1" in calls
    assert "venv --clear" in calls
    assert "--require-hashes --only-binary :all: -r" in calls and "requirements/run.txt" in calls
    assert "--no-index --no-build-isolation --editable" in calls
    assert f"wattward --home {world.checkout}/.demo demo" in done.stdout


def test_the_drawing_of_curves_is_fetched_once_and_again_when_its_lock_changed(world: World) -> None:
    world.setup("run")
    fetched = world.checkout / ".venv" / "share" / "wattward" / "front"
    assert {file.name for file in fetched.iterdir()} == {"LICENSE", "stamp", "uPlot.iife.min.js", "uPlot.min.css"}
    assert sum(call.startswith("npm ci --ignore-scripts") for call in world.calls()) == 1
    lock = world.checkout / "requirements" / "front" / "package-lock.json"
    lock.write_text(lock.read_text().replace("1.6.32", "1.6.33"))
    world.setup("run")
    assert sum(call.startswith("npm ci") for call in world.calls()) == 1
    assert [file.name for file in (world.checkout / ".venv").glob("front.*")] == []


def test_without_the_drawing_of_curves_everything_starts_and_it_is_said(world: World) -> None:
    done = world.setup("run", FAILING="npm")
    assert done.returncode == 0
    assert "simpler curves: the network is away" in done.stderr
    assert "wattward --home" in done.stdout
    assert not (world.checkout / ".venv" / "share").exists()


def test_a_machine_without_npm_takes_it_from_a_locked_wheel(world: World) -> None:
    programs = world.folder / "bin"
    tools = "bash dirname env cat sed grep cut sha256sum cp rm mkdir mv mktemp tail timeout touch chmod sh"
    for tool in tools.split():
        if not (programs / tool).exists():
            (programs / tool).symlink_to(shutil.which(tool) or tool)
    (programs / "npm").unlink()
    done = world.setup("run", PATH=str(programs))
    assert done.returncode == 0, done.stderr
    calls = "\n".join(world.calls())
    assert "--require-hashes --only-binary :all: -r" in calls and "requirements/npm.txt" in calls


def test_the_second_run_asks_neither_packages_nor_network(world: World) -> None:
    world.setup("run")
    world.calls()
    done = world.setup("run")
    assert world.calls() == []
    assert "wattward --home" in done.stdout and done.stderr == ""


def test_only_the_missing_package_is_installed(world: World) -> None:
    world.setup("run")
    world.calls()
    installed = world.folder / "installed"
    installed.write_text(installed.read_text().replace("libmtdev1\n", ""))
    world.setup("run")
    assert [call for call in world.calls() if call.startswith("apt-get install")] == [
        "apt-get install -y -qq --no-install-recommends libmtdev1"
    ]


def test_a_user_installs_packages_through_sudo(world: World) -> None:
    if subprocess.run(["unshare", "--user", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no user namespace")
    done = world.setup("run", as_user=True)
    assert done.returncode == 0, done.stderr
    assert any(call.startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get install") for call in world.calls())


def test_a_user_without_sudo_is_told_what_needs_root(world: World) -> None:
    if subprocess.run(["unshare", "--user", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no user namespace")
    (world.folder / "bin" / "sudo").unlink()
    if shutil.which("sudo", path=world.environment["PATH"]):
        pytest.skip("this machine has a sudo of its own")
    done = world.setup("run", as_user=True)
    assert done.returncode == 1 and "install sudo" in done.stderr


def test_a_changed_lock_is_installed_and_a_changed_project_without_network(world: World) -> None:
    world.setup("run")
    world.calls()
    with (world.checkout / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    world.setup("run")
    assert [call for call in world.calls() if "-r " in call] == []
    with (world.checkout / "requirements" / "run.txt").open("a") as file:
        file.write("# changed\n")
    world.setup("run")
    assert any("requirements/run.txt" in call for call in world.calls())


def test_a_moved_checkout_gets_a_new_environment(world: World) -> None:
    world.setup("run")
    world.calls()
    moved = World(world.folder, world.checkout.rename(world.folder / "moved"), world.environment)
    moved.setup("run")
    assert any(f"venv --clear {moved.checkout}/.venv" in call for call in moved.calls())


def test_a_newer_python_builds_the_pinned_gpio_library_from_source(world: World) -> None:
    done = world.setup("run", NEW_PYTHON="1")
    assert done.returncode == 0, done.stderr
    calls = world.calls()
    assert any(call.startswith("apt-get install") and "swig python3-dev build-essential" in call for call in calls)
    build = next(number for number, call in enumerate(calls) if "requirements/build.txt" in call)
    rest = next(number for number, call in enumerate(calls) if "requirements/run.txt" in call)
    assert build < rest and "--no-binary lgpio --no-build-isolation" in calls[rest]


def test_without_a_display_it_runs_headless_and_says_where_the_screenshot_is(world: World) -> None:
    done = world.setup("run", "--speed", "60")
    assert f"wattward --home {world.checkout}/.demo demo --headless --speed 60" in done.stdout
    assert f"{world.checkout}/.demo/touch.png" in done.stdout
    assert done.stdout.index("touch.png") < done.stdout.index("wattward --home")


def test_headless_is_not_said_twice(world: World) -> None:
    assert "demo --headless\n" in world.setup("run", "--headless").stdout


def test_with_a_display_it_opens_a_window(world: World) -> None:
    assert "demo\n" in world.setup("run", DISPLAY=":0").stdout


def test_with_a_screen_and_no_x_it_draws_on_the_screen(world: World) -> None:
    plug_in_a_screen(world)
    done = world.setup("run")
    assert "directly on the screen" in done.stdout and "demo\n" in done.stdout


def test_without_dpkg_it_says_what_it_knows(world: World) -> None:
    programs = world.folder / "bin"
    for tool in ("bash", "dirname", "env", "cat"):
        (programs / tool).symlink_to(shutil.which(tool) or tool)
    (programs / "dpkg-query").unlink()
    done = world.setup("run", PATH=str(programs))
    assert done.returncode == 1 and "knows Debian 12, 13 and Raspberry Pi OS" in done.stderr


def test_an_unsuitable_python_is_refused_by_name(world: World) -> None:
    done = world.setup("run", PYTHON="/bin/false")
    assert done.returncode == 1 and "/bin/false is not a Python 3.11 to 3.13" in done.stderr


def test_test_runs_the_checks_then_pytest_whose_summary_is_the_last_line(world: World) -> None:
    done = world.setup("test", "-k", "word")
    assert done.returncode == 0, done.stderr
    order = [done.stdout.index(word) for word in ("shellcheck -x", "ruff check .", "mypy", "pytest -m pytest -k word")]
    assert order == sorted(order)
    assert done.stdout.splitlines()[-1] == "=== 7 passed ==="
    assert "requirements/test.txt" in "\n".join(world.calls())


@pytest.mark.parametrize("check", ["shellcheck", "ruff", "mypy", "pytest"])
def test_one_failing_check_fails_the_whole_and_the_tests_still_run(world: World, check: str) -> None:
    done = world.setup("test", FAILING=check)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "=== 7 passed ==="


def test_ci_runs_the_same_tests_without_standard_input(world: World) -> None:
    done = subprocess.run(
        [str(world.checkout / ".ci" / "run")],
        capture_output=True, text=True, timeout=60, check=False, env=world.environment | {"CI": "true"},
    )  # fmt: skip
    assert done.returncode == 0 and "pytest -m pytest" in done.stdout


def test_after_test_run_installs_nothing_more(world: World) -> None:
    world.setup("test")
    world.calls()
    world.setup("run")
    assert world.calls() == []


def test_doctor_names_what_is_missing_and_changes_nothing(world: World) -> None:
    done = world.setup("doctor")
    assert "will install: python3" in done.stdout and "'./setup.sh run' makes it" in done.stdout
    assert world.calls() == []


def test_an_unknown_command_says_what_there_is(world: World) -> None:
    done = world.setup("instal")
    assert done.returncode == 1 and "no command 'instal'" in done.stderr and "./setup.sh COMMAND" in done.stderr
    assert world.setup().returncode == 0


def test_the_scripts_are_clean() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed")
    scripts = ["setup.sh", ".ci/run", "systemd/install.sh", "systemd/touch-display", "tests/systemd/boot"]
    done = subprocess.run(["shellcheck", "-x", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    assert all(
        os.access(ROOT / script, os.X_OK) for script in scripts if not script.endswith(".sh") or "/" not in script
    )
