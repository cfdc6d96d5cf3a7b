"""The serving program: gunicorn with the Flask app, on sockets handed to it, for one window.

1. It makes sure of the certificate. 2. It serves with one worker and enough
threads that silent connections keep nobody waiting. It never outlives the
process that started it: the kernel kills it when that one dies.
"""

from __future__ import annotations

import argparse
import ctypes
import functools
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from appliance import clock, config, errors, opened
from appliance.access import certificate
from appliance.network import addresses
from ui.admin import patience

if TYPE_CHECKING:
    from flask import Flask

THREADS = 64  # a browser keeps six connections; the rest is for those who say nothing
KEEP_ALIVE_S = 15  # longer than the pause between two looks at live values
GRACE_S = 2  # shorter than the waiting process's
PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with(parent: int) -> None:
    """Be killed by the kernel when the process `parent` ends; end now if it is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)


def names() -> list[str]:
    """What browsers may call this appliance."""
    host = socket.gethostname().split(".")[0]
    return [*dict.fromkeys(["localhost", host, f"{host}.local", "wattward.local", "127.0.0.1", "::1"]),
            *addresses.local_addresses()]  # fmt: skip


class Program(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with our settings."""

    def __init__(self, make_app: Callable[[], Flask], home: config.Home, sockets: list[int]) -> None:
        self._make_app = make_app
        self._home = home
        self._sockets = sockets
        super().__init__()

    def load_config(self) -> None:
        """Settings by gunicorn's names."""
        settings: dict[str, object] = {
            "bind": [f"fd://{number}" for number in self._sockets],
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,  # worker and master share what the program loads
            "timeout": 30,
            "graceful_timeout": GRACE_S,
            "keepalive": KEEP_ALIVE_S,
            "certfile": str(self._home.tls / certificate.CERTIFICATE),
            "keyfile": str(self._home.tls / certificate.KEY),
            "ssl_context": _tls,
            "worker_tmp_dir": str(self._home.run),
            "umask": 0o007,
            "forwarded_allow_ips": "",
            "limit_request_fields": 60,
            "loglevel": "error",
            "control_socket_disable": True,
            "post_fork": _after_fork,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app."""
        return self._make_app()


@functools.cache
def _context(certfile: str, keyfile: str) -> ssl.SSLContext:
    """One for all connections; gunicorn asks at each."""
    return patience.context(certfile, keyfile)


def _tls(config: Any, _default: object) -> ssl.SSLContext:  # noqa: ANN401 - gunicorn's configuration has no type
    return _context(config.certfile, config.keyfile)


def _after_fork(_server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn's worker has no type
    die_with(worker.ppid)


def main() -> int:
    """Serve until the waiting process says otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ui.admin.web")
    parser.add_argument("--home", required=True)
    parser.add_argument("--parent", type=int, required=True, help="process without which this one must not live")
    parser.add_argument("--sockets", required=True, help="descriptors of listening sockets, by comma")
    args = parser.parse_args()
    die_with(args.parent)
    home = config.find(args.home)
    when = clock.of_run(home.run)
    certificate.ensure(home.tls, names(), when.now())

    def make_app() -> Flask:
        from ui.admin.app import create_app

        it = opened.open_current(home, when)
        app = create_app(it)
        it.store.close()  # no connection may live through the fork
        it.live.close()
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, what master and worker share
        return app

    try:
        Program(make_app, home, [int(number) for number in args.sockets.split(",")]).run()
    except errors.WattwardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
