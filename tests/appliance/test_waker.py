"""A sleep that somebody may end."""

from __future__ import annotations

import asyncio

from appliance.waker import Waker


def test_it_ends_when_called_and_by_itself() -> None:
    async def scene() -> None:
        waker = Waker()
        sleep = asyncio.create_task(waker.sleep(60))
        await asyncio.sleep(0)
        waker.wake()
        await sleep
        await waker.sleep(0.01)

    asyncio.run(scene())


def test_a_call_while_nobody_sleeps_ends_the_next_sleep_and_only_that() -> None:
    async def scene() -> None:
        waker = Waker()
        waker.wake()
        waker.wake()
        await waker.sleep(60)
        again = asyncio.create_task(waker.sleep(60))
        await asyncio.sleep(0.01)
        assert not again.done()
        again.cancel()

    asyncio.run(scene())
