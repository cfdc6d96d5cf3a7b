"""One answer is made after the other, as long as that takes no time.

Python lets one thread run at a time, and threads that fight for it at every
look into the store take twice as long for each answer. So they queue. Who
waits for a slow one (an upload, a password, a year of history) goes on beside it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_S = 0.05  # several usual answers


class InTurn:
    """A WSGI app around another one."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._turn = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, after those before. What is streamed after the answer began is in nobody's way."""
        mine = self._turn.acquire(timeout=PATIENCE_S)
        try:
            return self._app(environ, start_response)
        finally:
            if mine:
                self._turn.release()
