"""A chart as pages show it: drawn by the server, and the same as figures for the script that draws it live.

Values are in W (lines) or Wh (bars) and follow each other evenly. A series has
a key that styles know: house, car, pv, battery, grid, own, fed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ui.admin import curve, words
from ui.admin.curve import Curve, Values


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart."""

    key: str
    name: str
    values: Values
    below: bool = False  # bars below zero


@dataclass(frozen=True)
class Chart:
    """Lines or bars, what each step is called, and where a name stands below."""

    kind: str  # lines, bars
    series: tuple[Series, ...]
    names: tuple[str, ...]  # of each step
    ticks: tuple[tuple[int, str], ...]  # at the begin of a step (lines) or in its middle (bars)
    before: tuple[str, Values] | None = None  # name and values of the period before

    @property
    def known(self) -> bool:
        """Tell whether there is anything to draw."""
        return any(value is not None for one in self.series for value in one.values)

    @cached_property
    def drawing(self) -> Curve:
        """The same as SVG paths."""
        if self.kind == "lines":
            return curve.draw({one.key: one.values for one in self.series})
        up = {one.key: one.values for one in self.series if not one.below}
        down = {one.key: one.values for one in self.series if one.below}
        return curve.stack(up, down, self.before[1] if self.before else ())

    @property
    def unit(self) -> str:
        """What the figures of the script are in."""
        return "kW" if self.kind == "lines" else "kWh"

    @property
    def axis(self) -> list[str]:
        """The values beside the lines, from top to bottom."""
        return [words.axis(value) + ("" if self.kind == "lines" else "h") for value in self.drawing.values]

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Where names stand below, in hundredths of the width, and the names."""
        count, middle = max(1, len(self.names)), 0.0 if self.kind == "lines" else 0.5
        return [(round(100 * (at + middle) / count, 2), text) for at, text in self.ticks]

    def data(self) -> dict[str, object]:
        """What the script draws from."""
        before = self.before
        return {
            "kind": self.kind,
            "unit": self.unit,
            "names": self.names,
            "ticks": self.ticks,
            "range": [self.drawing.values[-1] / 1000, self.drawing.values[0] / 1000],
            "lines": [value / 1000 for value in self.drawing.values],
            "series": [
                {"key": one.key, "name": one.name, "values": _thousands(one.values), "below": one.below}
                for one in self.series
            ],
            "before": None if before is None else {"name": before[0], "values": _thousands(before[1])},
        }

    def paths(self) -> dict[str, object]:
        """What a page without the script's library puts into the drawing that stands."""
        drawing = self.drawing
        return {"lines": drawing.lines, "areas": drawing.areas, "zero_y": drawing.zero_y, "values": self.axis}


def _thousands(values: Values) -> Sequence[float | None]:
    return [None if value is None else round(value / 1000, 3) for value in values]
