"""Curves over a stretch of time: filled areas and lines. Redrawn only when values change, by the same instructions.

However long the row, no more is drawn than there are columns of pixels
(columns.py), with the least and greatest of each as a faint band.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, InstructionGroup, Line, Mesh, RoundedRectangle, SmoothEllipse, SmoothLine
from kivy.graphics.texture import Texture
from kivy.metrics import dp
from kivy.properties import ListProperty, NumericProperty, StringProperty

from ui.text import numbers
from ui.touch import columns, theme
from ui.touch.columns import Row, Run
from ui.touch.scale import nice_top
from ui.touch.widgets.axes import Axes, Plot
from ui.touch.widgets.reading import Readable

Series = tuple[theme.Colour, Row]  # values in W over the whole stretch; None: not measured

HOURS = [(hour / 24, f"{hour:02}") for hour in (0, 6, 12, 18, 24)]
FADE = 64  # steps from the colour of an area to nothing
MOST_VERTICES = 65_000  # a mesh counts them in 16 bits
FILL, BAND = 0.42, 0.3  # how much of its colour an area, and the band of extremes, shows


class Chart(Readable):
    """Curves, the first behind. `now_share` marks how much has passed, `cursor` what is read."""

    series = ListProperty([])
    now_share = NumericProperty(0.0)
    language = StringProperty("en")
    ticks = ListProperty(HOURS)
    lines = NumericProperty(5)  # at most so many level lines above zero
    gaps = ListProperty([])  # (begin, end) as shares of the length: nothing is known there

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._axes = Axes(self.canvas)
        fills, lines = InstructionGroup(), InstructionGroup()
        self.canvas.add(fills)
        self.canvas.add(lines)
        self._places = (fills, lines)
        self._curves: list[_Curve] = []
        self._gaps = InstructionGroup()
        self.canvas.add(self._gaps)
        self._mark = _Mark(self.canvas, theme.QUIET)
        self._cursor = _Mark(self.canvas, theme.TEXT)
        draw, point = Clock.create_trigger(self._draw), Clock.create_trigger(self._point)
        self.bind(pos=draw, size=draw, series=draw, language=draw, ticks=draw, gaps=draw, now_share=point, cursor=point)

    def _draw(self, *_args: object) -> None:
        area = self.area
        if not area.drawable:
            return
        highest_w = max((columns.highest(values) for _colour, values in self.series), default=0.0)
        top_w, step_w = nice_top(highest_w, int(self.lines))
        places = 0 if step_w % 1000 == 0 else 1 if step_w % 100 == 0 else 2
        levels = [
            (number * step_w / top_w, numbers.decimal(number * step_w / 1000, places, self.language))
            for number in range(round(top_w / step_w) + 1)
        ]
        self._axes.draw(area, levels, self.ticks)
        while len(self._curves) < len(self.series):
            self._curves.append(_Curve(*self._places))
        for number, curve in enumerate(self._curves):
            colour, values = self.series[number] if number < len(self.series) else (theme.NOTHING, ())
            curve.draw(colour, columns.spots(values, int(area.width)), area, top_w)
        self._gaps.clear()
        for begin, end in self.gaps:
            self._gaps.add(Color(*theme.QUIET))
            size = (max(dp(2), area.width * (end - begin)), dp(4))
            self._gaps.add(RoundedRectangle(pos=(area.x(begin), area.bottom - dp(2)), size=size, radius=[dp(2)]))
        self._point()

    def _point(self, *_args: object) -> None:
        """Put the marks where the present and the finger are."""
        self._mark.put(self.area, self.now_share if 0 < self.now_share < 1 else None)
        self._cursor.put(self.area, self.cursor if self.cursor >= 0 else None)


class _Curve:
    """The instructions of one curve, used again and again."""

    def __init__(self, fills: InstructionGroup, lines: InstructionGroup) -> None:
        self._fill_colour, self._band_colour = Color(), Color()
        self._fill = Mesh(mode="triangles", texture=_fade())
        self._band = Mesh(mode="triangles")
        for one in (self._fill_colour, self._fill, self._band_colour, self._band):
            fills.add(one)
        self._line_colour = Color()
        self._lines = InstructionGroup()
        self._pieces: list[SmoothLine] = []
        lines.add(self._line_colour)
        lines.add(self._lines)

    def draw(self, colour: theme.Colour, runs: list[Run], area: Plot, top_w: float) -> None:
        """Draw these stretches."""
        per_watt = area.height / top_w
        self._fill_colour.rgba = (*colour[:3], FILL)
        self._band_colour.rgba = (*colour[:3], BAND)
        self._line_colour.rgba = colour
        _lay(
            self._fill,
            [[(area.x(s.share), area.bottom, area.bottom + s.mean * per_watt) for s in r] for r in runs],
            area,
        )
        bands = [run for run in runs if any(spot.high > spot.low for spot in run)]
        _lay(
            self._band,
            [
                [(area.x(s.share), area.bottom + s.low * per_watt, area.bottom + s.high * per_watt) for s in r]
                for r in bands
            ],
            area,
        )
        while len(self._pieces) < len(runs):
            piece = SmoothLine(width=dp(1.25), joint="round", cap="round")
            self._pieces.append(piece)
            self._lines.add(piece)
        for number, piece in enumerate(self._pieces):
            run = runs[number] if number < len(runs) else []
            piece.points = [v for s in run for v in (area.x(s.share), area.bottom + s.mean * per_watt)]


def _lay(mesh: Mesh, strips: Sequence[Sequence[tuple[float, float, float]]], area: Plot) -> None:
    """Fill between the lower and upper edge of strips of (x, lower, upper)."""
    vertices: list[float] = []
    indices: list[int] = []
    for strip in strips:
        first = len(vertices) // 4
        if first + 2 * len(strip) > MOST_VERTICES:
            break
        for number, (x, low, high) in enumerate(strip):
            vertices += (
                x,
                high,
                0.0,
                (high - area.bottom) / area.height,
                x,
                low,
                0.0,
                (low - area.bottom) / area.height,
            )
            if number:
                a = first + 2 * number
                indices += (a - 2, a - 1, a, a - 1, a + 1, a)
    mesh.vertices, mesh.indices = vertices, indices


class _Mark:
    """A thin upright line with a foot."""

    def __init__(self, canvas: InstructionGroup, tint: theme.Colour) -> None:
        self._tint = tint
        self._colour = Color(*theme.NOTHING)
        self._line = Line(width=1)
        self._foot_colour = Color(*theme.NOTHING)
        self._foot = SmoothEllipse(size=(dp(6), dp(6)))
        for one in (self._colour, self._line, self._foot_colour, self._foot):
            canvas.add(one)

    def put(self, area: Plot, share: float | None) -> None:
        """Stand there, or nowhere."""
        if share is None:
            self._colour.rgba = self._foot_colour.rgba = theme.NOTHING
            return
        x = round(area.x(share))
        self._colour.rgba = (*self._tint[:3], 0.6)
        self._foot_colour.rgba = theme.TEXT
        self._line.points = [x, area.bottom, x, area.bottom + area.height]
        self._foot.pos = (x - dp(3), area.bottom - dp(3))


@cache
def _fade() -> Texture:
    """White that goes from nothing at the bottom to full at the top."""
    texture = Texture.create(size=(1, FADE), colorfmt="rgba")
    pixels = b"".join(bytes((255, 255, 255, round(255 * (0.12 + 0.88 * row / (FADE - 1))))) for row in range(FADE))
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    texture.wrap = "clamp_to_edge"
    return texture
