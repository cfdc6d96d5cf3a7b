"""What outlives a dark display, other colours and a silent core in the settings, and what must not: the open lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.ui.touch.looks import DAY
from tests.ui.touch.staged import Painted
from ui.touch import rest
from ui.touch.app import PIN_IDLE_S
from ui.touch.screens.settings import task

WITH_PIN = replace(DAY, pin_set=True)


@pytest.fixture
def painted() -> Iterator[Painted]:
    """A house with a settings PIN, which was given; bright colours and no lock for who comes next."""
    found = Painted("system", WITH_PIN)
    yield found
    found.app._set_dimness(0.0)
    found.app._show(DAY)


def follow(painted: Painted) -> None:
    """Long work that was asked for on the page *System*."""
    painted.app.root.manager.get_screen("task").begin(
        task.Wanted("Support bundle", "system", lambda: 7, lambda _task: "It is written.", "Collecting")
    )
    painted.app.root.go("task")


# The lock ------------------------------------------------------------------------------------------


def test_work_that_is_still_followed_keeps_no_settings_open(painted: Painted) -> None:  # A003-07
    follow(painted)
    painted.app._leave(PIN_IDLE_S - 1)
    assert painted.app.unlocked
    painted.app._leave(PIN_IDLE_S + 1)
    assert (painted.app.root.screen, painted.app.unlocked) == ("task", False)
    painted.app.go("system")
    assert painted.app.root.screen == "pin"


@pytest.mark.parametrize(("dimness", "seen"), [(rest.DIM, "system"), (rest.DARK, "energy")])
def test_the_settings_are_left_in_the_dark(painted: Painted, dimness: float, seen: str) -> None:  # A003-07
    painted.app._set_dimness(dimness)
    painted.app._leave(100.0)
    assert (painted.app.root.screen, painted.app.unlocked) == (seen, seen == "system")
