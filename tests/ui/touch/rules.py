"""What holds for everything seen and touched; each rule gives the flaws it found, as short texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from tests.ui.touch.screen import Seen, targets

One = dict[str, Any]
LEAST_UNITS, LEAST_AXIS_UNITS = 20, 18  # UX 2
TARGET, GAP, KEY = 48, 8, 80  # UX 4
SIGNS = {"icon:back", "icon:next", "icon:erase", "icon:fold_up", "icon:fold_down", "icon:bell",
         "icon:close", "icon:eye", "icon:hidden", "icon:shift", "icon:space", "icon:plus", "icon:minus"}  # fmt: skip
KEYS = ("PadKey",)
LEAD = 0.22  # of the size of letters: free above and below them in their line


def words(seen: Seen) -> Iterator[One]:
    return (one for one in seen if one.get("text"))


def units(one: One) -> tuple[float, float]:
    """Width and height in units of the 800 x 480 layout."""
    left, top, right, bottom = one["box"]
    return (right - left) / one["unit"], (bottom - top) / one["unit"]


def whole(one: One) -> bool:
    """Tell whether nothing of it is scrolled away."""
    return all(abs(a - b) <= 1 for a, b in zip(one["box"], one["cut"], strict=True))


def distance(one: One, other: One) -> float:
    """Free space between two boxes, in units."""
    a, b = one["cut"], other["cut"]
    across, down = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
    return float(max(across, down)) / float(one["unit"])


def nested(one: One, other: One) -> bool:
    """Tell whether one lies in the other: a button on a card that is tapped itself."""
    a, b = one["box"], other["box"]
    inside = [a[0] >= b[0], a[1] >= b[1], a[2] <= b[2], a[3] <= b[3]]
    around = [a[0] <= b[0], a[1] <= b[1], a[2] >= b[2], a[3] >= b[3]]
    return all(inside) or all(around)


def small_text(seen: Seen) -> list[str]:
    """Legible at arm's length."""
    return [
        f"{one['text']!r} {one['font_units']:.0f}"
        for one in words(seen)
        if one["font_units"] < (LEAST_AXIS_UNITS if "Axis" in one["kind"] or "Tick" in one["kind"] else LEAST_UNITS)
    ]


def cut_text(seen: Seen) -> list[str]:
    """Nothing is cut off."""
    return [repr(one["text"]) for one in words(seen) if not one["fits"] or not (whole(one) or one["scrolls"])]


def spilled(seen: Seen) -> list[str]:
    """Words and icons stay on the card or button they stand on."""
    return [
        f"{one.get('text') or one.get('icon')!r} {over:.0f}"
        for one in seen
        if (one.get("text") or one.get("icon")) and (over := _over(one)) > 1.5
    ]


def _over(one: One) -> float:
    """How far it stands out of its card, in units."""
    box, home = one["box"], one["home"]
    return float(max(home[0] - box[0], home[1] - box[1], box[2] - home[2], box[3] - home[3])) / float(one["unit"])


def overlapping(seen: Seen) -> list[str]:
    """No word is written over another."""
    return [
        f"{one['text']!r} {other['text']!r}"
        for one, other in combinations([one for one in words(seen) if not one["covered"]], 2)
        if distance(_ink(one), _ink(other)) < -2
    ]


def _ink(one: One) -> One:
    """Without the room above and below the letters of its first and last line."""
    left, top, right, bottom = one["cut"]
    lead = one["font_units"] * one["unit"] * LEAD
    return one | {"cut": (left, top + lead, right, bottom - lead)}


def missing_glyphs(seen: Seen) -> list[str]:
    """Every character can be drawn."""
    return [f"{one['text']!r} {one['missing']}" for one in words(seen) if one["missing"]]


def weak_contrast(seen: Seen) -> list[str]:
    """Words and icons stand out from what is behind them."""
    return [
        f"{one.get('text') or one.get('icon')!r} {one['contrast']:.2f}"
        for one in seen
        if "contrast" in one and not one["faint"] and not one["covered"]
        and (one.get("text") or one.get("icon")) and one["contrast"] < (4.5 if one.get("text") else 3.0)
    ]  # fmt: skip


def small_targets(seen: Seen) -> list[str]:
    """A finger hits."""
    return [f"{one['labels']} {units(one)}" for one in targets(seen) if min(units(one)) < TARGET - 0.1]


def low_keys(seen: Seen) -> list[str]:
    """The keys of number pads are high."""
    return [f"{one['kind']} {units(one)}" for one in seen if one["kind"] in KEYS and units(one)[1] < KEY - 0.1]


def close_targets(seen: Seen) -> list[str]:
    """Targets keep their distance."""
    return [
        f"{one['labels']} {other['labels']} {distance(one, other):.1f}"
        for one, other in combinations([one for one in targets(seen) if one["labels"]], 2)
        if distance(one, other) < GAP - 0.1 and one["scrolls"] == other["scrolls"] and not nested(one, other)
    ]


def mute_icons(seen: Seen) -> list[str]:
    """What can be tapped bears a word, or a sign everybody knows."""
    return [
        str(one["labels"])
        for one in targets(seen)
        if one["labels"]
        and all(label.startswith("icon:") for label in one["labels"])
        and not set(one["labels"]) <= SIGNS
    ]


RULES: tuple[Callable[[Seen], list[str]], ...] = (
    small_text, cut_text, spilled, overlapping, missing_glyphs, weak_contrast, small_targets, low_keys, close_targets,
    mute_icons,
)  # fmt: skip
