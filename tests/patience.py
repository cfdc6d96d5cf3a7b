"""Waiting for what must come, however busy the machine is: how long it takes is not what such a test is about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 60.0


async def until(true: Callable[[], object]) -> None:
    """Let the loop turn until something is so. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)
