"""The life of a point in one word, for every combination of facts."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest

from appliance.charging import states
from appliance.charging.states import Facts

NORMAL = Facts(
    fault=False, startable=True, granted=False, session=False, grant_ended=False, closed=False, idle_s=None,
    pause_after_s=120,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "idle"),
        ({"startable": False}, "locked"),
        ({"granted": True}, "authorized"),
        ({"granted": True, "closed": True}, "waiting"),
        ({"session": True, "closed": True}, "charging"),
        ({"session": True, "closed": True, "idle_s": 119.0}, "charging"),
        ({"session": True, "closed": True, "idle_s": 120.0}, "paused"),
        ({"session": True, "closed": False}, "paused"),
        ({"session": True, "closed": None}, "paused"),
        ({"session": True, "grant_ended": True}, "ended"),
        ({"session": True, "grant_ended": True, "startable": False}, "ended"),
        ({"session": True, "closed": True, "startable": False}, "charging"),  # a plan that lets it finish
        ({"fault": True, "session": True, "closed": True}, "fault"),
    ],
)
def test_what_a_point_does_is_one_word(changed: dict[str, object], state: str) -> None:
    assert states.state_of(dataclasses.replace(NORMAL, **changed)) == state  # type: ignore[arg-type]  # facts by name


def test_no_combination_of_facts_is_charging_with_a_fault_or_an_open_relay() -> None:
    flags = (False, True)
    for fault, startable, granted, session, ended, closed, idle_s in product(
        flags, flags, flags, flags, flags, (None, False, True), (None, 0.0, 500.0)
    ):
        state = states.state_of(Facts(fault, startable, granted, session, ended, closed, idle_s, 120))
        assert state in states.STATES and state in states.OCPP
        if state in ("charging", "waiting"):
            assert closed and not fault
