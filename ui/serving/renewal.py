"""Keep the certificate right while a service runs: other addresses, another name, its end coming near.

A thread looks now and then. The new certificate serves the next connection;
those that are open stay as they are, and nothing restarts.
"""

from __future__ import annotations

import logging
import threading
import time

from appliance import clock, config
from appliance.access import certificate
from ui.serving import program

log = logging.getLogger("wattward.certificate")

LOOK_S = 30.0  # after so long a new address is in the certificate
DAY_S = 86400.0
FAILED = "the certificate cannot be renewed: %s"


def renew(home: config.Home, when: clock.Clock) -> bool:
    """Make a new certificate if the one that is there is not right any more; tell whether. Raises OSError."""
    return certificate.ensure(home.tls, program.names(), when.now())


def begin(home: config.Home, when: clock.Clock) -> None:
    """Have a certificate to serve with: the right one, or the old one on a full card. Raises OSError without any."""
    try:
        renew(home, when)
    except OSError as error:
        if not certificate.fingerprint(home.tls):
            raise
        log.warning(FAILED, error)


def keep(home: config.Home, when: clock.Clock) -> threading.Thread:
    """Renew whenever it is needed, for as long as this process lives."""
    thread = threading.Thread(target=_look, args=(home, when), name="certificate", daemon=True)
    thread.start()
    return thread


def _look(home: config.Home, when: clock.Clock) -> None:
    known: list[str] = []  # the first look asks again, in case nothing could be written at the start
    looked_s = time.monotonic()
    while True:
        time.sleep(LOOK_S)
        names = program.names()
        if names == known and time.monotonic() - looked_s < DAY_S:
            continue
        try:
            renew(home, when)
            known, looked_s = names, time.monotonic()
        except OSError as error:  # a full card, say; the old certificate goes on serving
            log.warning(FAILED, error)
