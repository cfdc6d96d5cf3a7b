"""Power now, and energy over days and years."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.energy.counters import CountersScreen
from ui.touch.screens.energy.figures import FiguresScreen
from ui.touch.screens.energy.flow import FlowScreen
from ui.touch.screens.energy.history import HistoryScreen
from ui.touch.screens.energy.home import EnergyScreen
from ui.touch.screens.energy.source import SourceScreen

TAB = "energy"
TABS: dict[str, str] = {}
SCREENS: dict[str, type[Page]] = {
    "energy": EnergyScreen,
    "flow": FlowScreen,
    "source": SourceScreen,
    "history": HistoryScreen,
    "figures": FiguresScreen,
    "counters": CountersScreen,
}
