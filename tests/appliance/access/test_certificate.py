"""The certificate is right for the names it was asked for, lasts, and is shown as browsers show it."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.access import certificate
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
