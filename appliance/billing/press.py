"""Have reports made and e-mail sent: by a process that is started when something is due, and ends.

1. Every ten minutes a job looks whether anything is due, and only then writes
the wish `report`. 2. The core, which looks at wishes every few seconds, starts
`python -m ui.paper deliver`. 3. That process claims the wish, delivers, writes
the outcome. One that hangs is ended after ten minutes; one that failed is not
started again for a quarter of an hour.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys

from apscheduler.schedulers.base import BaseScheduler

from appliance import audit, errors
from appliance.backup import wishes
from appliance.billing import deliveries, mailings
from appliance.opened import Opened

log = logging.getLogger("wattward.press")

REPORT = "report"  # the wish
JOB = "reports and e-mail"
LOOK_MINUTES = 10
LOOK_S = 5.0
PATIENCE_S = 600.0
PAUSE_S = 900.0
PROGRAM = (sys.executable, "-m", "ui.paper")


def plan(planner: BaseScheduler, opened: Opened) -> None:
    """Add the job that wishes."""
    planner.add_job(wish_if_due, "interval", minutes=LOOK_MINUTES, args=(opened,), id=JOB)


def wish_if_due(opened: Opened) -> bool:
    """Wish for what is due, and say what failed; tell whether something was due."""
    with contextlib.suppress(errors.StoreError):
        deliveries.show(opened)
        if deliveries.due(opened) or mailings.due(opened):
            with opened.store.write() as db:
                wishes.wish(db, opened.clock.now(), audit.CORE, REPORT)
            return True
    return False


async def run(opened: Opened) -> None:
    """Fulfil wishes for reports until cancelled; a child in flight is ended with us."""
    while True:
        wanted = False
        with contextlib.suppress(errors.StoreError):
            wanted = await asyncio.to_thread(wishes.due, opened.store, REPORT)
        well = not wanted or await start(opened)
        await asyncio.sleep(LOOK_S if well else PAUSE_S)


async def start(opened: Opened) -> bool:
    """Run the program once; tell whether it ended well."""
    child = await asyncio.create_subprocess_exec(
        *PROGRAM, "--home", str(opened.home.root), "deliver", env=os.environ | {"WATTWARD_RUN": str(opened.home.run)}
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_S):
            code = await child.wait()
    except TimeoutError:
        child.kill()
        code = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        raise
    if code:
        log.warning("making reports ended with code %d", code)
    return code == 0
