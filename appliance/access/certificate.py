"""The certificate that browsers and apps see: P-256, signed by the appliance's own authority.

No browser knows that authority beforehand, so the touchscreen shows the
certificate's SHA-256 fingerprint to compare, and who likes may install the
authority (`authority.py`). The certificate is made anew when names or addresses
changed or its end comes near; keys stay. What the authority must not sign, such
as a public address, is left out. No key is in a backup.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import ipaddress
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.access import authority, key_files
from appliance.clock import BUILD_TIME

KEY = "key.pem"
CERTIFICATE = "certificate.pem"  # this one first, then the authority's
LOCK = ".lock"
VALID = timedelta(days=825)  # the longest that every browser family accepts, counted from its beginning
BACKDATED = timedelta(days=30)  # for visitors whose clock is behind
RENEW_BEFORE = timedelta(days=30)
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def ensure(folder: Path, names: Sequence[str], now: datetime) -> bool:
    """Make keys and certificates for `names` (host names, addresses) unless good ones are there; tell whether."""
    now = max(now, BUILD_TIME)  # a clock that is behind must not make a certificate that has expired
    host = next((name for name in names if name != "localhost" and "." not in name and ":" not in name), "")
    with _alone(folder):
        signing_key, signer = authority.ensure(folder, host, now)
        named = {_general_name(name) for name in names}
        wanted = {name for name in named if authority.may_sign(signer, name)}
        if _is_good(folder, signer, wanted, now):
            return False
        key = key_files.ensure(folder / KEY)
        made = _signed(signing_key, signer, key.public_key(), wanted, now)
        pem = serialization.Encoding.PEM
        key_files.write(folder / CERTIFICATE, made.public_bytes(pem) + signer.public_bytes(pem), 0o644)
        return True


def fingerprint(folder: Path) -> str:
    """SHA-256 of the certificate as browsers show it: 'AB:CD:…'; empty while there is none."""
    try:
        text = (folder / CERTIFICATE).read_text("ascii")
    except OSError:
        return ""
    body = text.partition(BEGIN)[2].partition(END)[0]
    return hashlib.sha256(base64.b64decode(body)).digest().hex(":").upper()


def _signed(
    signing_key: ec.EllipticCurvePrivateKey, signer: x509.Certificate, key: ec.EllipticCurvePublicKey,
    names: set[x509.GeneralName], now: datetime,
) -> x509.Certificate:  # fmt: skip
    begins = max(now - BACKDATED, BUILD_TIME)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Wattward")]))
        .issuer_name(signer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + VALID)
        .add_extension(x509.SubjectAlternativeName(sorted(names, key=str)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .sign(signing_key, hashes.SHA256())
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(folder: Path, signer: x509.Certificate, wanted: set[x509.GeneralName], now: datetime) -> bool:
    """Tell whether key and certificate are there, belong together, name all of `wanted` and last."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    key = key_files.load(folder / KEY)
    same_key = key is not None and certificate.public_key() == key.public_key()
    lasts = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE
    return same_key and lasts and authority.has_signed(signer, certificate) and wanted <= set(named)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two services that start together make one certificate, not two halves."""
    descriptor = os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT, 0o660)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
