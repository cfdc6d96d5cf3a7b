"""Living with it: what is wrong, what happened, what the display does while nobody looks."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.living.faults import FaultsScreen
from ui.touch.screens.living.tasks import TasksScreen

TAB = "energy"
TABS: dict[str, str] = {}
SCREENS: dict[str, type[Page]] = {"faults": FaultsScreen, "tasks": TasksScreen}
