"""TLS connections that do not wait for ever: whoever stalls loses the connection, not our thread.

gunicorn's threads read and write blocking sockets. A visitor who sends half a
handshake or half a request would hold one for good; here each wait for the
network ends after `SILENT_S` and counts as a lost connection.
"""

from __future__ import annotations

import errno
import ssl
from typing import Any

SILENT_S = 10.0
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: forward secrecy, and no CBC (Lucky 13); those of 1.3 are all good


class PatientSocket(ssl.SSLSocket):
    """A server's TLS socket on which "blocking" means: for at most `SILENT_S`."""

    def settimeout(self, value: float | None) -> None:
        super().settimeout(SILENT_S if value is None else value)

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except TimeoutError as error:
            raise _lost() from error

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002, ANN401 - as the base class has it
        try:
            return super().read(len, buffer)
        except TimeoutError as error:
            raise _lost() from error

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ANN401 - as the base class has it
        try:
            return super().send(data, flags)
        except TimeoutError as error:
            raise _lost() from error


def context(certificate: str, key: str) -> ssl.SSLContext:
    """A server's TLS context with our sockets."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(CIPHERS)
    made.sslsocket_class = PatientSocket
    made.load_cert_chain(certificate, key)
    return made


def _lost() -> ConnectionResetError:
    return ConnectionResetError(errno.ECONNRESET, "nothing was heard for too long")
