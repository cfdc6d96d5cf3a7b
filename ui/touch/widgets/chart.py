"""Today's curve: filled areas and lines over the hours of a day. Redrawn only when its values change."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, Line, Mesh, Rectangle, SmoothEllipse, SmoothLine
from kivy.graphics.texture import Texture
from kivy.metrics import dp
from kivy.properties import ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from ui.text import numbers
from ui.touch import theme
from ui.touch.scale import Values, nice_top, runs

Series = tuple[theme.Colour, Values]  # values in W over the whole day; None: not measured

LEFT, RIGHT, BOTTOM, TOP = 40, 8, 26, 10  # room for the axes, in units
FADE = 64  # steps from the colour of an area to nothing


class Chart(Widget):
    """Curves of one day, the first behind. `now_share` marks how much of the day has passed."""

    series = ListProperty([])
    now_share = NumericProperty(0.0)
    language = StringProperty("en")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._fade = _fade()
        draw = Clock.create_trigger(self._draw)
        self.bind(pos=draw, size=draw, series=draw, now_share=draw, language=draw)

    def _draw(self, *_args: object) -> None:
        self.canvas.clear()
        left, bottom = self.x + dp(LEFT), self.y + dp(BOTTOM)
        width, height = self.right - left - dp(RIGHT), self.top - dp(TOP) - bottom
        if width <= 0 or height <= 0:
            return
        highest = max((watts for _c, values in self.series for watts in values if watts is not None), default=0.0)
        top_w, step_w = nice_top(highest)
        with self.canvas:
            self._axes(left, bottom, width, height, top_w, step_w)
            for colour, values in self.series:
                for run in runs(values):
                    points = _places(run, len(values), left, bottom, width, height / top_w)
                    self._area(colour, points, bottom, height)
            for colour, values in self.series:
                for run in runs(values):
                    _line(colour, _places(run, len(values), left, bottom, width, height / top_w))
            if 0 < self.now_share < 1:
                _now(left + width * self.now_share, bottom, height)

    def _axes(self, left: float, bottom: float, width: float, height: float, top_w: float, step_w: float) -> None:
        places = 0 if step_w % 1000 == 0 else 1
        for number in range(round(top_w / step_w) + 1):
            y = round(bottom + height * number * step_w / top_w)
            Color(*theme.LINE)
            Line(points=[left, y, left + width, y], width=1)
            text = numbers.decimal(number * step_w / 1000, places, self.language)
            self._label(text, left - dp(8), y, right=True)
        for hour in (0, 6, 12, 18, 24):
            self._label(f"{hour:02}", left + width * hour / 24, self.y + dp(10), right=False)

    def _label(self, text: str, x: float, y: float, *, right: bool) -> None:
        label = CoreLabel(text=text, font_size=dp(theme.AXIS), font_name="Roboto")
        label.refresh()
        width, height = label.texture.size
        Color(*theme.QUIET)
        left = x - width if right else min(max(x - width / 2, self.x), self.right - width)
        Rectangle(texture=label.texture, pos=(round(left), round(y - height / 2)), size=(width, height))

    def _area(self, colour: theme.Colour, points: list[tuple[float, float]], bottom: float, height: float) -> None:
        """A breath of the colour below the line, fading towards zero."""
        Color(*colour[:3], 0.42)
        vertices: list[float] = []
        for x, y in points:
            vertices += [x, y, 0, (y - bottom) / height, x, bottom, 0, 0]
        Mesh(vertices=vertices, indices=list(range(2 * len(points))), mode="triangle_strip", texture=self._fade)


def _fade() -> Texture:
    """White that goes from nothing at the bottom to full at the top."""
    texture = Texture.create(size=(1, FADE), colorfmt="rgba")
    pixels = b"".join(bytes((255, 255, 255, round(255 * (0.12 + 0.88 * row / (FADE - 1))))) for row in range(FADE))
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    texture.wrap = "clamp_to_edge"
    return texture


def _places(
    run: list[tuple[int, float]], count: int, left: float, bottom: float, width: float, per_watt: float
) -> list[tuple[float, float]]:
    """Where a stretch lies; a single value is as long as its quarter hour."""
    if len(run) == 1:
        number, watts = run[0]
        y = bottom + watts * per_watt
        return [(left + width * number / count, y), (left + width * (number + 1) / count, y)]
    return [(left + width * (number + 0.5) / count, bottom + watts * per_watt) for number, watts in run]


def _line(colour: theme.Colour, points: list[tuple[float, float]]) -> None:
    Color(*colour)
    SmoothLine(points=[value for point in points for value in point], width=dp(1.25), joint="round", cap="round")


def _now(x: float, bottom: float, height: float) -> None:
    """A thin mark at the present."""
    Color(*theme.QUIET[:3], 0.55)
    Line(points=[round(x), bottom, round(x), bottom + height], width=1)
    Color(*theme.TEXT)
    SmoothEllipse(pos=(round(x) - dp(3), bottom - dp(3)), size=(dp(6), dp(6)))
