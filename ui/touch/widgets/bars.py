"""Bars side by side: what adds up above zero, what went out below; one is read under the finger.

Rectangles are made once and moved; they are laid anew only when values change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Ellipse, InstructionGroup, RoundedRectangle
from kivy.metrics import dp
from kivy.properties import ListProperty, StringProperty

from ui.text import numbers
from ui.touch import theme
from ui.touch.scale import nice_top
from ui.touch.widgets.axes import Axes, Plot
from ui.touch.widgets.reading import Readable

LEAST_TOP_WH = 1000.0
LEVELS = 5
MOST_LINES = 6  # above and below zero: closer together their figures touch
AIR = 1.06
WIDEST, SHARE = 46, 0.7  # of a bar: units, and of the room it has


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in Wh, lowest part first."""

    up: tuple[tuple[theme.Colour, float], ...]
    down: tuple[tuple[theme.Colour, float], ...] = ()
    tick: str = ""
    gap: bool = False

    @property
    def above(self) -> float:
        """How high it reaches."""
        return sum(wh for _colour, wh in self.up)

    @property
    def below(self) -> float:
        """How deep it reaches."""
        return sum(wh for _colour, wh in self.down)


@dataclass(frozen=True, slots=True)
class Heights:
    """The axis: its top and bottom in Wh (bottom is not negative), and the distance of its lines."""

    top: float
    bottom: float
    step: float

    @classmethod
    def of(cls, bars: Sequence[Bar]) -> Heights:
        """What holds all of them, with a line at or above the highest and little empty room above it."""
        up = max((bar.above for bar in bars), default=0.0)
        down = max((bar.below for bar in bars), default=0.0)
        _, step = nice_top(up + down, LEVELS, LEAST_TOP_WH)
        finer = [step / 2] if up and not _mantissa(step).startswith("2.5") else []
        fits = [one for one in (step, *finer) if (_whole(up, one) + down) / one <= MOST_LINES] or [step]
        best = min(fits, key=lambda one: _whole(up, one))
        return cls(_whole(up, best), down * AIR, best)

    @property
    def unit(self) -> str:
        """Large sums are written in MWh: four digits and a comma have no room."""
        return "MWh" if self.top >= 1e6 else "kWh"

    def share(self, wh: float) -> float:
        """How far up from the bottom a value lies, from 0 to 1."""
        return (wh + self.bottom) / (self.top + self.bottom)

    def levels(self, language: str) -> list[tuple[float, str]]:
        """Lines with their figures."""
        size = 1e6 if self.unit == "MWh" else 1e3
        places = next((places for places in (0, 1) if self.step / size * 10**places % 1 == 0), 2)
        values = [
            number * self.step for number in range(-int(self.bottom // self.step), int(self.top // self.step) + 1)
        ]
        return [(self.share(wh), numbers.decimal(abs(wh) / size, places, language)) for wh in values]


def _whole(up: float, step: float) -> float:
    """The line at or above a height."""
    return max(1, math.ceil(up / step - 1e-9)) * step


def _mantissa(step: float) -> str:
    return f"{step:.1e}"


class Bars(Readable):
    """The bars of one period."""

    bars = ListProperty([])
    language = StringProperty("en")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._chosen_colour = Color(*theme.NOTHING)
        self._chosen = RoundedRectangle(radius=[dp(6)])
        for one in (self._chosen_colour, self._chosen):
            self.canvas.add(one)
        self._axes = Axes(self.canvas)
        self._group = InstructionGroup()
        self.canvas.add(self._group)
        self._boxes: list[tuple[Color, RoundedRectangle]] = []
        self._dots: list[tuple[Color, Ellipse]] = []
        draw, choose = Clock.create_trigger(self._draw), Clock.create_trigger(self._choose)
        self.bind(pos=draw, size=draw, bars=draw, language=draw, cursor=choose)

    @property
    def chosen(self) -> int | None:
        """Number of the bar that is read; None: none."""
        return int(self.cursor * len(self.bars)) if self.cursor >= 0 and self.bars else None

    def _draw(self, *_args: object) -> None:
        area = self.area
        if not area.drawable:
            return
        count = len(self.bars)
        heights = Heights.of(self.bars)
        words = [((number + 0.5) / count, bar.tick) for number, bar in enumerate(self.bars) if bar.tick]
        self._axes.draw(area, heights.levels(self.language), words)
        boxes, dots = [], []
        room = area.width / max(1, count)
        wide = min(dp(WIDEST), room * SHARE)
        for number, bar in enumerate(self.bars):
            left = area.left + room * (number + 0.5) - wide / 2
            boxes += _stack(bar, area, heights, left, wide)
            if bar.gap:
                y = area.bottom + area.height * heights.share(bar.above) + dp(4)
                dots.append((theme.QUIET, (left + wide / 2 - dp(3.5), y), (dp(7), dp(7))))
        _fill(self._group, self._boxes, boxes, lambda: RoundedRectangle(radius=[dp(2.5)]))
        _fill(self._group, self._dots, dots, Ellipse)
        self._choose()

    def _choose(self, *_args: object) -> None:
        """A column of light behind the bar that is read."""
        number, area = self.chosen, self.area
        if number is None:
            self._chosen_colour.rgba = theme.NOTHING
            return
        room = area.width / len(self.bars)
        self._chosen_colour.rgba = theme.PRESSED
        self._chosen.pos = (area.left + room * number, area.bottom)
        self._chosen.size = (room, area.height)


Box = tuple[theme.Colour, tuple[float, float], tuple[float, float]]  # colour, place, size


def _stack(bar: Bar, area: Plot, heights: Heights, left: float, wide: float) -> list[Box]:
    """The boxes of one bar, a hair apart."""
    boxes: list[Box] = []
    for parts, sign in ((bar.up, 1), (bar.down, -1)):
        at = 0.0
        for colour, wh in parts:
            low, high = sorted((at, at + sign * wh))
            y, top = (area.bottom + area.height * heights.share(value) for value in (low, high))
            if top - y >= 0.5:
                boxes.append((colour, (left, y), (wide, max(1.0, top - y - dp(1)))))
            at += sign * wh
    return boxes


def _fill(group: InstructionGroup, pool: list[tuple[Color, Any]], wanted: list[Box], make: Any) -> None:  # noqa: ANN401 - Kivy's shapes
    """Move the shapes of a pool to where they are wanted; the rest is not seen."""
    while len(pool) < len(wanted):
        pool.append((Color(), make()))
        group.add(pool[-1][0])
        group.add(pool[-1][1])
    for number, (colour, shape) in enumerate(pool):
        if number < len(wanted):
            colour.rgba, shape.pos, shape.size = wanted[number]
        else:
            colour.rgba, shape.size = theme.NOTHING, (0, 0)
