"""What the documents promise is there: pages, files, programs, settings, and commands as they are written."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli import main
from appliance.store import settings

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "systemd" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = {setting.key.partition(".")[0] for setting in settings.TABLE}
NOT_SETTINGS = {"charging.grants", "web.open", "web.remaining_s", "identification.taken"}  # modules, keys, audit events


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


def found(page: Path, pattern: str) -> list[str]:
    return re.findall(pattern, page.read_text("utf-8"))


def commands(text: str) -> Iterator[str]:
    """Commands in blocks, a line each, and in sentences."""
    for line in re.findall(r"^(?:    ){1,2}(?:sudo |\.venv/bin/)?wattward (.*)$", text, re.M):
        yield from (re.sub(r"^(sudo )?wattward ", "", part.strip()) for part in line.partition("  #")[0].split(" ; "))
    yield from re.findall(r"`(?:sudo )?wattward ([^`]*)`", text)


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_what_a_page_points_to_is_there(page: Path) -> None:
    links = [link for link in found(page, r"\]\(([^)#]+)(?:#[^)]*)?\)") if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    files = [ROOT / one for one in found(page, r"`((?:appliance|drivers|ui|tests|systemd|docs)/[\w./-]+)`")]
    assert [names(one) for one in files if not one.exists()] == []
    programs = [
        ROOT / one.replace(".", "/") for one in found(page, r"python -m ((?:tests|ui|drivers|appliance)\.[\w.]+)")
    ]
    assert [
        names(one) for one in programs if not (one.with_suffix(".py").exists() or (one / "__main__.py").exists())
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_settings_on_a_page_are_settings(page: Path) -> None:
    keys = [key for key in found(page, r"`([a-z]+\.[a-z_.]+[a-z])`") if key.partition(".")[0] in ROOMS]
    assert [key for key in keys if key not in settings.KEYS and key not in NOT_SETTINGS] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_commands_on_a_page_can_be_typed(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = []
    for command in commands(page.read_text("utf-8")):
        if any(mark in command for mark in "…|["):
            continue  # a summary of several
        words = shlex.split(command.removesuffix("&"))
        try:
            main._parser(main._noun(words)).parse_args(words)
        except SystemExit:
            said = capsys.readouterr().err
            if "the following arguments are required" not in said:  # a sentence may leave them open
                wrong.append((command, said.splitlines()[-1]))
    assert wrong == []


def test_the_commands_of_the_documents_are_seen() -> None:
    seen = [command for page in PAGES for command in commands(page.read_text("utf-8"))]
    assert len(seen) > 100 and "meters check Grid" in seen and "backup restore FILE --code -" in seen
