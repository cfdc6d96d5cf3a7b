"""Power now, and energy over days and years."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.energy.home import EnergyScreen

TAB = "energy"
TABS: dict[str, str] = {}
SCREENS: dict[str, type[Page]] = {"energy": EnergyScreen}
