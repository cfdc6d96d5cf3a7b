"""What is inside a backup: a gzipped tar of `manifest.json`, `device.key`, `store.db`, in this order.

Both directions are streams, so memory stays small however large the store is.
Unpacking takes exactly these three plain files with the promised sizes and
nothing else: no name from the file ever becomes a path.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from appliance import clock
from appliance.backup.key import Unreadable
from appliance.errors import N_, Refused

FORMAT = 1
MANIFEST, DEVICE_KEY, STORE = "manifest.json", "device.key", "store.db"
CHUNK_BYTES = 256 * 1024
MANIFEST_LIMIT_BYTES = 64 * 1024
BLOCK_BYTES = tarfile.BLOCKSIZE
GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with a gzip header


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself; it is the first thing read."""

    format: int
    program: str
    schema: int
    made_at: str
    appliance: str
    store_bytes: int
    store_sha256: str
    device_key_bytes: int

    @property
    def made(self) -> datetime:
        return clock.from_utc_text(self.made_at)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Packed(io.RawIOBase):
    """The payload as something to read from, made while it is read."""

    def __init__(self, manifest: Manifest, device_key: bytes, store: Path) -> None:
        self._chunks = _gzipped(_tar(manifest, device_key, store))
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; empty at the end."""
        while not self._left:
            try:
                self._left = next(self._chunks)
            except StopIteration:
                return b""
        part, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return part


def _tar(manifest: Manifest, device_key: bytes, store: Path) -> Iterator[bytes]:
    about = json.dumps(asdict(manifest), indent=2).encode()
    moment = int(manifest.made.timestamp())
    for name, content in ((MANIFEST, about), (DEVICE_KEY, device_key)):
        yield _header(name, len(content), moment) + content + _padding(len(content))
    yield _header(STORE, manifest.store_bytes, moment)
    with store.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
    yield _padding(manifest.store_bytes) + bytes(2 * BLOCK_BYTES)


def _header(name: str, size: int, moment: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, moment, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK_BYTES)


def _gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=GZIP)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


class Unpacker:
    """Takes the decrypted payload in pieces and writes its three files into `folder`. Raises Unreadable, Refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unzip = zlib.decompressobj(GZIP)
        self._machine = self._members()
        self._wanted = next(self._machine)
        self._pending = bytearray()
        self._done = False
        self.manifest: Manifest | None = None

    def write(self, data: bytes) -> int:
        """The next piece."""
        packed = data
        while packed:
            try:
                plain = self._unzip.decompress(packed, CHUNK_BYTES)
            except zlib.error as error:
                raise _foreign() from error
            packed = self._unzip.unconsumed_tail
            if self._unzip.unused_data:
                raise _foreign()
            self._take(plain)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def finish(self) -> Manifest:
        """Say that there is no more; return the manifest of a complete payload."""
        if self.manifest is None or not self._done or not self._unzip.eof:
            raise _foreign()
        return self.manifest

    def _take(self, plain: bytes) -> None:
        self._pending += plain
        while not self._done and len(self._pending) >= self._wanted:
            piece = bytes(self._pending[: self._wanted])
            del self._pending[: self._wanted]
            try:
                self._wanted = self._machine.send(piece)
            except StopIteration:
                self._done = True
        if self._done:
            if any(self._pending):
                raise _foreign()
            self._pending.clear()  # tar programs fill the last block with zeros

    def _members(self) -> Generator[int, bytes, None]:
        """Asks for so many bytes, gets them: header, content and padding of each expected file, then the end."""
        for name in (MANIFEST, DEVICE_KEY, STORE):
            size = self._size(name, (yield BLOCK_BYTES))
            digest = hashlib.sha256()
            try:
                with (self._folder / name).open("xb") as file:
                    left = size
                    while left:
                        piece = yield min(left, CHUNK_BYTES)
                        file.write(piece)
                        digest.update(piece)
                        left -= len(piece)
                    file.flush()
                    os.fsync(file.fileno())
            except OSError as error:
                raise Refused(
                    N_("There is no room in {folder} to open the backup. ({detail})"), folder=self._folder, detail=error
                ) from error
            if padding := -size % BLOCK_BYTES:
                yield padding
            if name == MANIFEST:
                self.manifest = _parse((self._folder / name).read_bytes())
            elif name == STORE and (self.manifest is None or digest.hexdigest() != self.manifest.store_sha256):
                raise _foreign()
        if any((yield 2 * BLOCK_BYTES)):
            raise _foreign()

    def _size(self, name: str, header: bytes) -> int:
        """The size of the member that must come now, when it is that one, a plain file, and as long as promised."""
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.TarError, ValueError) as error:
            raise _foreign() from error
        promised = MANIFEST_LIMIT_BYTES if self.manifest is None else self._promised(name)
        fits = info.size <= promised if name == MANIFEST else info.size == promised
        if info.name != name or info.type != tarfile.REGTYPE or not fits:
            raise _foreign()
        return info.size

    def _promised(self, name: str) -> int:
        assert self.manifest is not None  # noqa: S101 - only asked after it was read
        size = self.manifest.device_key_bytes if name == DEVICE_KEY else self.manifest.store_bytes
        if size > shutil.disk_usage(self._folder).free:
            raise Refused(N_("There is no room in {folder} to open the backup."), folder=self._folder)
        return size


def _parse(text: bytes) -> Manifest:
    """The manifest. Raises Unreadable, Refused for a format of the future."""
    try:
        found = json.loads(text)
        if found["format"] > FORMAT:
            raise Refused(N_("This backup was made by a newer Wattward: install that version first."))
        manifest = Manifest(**{field.name: found[field.name] for field in fields(Manifest)})
        _ = manifest.made
    except (ValueError, KeyError, TypeError) as error:
        raise _foreign() from error
    numbers = (manifest.schema, manifest.store_bytes, manifest.device_key_bytes)
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise _foreign()
    return manifest


def _foreign() -> Unreadable:
    return Unreadable(N_("This is not a backup of Wattward, or it is damaged."), field="file")
