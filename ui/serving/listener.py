"""Listening sockets: bound while a service is on, refused at every other moment.

They are shared with the serving program. `close` shuts them down in the kernel
for all who hold them, so that the port refuses connections at once even when
that program is stopped or busy.
"""

from __future__ import annotations

import contextlib
import errno
import socket

from appliance.errors import N_, Refused

BACKLOG = 128
UNANSWERED_MS = 20_000  # a visitor that acknowledges nothing for so long is gone, say out of the Wi-Fi


def bind(port: int) -> list[socket.socket]:
    """Listen on every IPv4 and IPv6 address. Raises Refused that says what is in the way, OSError."""
    sockets = [_bound(socket.AF_INET, "0.0.0.0", port)]  # noqa: S104 - the whole local network is meant
    try:
        sockets.append(_bound(socket.AF_INET6, "::", port))
    except Refused:
        close(sockets)
        raise
    except OSError:
        pass  # a machine without IPv6
    return sockets


def close(sockets: list[socket.socket]) -> None:
    """Refuse connections from now on, whoever else still holds the sockets."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)  # connections inherit it
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
    except OSError as error:
        one.close()
        raise _reason(error, port) from error
    one.set_inheritable(True)
    return one


def _reason(error: OSError, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return Refused(N_("Port {port} is used by another program: stop that one, or choose another port."), port=port)
    if error.errno in (errno.EACCES, errno.EPERM):
        return Refused(N_("Port {port} needs a right this process lacks: choose one above 1023."), port=port)
    return error
