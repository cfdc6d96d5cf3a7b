"""Everything a meter says now, registers included: asked of the core while it runs, else read directly.

The reading itself is a function that the composition root hands in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any

from appliance import heartbeat
from appliance.errors import N_, Refused
from appliance.metering import errands
from appliance.metering.errands import Errand, Step, Work
from appliance.metering.meters import Meter
from appliance.opened import Opened
from drivers.interfaces import Inspection, RawPoint

__all__ = ["KIND", "Inspection", "Inspector", "RawPoint", "begin", "look", "work"]

KIND = "inspection"

Inspector = Callable[[str, str, int], Awaitable[Inspection]]


def work(inspect: Inspector) -> Work:
    """The same look as the core's runner does it."""

    async def run(asked: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
        found = await inspect(asked["model"], asked["url"], asked["unit"])
        yield Step({}, dataclasses.asdict(found))

    return run


def begin(opened: Opened, meter: Meter) -> int:
    """Let the core read a meter whole; return the look's number. Raises Refused when no core runs."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        raise Refused(N_("The appliance's core does not run; it is what talks to meters. See 'wattward status'."))
    return errands.ask(opened.live, opened.clock, KIND, {"model": meter.model, "url": meter.url, "unit": meter.unit})


def look(opened: Opened, number: int) -> tuple[Errand | None, Inspection | None]:
    """What became of it, and what was read if it was."""
    errands.want_on(opened.live, opened.clock, number)
    errand = errands.look(opened.live, number)
    if errand is None or errand.kind != KIND or not errand.results:
        return errand, None
    return errand, _inspection(errand.results[0])


def _inspection(result: Mapping[str, Any]) -> Inspection:
    points = tuple(RawPoint(**{**point, "registers": tuple(point["registers"])}) for point in result["points"])
    return Inspection(**{**result, "points": points})
