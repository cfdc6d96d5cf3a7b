"""The key of the backups: an age X25519 identity, and its recovery code for paper.

The core makes it once (`keys/backup.key`, the format of age's own programs).
The recovery code is the secret half in blocks; it is shown until a person
confirms to have written it down, later only when asked for again, which is
audited. With the code and any age program a backup opens without Wattward.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

import pyrage  # type: ignore[import-untyped]  # ships no types; imported only here

from appliance import audit, clock
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store.database import Store

NAME = "backup.key"
PREFIX = "AGE-SECRET-KEY-1"
BLOCK = 4  # letters of the recovery code that are read out at a time


class WrongKey(BadInput):
    """The backup was made with another key: the recovery code of that time is needed."""


class Unreadable(BadInput):
    """Not an age file, or cut off, or changed by a single bit."""


class Readable(Protocol):
    """Where encrypting and decrypting read from."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """Where encrypting and decrypting write to."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


class Key:
    """One identity. It never prints its secret by accident."""

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        self._identity = identity
        self.public = str(identity.to_public())

    def encrypt(self, plain: Readable, sealed: Writable) -> None:
        """Encrypt and authenticate a stream. Raises OSError: what reading or writing raises arrives as one."""
        try:
            pyrage.encrypt_io(plain, sealed, [self._identity.to_public()])
        except pyrage.EncryptError as error:
            raise OSError(str(error)) from error

    def decrypt(self, sealed: Readable, plain: Writable) -> None:
        """Decrypt a stream; `plain` gets authenticated chunks. Raises WrongKey at once, Unreadable."""
        try:
            pyrage.decrypt_io(sealed, plain, [self._identity])
        except pyrage.DecryptError as error:
            if "No matching keys" in str(error):
                raise WrongKey(
                    N_("This backup was made with another key: give the recovery code from that time with --code."),
                    field="code",
                ) from error
            raise Unreadable(N_("This is not a backup of Wattward, or it is damaged."), field="file") from error
        except OSError as error:  # age says so for a cut or changed file
            raise Unreadable(N_("The backup is cut off or damaged: use another one."), field="file") from error

    def secret(self) -> str:
        """The secret half as age writes it."""
        return str(self._identity)

    @property
    def recovery_code(self) -> str:
        """The secret half in blocks, to be written down. Any age program takes it after AGE-SECRET-KEY-1, unblocked."""
        letters = self.secret().removeprefix(PREFIX)
        return " ".join(letters[start : start + BLOCK] for start in range(0, len(letters), BLOCK))


def from_code(typed: str) -> Key:
    """The key behind a recovery code, with or without blanks, dashes and prefix. Raises BadInput (its checksum)."""
    letters = re.sub(r"[\s-]", "", typed).upper().removeprefix(PREFIX.replace("-", ""))
    try:
        return Key(pyrage.x25519.Identity.from_str(PREFIX + letters))
    except pyrage.IdentityError as error:
        raise BadInput(
            N_("This is not a recovery code, or a letter is wrong: it has 58 letters and digits in blocks of four."),
            field="code",
        ) from error


def load(folder: Path) -> Key:
    """The key of this appliance. Raises Refused when there is none or it cannot be read."""
    try:
        lines = (folder / NAME).read_text("ascii").split()
        return from_code(next(line for line in lines if line.startswith(PREFIX)))
    except (OSError, UnicodeDecodeError, StopIteration, BadInput) as error:
        raise Refused(
            N_("The backup key {file} cannot be read: start the core once, or check the group of this user."),
            file=folder / NAME,
        ) from error


def make(folder: Path) -> Key:
    """The key of this appliance, made now if there is none. Core only."""
    if not (folder / NAME).exists():
        write(folder, Key(pyrage.x25519.Identity.generate()))
    return load(folder)


def write(folder: Path, key: Key) -> None:
    """Put a key in place, whole or not at all (making it, or going on with a restored one)."""
    staged = folder / f".{NAME}.new"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# public key: {key.public}\n{key.secret()}\n")
        file.flush()
        os.fsync(file.fileno())
    staged.replace(folder / NAME)


def confirmed(store: Store, key: Key) -> bool:
    """Tell whether a person confirmed to have written this key's recovery code down."""
    with store.read() as db:
        return db.execute("SELECT 1 FROM backup_keys WHERE public_key=?", (key.public,)).fetchone() is not None


def confirm(opened: Opened, actor: audit.Actor) -> bool:
    """A person has the recovery code on paper; tell whether that is news."""
    key, now = load(opened.home.keys), opened.clock.now()
    with opened.store.write() as db:
        db.execute(
            "INSERT OR IGNORE INTO backup_keys VALUES (?,?,?)",
            (key.public, clock.utc_text(now), f"{actor.surface}:{actor.name}"),
        )
        news = db.changes() == 1
        if news:
            audit.record(db, now, actor, "backup_key.confirm", key.public)
    return news


def show(opened: Opened, actor: audit.Actor, *, again: bool = False) -> str:
    """The recovery code for a person. Raises Refused once confirmed, unless asked for `again`. Audited."""
    key = load(opened.home.keys)
    if confirmed(opened.store, key) and not again:
        raise Refused(N_("The recovery code was confirmed as written down: --show-again shows it once more."))
    now = opened.clock.now()
    with opened.store.write() as db:
        audit.record(db, now, actor, "backup_key.show", key.public, again=again)
    return key.recovery_code
