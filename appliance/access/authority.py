"""The appliance's own certificate authority: made here, and good for this household only.

Who wants no warning in the browser puts its certificate into the phone's or
computer's store. So that this gives nobody power over other sites, it may sign
names and addresses of a local network only, and browsers hold it to that. Its
key is in no backup and never leaves the appliance.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.access import key_files, local_peers
from appliance.clock import BUILD_TIME

KEY = "authority-key.pem"
CERTIFICATE = "authority.pem"
VALID = timedelta(days=20 * 366)  # longer than the appliance hangs on the wall
RENEW_BEFORE = timedelta(days=2 * 366)  # longer than what it signs lasts, so that nothing outlives it
LOCAL_NAMES = ("localhost", "local", "lan", "home.arpa", "internal", "fritz.box")  # RFC 6761, 6762, 8375; routers


def ensure(folder: Path, host: str, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The authority that is there, or a new one. `host` is this machine's bare name, which it may sign, too."""
    key = key_files.ensure(folder / KEY)
    found = load(folder)
    if found is not None and found.public_key() == key.public_key() and found.not_valid_after_utc - RENEW_BEFORE > now:
        return key, found
    names = [*LOCAL_NAMES, *([host] if host and "." not in host else [])]
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Wattward"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "This home"),
        ]
    )
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys(names)]
    permitted += [x509.IPAddress(network) for network in local_peers.LOCAL]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BUILD_TIME)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_files.write(folder / CERTIFICATE, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return key, made


def load(folder: Path) -> x509.Certificate | None:
    """The authority's certificate; None while there is no sound one."""
    try:
        return x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None


def may_sign(authority: x509.Certificate, name: x509.GeneralName) -> bool:
    """Tell whether a name or address lies within what the authority is limited to."""
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if isinstance(name, x509.IPAddress):
        networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
        return any(
            isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network) and name.value in network
            for network in networks
        )
    domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    return any(name.value == domain or str(name.value).endswith(f".{domain}") for domain in domains)


def has_signed(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is this authority's."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
