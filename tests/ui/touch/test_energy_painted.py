"""The energy pages over time: what could not be read for a moment is not said to be so afterwards."""

from __future__ import annotations

from dataclasses import replace

from appliance import errors
from tests.ui.touch import looks, looks_energy
from tests.ui.touch.staged import Painted


def test_a_history_that_can_be_read_again_does_not_say_why_it_could_not() -> None:
    week = replace(looks.DAY, page=looks_energy.WEEK)
    painted = Painted("history", week)
    painted.page.kind = "week"
    painted.again(week)
    painted.again(replace(looks.DAY, page=errors.StoreError("The store is busy.")))
    assert painted.page.hint == "The store is busy."
    painted.again(week)  # the very same period, kept in the album
    assert painted.page.hint == ""
