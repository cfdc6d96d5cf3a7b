"""Words: equal ones share a picture, none is larger than its words, and they stand where they should."""

from __future__ import annotations

import gc

import pytest
from kivy.metrics import dp

from tests.ui.touch import stage
from ui.touch import theme
from ui.touch.icons import ICONS
from ui.touch.widgets import basic, words, written
from ui.touch.widgets.words import Fit, Icon, Para, Text, Words

assert stage  # the display is prepared before Kivy is used


def drawn(one: Words) -> Words:
    """Drawn at once, not before the next frame."""
    one.draw()
    return one


def test_equal_words_share_one_picture_whatever_their_colour() -> None:
    one, other = drawn(Words(text="Grid", color=theme.GRID)), drawn(Words(text="Grid", color=theme.BAD))
    assert one._paper.texture is other._paper.texture
    assert (one.color, other.color) == (theme.GRID, theme.BAD)


def test_other_words_and_other_sizes_have_pictures_of_their_own() -> None:
    three = [drawn(Words(text="Grid")), drawn(Words(text="Solar")), drawn(Words(text="Grid", font_size=60))]
    pictures = {id(one._paper.texture) for one in three}
    assert len(pictures) == 3


def test_a_picture_is_no_larger_than_its_words() -> None:
    text = drawn(Text(text="Grid", size=(700, 300)))
    assert text._paper.size[0] < 100
    assert text._paper.size[1] < 50


@pytest.mark.parametrize(("halign", "share"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_a_text_stands_at_its_side(halign: str, share: float) -> None:
    text = drawn(Text(text="Grid", size=(700, 100), pos=(40, 0), halign=halign))
    free = 700 - text._paper.size[0]
    assert text._paper.pos[0] == pytest.approx(40 + free * share, abs=1)


@pytest.mark.parametrize(("valign", "share"), [("bottom", 0.0), ("middle", 0.5), ("top", 1.0)])
def test_a_text_stands_at_its_height(valign: str, share: float) -> None:
    text = drawn(Text(text="Grid", size=(700, 300), valign=valign))
    free = 300 - text._paper.size[1]
    assert text._paper.pos[1] == pytest.approx(free * share, abs=1)


def test_a_text_is_broken_into_lines_where_its_place_ends() -> None:
    one, two = (
        drawn(Text(text="long words " * 4, size=(900, 200))),
        drawn(Text(text="long words " * 4, size=(200, 200))),
    )
    assert two._paper.size[0] <= 200
    assert two._paper.size[1] >= 2 * one._paper.size[1]


def test_a_text_that_may_be_shortened_keeps_one_line() -> None:
    whole = drawn(Text(text="a name that is long", size=(900, 40)))
    short = drawn(Text(text="a name that is long", size=(120, 40), shorten=True))
    assert short._paper.size[0] <= 120
    assert short._paper.size[1] == whole._paper.size[1]


def columns(one: Words) -> list[bytes]:
    """The picture of a text, column by column."""
    texture = one._paper.texture
    pixels, line = texture.pixels, texture.width * 4
    return [
        b"".join(pixels[row * line + 4 * column : row * line + 4 * column + 4] for row in range(texture.height))
        for column in range(texture.width)
    ]


def test_a_name_too_long_for_its_place_keeps_its_beginning() -> None:
    """Also where it has spaces, between which Kivy would cut it in the middle."""
    name = "Maximiliane Freifrau von Hohenstein-Waldburg"
    whole = drawn(Text(text=name, size=(900, 40)))
    wide = int(whole._paper.size[0])
    short = drawn(Text(text=name, size=(wide * 4 // 5, 40), shorten=True))
    begins = columns(whole)[10 : wide // 2]
    moved = range(20)  # by what is left over in its place
    assert any(columns(short)[by : by + len(begins)] == begins for by in moved)


def test_a_paragraph_is_as_high_as_it_needs_and_nothing_when_empty() -> None:
    para = drawn(Para(text="long words " * 6, width=200, padding=(0, 7)))
    assert para.height == para._paper.size[1] + 14
    para.text = ""
    drawn(para)
    assert (para.height, tuple(para._paper.size)) == (0, (0, 0))


def test_a_short_text_is_as_wide_as_it_is() -> None:
    fit = drawn(Fit(text="5.09", font_size=dp(40)))
    assert fit.width == fit.texture_size[0] == fit._paper.size[0] > 40


def test_an_icon_fills_its_place_and_changes_with_its_name() -> None:
    icon = Icon(name="lock", size=(64, 40))
    assert (icon.text, icon.font_size) == (ICONS["lock"], 40)
    icon.name = "bolt"
    assert icon.text == ICONS["bolt"]


def test_a_badge_has_its_icon_and_a_breath_of_its_colour() -> None:
    badge = basic.Badge(name="lock", tint=theme.GOOD, size=(50, 50))
    badge.tint = theme.BAD
    assert (tuple(badge.color), badge.font_size) == (theme.BAD, 32)
    assert badge._ground is not None
    assert tuple(badge._ground._ink.rgba) == pytest.approx(theme.faint(theme.BAD))


def test_pictures_nobody_shows_are_let_go_of() -> None:
    for number in range(2 * written.KEPT):
        Words(text=f"number {number}")
    words._draw_all(0)  # as before each frame
    gc.collect()
    assert len(written._kept) == written.KEPT
    assert len([key for key in written._shown if key[0].startswith("number ")]) <= written.KEPT


def test_a_button_makes_only_what_it_shows() -> None:
    button = basic.TextButton(text="OK")
    assert [type(one).__name__ for one in button.children] == ["Fit"]
    button.icon = "check"
    assert sorted(type(one).__name__ for one in button.children) == ["Fit", "Icon"]
    button.icon = ""
    assert [one.opacity for one in button.children if isinstance(one, Icon)] == [0.0]


def test_a_button_is_brighter_under_a_finger_and_faint_when_off() -> None:
    button = basic.TextButton(text="OK")
    button.state = "down"
    assert tuple(button._ground._ink.rgba) == pytest.approx(theme.PRESSED)
    button.state, button.enabled = "normal", False
    assert tuple(button._ground._ink.rgba) == pytest.approx(theme.RAISED)
    assert button.opacity == basic.OFF_OPACITY
