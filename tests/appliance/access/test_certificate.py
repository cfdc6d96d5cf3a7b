"""The certificate is right for the names it was asked for, lasts, and is shown as browsers show it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.access import authority, certificate, key_files
from appliance.config import Home

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NAMES = ["localhost", "192.168.1.20", "fd00::2"]


def read(home: Home) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home.tls / certificate.CERTIFICATE).read_bytes())


def test_it_names_host_and_addresses_and_has_a_p256_key(home: Home) -> None:  # A003-20, reading 21
    certificate.ensure(home.tls, NAMES, NOW)
    made = read(home)
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    san = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.DNSName) == ["localhost"]
    assert {str(one) for one in san.get_values_for_type(x509.IPAddress)} == {"192.168.1.20", "fd00::2"}


def test_the_fingerprint_is_the_one_a_browser_computes(home: Home) -> None:
    assert certificate.fingerprint(home.tls) == ""
    certificate.ensure(home.tls, NAMES, NOW)
    shown = certificate.fingerprint(home.tls)
    assert shown == read(home).fingerprint(hashes.SHA256()).hex(":").upper()
    assert len(shown) == 95


def test_a_tls_server_accepts_the_files(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.tls / certificate.CERTIFICATE, home.tls / certificate.KEY)
    assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}


def test_it_stays_while_it_is_good(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    before = certificate.fingerprint(home.tls)
    certificate.ensure(home.tls, NAMES[:2], NOW + timedelta(days=700))
    assert certificate.fingerprint(home.tls) == before


def test_a_new_address_or_a_near_end_makes_a_new_one_with_the_same_key(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    first = read(home)
    certificate.ensure(home.tls, [*NAMES, "192.168.1.77"], NOW)
    second = read(home)
    certificate.ensure(home.tls, [*NAMES, "192.168.1.77"], NOW + timedelta(days=800))
    third = read(home)
    assert len({one.serial_number for one in (first, second, third)}) == 3
    assert first.public_key() == second.public_key() == third.public_key()


def test_a_clock_that_is_years_behind_still_makes_one_that_is_valid_today(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, datetime(1970, 1, 1, tzinfo=UTC))
    assert read(home).not_valid_before_utc < NOW < read(home).not_valid_after_utc


def test_damaged_files_are_replaced(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    (home.tls / certificate.KEY).write_text("damaged")
    certificate.ensure(home.tls, NAMES, NOW)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.tls / certificate.CERTIFICATE, home.tls / certificate.KEY)
    assert certificate.fingerprint(home.tls)


def test_others_cannot_read_the_key(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    assert stat.S_IMODE((home.tls / certificate.KEY).stat().st_mode) & 0o007 == 0


def test_a_public_address_is_left_out_and_changes_nothing(home: Home) -> None:
    certificate.ensure(home.tls, [*NAMES, "2001:db8::7", "8.8.8.8", "wattward.example.com"], NOW)
    before = read(home)
    san = before.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(one) for one in san.get_values_for_type(x509.IPAddress)} == {"192.168.1.20", "fd00::2"}
    assert not certificate.ensure(home.tls, [*NAMES, "2001:db8::8"], NOW), "a new public address makes no new one"


def test_who_trusts_the_authority_trusts_the_certificate(home: Home) -> None:
    certificate.ensure(home.tls, [*NAMES, "watt-1", "watt-1.local"], NOW)
    for name in ("192.168.1.20", "localhost", "watt-1", "watt-1.local"):
        shaken_hands(home, name, home)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shaken_hands(home, "192.168.1.99", home)


def test_another_appliance_is_not_trusted(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other", tmp_path / "other-run")
    other.make()
    for one in (home, other):
        certificate.ensure(one.tls, NAMES, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken_hands(other, "localhost", home)


def test_the_authority_has_no_power_over_other_sites(home: Home) -> None:
    """Even whoever steals its key cannot pass for a bank."""
    certificate.ensure(home.tls, NAMES, NOW)
    key, signer = authority.ensure(home.tls, "", NOW)
    bank = {certificate._general_name("bank.example.com")}
    forged = certificate._signed(key, signer, key_files.ensure(home.tls / certificate.KEY).public_key(), bank, NOW)
    pem = serialization.Encoding.PEM
    (home.tls / certificate.CERTIFICATE).write_bytes(forged.public_bytes(pem) + signer.public_bytes(pem))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shaken_hands(home, "bank.example.com", home)


def test_the_authority_stays_when_the_certificate_is_renewed_and_ends_later(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    first = authority.load(home.tls)
    assert first is not None
    for years in (3, 6, 9, 12):
        when = NOW + timedelta(days=366 * years)
        assert certificate.ensure(home.tls, NAMES, when)
        signer = authority.load(home.tls)
        assert signer == first
        assert read(home).not_valid_after_utc < first.not_valid_after_utc
    certificate.ensure(home.tls, NAMES, NOW + timedelta(days=366 * 19))
    renewed = authority.load(home.tls)
    assert renewed is not None and renewed != first and renewed.public_key() == first.public_key()


def test_many_services_that_start_together_make_one_certificate(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: certificate.ensure(home.tls, NAMES, NOW), range(8)))
    assert made.count(True) == 1
    shaken_hands(home, "localhost", home)


def test_others_cannot_read_the_key_of_the_authority(home: Home) -> None:
    certificate.ensure(home.tls, NAMES, NOW)
    assert stat.S_IMODE((home.tls / authority.KEY).stat().st_mode) & 0o007 == 0


def shaken_hands(server: Home, name: str, trusted: Home) -> None:
    """Do a real TLS handshake with a client that trusts one appliance's authority. Raises SSLError."""
    ours, theirs = socket.socketpair()
    at_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    at_server.load_cert_chain(server.tls / certificate.CERTIFICATE, server.tls / certificate.KEY)

    def answer() -> None:
        with contextlib.suppress(OSError), at_server.wrap_socket(theirs, server_side=True):
            pass

    thread = threading.Thread(target=answer)
    thread.start()
    client = ssl.create_default_context(cafile=str(trusted.tls / authority.CERTIFICATE))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with client.wrap_socket(ours, server_hostname=name):
            pass
    finally:
        ours.close()
        thread.join(10)
