"""gunicorn with a Flask app on sockets handed to it: one worker, enough threads, our certificate.

Silent connections keep nobody waiting, and nothing outlives the process that
started it: the kernel kills it when that one dies.
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
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from appliance import clock, config
from appliance.access import certificate
from appliance.network import addresses
from appliance.opened import Opened, open_current
from ui.serving import patience

if TYPE_CHECKING:
    from flask import Flask

KEEP_ALIVE_S = 15  # longer than the pause between two looks at live values
GRACE_S = 2  # shorter than that of the process which waits
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


def arguments(program: str, words: Sequence[str] | None = None) -> argparse.Namespace:
    """Those of `child.command`, and the sockets; from here on this process dies with its parent."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--home", required=True)
    parser.add_argument("--parent", type=int, required=True, help="process without which this one must not live")
    parser.add_argument("--sockets", default="", help="descriptors of listening sockets, by comma")
    args = parser.parse_args(words)
    die_with(args.parent)
    return args


class Program(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with our settings."""

    def __init__(
        self, make_app: Callable[[Opened], Flask], home: config.Home, when: clock.Clock, sockets: str, threads: int
    ) -> None:
        self._make_app = make_app
        self._home = home
        self._clock = when
        self._sockets = [int(number) for number in sockets.split(",")]
        self._threads = threads
        super().__init__()

    def load_config(self) -> None:
        """Settings by gunicorn's names."""
        settings: dict[str, object] = {
            "bind": [f"fd://{number}" for number in self._sockets],
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._threads,
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
        it = open_current(self._home, self._clock)
        app = self._make_app(it)
        it.store.close()  # no connection may live through the fork
        it.live.close()
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, what master and worker share
        return app


@functools.cache
def _context(certfile: str, keyfile: str) -> ssl.SSLContext:
    """One for all connections; gunicorn asks at each."""
    return patience.context(certfile, keyfile)


def _tls(config: Any, _default: object) -> ssl.SSLContext:  # noqa: ANN401 - gunicorn's configuration has no type
    return _context(config.certfile, config.keyfile)


def _after_fork(_server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn's worker has no type
    die_with(worker.ppid)
