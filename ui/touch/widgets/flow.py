"""The live picture of where power comes from and goes to: nodes left and right, joined with the house in the middle.

What flows is drawn as drops that run along a line, larger and quicker the more
it is; standing still they still point the way. `moves` lets them run, at most
FRAMES_S times a second; nothing is drawn while nothing flows or `moves` is off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Line, Rectangle, SmoothLine
from kivy.graphics.texture import Texture
from kivy.lang import Builder
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.relativelayout import RelativeLayout
from kivy.uix.widget import Widget

from ui.text import numbers
from ui.touch import theme
from ui.touch.widgets.basic import Tap

FRAMES_S = 6.0
STILL_W = 15.0  # below this nothing is said to flow
FULL_W = 11_000.0  # a flow this strong, and any stronger, is as wide as its line
DROP_W, DROP_H = 64, 16  # of the texture, in its own pixels
LARGEST = 72  # a number of four figures with its unit fits a node
ROOMY = 20  # with larger letters the small ring has no room for its words
GAP, EDGE = 10, 12  # between nodes, room at the edges; in units
SIDE, RING = (224, 214), (216, 244)  # width of a node, and of the ring at most: small, large picture


@dataclass(frozen=True, slots=True)
class Power:
    """What one node shows. `to_house_w`: what flows from it into the house, negative away; None: not known."""

    key: str  # grid, pv, battery, car
    icon: str
    tint: theme.Colour
    title: str
    watts: float | None
    note: str
    to_house_w: float | None


def strength(watts: float) -> float:
    """How strong a flow looks, from 0 to 1: a kettle is seen, a car does not burst the line."""
    return 0.0 if abs(watts) < STILL_W else min(1.0, 0.25 + 0.75 * math.sqrt(abs(watts) / FULL_W))


class FlowNode(Tap):
    """A source or user of power."""

    icon = StringProperty("grid")
    tint = ColorProperty(theme.TEXT)
    title = StringProperty("")
    number = StringProperty(numbers.DASH)
    unit = StringProperty("")
    note = StringProperty("")
    unknown = BooleanProperty(False)
    number_units = NumericProperty(theme.VALUE)

    def put(self, power: Power, language: str) -> None:
        """Show what is so now."""
        self.icon, self.tint, self.title, self.note = power.icon, power.tint, power.title, power.note
        self.unknown = power.watts is None
        self.number, self.unit = figure(power.watts, language)


class FlowHouse(Tap):
    """The house in the middle; the ring around it says what its power is made of."""

    title = StringProperty("")
    number = StringProperty(numbers.DASH)
    unit = StringProperty("")
    note = StringProperty("")
    unknown = BooleanProperty(False)
    large = BooleanProperty(False)
    number_units = NumericProperty(theme.VALUE)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._shares: list[tuple[theme.Colour, float]] = []
        with self.canvas:
            Color(*theme.LINE)
            self._track = SmoothLine(width=dp(4))
            self._arcs = [(Color(0, 0, 0, 0), SmoothLine(width=dp(4), cap="none")) for _ in range(3)]
        self.bind(pos=self._draw, size=self._draw)

    def share(self, parts: Sequence[tuple[theme.Colour, float]]) -> None:
        """Colour the ring by parts of a whole."""
        if list(parts) != self._shares:
            self._shares = list(parts)
            self._draw()

    def _draw(self, *_args: object) -> None:
        radius = self.height / 2  # centers are told of a new place later than this
        middle = (self.x + radius, self.y + radius, radius - dp(5))
        self._track.circle = middle
        whole, begin = sum(watts for _colour, watts in self._shares), 0.0
        for number, (colour, line) in enumerate(self._arcs):
            watts = self._shares[number][1] if number < len(self._shares) else 0.0
            if whole <= 0 or watts <= 0:
                colour.rgba = theme.NOTHING
                continue
            end = begin + 360 * watts / whole
            pause = 3 if watts < whole else 0
            colour.rgba = self._shares[number][0]
            line.circle = (*middle, begin + pause, max(begin + pause + 1, end - pause))
            begin = end


class FlowLine(Widget):
    """A level line on which power flows to the right, or to the left when negative."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(size_hint=(None, None), **kwargs)
        self.watts = 0.0
        self._tint: theme.Colour = theme.NOTHING
        self._run = 0.0  # how far the drops have come, in lengths of a drop
        with self.canvas:
            Color(*theme.LINE)
            self._track = Line(width=dp(1.5), cap="round")
            self._colour = Color(*theme.NOTHING)
            self._drops = Rectangle(texture=_drop())
        self.bind(pos=self._draw, size=self._draw)

    @property
    def flows(self) -> bool:
        """Tell whether anything is to be seen running."""
        return abs(self.watts) >= STILL_W

    def put(self, watts: float, tint: theme.Colour) -> None:
        """Power to the right in W."""
        if watts == self.watts and tint == self._tint:
            return  # setting a colour draws, even the same one
        self.watts, self._tint = watts, tint
        self._colour.rgba = tint if self.flows else theme.NOTHING
        self._draw()

    def step(self, seconds: float) -> None:
        """Let it run on."""
        self._run = (self._run + seconds * (0.4 + 0.9 * strength(self.watts))) % 1.0
        self._wind()

    def _draw(self, *_args: object) -> None:
        middle, right = self.y + self.height / 2, self.x + self.width
        self._track.points = [self.x, middle, right, middle]
        height = dp(6 + 14 * strength(self.watts))
        self._drops.pos, self._drops.size = (self.x, middle - height / 2), (self.width, height)
        self._wind()

    def _wind(self) -> None:
        long = max(1.0, self.width / dp(38))  # so many drops lie on the line
        begin = -self._run
        left, right = (begin, begin + long) if self.watts > 0 else (begin + long, begin)
        self._drops.tex_coords = (left, 0, right, 0, right, 1, left, 1)


