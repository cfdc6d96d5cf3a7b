"""Serving programs end on time, never outlive the process that waits, and stalled visitors lose their connection."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from appliance import clock
from appliance.access import certificate
from appliance.config import Home
from appliance.errors import Refused
from ui.serving import child, listener, patience


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def stubborn() -> Iterator[child.Child]:
    """A program that ignores what it is asked."""
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    it = child.Child(["-c", script], dict(os.environ))
    yield it
    it.kill()
    eventually(it.has_ended)


def test_a_program_that_does_not_end_is_killed_after_its_grace(
    stubborn: child.Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventually(lambda: psutil.Process(stubborn.pid).status() == psutil.STATUS_SLEEPING)
    monkeypatch.setattr(child, "GRACE_S", 0.3)
    assert not stubborn.press()
    stubborn.ask_to_end()
    eventually(stubborn.press)
    assert stubborn.has_ended()


def test_a_program_dies_with_its_parent() -> None:
    """The kernel sees to it, so it holds for SIGKILL, too."""
    inner = (
        "from ui.serving import parent; parent.arguments('x'); print('there', flush=True); import time; time.sleep(60)"
    )
    outer = (
        "import os, sys, subprocess\n"
        f"inner = subprocess.Popen([sys.executable, '-c', {inner!r}, '--home', '/', '--parent', str(os.getpid())],"
        " stdout=subprocess.PIPE)\n"
        "inner.stdout.readline()\nprint(inner.pid, flush=True)\ninner.wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    number = int(process.stdout.readline())
    process.kill()
    process.wait(10)
    eventually(lambda: not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE)
    process.stdout.close()


def test_a_program_whose_parent_is_gone_already_ends_at_once() -> None:
    script = "from ui.serving import parent; parent.die_with(1)"
    assert subprocess.run([sys.executable, "-c", script], timeout=20, check=False).returncode == 1


def test_a_closed_port_refuses_even_while_somebody_else_holds_the_socket() -> None:
    sockets = listener.bind(0)
    port = sockets[0].getsockname()[1]
    held = [one.dup() for one in sockets]
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    listener.close(sockets)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    for one in held:
        one.close()


def test_a_port_in_use_is_refused_with_its_number() -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} is used"):
            listener.bind(port)


def test_who_says_nothing_loses_the_connection_and_not_our_thread(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENT_S", 0.3)
    certificate.ensure(home.tls, ["localhost"], clock.SystemClock().now())
    context = patience.context(str(home.tls / certificate.CERTIFICATE), str(home.tls / certificate.KEY))
    ours, theirs = socket.socketpair()
    caught: list[OSError] = []

    def answer() -> None:
        try:
            ours.setblocking(True)
            context.wrap_socket(ours, server_side=True, do_handshake_on_connect=False).do_handshake()
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=answer)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert isinstance(caught[0], ConnectionResetError | TimeoutError | ssl.SSLError)
    theirs.close()
    ours.close()
