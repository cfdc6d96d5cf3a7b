"""The serving program for apps and phones: gunicorn on sockets handed to it, while the service is on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from appliance import clock, config, errors
from ui.serving import parent, program, renewal

if TYPE_CHECKING:
    from flask import Flask

    from appliance.opened import Opened

THREADS = 64  # 16 streams keep one each; the rest is for everybody else, and for those who say nothing


def make_app(it: Opened) -> Flask:
    """The app, loaded only in the serving program."""
    from ui.phone.app import create_app

    return create_app(it)


def main() -> int:
    """Serve until the waiting process says otherwise."""
    args = parent.arguments("python -m ui.phone.web")
    home = config.find(args.home)
    when = clock.of_run(home.run)
    try:
        renewal.renew(home, when)
        program.Program(make_app, home, when, args.sockets, THREADS, in_worker=lambda: renewal.keep(home, when)).run()
    except errors.WattwardError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
