"""The first-run assistant with hand-made values: it goes when there is nothing to set up, and begins with both ways."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.touch.looks import DAY
from tests.ui.touch.looks_start import FRESH
from tests.ui.touch.staged import Painted


def test_after_a_restore_or_a_set_up_elsewhere_nobody_is_welcomed() -> None:  # UX 32
    painted = Painted("welcome", FRESH)
    assert painted.says("Welcome to Wattward")
    assert painted.again(DAY).app.root.screen == "energy"
    assert painted.says("Today, kW")


def test_who_left_the_welcome_comes_back_to_both_ways() -> None:  # UX 32
    painted = Painted("energy", FRESH)
    painted.app.root.frame.ids.header._setup.dispatch("on_release")
    assert painted.look().says("Set up", "Restore a backup")
    painted = Painted("energy", replace(FRESH, setup="meters"))
    painted.app.root.frame.ids.header._setup.dispatch("on_release")
    assert painted.look().says("Step 3 of 6")
