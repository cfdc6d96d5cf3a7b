"""Today's curve: filled areas and lines over the hours of a day. Redrawn only when its values change."""

from __future__ import annotations

import math
from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Line, Mesh, Rectangle
from kivy.metrics import dp
from kivy.properties import ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from ui.text import numbers
from ui.touch import theme

Series = tuple[tuple[float, float, float, float], bool, tuple[float | None, ...]]  # colour, filled, values in W

LEFT, BOTTOM, TOP = 46, 28, 10  # room for the axes, in units
LEAST_TOP_W = 2000.0  # a quiet house is not blown up


def nice_top(highest_w: float) -> tuple[float, float]:
    """Top of the axis and distance of its lines in W: a round number of at most five lines."""
    raw = max(highest_w, LEAST_TOP_W) / 4
    size = 10 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= raw)
    return math.ceil(max(highest_w, LEAST_TOP_W) / step) * step, step


class Chart(Widget):
    """Curves of one day. `now_share` marks how much of the day has passed."""

    series = ListProperty([])
    now_share = NumericProperty(0.0)
    language = StringProperty("en")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        draw = Clock.create_trigger(self._draw)
        self.bind(pos=draw, size=draw, series=draw, now_share=draw, language=draw)

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        left, bottom = self.x + dp(LEFT), self.y + dp(BOTTOM)
        width, height = self.right - left - dp(6), self.top - dp(TOP) - bottom
        if width <= 0 or height <= 0:
            return
        highest = max((watts for _c, _f, values in self.series for watts in values if watts is not None), default=0.0)
        top_w, step_w = nice_top(highest)
        with self.canvas:
            self._axes(left, bottom, width, height, top_w, step_w)
            for colour, filled, values in self.series:
                for run in _runs(values):
                    self._curve(colour, filled, run, len(values), left, bottom, width, height / top_w)
            if 0 < self.now_share < 1:
                Color(*theme.QUIET[:3], 0.6)
                at = left + width * self.now_share
                Line(points=[at, bottom, at, bottom + height], width=dp(0.6), dash_length=dp(4), dash_offset=dp(4))

    def _axes(self, left: float, bottom: float, width: float, height: float, top_w: float, step_w: float) -> None:
        for number in range(round(top_w / step_w) + 1):
            y = bottom + height * number * step_w / top_w
            Color(*theme.LINE)
            Line(points=[left, y, left + width, y], width=dp(0.6))
            places = 0 if step_w % 1000 == 0 else 1
            self._label(numbers.decimal(number * step_w / 1000, places, self.language), left - dp(8), y, right=True)
        for hour in (0, 6, 12, 18, 24):
            self._label(f"{hour:02}", left + width * hour / 24, self.y + dp(11), right=False)

    def _label(self, text: str, x: float, y: float, *, right: bool) -> None:
        label = CoreLabel(text=text, font_size=dp(theme.AXIS))
        label.refresh()
        width, height = label.texture.size
        Color(*theme.QUIET)
        left = x - width if right else min(max(x - width / 2, self.x), self.right - width)
        Rectangle(texture=label.texture, pos=(left, y - height / 2), size=(width, height))

    @staticmethod
    def _curve(
        colour: tuple[float, float, float, float], filled: bool, run: list[tuple[int, float]], count: int,
        left: float, bottom: float, width: float, per_watt: float,
    ) -> None:  # fmt: skip
        points = [(left + width * (i + 0.5) / count, bottom + watts * per_watt) for i, watts in run]
        if len(points) == 1:
            points = [(points[0][0] - dp(1), points[0][1]), (points[0][0] + dp(1), points[0][1])]
        if filled:
            Color(*colour[:3], 0.28)
            vertices: list[float] = []
            for x, y in points:
                vertices += [x, y, 0, 0, x, bottom, 0, 0]
            Mesh(vertices=vertices, indices=list(range(2 * len(points))), mode="triangle_strip")
        Color(*colour)
        Line(points=[value for point in points for value in point], width=dp(1.3), joint="round", cap="round")


def _runs(values: tuple[float | None, ...]) -> list[list[tuple[int, float]]]:
    """Stretches without a gap, as (index, W); a gap is never bridged."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, watts in enumerate(values):
        if watts is None:
            runs.append([])
        else:
            runs[-1].append((i, max(0.0, watts)))
    return [run for run in runs if run]
