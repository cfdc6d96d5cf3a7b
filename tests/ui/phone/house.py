"""A home with something in it, programs that ask its app, and its real processes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from appliance import audit, clock, heartbeat
from appliance.access import device_key, tokens
from appliance.access.tokens import Token
from appliance.charging import points, users
from appliance.config import Home
from appliance.metering import meters, readings
from appliance.opened import Opened, open_home
from appliance.store import live, migrate, settings
from drivers.interfaces import Reading
from tests.patience import PATIENCE_S

ADMIN = audit.Actor("admin", "admin")
MINE = "this-installation"
NOT_SHORT = ("/api/", "/static/", "/texts/", "/pair", "/manifest", "/authority", "/?")  # else it is below /api/v1


def eventually(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so; how long it takes is not what is tested."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def furnished(root: Path, when: clock.Clock) -> Opened:
    """A home as the core's first start leaves it, with the service switched on."""
    home = Home(root / "home", root / "run")
    home.make()
    migrate.migrate(home.store_db, when)
    live.make(home.live_db, when.boot_id)
    device_key.make(home.keys)
    it = open_home(home, when)
    settings.put(it.store, when.now(), ADMIN, "service.phone", "on")
    return it


def with_house(it: Opened) -> None:
    """Meters with readings, a core that runs, a charging point, and Anna who may charge with an app."""
    heartbeat.begin(it.live, "core", it.clock)
    for name, role, watts in (("Mains", "grid", 820.0), ("Roof", "pv", -2300.0), ("Box", "charger", 0.0)):
        meter = meters.add(
            it.store, it.clock, name=name, model="eastron-sdm630", url=f"tcp://{role}.local:502", unit=1, role=role,
            actor=ADMIN,
        )  # fmt: skip
        values = {"power_w": watts, "import_wh": 5000.0, "export_wh": 100.0}
        readings.put(it.live, it.clock, meter.id, Reading(values=values, took_s=0.01))
    points.add(it.store, it.clock, "Garage", "gpio:17", actor=ADMIN)
    users.add(it.store, it.clock, "Anna", "Berger", actor=ADMIN)
    settings.put(it.store, it.clock.now(), ADMIN, "identification.app.enabled", "on")


def token_of(
    it: Opened, role: str = "read", state: str = "active", installation: str | None = MINE
) -> tuple[Token, str]:
    """A token in any state."""
    made, secret = tokens.create(it, ADMIN, f"{role} {state}", "tests", role, installation)
    if state in ("active", "revoked"):
        made = tokens.confirm(it, made.id, ADMIN)
    if state == "revoked":
        made = tokens.revoke(it, made.id, ADMIN)
    if state == "expired":
        with it.store.write() as db:
            tokens.tidy(db, it.clock.now() + tokens.PENDING)
        made = tokens.get(it.store, made.id)
    return made, secret


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the API answers
        return json.loads(self.body)


@dataclass(slots=True)
class App:
    """Asks the app as a program with one token would, without a network."""

    client: FlaskClient
    secret: str = ""
    installation: str = MINE

    def __call__(
        self, path: str, method: str = "GET", body: object = None, *, peer: str = "192.168.1.20", **headers: str
    ) -> Answer:
        given = {"Wattward-Installation": self.installation} if self.installation else {}
        given |= {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        found = self.client.open(
            path if path == "/" or path.startswith(NOT_SHORT) else f"/api/v1{path}", method=method, headers=given,
            json=body, base_url="https://localhost", environ_overrides={"REMOTE_ADDR": peer},
        )  # fmt: skip
        return Answer(found.status_code, dict(found.headers), found.data)


@dataclass(slots=True)
class Served:
    """One appliance's home and its `python -m ui.phone`."""

    opened: Opened
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the waiting process."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ui.phone", "--home", str(self.opened.home.root), "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"WATTWARD_RUN": str(self.opened.home.run)} | self.environment,
                start_new_session=True,
            )
        eventually(lambda: (self.opened.home.bells / "phone").exists(), "the waiting process has no bell")

    def stop(self) -> None:
        """End it as a service manager would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    def switch(self, on: bool) -> None:
        """As somebody does in the settings."""
        settings.put(
            self.opened.store, self.opened.clock.now(), ADMIN, "service.phone", "on" if on else "off"
        )  # fmt: skip

    def refused(self) -> bool:
        """Tell whether the port refuses connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
        except ConnectionRefusedError:
            return True
        except (TimeoutError, ConnectionResetError):
            return False
        return False

    def answers(self) -> bool:
        """Tell whether the API answers."""
        with contextlib.suppress(OSError):
            return self.ask("/api/v1/capabilities").status == 200
        return False

    def connection(self) -> HTTPSConnection:
        """A TLS connection that takes the appliance's own certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)

    def ask(self, path: str, secret: str = "", method: str = "GET", body: object = None) -> Answer:
        """One request over the network. Raises OSError."""
        headers = {"Wattward-Installation": MINE} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        sent = None if body is None else json.dumps(body)
        if sent is not None:
            headers["Content-Type"] = "application/json"
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, sent, headers)
            found = connection.getresponse()
            return Answer(found.status, dict(found.getheaders()), found.read())
