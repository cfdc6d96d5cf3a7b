"""The stream: live figures once a second, for as long as the token is good.

Everybody who watches is shown the same look at the appliance, so ten watch as
cheaply as one, and none changes anything. A token that was revoked, deleted or
has expired ends its streams within a second; so does switching the service off.
Read it with fetch: an EventSource cannot send a token.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator

from flask import Response

from appliance import errors
from appliance.access import app_service, tokens_check
from appliance.access.tokens import Token
from appliance.access.tokens_check import Answer
from appliance.errors import N_
from appliance.opened import Opened
from ui.phone import guard, words
from ui.phone.api import now, schemas
from ui.phone.api.now import Seen
from ui.phone.api.operations import Subject
from ui.phone.guard import Denied
from ui.text.catalog import Texts

subject = Subject("stream")
EVERY_S = 1.0
NOTE_EVERY_S = 3600.0  # a use by a stream that runs on
CHECK_S = 0.5  # a token's end is seen twice as often, so that its streams end within the second
MOST = 16  # at once; each keeps a thread of the service
MOST_EACH = 4  # of one token; the oldest ends for a fifth
FULL = N_("Too many streams at once: close one, or ask for /live every few seconds.")
EVENTS = "text/event-stream"


class Watchers:
    """Who watches, and what they saw last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._watching: dict[int, int] = {}  # number of a stream -> its token, oldest first
        self._seen: tuple[float, Seen] | None = None

    def join(self, token_id: int) -> int | None:
        """The number of a new stream; None when there are too many.

        A phone that left the Wi-Fi leaves streams behind: the oldest of a token makes room for its newest.
        """
        with self._lock:
            mine = [number for number, whose in self._watching.items() if whose == token_id]
            for number in mine[: max(0, len(mine) + 1 - MOST_EACH)]:
                del self._watching[number]
            if len(self._watching) >= MOST:
                return None
            number = next(self._numbers)
            self._watching[number] = token_id
            return number

    def watches(self, number: int) -> bool:
        """Tell whether a stream has its place still."""
        return number in self._watching

    def leave(self, number: int) -> None:
        """One less watches."""
        with self._lock:
            self._watching.pop(number, None)

    def look(self, it: Opened) -> Seen:
        """The newest look; a new one when it is as old as the pause between two. Raises StoreError."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > EVERY_S * 0.8:
                self._seen = (time.monotonic(), now.seen(it))
            return self._seen[1]


watchers = Watchers()


@subject.operation(
    "GET", "/stream", needs="read", content=EVENTS, refusals={503: "Too many streams; see Retry-After."},
)  # fmt: skip
def stream() -> Response:
    """Live figures once a second: events 'live' with the object of /live, and 'end' with the reason."""
    it, token, texts = guard.appliance(), guard.token(), words.texts()
    user = now.user_name(it, token)
    number = watchers.join(token.id)
    if number is None:
        refusal = Denied(503, "full", FULL)
        refusal.fields = {"wait_s": 5}
        raise refusal
    answer = Response(_Lines(number, _lines(it, token, user, texts, number)), mimetype=EVENTS)
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class _Lines:
    """The lines of one stream. The server closes it when the other side is gone, begun or not."""

    def __init__(self, number: int, lines: Iterator[bytes]) -> None:
        self._number = number
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def close(self) -> None:
        """Give the place to somebody else."""
        watchers.leave(self._number)


def _lines(it: Opened, token: Token, user: str | None, texts: Texts, number: int) -> Iterator[bytes]:
    schema, due_s, noted_s = schemas.Live(), time.monotonic(), time.monotonic()
    while True:
        answer = _still(it, token)
        if answer is not Answer.VALID:
            yield _event("end", {"error": f"token_{answer}" if answer else "off"})
            return
        if not watchers.watches(number):
            yield _event("end", {"error": "full"})
            return
        if time.monotonic() >= due_s:
            due_s = max(due_s + EVERY_S, time.monotonic())
            try:
                yield _event("live", schema.dump(now.told(watchers.look(it), token, user, texts)))
            except errors.StoreError:
                yield _event("end", {"error": "store"})
                return
        if time.monotonic() - noted_s >= NOTE_EVERY_S:
            tokens_check.note_stream(it, token.id)
            noted_s = time.monotonic()
        time.sleep(max(0.01, min(CHECK_S, due_s - time.monotonic())))


def _still(it: Opened, token: Token) -> Answer | None:
    """The token's worth now; None when the service is off or the store cannot be read."""
    try:
        return tokens_check.still(it, token.id) if app_service.is_on(it.store) else None
    except errors.StoreError:
        return None


def _event(name: str, value: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
