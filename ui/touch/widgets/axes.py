"""What curves and bars stand on: level lines, their figures, and words below. Drawn anew only when it differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kivy.core.text import Label as CoreLabel
from kivy.graphics import Color, InstructionGroup, Line, Rectangle
from kivy.metrics import dp

from ui.touch import theme

LEFT, RIGHT, BOTTOM, TOP = 44, 8, 26, 10  # room for figures and words, in units

Tick = tuple[float, str]  # share of the length from 0 to 1, and what is written there


@dataclass(frozen=True, slots=True)
class Plot:
    """Where things are drawn, in pixels: the area inside the axes."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def drawable(self) -> bool:
        """Tell whether there is any room."""
        return self.width > 1 and self.height > 1

    def x(self, share: float) -> float:
        """Where a share of the length lies."""
        return self.left + self.width * share


def plot(x: float, y: float, right: float, top: float) -> Plot:
    """The area inside the axes of a widget."""
    left, bottom = x + dp(LEFT), y + dp(BOTTOM)
    return Plot(left, bottom, right - dp(RIGHT) - left, top - dp(TOP) - bottom)


class Axes:
    """Level lines at heights, figures to their left, words below."""

    def __init__(self, canvas: InstructionGroup) -> None:
        self._group = InstructionGroup()
        canvas.add(self._group)
        self._drawn: object = None

    def draw(self, area: Plot, levels: Sequence[Tick], words: Sequence[Tick]) -> None:
        """Draw them unless they are there already. `levels` count from the bottom."""
        key = (area, tuple(levels), tuple(words), theme.QUIET, theme.AXIS)
        if key == self._drawn:
            return
        self._drawn = key
        self._group.clear()
        for share, text in levels:
            y = round(area.bottom + area.height * share)
            self._group.add(Color(*theme.LINE))
            self._group.add(Line(points=[area.left, y, area.left + area.width, y], width=1))
            self._write(text, area.left - dp(8), y, right=True, area=area)
        for share, text in words:
            self._write(text, area.x(share), area.bottom - dp(BOTTOM) + dp(11), right=False, area=area)

    def _write(self, text: str, x: float, y: float, *, right: bool, area: Plot) -> None:
        label = CoreLabel(text=text, font_size=dp(theme.AXIS), font_name="Roboto")
        label.refresh()
        width, height = label.texture.size
        self._group.add(Color(*theme.QUIET))
        most_left, most_right = area.left - dp(LEFT), area.left + area.width + dp(RIGHT)
        left = x - width if right else min(max(x - width / 2, most_left), most_right - width)
        self._group.add(
            Rectangle(texture=label.texture, pos=(round(left), round(y - height / 2)), size=(width, height))
        )
