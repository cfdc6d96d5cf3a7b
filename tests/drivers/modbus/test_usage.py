"""What a line is used for."""

from __future__ import annotations

import pytest

from drivers.modbus.usage import WINDOW_S, Tally, Use


def test_a_line_that_was_never_used_is_free() -> None:
    assert Use().share(100.0) == 0.0


def test_the_share_is_that_of_the_time_since_it_was_first_used() -> None:
    use = Use()
    for second in range(10):
        use.note(100.0 + second, 100.25 + second)
    assert use.share(110.0) == pytest.approx(0.25)


def test_after_a_minute_only_the_last_one_counts() -> None:
    use = Use()
    for second in range(300):
        use.note(100.0 + second, 100.0 + second + (0.9 if second < 200 else 0.1))
    assert use.share(400.0) == pytest.approx(0.1, abs=0.01)
    assert use.share(400.0 + WINDOW_S + 1) == 0.0


def test_it_is_never_more_than_all_of_it() -> None:
    use = Use()
    use.note(100.0, 103.0)
    assert use.share(102.0) == 1.0


def test_faults_are_counted_by_their_code() -> None:
    tally = Tally(questions=5, answers=2, bytes=99)
    for code in ("silent", "garbled", "silent"):
        tally.failed(code)
    report = tally.report(7, 0.04)
    assert (report.unit, report.questions, report.answers, report.bytes) == (7, 5, 2, 99)
    assert report.faults == {"silent": 2, "garbled": 1}
    assert report.latency_s == 0.04
