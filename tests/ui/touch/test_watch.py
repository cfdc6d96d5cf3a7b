"""What a tap asks for is done off the screen's thread, and its page always gets an answer."""

from __future__ import annotations

import queue

from appliance import errors
from ui.touch import watch, works
from ui.touch.status import TaskNow


def test_a_page_gets_an_answer_also_to_what_nobody_foresaw() -> None:
    answers: queue.Queue[tuple[object, errors.WattwardError | None]] = queue.Queue()
    worker = watch.Worker()

    def order() -> None:
        raise ZeroDivisionError

    worker.do(order, lambda result, error: answers.put((result, error)))
    result, error = answers.get(timeout=20)
    assert result is None and error is not None and error.message == watch.UNFORESEEN
    worker.do(lambda: 7, lambda result, error: answers.put((result, error)))  # and it goes on
    assert answers.get(timeout=20) == (7, None)
    worker.stop()
    assert answers.empty()  # one answer each


def test_nobody_is_told_to_take_the_power_off_while_that_would_do_harm() -> None:  # A003-34
    assert "take the power off" in works.meanwhile(())
    assert "take the power off" in works.meanwhile((TaskNow(1, "backup"),))
    assert works.meanwhile((TaskNow(2, "restore"),)) == "Backup is being restored. Do not remove power."
