"""The service's processes: a switch of their own, a port refused while it is off, little memory while they wait."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import ssl
import time
from pathlib import Path

import psutil
import pytest

from appliance import clock, faults
from appliance.access import app_service, authority, certificate, tokens, web_window
from appliance.store import settings
from tests.ui.phone.house import ADMIN, Served, eventually, free_port, furnished, token_of
from ui.serving import program

WAITING_BYTES = 15e6


def test_the_switch_opens_and_closes_the_port(served: Served) -> None:  # X-05, reading 16
    served.switch(on=False)
    eventually(served.refused, "the port stays open")
    assert not web_window.state(served.opened.store, served.opened.clock).open
    served.switch(on=True)
    eventually(served.answers, "the port stays closed")
    served.stop()
    eventually(served.refused, "the port stays open after the end")


def test_a_token_works_over_the_network_while_the_web_admin_is_closed(served: Served) -> None:
    _, secret = token_of(served.opened)
    answer = served.ask("/api/v1/live", secret)
    assert answer.status == 200 and answer.json["grid_w"] == 820


def test_it_is_off_in_a_new_appliance() -> None:
    assert settings.describe("service.phone").default is False
    assert settings.describe("service.mdns").default is False
    assert settings.describe("service.phone_port").default == app_service.PORT


def test_the_waiting_process_is_small(served: Served) -> None:
    served.switch(on=False)
    eventually(served.refused, "the port stays open")
    assert served.process is not None
    process = psutil.Process(served.process.pid)
    eventually(lambda: not process.children(), "a child goes on")
    assert process.memory_full_info().uss < WAITING_BYTES


def test_the_programs_never_outlive_the_waiting_process(served: Served) -> None:
    assert served.process is not None
    children = psutil.Process(served.process.pid).children(recursive=True)
    assert children
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait(10)
    eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in children), "one goes on")
    eventually(served.refused, "the port stays open")


def test_a_program_that_died_is_started_again(served: Served) -> None:
    assert served.process is not None
    [child] = psutil.Process(served.process.pid).children()
    child.kill()
    eventually(lambda: not child.is_running() or child.status() == "zombie", "it does not die")
    eventually(served.answers, "nobody starts it again")


def test_a_port_in_use_is_a_fault_that_says_so(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("0.0.0.0", port))
        other.listen()
        served = Served(furnished(tmp_path, clock.SystemClock()), port, tmp_path / "phone.log")
        served.start()
        live = served.opened.live
        eventually(lambda: any(one.source == "phone" for one in faults.active(live)), "no fault")
        assert f"Port {port} is used" in faults.active(live)[0].sentence
    eventually(served.answers, "it does not come back")
    served.stop()


def test_a_fault_of_the_port_ends_with_the_service(tmp_path: Path) -> None:
    served = Served(furnished(tmp_path, clock.SystemClock()), free_port(), tmp_path / "phone.log")
    with socket.socket() as other:
        other.bind(("0.0.0.0", served.port))
        other.listen()
        served.start()
        eventually(lambda: bool(faults.active(served.opened.live)), "no fault")
        served.switch(on=False)
        eventually(lambda: not faults.active(served.opened.live), "the fault outlives the service")
    served.stop()


def test_another_port_in_the_settings_counts_at_once(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    it = furnished(tmp_path, clock.SystemClock())
    settings.put(it.store, it.clock.now(), ADMIN, "service.phone_port", str(first))
    served = Served(it, 0, tmp_path / "phone.log")
    served.start()
    served.port = first
    eventually(served.answers, "the first port does not answer")
    assert app_service.port(it) == first
    settings.put(it.store, it.clock.now(), ADMIN, "service.phone_port", str(second))
    served.port = second
    eventually(served.answers, "the second port does not answer")
    served.port = first
    assert served.refused()
    served.stop()


def seen(served: Served) -> bytes:
    """The certificate a visitor gets, in DER."""
    connection = served.connection()
    connection.connect()
    assert isinstance(connection.sock, ssl.SSLSocket)
    found = connection.sock.getpeercert(binary_form=True)
    connection.close()
    assert found is not None
    return found


def test_visitors_get_the_certificate_whose_fingerprint_is_shown(served: Served) -> None:  # reading 21
    shown = certificate.fingerprint(served.opened.home.tls)
    assert hashlib.sha256(seen(served)).digest().hex(":").upper() == shown


def test_who_installed_the_authority_is_not_warned(served: Served) -> None:
    file = served.opened.home.tls / authority.CERTIFICATE
    context = ssl.create_default_context(cafile=str(file))
    with (
        socket.create_connection(("127.0.0.1", served.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as channel,
    ):
        assert channel.version() == "TLSv1.3"
    offered = served.ask("/authority.crt")
    assert offered.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert ssl.DER_cert_to_PEM_cert(offered.body).strip() == file.read_text().strip()


def test_a_renewed_certificate_is_served_without_a_restart(served: Served) -> None:
    before, home = seen(served), served.opened.home
    certificate.ensure(home.tls, [*program.names(), "192.168.77.77"], served.opened.clock.now())
    eventually(lambda: seen(served) != before, "the old one is served still")
    assert served.answers()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_old_tls_is_refused(served: Served) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        context.wrap_socket(socket.create_connection(("127.0.0.1", served.port))).close()
    except (ssl.SSLError, ConnectionResetError):
        return
    raise AssertionError("TLS 1.1 was accepted")


def test_no_secret_is_in_a_log_an_argument_or_the_store(served: Served) -> None:  # reading 15
    asked = served.ask("/api/v1/token", method="POST", body={"name": "Phone", "installation": "this-installation"}).json
    secret = asked["token"]
    tokens.confirm(served.opened, asked["id"], ADMIN)
    assert served.ask("/api/v1/live", secret).status == 200
    tokens.revoke(served.opened, asked["id"], ADMIN)
    assert served.ask("/api/v1/live", secret).status == 401
    time.sleep(0.1)
    assert served.process is not None
    processes = [psutil.Process(served.process.pid), *psutil.Process(served.process.pid).children(recursive=True)]
    for one in processes:
        assert secret not in " ".join(one.cmdline()) + str(one.environ())
    served.stop()
    found = [
        path for path in (*served.opened.home.root.rglob("*"), *served.opened.home.run.rglob("*"), served.log)
        if path.is_file() and (secret.encode() in path.read_bytes() or secret[3:30].encode() in path.read_bytes())
    ]  # fmt: skip
    assert found == []


def test_what_expired_while_the_service_was_off_is_written_down(served: Served) -> None:
    token, _ = token_of(served.opened, state="pending")
    served.switch(on=False)
    eventually(served.refused, "the port stays open")
    with served.opened.store.write() as db:
        db.execute("UPDATE access_tokens SET pending_until='2026-01-01T00:00:00.000Z' WHERE id=?", (token.id,))
    served.switch(on=True)
    eventually(lambda: tokens.get(served.opened.store, token.id).state == "expired", "it is pending still")
