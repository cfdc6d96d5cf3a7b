"""Rules that hold for everything seen and touched, on every screen, in both languages, on both panels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.store import settings
from tests.ui.touch import rules
from tests.ui.touch.conftest import make_house
from tests.ui.touch.screen import Seen, Touch
from tests.ui.touch.tour import Tour
from ui.text.catalog import Texts
from ui.touch import theme

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


def flaws(tour: Tour, rule: Callable[[Seen], list[str]], *besides: str) -> dict[str, list[str]]:
    """What a rule finds, by stop."""
    return {name: found for name, seen in tour.stops.items() if name not in besides and (found := rule(seen))}


def test_the_tour_reaches_every_page_by_taps(tour: Tour) -> None:  # a new page needs a way to it in tour_legs
    assert tour.screens == set(tour.touch.screens())


def test_every_text_is_legible_at_arms_length(tour: Tour) -> None:  # UX 2
    assert flaws(tour, rules.small_text) == {}
    assert theme.AXIS >= 18


def test_values_are_seen_from_the_corridor(tour: Tour) -> None:  # UX 1
    large = [one["text"] for one in tour.stops["energy"] if one.get("text") and one["font_units"] >= 44]
    assert len(large) == 4  # grid, house, car, solar


def test_no_text_is_cut_off(tour: Tour) -> None:  # UX 33
    assert flaws(tour, rules.cut_text) == {}


def test_words_stay_on_the_button_they_stand_on(tour: Tour) -> None:
    assert flaws(tour, rules.spilled) == {}


def test_every_character_has_a_glyph(tour: Tour) -> None:
    assert flaws(tour, rules.missing_glyphs) == {}


def test_text_and_icons_stand_out_from_what_is_behind_them(tour: Tour) -> None:  # UX 5
    assert flaws(tour, rules.weak_contrast) == {}


def test_fingers_hit_every_target(tour: Tour) -> None:  # UX 4
    assert flaws(tour, rules.small_targets) == {}


def test_the_keys_of_every_pad_are_high(tour: Tour) -> None:  # UX 4
    assert any(one["kind"] in rules.KEYS for seen in tour.stops.values() for one in seen)
    assert flaws(tour, rules.low_keys) == {}


def test_targets_keep_their_distance(tour: Tour) -> None:  # UX 4
    assert flaws(tour, rules.close_targets, "question") == {}  # which lies over the others and takes the touch


def test_every_tap_is_one_touch(tour: Tour) -> None:  # UX 11
    assert set(tour.downs) == {1}


def test_each_icon_has_words_beside_it_or_is_a_known_sign(tour: Tour) -> None:  # UX 6
    assert flaws(tour, rules.mute_icons) == {}


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
