"""Charging a car, and what was charged. Pages with names and reasons stand behind the settings PIN."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.charging.charging import ChargePointScreen, ChargingScreen
from ui.touch.screens.charging.session import SessionBehindPinScreen, SessionScreen
from ui.touch.screens.charging.sessions import AllSessionsScreen, SessionsScreen
from ui.touch.screens.charging.why import WhyAllScreen, WhyScreen

TAB = "charging"
TABS = {  # pages that belong to another tab
    "sessions": "sessions",
    "session": "sessions",
    "all_sessions": "settings",
    "session_behind_pin": "settings",
    "why_all": "settings",
}
SCREENS: dict[str, type[Page]] = {
    "charging": ChargingScreen,
    "charge_point": ChargePointScreen,
    "why": WhyScreen,
    "sessions": SessionsScreen,
    "session": SessionScreen,
    "all_sessions": AllSessionsScreen,
    "session_behind_pin": SessionBehindPinScreen,
    "why_all": WhyAllScreen,
}
