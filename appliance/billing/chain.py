"""The chain of the journal: what an entry's hash covers, and how to find the one that was changed.

hash = SHA-256(previous hash, number, time, kind, session, body), each with its
length before it, so that nothing can be moved from one into another. The
signature is Ed25519 over the hash. The first entry's `previous` is 32 zero
bytes and its body names the appliance's public key. Pure, and needing nothing
but the entries: so an exported journal can be verified anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import N_, BadInput

FORMAT = "wattward-journal/1"
ORIGIN = bytes(32)  # what the first entry follows
UNREADABLE = (ValueError, KeyError, TypeError, OverflowError, RecursionError)  # what no entry of ours raises


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is kept."""

    number: int
    at: str  # ISO 8601 UTC
    kind: str  # 'begin', 'session', 'correction'
    session_id: int | None
    body: str  # canonical JSON
    previous: bytes
    hash: bytes
    signature: bytes

    def content(self) -> dict[str, Any]:
        """The body as data."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit, and at which entry."""

    number: int
    message: str  # English with {number}, the key of its translation


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of looking at every entry."""

    entries: int
    sessions: int
    head: str  # number and beginning of the newest hash: written on paper it pins everything before it
    key: str  # the public key that signed, hexadecimal
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


def canonical(body: Mapping[str, Any]) -> str:
    """JSON with one spelling: sorted keys, no spaces, as UTF-8."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(previous: bytes, number: int, at: str, kind: str, session_id: int | None, body: str) -> bytes:
    """What the signature covers."""
    digest = hashlib.sha256()
    session = "" if session_id is None else str(session_id)
    for part in (previous, *(text.encode() for text in (str(number), at, kind, session, body))):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def seal(
    key: Ed25519PrivateKey, previous: Entry | None, at: str, kind: str, session_id: int | None, body: Mapping[str, Any]
) -> Entry:
    """The entry that follows `previous`."""
    number, before = (1, ORIGIN) if previous is None else (previous.number + 1, previous.hash)
    text = canonical(body)
    found = hash_of(before, number, at, kind, session_id, text)
    return Entry(number, at, kind, session_id, text, before, found, key.sign(found))


def verify(entries: Iterable[Entry], public_key: bytes | None = None) -> Verified:
    """Look at every entry in order. `public_key`: the appliance's, 32 bytes; None: the one in the first entry."""
    findings: list[Finding] = []
    count, sessions, head, before, key = 0, 0, "-", ORIGIN, public_key
    for entry in entries:
        count += 1
        sessions += entry.kind == "session"
        if key is None:
            key = _named_key(entry)
        if entry.number != count:
            findings.append(Finding(count, N_("Entry {number} is missing.")))
            count = entry.number
        elif entry.previous != before:
            findings.append(Finding(entry.number, N_("Entry {number} does not follow the one before it.")))
        found = hash_of(entry.previous, entry.number, entry.at, entry.kind, entry.session_id, entry.body)
        if found != entry.hash:
            findings.append(Finding(entry.number, N_("Entry {number} was changed after it was written.")))
        elif not _is_signed(entry, key):
            findings.append(Finding(entry.number, N_("Entry {number} was not signed by this appliance.")))
        before, head = entry.hash, f"{entry.number}-{entry.hash.hex()[:16]}"
    return Verified(count, sessions, head, (key or b"").hex(), tuple(findings))


def _named_key(entry: Entry) -> bytes:
    """The public key the first entry names; empty where it names none, so that nothing is signed by it."""
    try:
        return bytes.fromhex(str(entry.content()["public_key"]))
    except UNREADABLE:
        return b""


def _is_signed(entry: Entry, key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(entry.signature, entry.hash)
    except (InvalidSignature, ValueError):
        return False
    return True


def to_line(entry: Entry) -> str:
    """One line of an exported journal."""
    return canonical(
        {
            "number": entry.number, "at": entry.at, "kind": entry.kind, "session": entry.session_id,
            "body": entry.body, "previous": entry.previous.hex(), "hash": entry.hash.hex(),
            "signature": entry.signature.hex(),
        }
    )  # fmt: skip


def from_line(line: str, number: int) -> Entry:
    """Inverse of `to_line`. Raises BadInput naming the line."""
    try:
        data = json.loads(line)
        entry = Entry(
            int(data["number"]), str(data["at"]), str(data["kind"]), data["session"], str(data["body"]),
            bytes.fromhex(data["previous"]), bytes.fromhex(data["hash"]), bytes.fromhex(data["signature"]),
        )  # fmt: skip
        to_line(entry).encode()
    except UNREADABLE as error:
        raise BadInput(N_("Line {line} is not an entry of an exported journal."), field="file", line=number) from error
    return entry