class FlowPicture(RelativeLayout):
    """All of it. `put` hands over the powers; nodes come and go with what there is."""

    large = BooleanProperty(False)
    moves = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.register_event_type("on_choose")
        self.house = FlowHouse()
        self.house.bind(on_release=lambda *_: self.dispatch("on_choose", "house"))
        self.nodes: dict[str, FlowNode] = {}
        self._lines: dict[str, FlowLine] = {}
        self._clock: Any = None
        self.add_widget(self.house)
        self.bind(size=self._arrange, large=self._arrange, moves=self._turn)

    def on_choose(self, _key: str) -> None:
        """A node was tapped."""

    def put(self, left: Sequence[Power], right: Sequence[Power], language: str) -> None:
        """Show these nodes, upper first."""
        wanted = [power.key for power in (*left, *right)]
        if wanted != list(self.nodes):
            self._make([power.key for power in left], [power.key for power in right])
        for power in (*left, *right):
            self.nodes[power.key].put(power, language)
            towards = power.to_house_w or 0.0
            self._lines[power.key].put(towards if power in left else -towards, power.tint)
        self._turn()

    def _make(self, left: Sequence[str], right: Sequence[str]) -> None:
        for widget in (*self.nodes.values(), *self._lines.values()):
            self.remove_widget(widget)
        self.nodes = {key: FlowNode() for key in (*left, *right)}
        self._lines = {key: FlowLine() for key in self.nodes}
        self._sides = (left, right)
        for key, node in self.nodes.items():
            node.bind(on_release=lambda _node, key=key: self.dispatch("on_choose", key))
            self.add_widget(self._lines[key], index=len(self.children))  # behind the house
            self.add_widget(node)
        self._arrange()

    def _arrange(self, *_args: object) -> None:
        """Two columns, the house between them; each line lies level at the middle of its node."""
        if not self.nodes or self.height < dp(50):
            return
        side, units = dp(SIDE[self.large]), min(theme.HUGE, LARGEST) if self.large else theme.VALUE
        self.house.large, self.house.number_units = self.large, units
        self.house.size = (min(self.height, dp(RING[self.large or theme.SMALL > ROOMY])),) * 2
        self.house.center = self.width / 2, self.height / 2
        for keys, is_left in zip(self._sides, (True, False), strict=True):
            high = (self.height - dp(GAP) * (len(keys) - 1)) / max(1, len(keys))
            high = min(high, self.height * 0.62)
            first = self.height / 2 + (len(keys) * (high + dp(GAP)) - dp(GAP)) / 2
            for number, key in enumerate(keys):
                node = self.nodes[key]
                node.number_units, node.size = units, (side, high)
                node.x = dp(EDGE) if is_left else self.width - dp(EDGE) - side
                node.top = first - number * (high + dp(GAP))
                self._join(self._lines[key], node, is_left=is_left)

    def _join(self, line: FlowLine, node: FlowNode, *, is_left: bool) -> None:
        """From the edge of the node to the edge of the ring, at the height of the node."""
        radius, off = self.house.height / 2, node.center_y - self.house.center_y
        reach = math.sqrt(max(0.0, radius * radius - off * off))
        left = node.right + dp(4) if is_left else self.house.center_x + reach + dp(4)
        right = self.house.center_x - reach - dp(4) if is_left else node.x - dp(4)
        line.size = right - left, dp(24)
        line.pos = left, node.center_y - dp(12)

    @property
    def flows(self) -> bool:
        """Tell whether there is anything to move."""
        return any(line.flows for line in self._lines.values())

    # Motion ------------------------------------------------------------------------------------

    def _turn(self, *_args: object) -> None:
        """Let it move, or stand."""
        wanted = self.moves and self.flows
        if wanted and self._clock is None:
            self._clock = Clock.schedule_interval(self._step, 1 / FRAMES_S)
        elif not wanted and self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _step(self, seconds: float) -> bool:
        if self.get_root_window() is None:  # made anew, in another language or theme
            self._clock = None
            return False
        for line in self._lines.values():
            if line.flows:
                line.step(min(seconds, 2 / FRAMES_S))
        return True


def figure(watts: float | None, language: str) -> tuple[str, str]:
    """Number and unit without a sign; a dash for no data."""
    return (numbers.DASH, "") if watts is None else numbers.power_parts(abs(watts), language)


@cache
def _drop() -> Texture:
    """A drop with its head at the right and a tail that fades away to the left."""
    texture = Texture.create(size=(DROP_W, DROP_H), colorfmt="rgba")
    pixels = bytearray()
    for row in range(DROP_H):
        for column in range(DROP_W):
            pixels += bytes((255, 255, 255, round(255 * _ink(column + 0.5, row + 0.5 - DROP_H / 2))))
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    texture.wrap = "repeat"
    return texture


def _ink(x: float, y: float) -> float:
    """How much of the drop is at a place: an arrow's head, and a tail that tapers and fades."""
    head, half = DROP_W - DROP_H * 0.75, DROP_H / 2 - 1
    if x > head:
        wide = half * (DROP_W - 1 - x) / (DROP_W - 1 - head)
        return min(1.0, max(0.0, wide - abs(y) + 0.5))
    wide = half * (0.2 + 0.5 * x / head)
    fade = (x / head) * math.sqrt(x / head)
    return min(1.0, max(0.0, wide - abs(y) + 0.5)) * fade


Builder.load_file(__file__.removesuffix("py") + "kv")
