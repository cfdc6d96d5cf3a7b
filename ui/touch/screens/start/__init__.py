"""The first minutes: the start-up screen, the first-run assistant, and the test of the panel."""

from __future__ import annotations

from ui.touch.screens.base import Page
from ui.touch.screens.start.self_test import SelfTestScreen
from ui.touch.screens.start.setup import SetupScreen, WelcomeScreen

TAB = "start"
TABS: dict[str, str] = {"self_test": "settings"}
SCREENS: dict[str, type[Page]] = {"welcome": WelcomeScreen, "setup": SetupScreen, "self_test": SelfTestScreen}
