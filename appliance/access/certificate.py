"""The certificate of this appliance: made here, self-signed, P-256.

A browser cannot know it beforehand, so the touchscreen shows its SHA-256
fingerprint to compare. It is made anew when the appliance's names or addresses
changed or its end comes near; the key stays. Whoever gets hold of a backup
does not get this key: it is in none.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.clock import BUILD_TIME

KEY = "key.pem"
CERTIFICATE = "certificate.pem"
VALID = timedelta(days=825)  # the longest that every browser family accepts
RENEW_BEFORE = timedelta(days=30)
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def ensure(folder: Path, names: Sequence[str], now: datetime) -> None:
    """Make key and certificate for `names` (host names and addresses) unless good ones are there."""
    now = max(now, BUILD_TIME)  # a clock that is behind must not make a certificate that has expired
    wanted = {_general_name(name) for name in names}
    if _is_good(folder, wanted, now):
        return
    key = _key(folder)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Wattward")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BUILD_TIME)
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(sorted(wanted, key=str)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def fingerprint(folder: Path) -> str:
    """SHA-256 of the certificate as browsers show it: 'AB:CD:…'; empty while there is none."""
    try:
        text = (folder / CERTIFICATE).read_text("ascii")
    except OSError:
        return ""
    body = text.partition(BEGIN)[2].partition(END)[0]
    return hashlib.sha256(base64.b64decode(body)).digest().hex(":").upper()


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(folder: Path, wanted: set[x509.GeneralName], now: datetime) -> bool:
    """Tell whether key and certificate are there, belong together, name all of `wanted` and last."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    same_key = certificate.public_key() == key.public_key()
    lasts = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE
    return same_key and lasts and wanted <= set(named)


def _key(folder: Path) -> ec.EllipticCurvePrivateKey:
    """The key that is there, or a new one."""
    try:
        found = serialization.load_pem_private_key((folder / KEY).read_bytes(), None)
        if isinstance(found, ec.EllipticCurvePrivateKey):
            return found
    except (OSError, ValueError, UnsupportedAlgorithm):
        pass
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(folder / KEY, pem, 0o640)
    return key


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put a file in place, whole or not at all."""
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
