"""The certificate follows the appliance's addresses while a service runs."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from cryptography import x509

from appliance import clock
from appliance.access import certificate, key_files
from appliance.config import Home
from ui.serving import program, renewal


def named(home: Home) -> list[str]:
    """The addresses in the certificate."""
    found = x509.load_pem_x509_certificate((home.tls / certificate.CERTIFICATE).read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(one) for one in names.get_values_for_type(x509.IPAddress)]


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_address_is_in_the_certificate_soon(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["192.168.1.20"]
    monkeypatch.setattr(program, "names", lambda: ["localhost", *addresses])
    monkeypatch.setattr(renewal, "LOOK_S", 0.01)
    when = clock.SystemClock()
    assert renewal.renew(home, when)
    assert renewal.keep(home, when).daemon
    assert named(home) == ["192.168.1.20"]
    addresses.append("10.0.0.7")
    eventually(lambda: named(home) == ["10.0.0.7", "192.168.1.20"] or set(named(home)) == set(addresses))


def test_a_card_that_cannot_be_written_ends_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    addresses, full = ["192.168.1.20"], [True]

    def renew(_home: Home, _when: clock.Clock) -> bool:
        if full[0]:
            raise OSError(28, "No space left on device")
        return real(home, _when)

    real = renewal.renew
    monkeypatch.setattr(program, "names", lambda: ["localhost", *addresses])
    monkeypatch.setattr(renewal, "LOOK_S", 0.01)
    real(home, clock.SystemClock())
    monkeypatch.setattr(renewal, "renew", renew)
    thread = renewal.keep(home, clock.SystemClock())
    addresses.append("10.0.0.7")
    eventually(lambda: "cannot be renewed" in caplog.text)
    assert thread.is_alive() and named(home) == ["192.168.1.20"]
    full[0] = False
    eventually(lambda: set(named(home)) == set(addresses))


def test_a_service_starts_with_the_old_certificate_on_a_full_card(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    addresses, write = ["192.168.1.20"], key_files.write
    monkeypatch.setattr(program, "names", lambda: ["localhost", *addresses])
    monkeypatch.setattr(renewal, "LOOK_S", 0.01)
    monkeypatch.setattr(key_files, "write", refuse)
    with pytest.raises(OSError, match="No space"):
        renewal.begin(home, clock.SystemClock())  # there is none to serve with
    monkeypatch.setattr(key_files, "write", write)
    renewal.begin(home, clock.SystemClock())
    addresses.append("10.0.0.7")  # while it was off
    monkeypatch.setattr(key_files, "write", refuse)
    renewal.begin(home, clock.SystemClock())
    assert named(home) == ["192.168.1.20"] and "cannot be renewed" in caplog.text
    monkeypatch.setattr(key_files, "write", write)
    renewal.keep(home, clock.SystemClock())
    eventually(lambda: set(named(home)) == set(addresses))


def test_what_browsers_may_call_it_holds_its_addresses_and_both_names() -> None:
    names = program.names()
    assert {"localhost", "wattward.local", "127.0.0.1", "::1"} <= set(names)
    assert len(names) == len(set(names))
