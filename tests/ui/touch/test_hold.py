"""The button that must be held: full after three seconds, empty after anything less."""

from __future__ import annotations

import pytest

from tests.ui.touch import stage
from ui.touch.widgets.hold import HOLD_S, STEP_S, HoldButton

assert stage  # the display is prepared before Kivy is used
STEPS = round(HOLD_S / STEP_S)


@pytest.fixture
def held() -> tuple[HoldButton, list[HoldButton]]:
    """A button, and every time it was held long enough."""
    button = HoldButton()
    found: list[HoldButton] = []
    button.bind(on_held=found.append)
    return button, found


def hold(button: HoldButton, steps: int) -> None:
    """Hold it for so many steps, as the clock would count them."""
    button.state = "down"
    for _ in range(steps):
        if button._filling is not None:
            button._fill(STEP_S)


def test_three_seconds_are_enough_and_count_once(held: tuple[HoldButton, list[HoldButton]]) -> None:  # UX 27
    button, found = held
    hold(button, STEPS + 10)
    assert found == [button]
    assert button.share == 0.0


def test_less_is_nothing(held: tuple[HoldButton, list[HoldButton]]) -> None:
    button, found = held
    hold(button, STEPS - 2)
    assert 0.8 < button.share < 1.0
    button.state = "normal"
    assert (button.share, found) == (0.0, [])


def test_two_halves_are_not_one_whole(held: tuple[HoldButton, list[HoldButton]]) -> None:
    button, found = held
    for _ in range(2):
        hold(button, STEPS - 5)
        button.state = "normal"
    assert found == []
