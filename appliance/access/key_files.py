"""Files of keys and certificates: P-256, put in place whole or not at all, keys readable by our group only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def ensure(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key that is there, or a new one."""
    found = load(path)
    if found is not None:
        return found
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write(path, pem, 0o640)
    return key


def load(path: Path) -> ec.EllipticCurvePrivateKey | None:
    """The key that is there; None for none, a damaged one, or another kind."""
    try:
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, ec.EllipticCurvePrivateKey) else None


def write(path: Path, content: bytes, mode: int) -> None:
    """Put a file in place, whole or not at all."""
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(path)
