"""The device key: 256 random bits beside the database, never in it.

With a copy of the store alone nobody learns a PIN: codes are found by a keyed
hash and kept sealed, both with keys derived from this one. It is made once by
the core and travels only inside the encrypted payload of a backup.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.errors import N_, Refused

NAME = "device.key"
KEY_BYTES = 32
NONCE_BYTES = 12  # AES-GCM's own size


class DeviceKey:
    """Keyed hashes and sealing. `purpose` separates uses: one purpose's values mean nothing to another."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise Refused(N_("The device key is damaged: restore a backup, which carries it."))
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """A 256-bit key for one purpose."""
        return hmac.digest(self._secret, b"wattward/1/" + purpose.encode(), hashlib.sha256)

    def keyed_hash(self, purpose: str, text: str) -> bytes:
        """HMAC-SHA-256: equal texts give equal hashes, which nobody without the key can try out."""
        return hmac.digest(self.derive(purpose), text.encode(), hashlib.sha256)

    def seal(self, purpose: str, text: str, *, bound_to: str) -> bytes:
        """Encrypt and authenticate (AES-256-GCM); only `unseal` with the same purpose and `bound_to` opens it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.derive(purpose)).encrypt(nonce, text.encode(), bound_to.encode())

    def unseal(self, purpose: str, sealed: bytes, *, bound_to: str) -> str:
        """Inverse of `seal`. Raises Refused when key, purpose or row do not match."""
        try:
            plain = AESGCM(self.derive(purpose)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise Refused(N_("This code was sealed by another appliance: enter it again.")) from error
        return plain.decode()

    def export(self) -> bytes:
        """The secret itself, for the encrypted payload of a backup only."""
        return self._secret


def load(folder: Path) -> DeviceKey:
    """The key of this appliance. Raises Refused when there is none or it cannot be read."""
    try:
        return DeviceKey((folder / NAME).read_bytes())
    except OSError as error:
        raise Refused(
            N_("The device key {file} cannot be read: start the core once, or check the group of this user."),
            file=folder / NAME,
        ) from error


def make(folder: Path) -> DeviceKey:
    """The key of this appliance, made now if there is none. Core only."""
    path = folder / NAME
    if not path.exists():
        write(folder, secrets.token_bytes(KEY_BYTES))
    return load(folder)


def write(folder: Path, secret: bytes) -> None:
    """Put a key in place, whole or not at all (making it, or restoring a backup's)."""
    staged = folder / f".{NAME}.new"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(folder / NAME)
