"""Attend to every reader: ask the gate about what is shown there, and answer with lamps and buzzer.

1. `run` compares the readers in the store with those that are attended, after
each ring of the bell and every few seconds: new ones begin, changed ones begin
anew, others end. 2. Each is kept reading by the drivers' supervision; what is
wrong with it is the fault `reader:ID`, which ends by itself. 3. Whoever shows
something is decided at once, in this process, which also holds the relays.

A reader that fails keeps no other waiting, and no PIN at the touchscreen.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any

from appliance import audit, errors, faults
from appliance.charging import grants, keypad, overview, points, readers, second_factor
from appliance.charging.grants import Decision
from appliance.charging.readers import Reader
from appliance.charging.rules import Result
from appliance.opened import Opened
from drivers.interfaces import Askable, DriverError, Feedback, Presented, SignalName
from drivers.interfaces import Reader as ReaderDriver

log = logging.getLogger("wattward.terminals")

LOOK_EVERY_S = 2.0  # after a lost ring
RETRY_S = 10.0  # after a reader this machine could not provide
SOURCES = ("reader:", "lamps:")  # of faults, and the reader's id
ANSWERS: dict[Result, SignalName] = {
    Result.ACCEPTED: "accepted", Result.STOPPED: "stopped", Result.LEARNED: "learned", Result.LOCKED_OUT: "locked",
}  # fmt: skip
STATES: dict[str, SignalName] = {
    "fault": "fault", "charging": "charging", "paused": "charging", "waiting": "waiting", "authorized": "waiting",
    "locked": "dark",
}  # fmt: skip

OnPresented = Callable[[Presented], None]
OnFault = Callable[[DriverError | None], None]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the core hands over: drivers by address, and the supervision that keeps one reading until cancelled."""

    reader: Callable[[str], ReaderDriver]
    feedback: Callable[[str], Feedback]
    let_go: Callable[[str], None]
    supervise: Callable[[object, ReaderDriver, OnPresented, OnFault], Coroutine[Any, Any, None]]


class Post:
    """One reader that is attended."""

    def __init__(self, opened: Opened, equipment: Equipment, reader: Reader) -> None:
        self._opened = opened
        self._equipment = equipment
        self.reader = reader
        self._driver: ReaderDriver | None = None
        self._lamps: Feedback | None = None
        self._shown: SignalName | None = None
        self._asked_s = 0.0
        self._keypad = keypad.Keypad()
        self._awaits_until_s = 0.0
        self.task = asyncio.get_running_loop().create_task(self._attend())

    async def _attend(self) -> None:
        """Have the reader and its lamps, and keep reading. Ends when cancelled."""
        try:
            while True:
                self._have_lamps()
                try:
                    self._driver = self._equipment.reader(self.reader.url)
                    await self._equipment.supervise(self.reader.name, self._driver, self._on_presented, self._on_fault)
                except DriverError as error:
                    self._on_fault(error)
                    await asyncio.sleep(RETRY_S)
        finally:
            self._equipment.let_go(self.reader.url)
            self._close_lamps()

    def take(self, reader: Reader, now_asked_s: float) -> None:
        """The row as it is now: where it stands, and whether somebody asked it to listen."""
        self.reader = reader
        news = now_asked_s > self._asked_s + 1.0 or (now_asked_s == 0.0 and self._asked_s > 0.0)
        if news and isinstance(self._driver, Askable):
            self._driver.ask(now_asked_s / self._opened.clock.speed)
        self._asked_s = now_asked_s

    # Somebody is there -----------------------------------------------------------------------

    def _on_presented(self, who: Presented) -> None:
        """Ask the gate, and answer. What cannot be decided is refused."""
        try:
            typed = self._typed(who)
            if typed is None:
                self.show("deciding", keypad.FORGET_S)  # a number was typed, now the PIN
                return
            at = [points.get(self._opened.store, number) for number in self.reader.point_ids]
            actor = audit.Actor("core", self.reader.terminal)
            decision = grants.present(
                self._opened, who.kind, typed.pin, at, self.reader.name, typed.named_user_id, actor=actor
            )
        except errors.BadInput:
            self.show("refused")  # what can be no PIN; it counts for nothing
        except errors.WattwardError as error:
            log.warning("reader %s: %s", self.reader.name, error)
            self.show("refused")
        else:
            self.show(_answer(decision), second_factor.AWAITED_S if decision.awaits_pin else 0.0)

    def _typed(self, who: Presented) -> keypad.Typed | None:
        """What was shown, with the number somebody typed before a PIN; None: it was that number. Raises StoreError."""
        if who.kind != "pin":
            self._keypad.forget()
            return keypad.Typed(who.code)
        awaited = keypad.awaits_pin(self._opened, self.reader.point_ids)
        return self._keypad.take(who.code, who.at_boottime_s, awaited=awaited)

    def _on_fault(self, error: DriverError | None) -> None:
        """Say what is wrong, or that it is well again."""
        self._say("reader:", error)

    def _say(self, source: str, error: DriverError | None) -> None:
        source = f"{source}{self.reader.id}"
        with contextlib.suppress(errors.StoreError):  # the next look says it again
            if error is None:
                faults.clear(self._opened.live, source)
            elif faults.report(
                self._opened.live, self._opened.clock.now(), source, error.code, error.message, **error.values
            ):
                log.warning("reader %s: %s", self.reader.name, error)

    # Lamps -----------------------------------------------------------------------------------

    def show(self, signal: SignalName, awaits_s: float = 0.0) -> None:
        """Begin a signal; lamps that fail are a fault and keep nobody from charging. `awaits_s`: for a PIN, so long."""
        if self._lamps is None:
            return
        if signal in STATES.values() or signal in ("ready", "deciding"):
            self._shown = signal
        self._awaits_until_s = monotonic() + awaits_s
        try:
            self._lamps.show(signal)
        except DriverError as error:
            self._shown = None  # the next look tries again
            self._say("lamps:", error)
        else:
            self._say("lamps:", None)

    def show_state(self, states: dict[int, str]) -> None:
        """Show what goes on at the reader's points: the most urgent of it, once when it changes."""
        here: set[SignalName] = {STATES.get(states.get(number, ""), "ready") for number in self.reader.point_ids}
        order: tuple[SignalName, ...] = ("fault", "waiting", "ready", "charging", "dark")
        signal: SignalName = next((one for one in order if one in here), "dark")
        awaits = signal == "ready" and monotonic() < self._awaits_until_s  # a PIN after a number or a card
        if signal != self._shown and not awaits:
            self.show(signal)

    def _have_lamps(self) -> None:
        if self.reader.lamps and self._lamps is None:
            try:
                self._lamps = self._equipment.feedback(self.reader.lamps)
                self._say("lamps:", None)
            except DriverError as error:
                self._say("lamps:", error)

    def _close_lamps(self) -> None:
        if self._lamps is not None:
            self._lamps.close()
            self._equipment.let_go(self.reader.lamps)


