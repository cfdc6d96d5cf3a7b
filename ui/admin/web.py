"""The serving program of the web admin: gunicorn with the Flask app, on sockets handed to it, for one window."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from appliance import clock, config, errors
from appliance.opened import Opened
from ui.serving import parent, program, renewal

if TYPE_CHECKING:
    from flask import Flask

THREADS = 64  # a browser keeps six connections; the rest is for those who say nothing


def make_app(it: Opened) -> Flask:
    """The app, loaded only in the serving program."""
    from ui.admin.app import create_app

    return create_app(it)


def main() -> int:
    """Serve until the waiting process says otherwise."""
    args = parent.arguments("python -m ui.admin.web")
    home = config.find(args.home)
    when = clock.of_run(home.run)
    try:
        renewal.begin(home, when)
        program.Program(
            make_app, home, when, args.sockets, THREADS,
            in_worker=lambda: renewal.keep(home, when), grace_s=program.UPLOADING_S,
        ).run()  # fmt: skip
    except errors.WattwardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
