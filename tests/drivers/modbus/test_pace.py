"""How long a unit is waited for, and left alone."""

from __future__ import annotations

import pytest

from drivers.interfaces import DriverError
from drivers.modbus.pace import (
    FIRST_ANSWER_S,
    LONGEST_ANSWER_S,
    LONGEST_PAUSE_S,
    PAUSE_ALONE_S,
    PAUSES_S,
    SETTLE_S,
    Pace,
)

SILENT = DriverError("silent", "unit {unit} is silent", unit=3)


def test_until_it_has_answered_a_unit_is_given_a_second() -> None:
    assert Pace().patience_s("tcp") == FIRST_ANSWER_S == 1.0


def test_a_quick_unit_is_given_the_usual_short_time() -> None:
    pace = Pace()
    pace.heard(100.0, 0.02)
    assert pace.patience_s("tcp") == 0.5
    assert pace.patience_s("rtu") == pace.patience_s("rtutcp") == 0.6


def test_a_slow_unit_is_given_four_times_its_latency_but_not_for_ever() -> None:
    pace = Pace()
    pace.heard(100.0, 0.3)
    assert pace.patience_s("rtu") == pytest.approx(1.2)
    pace.answered_late(3.0)
    assert pace.patience_s("rtu") == LONGEST_ANSWER_S


def test_the_usual_latency_follows_slowly() -> None:
    pace = Pace()
    pace.heard(100.0, 0.4)
    pace.heard(101.0, 0.0)
    assert pace.latency_s == pytest.approx(0.35)


def test_a_silent_unit_is_asked_ever_less_often() -> None:
    pace, now_s, pauses = Pace(), 100.0, []
    for _ in range(8):
        pace.failed(SILENT, now_s, units=2)
        pauses.append(pace.ask_at - now_s)
        now_s = pace.ask_at
    assert pauses == [*PAUSES_S, 20.0, 20.0]


def test_a_silent_unit_that_disturbs_nobody_is_asked_every_two_seconds() -> None:
    pace = Pace()
    for _ in range(8):
        pace.failed(SILENT, 100.0, units=1)
    assert pace.ask_at == 100.0 + PAUSE_ALONE_S


def test_the_first_silence_is_asked_again_at_once() -> None:
    pace = Pace()
    pace.failed(SILENT, 100.0, units=2)
    assert pace.rest(100.0) is None


def test_while_left_alone_the_same_fault_is_reported_as_a_new_exception() -> None:
    pace = Pace()
    pace.failed(SILENT, 100.0, units=2)
    pace.failed(SILENT, 100.0, units=2)
    fault = pace.rest(100.5)
    assert fault is not None and fault is not SILENT
    assert (fault.code, str(fault)) == ("silent", "unit 3 is silent")
    assert pace.rest(101.0) is None


def test_an_answer_forgives_everything() -> None:
    pace = Pace()
    for _ in range(4):
        pace.failed(SILENT, 100.0, units=2)
    assert not pace.is_well
    pace.heard(101.0, 0.01)
    pace.answered()
    assert pace.is_well and pace.rest(100.0) is None


def test_silent_units_of_one_line_share_what_they_may_cost() -> None:
    pace, now_s, pauses = Pace(), 100.0, []
    for _ in range(7):
        pace.failed(SILENT, now_s, units=5, silent=2)
        pauses.append(pace.ask_at - now_s)
    assert pauses == [0.0, 2.0, 4.0, 10.0, 20.0, 40.0, 40.0]
    pace.failed(SILENT, now_s, units=30, silent=25)
    assert pace.ask_at == now_s + LONGEST_PAUSE_S


def test_a_length_that_was_asked_for_is_owed_until_another_one_was_answered() -> None:
    pace = Pace()
    pace.asked(76, 100.0, patience_s=0.6)
    assert pace.owes(76, 100.5) and not pace.owes(2, 100.5)
    pace.asked(2, 101.0, patience_s=0.6)
    pace.answered()
    assert not pace.owes(76, 101.5) and not pace.owes(2, 101.5)


def test_what_has_not_come_in_a_few_seconds_comes_no_more() -> None:
    pace = Pace()
    pace.asked(76, 100.0, patience_s=0.6)
    assert pace.owes(76, 100.6 + SETTLE_S - 0.1)
    assert not pace.owes(76, 100.6 + SETTLE_S)


def test_a_refusal_settles_the_only_question_but_not_one_of_several() -> None:
    pace = Pace()
    pace.asked(76, 100.0, patience_s=0.6)
    pace.refused(76)
    assert not pace.owes(76, 100.1)
    pace.asked(76, 100.0, patience_s=0.6)
    pace.asked(2, 101.0, patience_s=0.6)
    pace.refused(2)
    assert pace.owes(76, 101.1) and pace.owes(2, 101.1)