def _answer(decision: Decision) -> SignalName:
    """The signal for a decision."""
    return "deciding" if decision.awaits_pin else ANSWERS.get(decision.result, "refused")


class Terminals:
    """All readers of one core."""

    def __init__(self, opened: Opened, equipment: Equipment) -> None:
        self._opened = opened
        self._equipment = equipment
        self._posts: dict[int, Post] = {}
        self._rung = asyncio.Event()

    def wake(self) -> None:
        """Something changed in the store."""
        self._rung.set()

    async def run(self) -> None:
        """Attend until cancelled."""
        self._forget_faults()
        try:
            while True:
                self._rung.clear()
                with contextlib.suppress(errors.StoreError):  # the next look may do
                    await self._fit()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._rung.wait()
        finally:
            for number in list(self._posts):
                await self._leave(number)

    async def _fit(self) -> None:
        """Attend to the readers in use, and to no other."""
        wanted = {one.id: one for one in readers.all(self._opened.store) if one.enabled and one.point_ids}
        for number, post in list(self._posts.items()):
            now = wanted.get(number)
            then = post.reader
            if now is None or post.task.done() or (now.name, now.url, now.lamps) != (then.name, then.url, then.lamps):
                await self._leave(number)
        for number, reader in wanted.items():
            post = self._posts.get(number) or Post(self._opened, self._equipment, reader)
            self._posts[number] = post
            post.take(reader, reader.asked_s(self._opened.clock))
        if any(post.reader.lamps for post in self._posts.values()):
            states = {now.point.id: now.state for now in overview.points_now(self._opened)}
            for post in self._posts.values():
                post.show_state(states)

    async def _leave(self, number: int) -> None:
        """Attend to a reader no more. Raises what ended its task, if that was not asked for."""
        post = self._posts.pop(number)
        post.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await post.task
        with contextlib.suppress(errors.StoreError):
            for source in SOURCES:
                faults.clear(self._opened.live, f"{source}{number}")

    def _forget_faults(self) -> None:
        """Clear what an earlier core said of readers."""
        with contextlib.suppress(errors.StoreError):
            for fault in faults.active(self._opened.live):
                if fault.source.startswith(SOURCES):
                    faults.clear(self._opened.live, fault.source)
