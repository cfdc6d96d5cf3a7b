"""Looking for meters: what is wanted, how far it is, what was found, and how to set a find up.

The looking itself is a function that the composition root hands in. While a
core runs, it does the looking (see `errands`); a command without a core may
look by itself.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from appliance import heartbeat
from appliance.errors import N_, BadInput, NotFound, Refused
from appliance.metering import errands
from appliance.metering.errands import Errand, Step, Work
from appliance.metering.meters import Meter
from appliance.opened import Opened
from drivers.interfaces import Candidate, Found, ScanStep, ScanWanted

__all__ = [
    "KIND", "Candidate", "Found", "Scan", "Scanner", "begin", "command", "known", "look", "stop", "wanted", "work",
]  # fmt: skip

KIND = "scan"
HIGHEST_UNIT = 247

Scanner = Callable[[ScanWanted], AsyncGenerator[ScanStep, None]]


@dataclass(frozen=True, slots=True)
class Scan:
    """A look for meters as far as it is."""

    state: str  # as of an errand
    step: ScanStep | None = None
    found: tuple[Found, ...] = ()
    noise: bool = False  # somebody was heard who cannot be understood
    message: str = ""
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Tell whether nothing more will come."""
        return self.state in errands.OVER

    def after(self, step: ScanStep) -> Scan:
        """The same scan one step later."""
        found = self.found if step.found is None else (*self.found, step.found)
        return dataclasses.replace(self, step=step, found=found, noise=self.noise or step.noise)


def wanted(url: str, units: str = "", bauds: str = "", parities: str = "", answer_s: float = 0.0) -> ScanWanted:
    """What somebody typed: units "1-10,33", baud rates "9600,19200", parities "N,E". Raises BadInput."""
    if not url.strip():
        raise BadInput(
            N_("Say where to look: tcp://HOST, udp://HOST, rtutcp://HOST:PORT or rtu:///dev/ttyUSB0."), field="url"
        )
    if not 0 <= answer_s <= 10:
        raise BadInput(N_("Waiting for a unit takes 0.01 to 10 seconds."), field="timeout")
    return ScanWanted(
        url.strip(), tuple(_units(units)), tuple(_bauds(bauds)),
        tuple(text.strip().upper() for text in parities.split(",") if text.strip()), answer_s,
    )  # fmt: skip


def _units(text: str) -> Iterable[int]:
    found: dict[int, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        numbers = [first.strip(), (last or first).strip()]
        if not all(_is_number(number) for number in numbers):
            raise _bad_units(text)
        low, high = map(int, numbers)
        if not 0 <= low <= high <= HIGHEST_UNIT:
            raise _bad_units(text)
        found |= dict.fromkeys(range(low, high + 1))
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _bad_units(text: str) -> BadInput:
    return BadInput(N_("Units are numbers from 1 to 247, like 1-10,33, not {text}."), field="units", text=text)


def _bauds(text: str) -> Iterable[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(_is_number(part) for part in parts):
        raise BadInput(N_("Baud rates are numbers like 9600,19200, not {text}."), field="bauds", text=text)
    return map(int, parts)


def work(scan: Scanner) -> Work:
    """The same look as the core's runner does it."""

    async def run(asked: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        as_asked = ScanWanted(
            asked["url"], tuple(asked["units"]), tuple(asked["bauds"]), tuple(asked["parities"]), asked["answer_s"]
        )
        noise = False
        async with aclosing(scan(as_asked)) as steps:
            async for step in steps:
                noise = noise or step.noise
                progress = {"done": step.done, "total": step.total, "url": step.url, "unit": step.unit, "noise": noise}
                yield Step(progress, None if step.found is None else dataclasses.asdict(step.found))

    return run


def begin(opened: Opened, what: ScanWanted) -> int:
    """Let the core look; return the scan's number. Raises Refused when no core runs."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        raise Refused(N_("The appliance's core does not run; it is what talks to meters. See 'wattward status'."))
    return errands.ask(opened.live, opened.clock, KIND, dataclasses.asdict(what))


def look(opened: Opened, number: int, *, want_on: bool = True) -> Scan:
    """How far a scan is; looking keeps it wanted. Raises NotFound."""
    if want_on:
        errands.want_on(opened.live, opened.clock, number)
    errand = errands.look(opened.live, number)
    if errand is None or errand.kind != KIND:
        raise NotFound(N_("This search is over and forgotten; start another one."))
    return _scan(errand)


def stop(opened: Opened, number: int) -> None:
    """Look no further; what was found stays."""
    errands.cancel(opened.live, number)


def _scan(errand: Errand) -> Scan:
    at = errand.progress
    step = ScanStep(at["done"], at["total"], at["url"], at["unit"]) if at else None
    found = tuple(
        Found(**{**result, "candidates": tuple(Candidate(**one) for one in result["candidates"])})
        for result in errand.results
    )
    return Scan(errand.state, step, found, bool(at.get("noise")), errand.message, errand.values)


def known(found: Found, meters: Iterable[Meter]) -> Meter | None:
    """The meter of this house that a find is; None for a new one."""
    place = found.url.partition("?")[0]
    return next((meter for meter in meters if meter.unit == found.unit and meter.url.partition("?")[0] == place), None)


def command(found: Found, candidate: Candidate) -> str:
    """The line that sets a find up, ready to paste."""
    words = ["wattward", "meters", "add", "NAME", "--model", candidate.model, "--at", found.url]
    return shlex.join([*words, "--unit", str(found.unit), "--role", "grid"])
