"""One line to Modbus devices: a TCP connection, an RTU gateway or a serial port.

Questions wait for each other, the earliest deadline first (`turns`). Every
answer is checked against its question, a silent unit is left alone for a while
(`pace`), and a connection that failed is thrown away and opened anew. A line
works only while somebody waits for an answer; a read whose caller is cancelled
still runs to its end, because cutting it off would leave its answer on the line.

A unit that did not answer last time is first asked for the few registers named
in `Question.least`. That costs its neighbours less, and where frames bear no
number it clears the line: whatever the unit still owed comes before that answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic

from drivers.interfaces import DriverError
from drivers.modbus import faults, wire
from drivers.modbus.address import Address
from drivers.modbus.link import Ended, Exceptional, Link, Unanswered
from drivers.modbus.pace import Pace
from drivers.modbus.turns import Turns
from drivers.modbus.units import Units
from drivers.modbus.usage import LineReport, Use

CONNECT_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)  # between attempts to connect
LATE_S = 0.4  # how much later than the time-out an answer is still listened for, to learn how slow the unit is
CHATTER_S = 1.0  # and this long when somebody keeps talking
ALIVE_S = 10.0  # a TCP connection on which another unit has answered so lately is not what is wrong
DUE_S = 1.0  # when an answer is due where nothing else is said
USUAL_LATENCY_S = 0.05  # what is taken for it until a unit has answered


@dataclass(frozen=True, slots=True)
class Question:
    """Registers or bits wanted from one unit, or a coil to write; `gap_s` is the silence it wants afterwards.

    `least`: so many registers from `start` may be asked for by themselves (0: only all of them).
    `patience_s`: for a search. The one try takes so long and no longer, whatever is known about the unit, and
    nothing is remembered; to be asked once a unit, for a late answer to it is not looked out for.
    `urgent`: before all others, and also where the unit or the line would be left alone for a while.
    """

    unit: int
    function: int  # 3 = holding, 4 = input registers; 1 = coils, 2 = discrete inputs; 5 = write one coil
    start: int  # 0-based
    count: int
    gap_s: float = 0.0
    least: int = 0
    patience_s: float = 0.0
    value: int = 0  # what is written
    urgent: bool = False

    @property
    def likeness(self) -> int:
        """What its answer has in common with that to another question, where frames bear no number: the length."""
        if self.function == 5:
            return 0
        return -((self.count + 7) // 8) if self.function in (1, 2) else self.count

    @property
    def short(self) -> Question:
        """The least that can be asked in its place."""
        return Question(self.unit, self.function, self.start, self.least, self.gap_s)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that waits, and who waits for its answer."""

    question: Question
    answer: asyncio.Future[list[int]]

    def fail(self, error: BaseException) -> None:
        """Tell who waits, if somebody still does."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Bus:
    """One line; see the module."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._rtu = not address.numbered
        self._turns: Turns[_Asked] = Turns()
        self._worker: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        self._lock = asyncio.Lock()  # held while a question is in flight
        self._link: Link | None = None
        self._connect_failures = 0
        self._connect_at = 0.0
        self._quiet_until: dict[int, float] = {}  # by unit; on a serial line all units are 0
        self._echoes = False  # the line repeats what is sent
        self._units = Units()
        self._use = Use()

    async def read(self, question: Question, due_s: float | None = None) -> list[int]:
        """The registers asked for. Raises DriverError.

        `due_s` (time.monotonic()) is when the answer is wanted: who is due earlier is asked first, and what is due
        much later is asked when the line is free.
        """
        if (fault := self._rest(question, monotonic())) is not None:
            raise fault
        if not (self._rtu or question.urgent):
            await self._quiet(question)  # behind a network address the others need not wait for it
        now_s = monotonic()
        asked = _Asked(question, asyncio.get_running_loop().create_future())
        if question.urgent:
            self._turns.add_urgent(asked)
        else:
            due_s = now_s + DUE_S if due_s is None else due_s
            self._turns.add(question.unit, due_s, self._needs_s(question), asked, now_s)
        if self._worker is None:
            self._worker = asyncio.ensure_future(self._work())
        else:
            self._more.set()
        return await asked.answer

    def report(self) -> LineReport:
        """How the line is doing."""
        return LineReport(str(self.address), self._use.share(monotonic()), len(self._turns), self._units.reports())

    async def close(self) -> None:
        """Close the line when the question in flight has ended; a later `read` opens it again."""
        async with self._lock:
            self.abandon()

    @contextlib.asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """Stand aside, the line closed, while somebody else uses it; questions wait meanwhile."""
        async with self._lock:
            self.abandon()
            yield

    def abandon(self) -> None:
        """Close the line at once."""
        if self._link is not None:
            link, self._link = self._link, None
            link.close()

    async def _work(self) -> None:
        """Ask until nobody waits."""
        try:
            while (turn := self._turns.next(monotonic())) is not None:
                if isinstance(turn, _Asked):
                    if not turn.answer.done():
                        async with self._lock:
                            await self._serve(turn)
                        await asyncio.sleep(0)  # who was answered may go on with the same reading
                    continue
                self._more.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(turn):
                        await self._more.wait()
        except BaseException as error:  # whatever it is ends this worker: those who wait get it, and it goes on up
            self.abandon()
            for asked in self._turns.all():
                asked.fail(error)
            raise
        finally:
            self._worker = None

    async def _serve(self, asked: _Asked) -> None:
        """Ask one question, and give its answer or its fault to who waits."""
        try:
            registers = await self._answer(asked.question)
        except DriverError as error:
            asked.fail(error)
        except BaseException as error:  # not a fault of the line: who waits for this answer gets it, and it goes on up
            asked.fail(error)
            raise
        else:
            if not asked.answer.done():
                asked.answer.set_result(registers)

    async def _answer(self, question: Question) -> list[int]:
        """Leave a silent unit alone, begin with a short question if it did not answer, ask again where that helps."""
        if (fault := self._rest(question, monotonic())) is not None:
            raise fault
        pace, tally = self._pace(question), self._units[question.unit].tally
        was_well, lives = pace.is_well, False
        try:
            try:
                lives = await self._short(question, pace)
                return await self._ask(question, pace)
            except DriverError as error:
                certain = question.least or not self._rtu  # that the second answer is not the first one, late
                if not (isinstance(error, faults.Closed) or (error.code == "garbled" and was_well and certain)):
                    raise
                tally.failed(error.code)
                await self._urgent_first()
                lives = await self._short(question, pace)
                return await self._ask(question, pace)
        except DriverError as error:
            tally.failed(error.code)
            if error.code in ("silent", "garbled"):
                if not question.patience_s:
                    self._units.failed(question.unit, error, monotonic())
                if lives:
                    raise faults.overasked(error) from error
            raise

    async def _short(self, question: Question, pace: Pace) -> bool:
        """Ask for the least first where the unit owes an answer; tell whether it gave one."""
        owes = self._rtu and pace.owes(question.likeness, monotonic())
        if not 0 < question.least < question.count or not (pace.failures or owes):
            return False
        try:
            await self._ask(question.short, pace, settles=False)
        except faults.Refused:
            return True  # a sign of life, too
        finally:
            await self._urgent_first()
        return True

    async def _urgent_first(self) -> None:
        """Ask what cannot wait: between two requests of one question, too."""
        while (asked := self._turns.urgent()) is not None:
            await self._serve(asked)

    async def _ask(self, question: Question, pace: Pace, settles: bool = True) -> list[int]:
        """One question on the open line, and its checked answer; which `settles` what the unit owed."""
        link = await self._open(question.urgent)
        await self._quiet(question)
        wire_s = wire.exchange_s(self.address, question.count)
        patience_s = question.patience_s or pace.patience_s(self.address.transport)
        tally = self._units[question.unit].tally
        tally.questions += 1
        tally.bytes += wire.exchange_bytes(self.address, question.count)
        began = monotonic()
        pace.asked(question.likeness, began, patience_s + wire_s)
        try:
            registers = await link.ask(
                question.unit, question.function, question.start, question.count, patience_s + wire_s, question.value
            )
        except Ended as error:
            self.abandon()
            raise faults.closed(self.address) from error
        except Exceptional as error:
            if error.code not in faults.GATEWAY_EXCEPTIONS:
                pace.refused(question.likeness)
            raise faults.refused(self.address, question.unit, question.start, error.code) from error
        except Unanswered as error:
            raise await self._unanswered(link, question, pace, error.noise, began + wire_s) from error
        finally:
            ended = monotonic()
            quiet_until = ended + wire.gap_s(self.address, question.gap_s)
            self._quiet_until[self._quiet_of(question)] = quiet_until
            self._use.note(began, quiet_until if self._rtu else ended)
        tally.answers += 1
        self._echoes = link.echoes
        pace.heard(ended, ended - began - wire_s)
        if settles and not question.patience_s:
            self._units.answered(question.unit, ended)
        return registers

    def _quiet_of(self, question: Question) -> int:
        """Whose silence it is: a gateway to TCP looks after its own line, and keeps its units apart."""
        return 0 if self._rtu else question.unit

    async def _quiet(self, question: Question) -> None:
        """Wait until the silence the last answer called for is over."""
        if (pause_s := self._quiet_until.get(self._quiet_of(question), 0.0) - monotonic()) > 0:
            await asyncio.sleep(pause_s)

    async def _unanswered(
        self, link: Link, question: Question, pace: Pace, noise: bool, expected_at: float
    ) -> DriverError:
        """Listen whether the answer is only late, throw the line away if it may be the cause, say what happened.

        Who was silent before is not listened for again: that would cost the neighbours as much as the time-out.
        """
        if self._rtu and not question.patience_s and (noise or not pace.failures):
            late_at = await link.quiet(LATE_S, CHATTER_S)
            if late_at is not None and not noise:
                pace.answered_late(late_at - expected_at)
        if question.patience_s and self._rtu and link.strayed() | noise:
            return faults.garbled(self.address, question.unit)  # in a search silence and late answers are usual
        if noise:
            self.abandon()
            return faults.garbled(self.address, question.unit)
        alive = self._units.others_answered(question.unit, max(link.connected_at, monotonic() - ALIVE_S))
        if not question.patience_s and not alive:
            self.abandon()
        return faults.silent(self.address, question.unit)

    def _rest(self, question: Question, now_s: float) -> DriverError | None:
        """The fault of a unit that is left alone, or whose answer could not be told from one it owes."""
        if question.patience_s:
            return None
        pace = self._pace(question)
        if not question.urgent and (fault := pace.rest(now_s)) is not None:
            return fault
        if question.function == 5:
            return None  # its answer repeats it, whichever it answers; what was done is read
        if self._rtu and pace.failures and not question.least and pace.owes(question.likeness, now_s):
            return faults.silent(self.address, question.unit)
        return None

    def _pace(self, question: Question) -> Pace:
        """What is known about the unit asked; a search knows nothing and leaves nothing behind."""
        return Pace() if question.patience_s else self._units[question.unit].pace

    def _needs_s(self, question: Question) -> float:
        """How long the line will be taken."""
        usual_s = self._pace(question).latency_s or USUAL_LATENCY_S
        return wire.exchange_s(self.address, question.count) + usual_s + wire.gap_s(self.address, question.gap_s)

    async def _open(self, urgent: bool = False) -> Link:
        """The open line; opens it when the time has come. Raises DriverError(`unreachable`)."""
        if self._link is not None and self._link.connected:
            return self._link
        self.abandon()
        if monotonic() < self._connect_at and not urgent:
            raise faults.unreachable(self.address)
        link = Link(self.address)
        link.echoes = self._echoes
        if not await link.connect():
            pause_s = CONNECT_PAUSES_S[min(self._connect_failures, len(CONNECT_PAUSES_S) - 1)]
            self._connect_failures += 1
            self._connect_at = monotonic() + pause_s
            raise faults.unreachable(self.address)
        self._connect_failures = 0
        self._link = link
        return link
