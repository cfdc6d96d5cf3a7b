"""Rules that hold for everything seen and touched, on every screen, in both languages, on both panels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from appliance import audit
from appliance.store import settings
from tests.ui.touch.conftest import make_house
from tests.ui.touch.rules import mute_icons
from tests.ui.touch.screen import Touch, targets
from tests.ui.touch.tour import Tour
from ui.text.catalog import Texts
from ui.touch import theme

One = dict[str, Any]
PICTURES = os.environ.get("WATTWARD_PICTURES")  # a folder: keep a picture of every stop there


@pytest.fixture(scope="module", params=[("en", "800x480"), ("de", "800x480"), ("de", "1280x720")], ids="-".join)
def tour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Every screen and state, seen once for all rules."""
    language, size = request.param
    folder = tmp_path_factory.mktemp("tour")
    house, clock_file = make_house(folder)
    house.furnish()
    house.day()
    house.speak(language)
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.start_page_after_s", "0")  # hours pass on a page
    touch = Touch(house, clock_file, size).start()
    pictures = Path(PICTURES) / f"{language}-{size}" if PICTURES else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    yield Tour(touch, house, Texts(language), pictures).go()
    touch.kill()


def everything(tour: Tour) -> Iterator[tuple[str, One]]:
    for name, seen in tour.stops.items():
        for one in seen:
            yield name, one


def words(tour: Tour) -> Iterator[tuple[str, One]]:
    return ((name, one) for name, one in everything(tour) if one.get("text"))


def units(one: One) -> tuple[float, float]:
    """Width and height in units of the 800 x 480 layout."""
    left, top, right, bottom = one["box"]
    return (right - left) / one["unit"], (bottom - top) / one["unit"]


def whole(one: One) -> bool:
    """Tell whether nothing of it is scrolled away."""
    return all(abs(a - b) <= 1 for a, b in zip(one["box"], one["cut"], strict=True))


def test_the_tour_saw_the_pages_of_every_day(tour: Tour) -> None:  # every page has a look in test_looks
    seen = {stop[0]["screen"] for stop in tour.stops.values()}
    assert seen <= set(tour.touch.screens())
    assert seen >= {
        "energy", "charging", "sessions", "pin", "settings", "security", "communication", "web_admin", "change_pin",
        "backups", "about", "faults",
    }  # fmt: skip


def test_every_text_is_legible_at_arms_length(tour: Tour) -> None:  # UX 2
    assert [(name, one["text"]) for name, one in words(tour) if one["font_units"] < theme.SMALL] == []
    assert theme.AXIS >= 18


def test_values_are_seen_from_the_corridor(tour: Tour) -> None:  # UX 1
    large = [one["text"] for one in tour.stops["energy"] if one.get("text") and one["font_units"] >= 44]
    assert len(large) == 4  # grid, house, car, solar


def test_no_text_is_cut_off(tour: Tour) -> None:  # UX 33
    cut = [(name, one["text"]) for name, one in words(tour) if not one["fits"] or not (whole(one) or one["scrolls"])]
    assert cut == []


def test_every_character_has_a_glyph(tour: Tour) -> None:
    assert [(name, one["missing"]) for name, one in words(tour) if one["missing"]] == []


def test_text_and_icons_stand_out_from_what_is_behind_them(tour: Tour) -> None:  # UX 5
    weak = [
        (name, one.get("text") or one.get("icon"), round(one["contrast"], 2))
        for name, one in everything(tour)
        if "contrast" in one and not one["faint"] and one["contrast"] < (4.5 if one.get("text") else 3.0)
    ]
    assert weak == []


def test_fingers_hit_every_target(tour: Tour) -> None:  # UX 4
    small = [
        (name, one["labels"], units(one))
        for name, seen in tour.stops.items()
        for one in targets(seen)
        if min(units(one)) < 47.9
    ]
    assert small == []


def test_the_keys_of_every_pad_are_high(tour: Tour) -> None:  # UX 4
    keys = [one for name, one in everything(tour) if one["kind"] == "PadKey"]
    assert keys
    assert [units(one) for one in keys if units(one)[1] < 79.9] == []


def test_targets_keep_their_distance(tour: Tour) -> None:  # UX 4
    close = [
        (name, one["labels"], other["labels"], round(distance(one, other), 1))
        for name, seen in tour.stops.items()
        if name != "question"  # it lies over the others and takes every touch
        for one, other in combinations([target for target in targets(seen) if target["labels"]], 2)
        if distance(one, other) < 7.9 and one["scrolls"] == other["scrolls"]
    ]
    assert close == []


def distance(one: One, other: One) -> float:
    """Free space between two boxes, in units."""
    a, b = one["cut"], other["cut"]
    across, down = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
    return float(max(across, down)) / float(one["unit"])


def test_every_tap_is_one_touch(tour: Tour) -> None:  # UX 11
    assert set(tour.downs) == {1}


def test_each_icon_has_words_beside_it_or_is_a_known_sign(tour: Tour) -> None:  # UX 6
    mute = {name: found for name, seen in tour.stops.items() if (found := mute_icons(seen))}
    assert mute == {}


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "surface"), theme.pairs())
def test_every_pair_of_the_palette_is_legible(text: str, surface: str, light: bool) -> None:  # UX 5
    colours = theme.palette(light=light)
    assert theme.contrast(colours[text], colours[surface]) >= 4.5


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
@pytest.mark.parametrize(("name", "surface"), [(one, on) for one in theme.GRAPHICS for on in theme.SURFACES])
def test_lines_and_signs_stand_out(name: str, surface: str, light: bool) -> None:  # UX 5
    colours = theme.palette(light=light)
    assert theme.contrast(colours[name], colours[surface]) >= 3.0


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
@pytest.mark.parametrize("name", theme.INKS)
def test_a_word_on_a_breath_of_its_own_colour_is_legible(name: str, light: bool) -> None:
    colours = theme.palette(light=light)
    for surface in theme.SURFACES:
        assert theme.contrast(colours[name], theme.over(theme.faint(colours[name], 0.12), colours[surface])) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast(theme.rgb("#FFFFFF"), theme.rgb("#000000")) == pytest.approx(21.0)
    assert theme.contrast(theme.rgb("#777777"), theme.rgb("#FFFFFF")) == pytest.approx(4.48, abs=0.01)
