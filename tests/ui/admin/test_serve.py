"""The port is open exactly as long as the window, whatever the serving program, its visitors or the machine do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from appliance import audit, faults, heartbeat
from appliance.access import certificate, web_window
from appliance.errors import Refused
from appliance.network import addresses
from appliance.store.database import Store
from tests.ui.admin.conftest import Served, eventually, free_port
from ui.admin import serve
from ui.serving import listener, waiting

HEAVY = ("flask", "asyncio", "cryptography", "gunicorn", "argon2", "jinja2", "ssl", "ui.admin.app", "ui.admin.web")


def children(served: Served) -> list[psutil.Process]:
    """The serving program and its worker."""
    assert served.process is not None
    return psutil.Process(served.process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def close(served: Served) -> None:
    web_window.close(served.opened.store, served.opened.clock, audit.TOUCH)


def test_waiting_loads_neither_flask_nor_asyncio_nor_cryptography() -> None:
    program = "import json, sys, ui.admin.serve; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout)
    assert "ui.admin.serve" in loaded
    assert not set(HEAVY) & set(loaded)


def test_the_port_refuses_until_it_is_enabled_and_again_when_it_is_closed(served: Served) -> None:  # A003-18, A003-19
    assert served.refused()
    served.enable()
    assert not served.refused()
    running = children(served)
    close(served)
    eventually(served.refused, "the port still accepts connections")
    eventually(lambda: gone(running), "the serving program still runs")


def test_it_serves_ipv6_too(served: Served) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    served.enable()
    assert not served.refused("::1")
    close(served)
    eventually(lambda: served.refused("::1"), "the IPv6 port still accepts connections")


def test_it_is_served_with_the_certificate_whose_fingerprint_the_touchscreen_shows(served: Served) -> None:
    served.enable()  # reading 21
    with served.channel() as channel:
        der = channel.getpeercert(binary_form=True)
        version = channel.version()
    import hashlib

    assert der is not None
    assert hashlib.sha256(der).digest().hex(":").upper() == certificate.fingerprint(served.opened.home.tls)
    assert version in ("TLSv1.2", "TLSv1.3")


def test_after_ten_minutes_the_port_refuses_although_the_program_is_stopped(hurried: Served) -> None:  # A003-21
    hurried.enable()
    running = children(hurried)
    assert len(running) == 2
    for process in running:
        process.send_signal(signal.SIGSTOP)
    assert web_window.state(hurried.opened.store, hurried.opened.clock).open
    eventually(hurried.refused, "a stopped program keeps the port open")
    assert not web_window.state(hurried.opened.store, hurried.opened.clock).open
    eventually(lambda: gone(running), "a stopped program outlives its window")


def test_after_ten_minutes_requests_on_an_open_connection_get_nothing(hurried: Served) -> None:  # A003-21
    hurried.enable()
    ask = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers: list[bytes] = []
    with hurried.channel() as channel:

        def ended() -> bool:
            try:
                channel.sendall(ask)
                answers.append(channel.recv(65536))
            except OSError:
                return True
            return not answers[-1]

        eventually(ended, "a kept connection outlives the window")
    assert answers[0].startswith(b"HTTP/1.1 200")
    assert hurried.refused()


def test_the_address_everybody_shows_has_the_port_it_was_started_with(served: Served) -> None:  # A003-22
    assert addresses.web_port(served.opened) == served.port


def test_enabling_again_in_time_goes_on_with_the_same_program(served: Served) -> None:  # A003-22
    served.enable()
    before = [one.pid for one in children(served)]
    web_window.enable(served.opened.store, served.opened.clock, audit.TOUCH)
    assert served.answers()
    assert [one.pid for one in children(served)] == before


def test_twenty_connections_that_say_nothing_keep_nobody_waiting(served: Served) -> None:
    served.enable()
    silent = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    assert served.answers()
    for one in silent:
        one.close()


@pytest.mark.slow
def test_handshakes_that_stall_are_given_up_and_do_not_use_up_the_threads(served: Served) -> None:
    served.enable()
    stalled = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(70)]
    for one in stalled:
        one.sendall(b"\x16")  # the first byte of a handshake that never comes
    eventually(served.answers, "stalled handshakes keep everybody out")
    for one in stalled:
        one.close()


def test_an_occupied_port_is_a_fault_with_a_sentence_until_it_is_free(served: Served) -> None:
    occupant = socket.socket()
    occupant.bind(("127.0.0.1", served.port))
    occupant.listen()
    web_window.enable(served.opened.store, served.opened.clock, audit.TOUCH)
    live = served.opened.live
    eventually(lambda: bool(faults.active(live)), "there is no fault")
    (fault,) = faults.active(live)
    assert (fault.source, fault.code) == ("web", "port")
    assert f"Port {served.port} is used by another program" in fault.sentence
    occupant.close()
    eventually(served.answers, "the free port is not taken")
    eventually(lambda: not faults.active(live), "the fault stays")


def test_when_the_waiting_process_is_killed_the_port_closes_with_it(served: Served) -> None:
    served.enable()
    running = children(served)
    assert served.process is not None
    served.process.kill()
    served.process.wait()
    eventually(served.refused, "the port outlives the process that owns the window")
    eventually(lambda: gone(running), "the serving program outlives the process that owns the window")


def test_a_serving_program_that_dies_is_started_again_within_the_window(served: Served) -> None:
    served.enable()
    first = children(served)
    os.killpg(first[0].pid, signal.SIGKILL)
    eventually(lambda: gone(first), "it does not die")
    eventually(served.answers, "it is not started again")


def test_a_restart_of_the_waiting_process_goes_on_with_the_window(served: Served) -> None:
    served.enable()
    served.stop()
    assert served.refused()
    served.start()
    eventually(served.answers, "the window is forgotten")


def test_sigterm_ends_it_cleanly(served: Served) -> None:
    served.enable()
    running = children(served)
    served.stop()
    assert served.process is not None
    assert served.process.returncode == 0
    assert served.refused()
    assert gone(running)
    assert not (served.opened.home.bells / "admin").exists()


def test_it_gives_signs_of_life_and_introduces_itself_again_when_the_live_file_is_new(served: Served) -> None:
    from appliance.store import live as live_file

    opened = served.opened
    eventually(lambda: "admin" in heartbeat.beats(opened.live, opened.clock), "no heartbeat")
    assert served.process is not None
    assert heartbeat.beats(opened.live, opened.clock)["admin"].pid == served.process.pid
    opened.home.live_db.unlink()
    live_file.make(opened.home.live_db, "another boot")
    eventually(lambda: "admin" in heartbeat.beats(opened.live, opened.clock), "no heartbeat in the new file")


def test_the_service_manager_hears_that_it_is_ready_and_alive(served: Served, tmp_path: Path) -> None:
    served.stop()
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(20)
        served.environment["NOTIFY_SOCKET"] = str(address)
        served.start()
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
        served.stop()
        said = set()
        while b"STOPPING=1" not in said:
            said.add(manager.recv(100))


def test_without_a_readable_store_the_port_is_closed(served: Served) -> None:  # ASVS 16.5.3: never fail open
    served.enable()
    store = served.opened.home.store_db
    served.opened.store.close()
    store.rename(store.with_name("away.db"))
    eventually(served.refused, "the port stays open without a store")
    store.with_name("away.db").rename(store)
    eventually(served.answers, "the window does not come back with its store")


def test_it_waits_for_a_home_that_the_core_has_not_made_yet(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.admin", "--home", str(tmp_path / "home")],
        env=os.environ | {"WATTWARD_RUN": str(tmp_path / "run")},
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    process.kill()
    process.wait()


def test_a_wrong_option_ends_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--door", "1"], ["--port"], ["--port", "x"]):
        assert serve.main(words) == 2
        assert "usage" in capsys.readouterr().err


def test_a_port_that_needs_rights_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_self: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", forbidden)
    with pytest.raises(Refused, match="needs a right"):
        listener.bind(443)


def test_closing_a_port_refuses_even_while_somebody_else_holds_it() -> None:
    port = free_port()
    sockets = listener.bind(port)
    held = [socket.socket(fileno=os.dup(one.fileno())) for one in sockets]
    socket.create_connection(("127.0.0.1", port)).close()
    listener.close(sockets)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    listener.close(listener.bind(port))  # and can be opened again at once
    for one in held:
        with contextlib.suppress(OSError):
            one.close()


def test_the_look_comes_no_later_than_the_end(served: Served) -> None:
    served.stop()
    opened = served.opened
    server = serve.Server(opened.home, opened.clock, served.port)
    assert server.step() == waiting.LOOK_S
    web_window.enable(opened.store, opened.clock, audit.TOUCH)
    with Store(opened.home.store_db).write() as db:
        db.execute("UPDATE web_window SET open_until_s=?", (opened.clock.boottime_s() + 0.3,))
    assert 0 < server.step() <= 0.3
    server.leave()
    assert served.refused()


def test_each_enable_is_noted_for_the_firewall_with_its_port_and_time(served: Served) -> None:  # A003-21, -22
    note = served.opened.home.run / web_window.FIREWALL
    assert not note.exists()
    served.enable()
    assert note.read_text() == f"{served.port} 600\n"
    note.unlink()
    web_window.enable(served.opened.store, served.opened.clock, audit.TOUCH)
    eventually(note.exists, "the second Enable is not noted")
    assert note.read_text() == f"{served.port} 600\n"


def test_the_core_can_see_whose_port_it_is(served: Served) -> None:
    mark = served.opened.home.run / web_window.SERVING
    served.enable()
    assert mark.exists()
    close(served)
    eventually(lambda: not mark.exists(), "the mark outlives the port")


def test_each_opening_has_a_program_of_its_own(served: Served) -> None:
    """Also when it is closed and enabled before anybody looked: sessions and forms of the old one are worth nothing."""
    served.enable()
    first = {one.pid for one in children(served)}
    with served.opened.store.write() as db:
        db.execute("UPDATE web_window SET opening=opening+1")
    eventually(
        lambda: bool(children(served)) and not first & {one.pid for one in children(served)}, "the old one stays"
    )
    eventually(served.answers, "the new one does not answer")


def test_a_fault_of_the_port_ends_with_the_window(served: Served) -> None:
    with socket.socket() as occupant:
        occupant.bind(("127.0.0.1", served.port))
        occupant.listen()
        web_window.enable(served.opened.store, served.opened.clock, audit.TOUCH)
        eventually(lambda: bool(faults.active(served.opened.live)), "there is no fault")
        close(served)
        eventually(lambda: not faults.active(served.opened.live), "the fault outlives the window")
