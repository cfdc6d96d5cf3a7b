"""Charging a car, and what was charged."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.charging.charging import ChargingScreen
from ui.touch.screens.charging.sessions import SessionsScreen

TAB = "charging"
TABS = {"sessions": "sessions"}  # a page that belongs to another tab
SCREENS: dict[str, type[Page]] = {"charging": ChargingScreen, "sessions": SessionsScreen}
