"""Answers are made one after the other; a slow one keeps nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from tests.patience import PATIENCE_S
from ui.serving import turns
from ui.serving.turns import InTurn

LONG_S = 10 * PATIENCE_S
CLIENTS, EACH = 8, 25


def app(answer: Callable[[str], bytes]) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """What answers with bytes by the path asked for."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        body = answer(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    return serve


def ask(served: InTurn, path: str = "/") -> bytes:
    body, _, _ = run_wsgi_app(served, EnvironBuilder(path).get_environ(), buffered=True)
    return b"".join(body)


def test_quick_answers_are_made_one_at_a_time_and_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG_S)
    at_work: list[str] = []
    most: list[int] = []

    def answer(path: str) -> bytes:
        at_work.append(path)
        threading.Event().wait(0.0005)  # as a look into the store lets the others run
        most.append(len(at_work))
        at_work.remove(path)
        return path.encode()

    served = InTurn(app(answer))
    paths = [f"/{n}" for n in range(CLIENTS * EACH)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        assert list(clients.map(lambda path: ask(served, path), paths)) == [path.encode() for path in paths]
    assert set(most) == {1}


def test_a_slow_answer_keeps_nobody_waiting_for_it() -> None:
    begun, over = threading.Event(), threading.Event()

    def answer(path: str) -> bytes:
        if path == "/slow":
            begun.set()
            over.wait(LONG_S)
        return path.encode()

    served = InTurn(app(answer))
    with ThreadPoolExecutor(2) as clients:
        slow = clients.submit(ask, served, "/slow")
        assert begun.wait(PATIENCE_S)
        quick = [clients.submit(ask, served, f"/{n}").result(PATIENCE_S) for n in range(3)]
        assert quick == [b"/0", b"/1", b"/2"] and not slow.done()
        over.set()
        assert slow.result(PATIENCE_S) == b"/slow"


def test_an_answer_that_fails_gives_its_turn_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG_S)

    def answer(path: str) -> bytes:
        if path == "/broken":
            raise LookupError(path)
        return b"well"

    served = InTurn(app(answer))
    with pytest.raises(LookupError):
        ask(served, "/broken")
    with ThreadPoolExecutor(1) as clients:
        assert clients.submit(ask, served).result(PATIENCE_S) == b"well"


def test_what_is_streamed_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_S", LONG_S)
    over = threading.Event()

    def stream() -> Iterable[bytes]:
        yield b"first"
        over.wait(LONG_S)
        yield b"last"

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        start_response("200 OK", [("Content-Type", "text/plain")])
        return stream() if environ["PATH_INFO"] == "/stream" else [b"well"]

    served = InTurn(serve)
    parts = iter(Client(served).get("/stream").response)
    assert next(parts) == b"first"
    with ThreadPoolExecutor(1) as clients:
        assert clients.submit(ask, served).result(PATIENCE_S) == b"well"
    over.set()
    assert list(parts) == [b"last"]
