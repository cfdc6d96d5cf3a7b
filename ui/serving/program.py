"""gunicorn with a Flask app on sockets handed to it: one worker, enough threads, our certificate.

Silent connections keep nobody waiting, and nothing outlives the process that
started it: the kernel kills it when that one dies.
"""

from __future__ import annotations

import errno
import functools
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from appliance import clock, config
from appliance.access import certificate
from appliance.network import addresses
from appliance.opened import Opened, open_current
from ui.serving import parent, patience, uploads
from ui.serving.turns import InTurn

if TYPE_CHECKING:
    from flask import Flask

KEEP_ALIVE_S = 15  # longer than the pause between two looks at live values
GRACE_S = 2  # for answers that are on their way: shorter than that of the process which waits
UPLOADING_S = int(uploads.MOST_S) + 5  # where uploads are taken it is the process which waits that decides


def names() -> list[str]:
    """What browsers may call this appliance."""
    host = socket.gethostname().split(".")[0]
    return [*dict.fromkeys(["localhost", host, f"{host}.local", "wattward.local", "127.0.0.1", "::1"]),
            *addresses.local_addresses()]  # fmt: skip


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """The process that answers. A port that is shut down under it ends nothing that is on its way."""

    def accept(self, listener: socket.socket) -> None:
        """Let the next visitor in."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno != errno.EINVAL:  # shut down: what is asked of it next is to end
                raise


class Program(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with our settings."""

    def __init__(
        self, make_app: Callable[[Opened], Flask], home: config.Home, when: clock.Clock, sockets: str, threads: int,
        in_worker: Callable[[], object] = lambda: None, grace_s: int = GRACE_S,
    ) -> None:  # fmt: skip
        self._make_app = make_app
        self._home = home
        self._clock = when
        self._sockets = [int(number) for number in sockets.split(",")]
        self._threads = threads
        self._in_worker = in_worker  # called once in the process that answers
        self._grace_s = grace_s
        super().__init__()

    def load_config(self) -> None:
        """Settings by gunicorn's names."""
        settings: dict[str, object] = {
            "bind": [f"fd://{number}" for number in self._sockets],
            "workers": 1,
            "worker_class": Worker,
            "threads": self._threads,
            "timeout": 30,
            "graceful_timeout": self._grace_s,
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
            "post_fork": self._after_fork,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def _after_fork(self, _server: object, worker: Any) -> None:  # noqa: ANN401 - gunicorn's worker has no type
        parent.die_with(worker.ppid)
        self._in_worker()

    def load(self) -> InTurn:
        """The app."""
        app = self._make_app(open_current(self._home, self._clock))  # in the worker: what it shared it would copy
        return InTurn(app)


@functools.lru_cache(maxsize=1)
def _context(certfile: str, keyfile: str, _written_ns: int) -> ssl.SSLContext:
    """One for all connections until the certificate is another; gunicorn asks at each."""
    return patience.context(certfile, keyfile)


def _tls(config: Any, _default: object) -> ssl.SSLContext:  # noqa: ANN401 - gunicorn's configuration has no type
    return _context(config.certfile, config.keyfile, Path(config.certfile).stat().st_mtime_ns)
