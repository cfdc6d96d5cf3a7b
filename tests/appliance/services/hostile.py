"""Clients that nobody wants: `python hostile.py PORT`. Says `ready`, and counts what it got once a second.

Twenty connections that say nothing; one client that sends without reading; two
that ask as fast as they can; one that connects as fast as it can.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time

REQUEST = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 40000, 125)
answers = [0]


def connected(port: int) -> socket.socket:
    """A connection that gives up after two seconds without progress."""
    return socket.create_connection(("127.0.0.1", port), timeout=2)


def flood(port: int) -> None:
    """Send and never read."""
    while True:
        with contextlib.suppress(OSError), connected(port) as one:
            while True:
                one.sendall(REQUEST * 1000)


def ask(port: int) -> None:
    """Ask again as soon as there is an answer."""
    while True:
        with contextlib.suppress(OSError), connected(port) as one:
            while True:
                one.sendall(REQUEST)
                if not one.recv(4096):
                    break
                answers[0] += 1


def knock(port: int) -> None:
    """Connect and leave."""
    while True:
        with contextlib.suppress(OSError):
            connected(port).close()


def main() -> None:
    """Be a nuisance until killed."""
    port = int(sys.argv[1])
    silent = []
    for _ in range(20):
        silent.append(connected(port))
    for work in (flood, ask, ask, knock):
        threading.Thread(target=work, args=(port,), daemon=True).start()
    print("ready", flush=True)
    while True:
        time.sleep(1)
        print(answers[0], flush=True)


if __name__ == "__main__":
    main()
