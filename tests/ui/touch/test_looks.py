"""Every look of every part keeps the rules of reading and touching, in every dress. See `walk.py`."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ui.touch import sheet
from tests.ui.touch.walk import lengthen
from ui.text import update

TOUCH = Path(update.__file__).parents[1] / "touch"
OPENED_BY_OTHERS = {"text_entry", "choice", "task", "restore_one"}  # with what they are asked
SIZES = [("800x480", []), ("1280x720", ["--dress", "german"])]


@pytest.fixture(scope="module", params=SIZES, ids=[size for size, _more in SIZES])
def walked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a walk over all looks found, in a process of its own."""
    size, more = request.param
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.touch.walk", "--size", size, *more],
        capture_output=True, text=True, check=False, env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_page_has_a_look(walked: dict[str, Any]) -> None:
    assert set(walked["pages"]) - set(walked["screens"]) - OPENED_BY_OTHERS == set()


@pytest.mark.parametrize(
    "rule",
    ["small_text", "cut_text", "missing_glyphs", "weak_contrast", "small_targets", "low_keys", "close_targets",
     "mute_icons", "spilled", "overlapping"],
)  # fmt: skip
def test_no_look_breaks(walked: dict[str, Any], rule: str) -> None:  # UX 2, 4, 5, 6, 33
    assert walked["looks"] > 100
    assert [flaw for flaw in walked["flaws"] if flaw[2] == rule] == []


def test_a_longer_language_keeps_its_placeholders() -> None:
    assert lengthen("Wait {time} for Settings") == "Waitit {time} forr Settingsngs"


def sentences(path: Path) -> Iterator[str]:
    """What a module gives to `_`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_sentence_is_found_for_translation() -> None:  # one inside an f-string is not
    collected = {str(message.id) for message in update.collect()}
    lost = {path.name: found for path in TOUCH.rglob("*.py") if (found := set(sentences(path)) - collected)}
    assert lost == {}


def test_half_a_picture_is_the_mean_of_four() -> None:
    picture = (2, 2, bytes([0, 0, 0, 100, 100, 100, 200, 200, 200, 100, 100, 100]))
    assert sheet.halved(picture) == (1, 1, bytes([100, 100, 100]))
