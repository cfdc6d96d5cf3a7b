"""Whose turn it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers.modbus.turns import Turns


def turns(*waiting: tuple[int, float, float]) -> Turns[int]:
    """`unit, due, needs`: what is asked is the unit's number."""
    found: Turns[int] = Turns()
    for unit, due_s, needs_s in waiting:
        found.add(unit, due_s, needs_s, unit, 0.0)
    return found


def order(waiting: Turns[int], now_s: float = 0.0) -> list[int]:
    found = []
    while isinstance(turn := waiting.next(now_s), int):
        found.append(turn)
    return found


def test_the_earliest_deadline_goes_first_and_equals_as_they_came() -> None:
    assert order(turns((1, 3.0, 0.1), (2, 1.0, 0.1), (3, 3.0, 0.1), (4, 2.0, 0.1))) == [2, 4, 1, 3]


def test_nobody_waits() -> None:
    assert turns().next(0.0) is None


def test_what_can_wait_is_asked_at_once_on_a_free_line() -> None:
    assert order(turns((1, 30.0, 0.2))) == [1]


def test_what_can_wait_is_asked_only_when_it_is_done_before_the_next_reading_is_expected() -> None:
    waiting = turns((1, 1.0, 0.1), (2, 30.0, 0.3))
    assert waiting.next(0.0) == 1
    assert waiting.next(0.75) == 0.25  # the next question to 1 should come at 1.0, and 0.3 would not fit
    waiting.add(1, 2.0, 0.1, 1, 1.0)
    assert [waiting.next(1.0), waiting.next(1.1)] == [1, 2]


def test_hurried_questions_go_before_what_can_wait_even_if_that_came_first() -> None:
    assert order(turns((1, 30.0, 0.1), (2, 1.0, 0.1))) == [2, 1]


def test_a_meter_that_is_no_longer_read_holds_nothing_up() -> None:
    waiting = turns((1, 1.0, 0.1), (2, 30.0, 0.3))
    assert waiting.next(0.0) == 1
    assert waiting.next(0.9) == 1.0 - 0.9
    assert waiting.next(1.0) == 2  # unit 1 was expected at 1.0 and did not come


def test_on_a_line_without_a_pause_what_can_wait_goes_first_when_its_time_has_come() -> None:
    waiting = turns((9, 30.0, 5.0))
    asked = []
    for n in range(400):
        now_s = n / 10
        waiting.add(1, now_s + 1, 0.1, 1, now_s)
        asked.append(waiting.next(now_s))
    assert asked.index(9) == 300
    assert asked.count(9) == 1


def test_all_who_wait_can_be_told_at_once() -> None:
    waiting = turns((1, 1.0, 0.1), (2, 30.0, 0.3))
    assert sorted(waiting.all()) == [1, 2]
    assert waiting.next(0.0) is None and len(waiting) == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0.1, 60.0), st.floats(0.01, 3.0)), max_size=20))
def test_everybody_has_a_turn_once_and_nobody_long_after_the_deadline(waiting: list[tuple[int, float, float]]) -> None:
    found: Turns[int] = Turns()
    for number, (unit, due_s, needs_s) in enumerate(waiting):
        found.add(unit, due_s, needs_s, number, 0.0)
    now_s, served = 0.0, []
    while (turn := found.next(now_s)) is not None:
        if isinstance(turn, int):
            served.append(turn)
        else:
            now_s += turn
    assert sorted(served) == list(range(len(waiting)))
    assert now_s <= max((due_s for _, due_s, _ in waiting), default=0.0) + 0.002


def test_what_is_urgent_goes_before_everything_overdue_and_as_it_came() -> None:
    waiting = turns((1, -5.0, 0.1), (2, 30.0, 0.1))
    waiting.add(3, 16.0, 0.1, 3, 0.0)
    waiting.add_urgent(9)
    waiting.add_urgent(8)
    assert len(waiting) == 5
    assert order(waiting, 40.0) == [9, 8, 3, 2, 1]


def test_what_is_urgent_can_be_asked_for_alone_and_is_among_all() -> None:
    waiting = turns((1, 1.0, 0.1))
    assert waiting.urgent() is None
    waiting.add_urgent(9)
    waiting.add_urgent(8)
    assert waiting.urgent() == 9
    assert waiting.all() == [8, 1] and len(waiting) == 0
