"""Pages: few are kept, a dropped one is gone with all it was made of; made anew it knows what it was about."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from kivy.uix.widget import Widget

from tests.ui.touch import stage
from ui.touch import memory, pages
from ui.touch.pages import Screens, as_page, outline
from ui.touch.screens.base import Page

assert stage  # the display is prepared before Kivy is used


class Story(Page):
    """A page that is about something."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.wanted: date | None = None
        self.inside = Widget()
        self.add_widget(self.inside)


@pytest.fixture
def screens(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screens]:
    """A manager of pages that are all stories."""
    names = {name: Story for name in (*pages.STAY, *(f"page{number}" for number in range(9)))}
    monkeypatch.setattr(pages, "SCREENS", names)
    found = Screens()
    yield found
    found._sweep.cancel()
    found._sweep_now.cancel()


def turn(screens: Screens, *names: str) -> None:
    """Show one after the other."""
    for name in names:
        screens.current = name
        screens.forget_old()


def test_the_pages_of_every_day_and_the_last_few_are_kept(screens: Screens) -> None:
    turn(screens, "energy", "charging", "page1", "page2", "page3", "page4", "page5")
    assert {one.name for one in screens.screens} == {"energy", "charging", "page3", "page4", "page5"}


def test_a_dropped_page_is_gone_with_all_it_was_made_of(screens: Screens) -> None:
    turn(screens, "page1")
    inside = weakref.ref(screens.get_screen("page1").inside)
    turn(screens, "page2", "page3", "page4")
    memory.sweep()
    assert inside() is None


def test_what_a_page_was_about_is_there_when_it_is_made_anew(screens: Screens) -> None:
    screens.get_screen("page1").wanted = date(2026, 6, 20)
    turn(screens, "page1", "page2", "page3", "page4", "page1")
    assert screens.get_screen("page1").wanted == date(2026, 6, 20)


def test_a_page_that_goes_back_and_forth_is_the_same(screens: Screens) -> None:
    turn(screens, "page1")
    first = screens.get_screen("page1")
    turn(screens, "page2", "page1")
    assert screens.get_screen("page1") is first


def test_an_outline_holds_nothing_that_is_drawn_or_called() -> None:
    page = Story(name="page1")
    page.wanted, page.__dict__["done"] = date(2026, 6, 20), page.enter
    found = outline(page)
    assert found["wanted"] == date(2026, 6, 20)
    assert {"inside", "done"}.isdisjoint(found)


def test_what_an_outline_does_not_know_is_that_of_the_new_page() -> None:
    before, made = Story(name="page1"), Story(name="page1")
    before.wanted = date(2026, 6, 20)
    found = as_page(outline(before), made)
    assert isinstance(found, Story)
    assert (found.wanted, found.inside) == (date(2026, 6, 20), made.inside)


def test_what_settled_is_not_looked_at_by_the_collector_until_it_settles_again() -> None:
    memory.settle()
    assert gc.get_freeze_count() > 10_000
    circle: list[object] = []
    circle.append(circle)
    kept = weakref.ref(held := type("Held", (), {})())
    circle.append(held)
    del circle, held
    memory.sweep()
    assert kept() is None
    gc.unfreeze()


def test_memory_is_prepared_as_often_as_wanted(tmp_path: Path) -> None:
    before = gc.get_threshold()
    memory.prepare()
    memory.prepare()
    assert gc.get_threshold() == memory.SELDOM
    gc.set_threshold(*before)
    assert list(tmp_path.iterdir()) == []
