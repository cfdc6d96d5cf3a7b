"""The energy pages over time: what could not be read for a moment is not said to be so afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from appliance import errors
from tests.ui.touch import looks, looks_energy, rules
from tests.ui.touch.staged import Painted
from ui.touch.screens.energy import local_day
from ui.touch.screens.energy.living_picture import LivingPicture


def test_a_history_that_can_be_read_again_does_not_say_why_it_could_not() -> None:
    week = replace(looks.DAY, page=looks_energy.WEEK)
    painted = Painted("history", week)
    painted.page.kind = "week"
    painted.again(week)
    painted.again(replace(looks.DAY, page=errors.StoreError("The store is busy.")))
    assert painted.page.hint == "The store is busy."
    painted.again(week)  # the very same period, kept in the album
    assert painted.page.hint == ""


def test_the_hours_below_a_day_are_those_of_the_clock_when_the_clocks_change() -> None:
    noon = datetime(2026, 10, 25, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    chart = Painted("energy", replace(looks.DAY, now=noon)).page.ids.chart
    assert [round(share * 25) for share, _hour in chart.ticks] == [0, 7, 13, 19, 25]
    assert chart.now_share * 25 == pytest.approx(13)  # where the curve of 25 hours ends, and "12" stands
    spring = local_day.hours(date(2026, 3, 29), noon.tzinfo)
    assert [round(share * 23) for share, _hour in spring] == [0, 5, 11, 17, 23]


@pytest.mark.parametrize(("screen", "says_so"), [("energy", False), ("flow", True)])
def test_a_picture_that_rests_hides_nothing(monkeypatch: pytest.MonkeyPatch, screen: str, says_so: bool) -> None:
    monkeypatch.setattr(LivingPicture, "load", SimpleNamespace(look=lambda: True))
    painted = Painted(screen, looks.DAY)
    assert painted.page.rests
    assert not painted.page.ids.flow.moves
    assert painted.says("The picture rests: the appliance is busy.") == says_so
    assert (rules.overlapping(painted.seen), rules.spilled(painted.seen), rules.cut_text(painted.seen)) == ([], [], [])
