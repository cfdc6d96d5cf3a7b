"""The stream over the real network: once a second, and not a second longer than its token."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection

import pytest

from appliance import clock, heartbeat
from appliance.access import tokens
from appliance.metering import readings
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests.ui.phone.house import ADMIN, MINE, Served, token_of
from ui.phone.api import stream

GRACE_S = 1.0  # within which a stream of a token that ended is dead


class Watching:
    """A program that reads a stream and notes when each event came."""

    def __init__(self, served: Served, secret: str) -> None:
        self.connection: HTTPSConnection = served.connection()
        self.connection.request(
            "GET", "/api/v1/stream", headers={"Authorization": f"Bearer {secret}", "Wattward-Installation": MINE}
        )
        self.answer = self.connection.getresponse()
        self.events: list[tuple[float, str, dict[str, object]]] = []
        self.ended_s = 0.0
        self._thread = threading.Thread(target=self._read, daemon=True)
        if self.answer.status == 200:
            self._thread.start()

    def _read(self) -> None:
        name = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed under its reader
            for line in iter(self.answer.readline, b""):
                key, _, value = line.decode().strip().partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    self.events.append((time.monotonic(), name, json.loads(value)))
        self.ended_s = time.monotonic()

    def wait(self, count: int) -> None:
        """Until so many events came."""
        deadline = time.monotonic() + 20
        while len(self.events) < count:
            assert time.monotonic() < deadline, "the stream is silent"
            time.sleep(0.01)

    def wait_for_end(self) -> float:
        """When it ended."""
        self._thread.join(20)
        assert self.ended_s, "the stream goes on"
        return self.ended_s

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def watch(served: Served) -> Iterator[Callable[..., Watching]]:
    """Open streams: watch(secret)."""
    opened: list[Watching] = []

    def open_one(secret: str) -> Watching:
        opened.append(Watching(served, secret))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_it_tells_what_flows_once_a_second(served: Served, watch: Callable[..., Watching]) -> None:  # A000-32
    it, (_, secret) = served.opened, token_of(served.opened)
    watching = watch(secret)
    watching.wait(2)
    readings.put(it.live, it.clock, 1, Reading(values={"power_w": -1500.0}))
    watching.wait(5)
    assert watching.answer.headers["Content-Type"].startswith("text/event-stream")
    assert [event[1] for event in watching.events[:5]] == ["live"] * 5
    assert [watching.events[at][2]["grid_w"] for at in (0, 4)] == [820, -1500]
    gaps = [later[0] - earlier[0] for earlier, later in zip(watching.events, watching.events[1:], strict=False)]
    assert 0.5 < sum(gaps) / len(gaps) < 1.5


@pytest.mark.parametrize("end", ["revoke", "delete"])
def test_a_token_that_ends_takes_its_streams_with_it_within_a_second(
    served: Served, watch: Callable[..., Watching], end: str
) -> None:  # A000-26, reading 13
    (token, secret), (_, other) = token_of(served.opened), token_of(served.opened)
    ending, going_on = [watch(secret), watch(secret)], watch(other)
    for one in (*ending, going_on):
        one.wait(1)
    getattr(tokens, end)(served.opened, token.id, ADMIN)
    at_s = time.monotonic()
    assert max(one.wait_for_end() for one in ending) - at_s < GRACE_S
    assert {one.events[-1][2]["error"] for one in ending} == {"token_revoked" if end == "revoke" else "token_unknown"}
    seen = len(going_on.events)
    going_on.wait(seen + 2)


def test_switching_the_service_off_ends_every_stream(served: Served, watch: Callable[..., Watching]) -> None:
    watching = watch(token_of(served.opened)[1])
    watching.wait(1)
    served.switch(on=False)
    watching.wait_for_end()


def test_ten_watch_and_nothing_changes(served: Served, watch: Callable[..., Watching]) -> None:
    it = served.opened
    secrets = [token_of(it)[1] for _ in range(5)]
    before = everything(it)
    watching = [watch(secret) for secret in secrets * 2]
    for one in watching:
        one.wait(4)
    assert everything(it) == before


def everything(it: Opened) -> dict[str, list[tuple[object, ...]]]:
    """All rows that say what the hardware is to do, or what it did."""
    tables = ("points", "grants", "sessions", "attempts", "wishes", "settings", "meters", "users", "identifications")
    with it.store.read() as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def test_the_oldest_stream_of_a_token_makes_room_for_its_newest(served: Served, watch: Callable[..., Watching]) -> None:
    """As of a phone that left the Wi-Fi and came back, again and again."""
    secret = token_of(served.opened)[1]
    watching = [watch(secret) for _ in range(stream.MOST_EACH)]
    for one in watching:
        one.wait(1)
    newest = watch(secret)
    newest.wait(2)
    watching[0].wait_for_end()
    assert watching[0].events[-1][1:] == ("end", {"error": "full"})
    assert not any(one.ended_s for one in watching[1:])


def test_too_many_streams_are_refused_and_places_come_back(served: Served, watch: Callable[..., Watching]) -> None:
    secrets = [token_of(served.opened)[1] for _ in range(stream.MOST // stream.MOST_EACH)]
    watching = [watch(secret) for secret in secrets * stream.MOST_EACH]
    assert {one.answer.status for one in watching} == {200}
    other = token_of(served.opened)[1]
    full = watch(other)
    assert full.answer.status == 503 and full.answer.headers["Retry-After"] == "5"
    for one in watching:
        one.close()
    deadline = time.monotonic() + 20
    while watch(other).answer.status != 200:
        assert time.monotonic() < deadline, "no place came back"
        time.sleep(0.2)


def test_streams_and_silent_visitors_keep_nobody_waiting(served: Served, watch: Callable[..., Watching]) -> None:
    """Eight streams and twenty half-open connections leave the API quick."""
    import socket

    secrets = [token_of(served.opened)[1] for _ in range(8)]
    streams = [watch(secret) for secret in secrets]
    silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    for one in streams:
        one.wait(1)
    took = []
    for _ in range(20):
        began_s = time.monotonic()
        assert served.ask("/api/v1/live", secrets[0]).status == 200
        took.append(time.monotonic() - began_s)
    assert sorted(took)[10] < 0.5
    for connection in silent:
        connection.close()


def test_a_core_that_is_gone_is_told_and_ends_no_stream(served: Served, watch: Callable[..., Watching]) -> None:
    watching = watch(token_of(served.opened)[1])
    watching.wait(1)
    past = clock.SystemClock()
    heartbeat.begin(served.opened.live, "core", past)
    with served.opened.live.write() as db:
        db.execute("UPDATE heartbeats SET at_boottime_s=at_boottime_s-60")
    count = len(watching.events)
    watching.wait(count + 3)
    assert watching.events[-1][2]["core"] is False
