"""Tell other processes at once that something was committed.

Every process that wants to know binds a datagram socket `bells/<its name>`.
1. A writer commits. 2. It sends an empty datagram to every socket there.
3. Each listener wakes, looks into the store and acts on what it finds there.

A ring carries no content and may be lost: each listener also looks every
second or two whether the store's version changed. A bell nobody answers any
more is passed over. (inotify on the WAL would be simpler and loses changes.)
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from pathlib import Path


def _address(folder: int, name: str) -> str:
    """A short name for a socket in a folder however long its path is (sun_path holds 108 bytes)."""
    return f"/proc/self/fd/{folder}/{name}"


def ring(bells: Path) -> None:
    """Wake every listener. Never fails: a listener that is gone will look for itself."""
    try:
        folder = os.open(bells, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            for bell in bells.iterdir():
                with contextlib.suppress(OSError):
                    sender.sendto(b"", _address(folder, bell.name))
    finally:
        os.close(folder)


class Bell:
    """This process's bell. Bind it before the first look at the store, so that no change is missed."""

    def __init__(self, bells: Path, name: str) -> None:
        self._path = bells / name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        folder = os.open(bells, os.O_PATH | os.O_DIRECTORY)
        try:
            self._socket.bind(_address(folder, name))
        finally:
            os.close(folder)
        self._path.chmod(0o660)

    def fileno(self) -> int:
        """For select and event loops."""
        return self._socket.fileno()

    def wait(self, timeout_s: float) -> bool:
        """Sleep until rung or `timeout_s` passed; tell whether it rang."""
        readable, _, _ = select.select([self._socket], [], [], max(0.0, timeout_s))
        return bool(readable) and self.answer()

    def answer(self) -> bool:
        """Take all waiting rings; tell whether there were any."""
        rang = False
        while True:
            try:
                self._socket.recv(1)
            except BlockingIOError:
                return rang
            rang = True

    def close(self) -> None:
        """Take the bell down."""
        self._socket.close()
        self._path.unlink(missing_ok=True)
