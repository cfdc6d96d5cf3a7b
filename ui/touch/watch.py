"""Look at the appliance in a thread, woken by the bell, and hand each new Status to the screen's thread.

The screen's thread never waits for the store: looking and doing both happen
here, beside it.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

from appliance import errors, heartbeat, notices
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import changes
from ui.touch import gather
from ui.touch.sight import Looker, Sight
from ui.touch.status import Curve, Status

log = logging.getLogger("wattward.touch")

UNFORESEEN = N_("That did not work. The journal of the appliance says why; the support bundle has it.")
LOOK_S = 1.0  # without a ring
SHORTEST_S = 0.05  # between two looks without a ring
MARGIN_S = 0.005  # a countdown is looked at just after its figure changed
CURVE_S = 60.0  # the day's curve grows by quarter hours
HEAD_START_S = 0.02  # drawing holds Python's lock: what a tap asks for goes before the next picture


class Watcher(threading.Thread):
    """Collects; `arrived(status)` is called in this thread."""

    def __init__(self, it: Opened, arrived: Callable[[Status], None]) -> None:
        super().__init__(name="watcher", daemon=True)
        self._it = it
        self._arrived = arrived
        self._ending = threading.Event()
        self._curve = Curve()
        self._curve_at = 0.0
        self._looker = Looker(it, time.monotonic)
        self._sight: Sight | None = None  # set by the screen's thread, read by this one
        self._anew = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        bell = changes.Bell(self._it.home.bells, "touch")
        begun, found = False, None
        while not self._ending.is_set():
            self._look_at_curve()
            self._follow_faults()
            found = gather.collect(self._it, self._curve, found)
            if self._anew.is_set():
                self._anew.clear()
                self._looker.again()
            sight = self._sight
            found = replace(found, page=self._looker.look(sight, found))
            if sight is self._sight:  # the page that asked is still seen
                self._arrived(found)
            begun = self._sign_of_life(begun)
            bell.wait(pause_s(found, self._it.clock.speed))
        bell.close()

    def look(self, sight: Sight | None) -> None:
        """Another page is seen, or the same one wants to look anew: look at once."""
        self._sight = sight
        self._anew.set()
        changes.ring(self._it.home.bells)

    def stop(self) -> None:
        """End within a second."""
        self._ending.set()
        changes.ring(self._it.home.bells)

    def _look_at_curve(self) -> None:
        is_over = self._curve.ends_at is not None and self._it.clock.now() >= self._curve.ends_at
        is_old = time.monotonic() - self._curve_at >= CURVE_S / self._it.clock.speed
        if is_old or is_over or not self._curve.house:
            try:
                self._curve = gather.today_curve(self._it)
                self._curve_at = time.monotonic()
            except errors.WattwardError:
                self._curve = Curve()

    def _follow_faults(self) -> None:
        """Keep what went wrong, so that it can be read of later; a store that cannot be used says so itself."""
        with contextlib.suppress(errors.WattwardError):
            notices.follow(self._it)

    def _sign_of_life(self, begun: bool) -> bool:
        """Beat in `live.db`; tell whether a heartbeat row of ours is there."""
        try:
            if not begun:
                heartbeat.begin(self._it.live, "touch", self._it.clock)
            heartbeat.beat(self._it.live, "touch", self._it.clock)
        except errors.StoreError:
            return False
        return True


def pause_s(found: Status, speed: float) -> float:
    """Real seconds until the next look: a second, or when the next figure of a countdown changes."""
    left = [found.web.remaining_s, found.pin_wait_s, found.keypad_wait_s]
    left += [point.window_left_s or 0.0 for point in found.points]
    parts = [seconds - math.ceil(seconds) + 1 for seconds in left if seconds > 0]
    return max(SHORTEST_S, min([LOOK_S, *(part / speed + MARGIN_S for part in parts)]))


class Worker:
    """Does what a tap asks for, one thing after the other, off the screen's thread."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker")

    def do(
        self, order: Callable[[], object], done: Callable[[object | None, errors.WattwardError | None], None]
    ) -> None:
        """Run `order`; `done(result, error)` is called in the worker's thread, mostly before this returns."""

        def work() -> None:
            try:
                done(order(), None)
            except errors.WattwardError as error:
                done(None, error)

        begun = self._pool.submit(work)
        begun.add_done_callback(lambda future: _tell(future, done))
        wait([begun], HEAD_START_S)

    def stop(self) -> None:
        """Finish what was begun."""
        self._pool.shutdown(wait=True)


def _tell(future: Future[None], done: Callable[[object | None, errors.WattwardError | None], None]) -> None:
    """What nobody foresaw is said, too: the page that waits for an answer gets one and goes on."""
    error = future.exception()
    if error is not None:
        log.error("what a tap asked for failed", exc_info=error)
        done(None, errors.WattwardError(UNFORESEEN))
