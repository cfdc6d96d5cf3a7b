"""The parts of `setup.sh install` that need neither root nor systemd. The whole of it: tests/systemd."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = ["gpio=17=op,dl", "dtparam=strict_gpiod", "dtparam=watchdog=on"]


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a few lines with the functions of setup.sh and systemd/install.sh at hand."""
    setup = folder / "setup.sh"
    setup.write_text((ROOT / "setup.sh").read_text().removesuffix('main "$@"\n'))
    text = (
        f'set -euo pipefail; . "{setup}"; ROOT="{ROOT}"; . "{ROOT}/systemd/install.sh"; BOOT="{folder}/boot"; {script}'
    )
    return subprocess.run(["bash", "-c", text], capture_output=True, text=True, timeout=60, check=False, cwd=folder)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A Raspberry Pi's config.txt that ends in a section for another board."""
    file = tmp_path / "boot" / "firmware" / "config.txt"
    file.parent.mkdir(parents=True)
    file.write_text("dtparam=audio=on\n#dtparam=watchdog=on\n[cm4]\notg_mode=1\n")
    return file


def test_the_boot_lines_are_added_for_every_board_and_the_old_file_is_kept(config: Path, tmp_path: Path) -> None:
    before = config.read_text()
    done = shell("set_boot_config", tmp_path)
    assert done.returncode == 0, done.stderr
    assert config.read_text().startswith(before)
    added = config.read_text().removeprefix(before).split("\n")
    assert added.index("[all]") < min(added.index(line) for line in LINES)
    assert config.with_name("config.txt.before-wattward").read_text() == before
    assert "restart this machine once" in done.stdout


def test_the_boot_lines_are_added_only_once(config: Path, tmp_path: Path) -> None:
    shell("set_boot_config", tmp_path)
    once = config.read_text()
    done = shell("set_boot_config", tmp_path)
    assert config.read_text() == once and done.stdout == ""


def test_only_the_missing_boot_line_is_added(config: Path, tmp_path: Path) -> None:
    config.write_text("gpio=17=op,dl # the relay\ndtparam=watchdog=on\n")
    shell("set_boot_config", tmp_path)
    text = config.read_text()
    assert text.count("gpio=17") == 1 and text.count("dtparam=watchdog=on") == 1 and "\ndtparam=strict_gpiod\n" in text


def test_the_older_place_of_the_boot_configuration_is_found(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot" / "config.txt").write_text("")
    shell("set_boot_config", tmp_path)
    assert all(line in (tmp_path / "boot" / "config.txt").read_text() for line in LINES)


def test_a_machine_without_boot_configuration_is_left_alone_and_told(tmp_path: Path) -> None:
    done = shell("set_boot_config", tmp_path)
    assert done.returncode == 0 and "no Raspberry Pi" in done.stdout


def test_current_is_switched_in_one_rename(tmp_path: Path) -> None:
    done = shell(f'OPT="{tmp_path}"; mkdir a b; point_current_to a; point_current_to "{tmp_path}/b"', tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "current").resolve() == tmp_path / "b" and not (tmp_path / "b" / "a").exists()


def test_only_this_version_and_the_one_before_are_kept(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / "versions" / name).mkdir(parents=True)
    shell(f'OPT="{tmp_path}"; forget_old_versions "$OPT/versions/three" "$OPT/versions/two"', tmp_path)
    assert sorted(folder.name for folder in (tmp_path / "versions").iterdir()) == ["three", "two"]


def copy_of_the_project(folder: Path) -> Path:
    ignored = shutil.ignore_patterns(
        "__pycache__", "*.egg-info", ".git", ".venv", ".demo", ".setup", ".*_cache", "build"
    )
    return Path(shutil.copytree(ROOT, folder / "project", ignore=ignored))


def test_a_version_is_named_after_its_files(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)

    def name() -> str:
        return shell(f'ROOT="{project}"; version_name', tmp_path).stdout.strip()

    first = name()
    (project / "appliance" / "__pycache__").mkdir()
    (project / "appliance" / "__pycache__" / "x.pyc").touch()
    assert name() == first, "what Python leaves behind does not count"
    (project / "appliance" / "clock.py").write_text("")
    assert name() != first and name().split("-")[0] == first.split("-")[0]


def test_every_file_of_the_program_is_in_what_is_installed(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-index",
    ]
    built = subprocess.run(
        [*command, "--no-build-isolation", "-w", str(tmp_path), str(project)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    files = [
        file.relative_to(project).as_posix()
        for folder in ("appliance", "drivers", "ui")
        for file in (project / folder).rglob("*")
        if file.is_file() and file.suffix != ".md"
    ]
    assert [file for file in files if file not in packed] == []


def test_the_store_of_before_is_put_back_whole_and_never_an_older_one(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "data" / "before-update"
    kept.mkdir(parents=True)
    (data / "store.db").write_text("new")
    (data / "store.db-shm").write_text("new")
    (kept / "store.db").write_text("old")
    (kept / "store.db-wal").write_text("old")
    there = f'DATA="{data}"; BEFORE="{kept}";'
    shell(f'{there} COPIED=""; put_store_back', tmp_path)
    assert (data / "store.db").read_text() == "new", "that copy is of an earlier update"
    shell(f"{there} COPIED=yes; put_store_back", tmp_path)
    assert {file.name: file.read_text() for file in data.glob("store.db*")} == {
        "store.db": "old",
        "store.db-wal": "old",
    }


def test_an_installation_needs_systemd(tmp_path: Path) -> None:
    if Path("/run/systemd/system").exists():
        pytest.skip("this machine is run by systemd")
    done = shell("install_here", tmp_path)
    assert done.returncode == 1 and "'./setup.sh run' works here" in done.stderr
