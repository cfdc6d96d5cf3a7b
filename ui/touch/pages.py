"""The pages that are made: those of every day stay, of the others the last few; what a dropped one was about is kept.

A page is some hundred widgets and one to four megabytes, and made within a few
frames. So it is made when it is asked for and dropped when others were seen since;
only an outline stays, from which it takes over when it is made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache

from kivy.clock import Clock
from kivy.uix.screenmanager import Screen, ScreenManager

from ui.touch import memory
from ui.touch.screens import SCREENS
from ui.touch.screens.base import Page

KEPT = 3  # the page that is seen and the way back from it
SWEEP_AFTER_S = 0.7  # dropped pages are collected when nobody waits for another
MOST_DROPPED = 6  # and at the latest when there are so many
STAY = ("energy", "charging")
Outline = dict[str, object]
PLAIN = (str, int, float, bytes, date, Enum)


class Screens(ScreenManager):
    """All screens; each is made when it is asked for."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._outlines: dict[str, Outline] = {}
        self._dropped = 0
        self._sweep = Clock.create_trigger(self._sweep_up, SWEEP_AFTER_S)
        self._sweep_now = Clock.create_trigger(self._sweep_up, 0)  # once the page that was asked for is seen

    def get_screen(self, name: str) -> Screen:
        """A screen by its name."""
        if not self.has_screen(name):
            self._make(name)
        found = super().get_screen(name)
        self.screens.remove(found)
        self.screens.append(found)  # the one asked for last is the last to go
        return found

    def _make(self, name: str) -> None:
        page = SCREENS[name](name=name)
        self.add_widget(page)
        if name in self._outlines:
            page.take_over(as_page(self._outlines.pop(name), page))

    def outlines(self) -> dict[str, Outline]:
        """What the pages are about that are not seen, here or dropped."""
        return self._outlines | {one.name: outline(one) for one in self.screens if one is not self.current_screen}

    def know(self, outlines: dict[str, Outline]) -> None:
        """What pages were about before all of them are made anew."""
        self._outlines = outlines

    def forget_old(self) -> None:
        """Let go of the pages that were not seen for longest, except those everybody comes back to."""
        old = [one for one in self.screens[:-KEPT] if one.name not in STAY and one is not self.current_screen]
        for screen in old:
            self._outlines[screen.name] = outline(screen)
            self.remove_widget(screen)
        if old:
            self._dropped += len(old)
            self._sweep.cancel()
            self._sweep()
        if self._dropped >= MOST_DROPPED:
            self._sweep_now()

    def _sweep_up(self, *_args: object) -> None:
        self._dropped = 0
        memory.sweep()


def outline(page: Page) -> Outline:
    """What a page is about: its values, without anything that is drawn, bound or called."""
    own = {name: getattr(page, name) for name in page.properties().keys() - _every_screen()}
    return {name: value for name, value in (vars(page) | own).items() if _is_plain(value)}


def as_page(known: Outline, made: Page) -> Page:
    """The page that was dropped, as `take_over` wants it; what is not known of it is that of the one just made."""
    found = type(made).__new__(type(made))
    found.__dict__.update(vars(made))
    for name, value in known.items():
        setattr(found, name, value)
    return found


@cache
def _every_screen() -> frozenset[str]:
    """The properties that all screens have."""
    return frozenset(Screen().properties())


def _is_plain(value: object) -> bool:
    """Tell whether a value is nothing but a value, so that it holds on to nothing on the display."""
    if is_dataclass(value) and not isinstance(value, type):
        return all(_is_plain(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return all(_is_plain(one) for one in value.values())
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(value, PLAIN)
