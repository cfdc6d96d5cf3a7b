"""Secrets go through every flow of the real processes; afterwards none is found in a log, a file, a backup or /proc."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote

import psutil
import pyotp
import pytest

from appliance import audit, clock
from appliance.access import device_key, display_pin, presence, web_window
from appliance.backup import catalog, staging, wishes
from appliance.backup import key as backup_key
from appliance.charging import grants, identifications, points, users
from appliance.opened import Opened, open_home
from appliance.store import settings
from appliance.system import support
from tests.appliance.system.stand_in import OperatingSystem
from tests.ui.admin import conftest as admin_house
from tests.ui.phone import house as phone_house
from tests.ui.phone.house import MINE, eventually, free_port
from tests.ui.serving.visitor import Page, Visitor

PASSWORD, OTHER_PASSWORD, WRONG_PASSWORD = "canary kettle 41 orbit", "canary violet 73 lamp", "canary wrong 95 guess"
DISPLAY_PIN, USER_PIN, WRONG_PIN, CARD = "6183", "#60917354", "#81726354", "04C4A9117BF1"
SMTP_PASSWORD, WIFI_KEY = "canary-smtp-58210", "canary-wifi-92741"
TOO_SHORT = 5  # the settings PIN: four digits are found everywhere


@dataclass
class Appliance:
    """A core, the web admin and the service for apps, and what nobody may find of theirs."""

    it: Opened
    folder: Path
    admin: admin_house.Served
    phone: phone_house.Served
    core: subprocess.Popen[bytes] | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # what was found in /proc while they ran
    shown_bytes: int = 0  # how much of it was looked at
    done: threading.Event = field(default_factory=threading.Event)

    def start(self, environment: dict[str, str]) -> None:
        with (self.folder / "core.log").open("ab") as log:
            self.core = subprocess.Popen(
                [sys.executable, "-m", "appliance.cli.main", "--home", str(self.it.home.root), "core"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | environment,
            )  # fmt: skip
        eventually(lambda: (self.it.home.bells / "core").exists(), "the core has no bell")
        self.admin.start()
        self.phone.start()

    def stop(self) -> None:
        self.done.set()
        self.admin.stop()
        self.phone.stop()
        if self.core is not None:
            self.core.terminate()
            self.core.wait(20)

    def command(self, *words: str, stdin: str = "") -> str:
        """`wattward`, its secrets by standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "appliance.cli.main", "--home", str(self.it.home.root), *words],
            input=stdin, capture_output=True, text=True, timeout=60, check=True,
            env=os.environ | {"WATTWARD_RUN": str(self.it.home.run)},
        )  # fmt: skip
        (self.folder / "commands.log").open("a").write(done.stderr)
        return done.stdout

    def watch(self) -> None:
        """Read what every process shows of itself, as long as they run."""
        while not self.done.wait(0.05):
            for one in psutil.process_iter():
                with suppress(psutil.Error, OSError):
                    shown = " ".join(one.cmdline()) + str(one.environ())
                    self.shown_bytes += len(shown)
                    self.seen |= {name for name, secret in list(self.secrets.items()) if told(secret, shown.encode())}


def told(secret: str, content: bytes) -> bool:
    """Tell whether a secret stands in it, plainly or as one writes things down."""
    raw = secret.encode()
    ways = {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(secret).encode(), secret.encode("utf-16-le")}
    ways |= {base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    return any(way in content for way in ways)


@pytest.fixture
def appliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Appliance]:
    system = OperatingSystem(tmp_path / "os")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system.address)
    system.start()
    system.points["canary"] = (80, WIFI_KEY)
    it = admin_house.furnished(tmp_path, clock.SystemClock())
    settings.put(it.store, it.clock.now(), audit.CLI, "service.phone", "on")
    settings.put(it.store, it.clock.now(), audit.CLI, "identification.rfid.enabled", "on")
    points.add(it.store, it.clock, name="Wallbox", relay="coil:tcp://127.0.0.1:1/1/0", actor=audit.CLI)
    admin = admin_house.Served(it, free_port(), tmp_path / "admin.log")
    found = Appliance(it, tmp_path, admin, phone_house.Served(it, free_port(), tmp_path / "phone.log"))
    found.start({"WATTWARD_RUN": str(it.home.run)})
    watching = threading.Thread(target=found.watch)
    watching.start()
    yield found
    found.stop()
    watching.join()
    system.stop()


def ok(page: Page) -> Page:
    assert page.status in (200, 303), (
        page.status,
        re.findall(r'(?:invalid-feedback|role="alert")[^>]*>([^<]+)', page.text),
    )
    return page


def first_sign_in(house: Appliance) -> Visitor:
    """From admin/admin to a password and a second factor."""
    it, visitor = house.it, Visitor(house.admin.port)
    house.secrets["presence code"] = presence.code(it.key(), web_window.state(it.store, it.clock).opening)
    assert visitor.post("/sign-in", name="admin", password=WRONG_PASSWORD, code="000000").status == 403
    ok(visitor.post("/sign-in", name="admin", password="admin", code=house.secrets["presence code"]))
    house.secrets["first session"] = visitor.cookies["__Host-wattward"]
    ok(visitor.post("/password", current="admin", password=PASSWORD, again=PASSWORD))
    shown = visitor.get("/system/second-factor").text
    letters = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", shown)
    sealed = re.search(r'name="sealed" value="([^"]+)"', shown)
    assert letters and sealed, shown[-2000:]
    house.secrets["TOTP secret"] = letters[1].replace(" ", "")
    code = pyotp.TOTP(house.secrets["TOTP secret"]).now()
    turned_on = ok(visitor.post("/system/second-factor", code=code, sealed=unescape(sealed[1])))
    for number, recovery in enumerate(re.findall(r"<li><code>([^<]+)</code></li>", turned_on.text)):
        house.secrets[f"recovery code {number}"] = recovery
    house.secrets["session"] = visitor.cookies["__Host-wattward"]
    return visitor


def use_everything(house: Appliance) -> None:
    """Each way a secret comes in or goes out."""
    it = house.it
    house.secrets |= {"password": PASSWORD, "other password": OTHER_PASSWORD, "wrong password": WRONG_PASSWORD}
    house.secrets |= {"user PIN": USER_PIN[1:], "wrong PIN": WRONG_PIN[1:], "card": CARD}
    house.secrets |= {"SMTP password": SMTP_PASSWORD, "Wi-Fi key": WIFI_KEY}
    display_pin.set_first(it, DISPLAY_PIN, DISPLAY_PIN)
    display_pin.check(it, "7295")
    house.admin.enable()
    visitor = first_sign_in(house)
    use_codes(house, visitor)
    other = {"name": "second", "role": "viewer", "password": OTHER_PASSWORD, "own_password": PASSWORD}
    ok(visitor.post("/system/accounts/new", **other))
    ok(visitor.post("/system/machine/wifi", name="canary", password=WIFI_KEY))
    use_tokens(house, visitor)
    mail = ("reports", "mail-account", "mail.example", "--user", "w", "--sender", "w@example.org")
    house.command(*mail, stdin=f"{SMTP_PASSWORD}\n")
    house.secrets["recovery code of backups"] = backup_key.load(it.home.keys).secret().removeprefix("AGE-SECRET-KEY-1")
    ok(visitor.post("/configuration/backups/make", "/configuration/backups"))
    eventually(lambda: getattr(wishes.find(it.store, wishes.BACKUP), "done", False), "no backup is made")
    support.make(it)
    assert visitor.get("/events.csv").status == 200
    ok(visitor.post("/sign-out", "/"))


def use_codes(house: Appliance, visitor: Visitor) -> None:
    """PINs and cards: given, shown, used, wrong; and a guest's."""
    it = house.it
    ok(visitor.post("/configuration/user/local-users/new", first_name="Anna", last_name="Berger"))
    user = next(one for one in users.all(it.store) if one.first_name == "Anna")
    codes = f"/configuration/user/local-users/{user.id}/identifications"
    ok(visitor.post(f"{codes}/new", type="pin", code=USER_PIN, status="active"))
    ok(visitor.post(f"{codes}/new", type="rfid", code=CARD, status="active"))
    pin = next(one for one in identifications.all(it.store, user.id) if one.type == "pin")
    shown = ok(visitor.post(f"{codes}/{pin.id}/show", f"{codes}/{pin.id}", own_password=PASSWORD))
    assert USER_PIN in unescape(shown.text)
    for code in (USER_PIN, WRONG_PIN):
        grants.authorize(it, code, points.all(it.store)[0], "touch", user.id, actor=audit.TOUCH)
    guest = ok(visitor.post("/charging/guests/new", kwh="5"))
    page = guest.text if guest.status == 200 else visitor.get(guest.location).text
    if found := re.search(r'class="secret">(#?\d{4,8})<', page):
        house.secrets["guest PIN"] = found[1].lstrip("#")


def use_tokens(house: Appliance, visitor: Visitor) -> None:
    """One made here, one that a phone asked for; used, and used wrongly."""
    made = ok(visitor.post("/system/access-tokens/new", name="Program", role="read"))
    page = made.text if made.status == 200 else visitor.get(made.location).text
    token = re.search(r"\b([a-z]+_[A-Za-z0-9]{30,})\b", page)
    assert token, page[-3000:]
    house.secrets["created token"] = token[1]
    asked = house.phone.ask("/api/v1/token", method="POST", body={"name": "Phone", "installation": MINE}).json
    house.secrets["asked token"] = asked["token"]
    ok(visitor.post(f"/system/access-tokens/{asked['id']}/confirm", role="read"))
    assert house.phone.ask("/api/v1/live", asked["token"]).status == 200
    assert house.phone.ask("/api/v1/live", asked["token"][:-8] + "AAAAAAAA").status == 401


def searched(house: Appliance) -> dict[Path, bytes]:
    """Everything the appliance leaves behind but its keys: they are what the rest is sealed with."""
    it, found = house.it, dict[Path, bytes]()
    for root in (it.home.root, it.home.run, house.folder):
        for path in root.rglob("*"):
            if path.is_file() and it.home.keys not in path.parents and house.folder / "os" not in path.parents:
                found[path] = path.read_bytes()
    return found


def opened_backups(house: Appliance) -> dict[Path, bytes]:
    """What is inside the backups, but the device key."""
    found: dict[Path, bytes] = {}
    key = backup_key.load(house.it.home.keys)
    for number, made in enumerate(catalog.all(house.it.store)):
        folder = house.folder / f"opened-{number}"
        folder.mkdir()
        staging.open_into(folder, house.it.home.backups / made.file, key)
        found |= {path: path.read_bytes() for path in folder.iterdir() if path.name != device_key.NAME}
    return found


@pytest.mark.slow
def test_no_secret_is_found_anywhere_afterwards(appliance: Appliance) -> None:  # reading 15, SECURITY.md 29
    use_everything(appliance)
    appliance.stop()
    assert {"TOTP secret", "recovery code 9", "created token", "asked token", "guest PIN"} <= set(appliance.secrets)
    places = searched(appliance)
    names = {path.name for path in places}
    assert {"store.db", "live.db", "admin.log", "phone.log", "core.log"} <= names
    inside = opened_backups(appliance)
    assert any(path.name == "store.db" for path in inside)
    hits = [
        (name, str(path.relative_to(appliance.folder)))
        for name, secret in appliance.secrets.items()
        for path, content in (places | inside).items()
        if len(secret) > TOO_SHORT and told(secret, content)
    ]
    assert hits == []
    assert appliance.seen == set() and appliance.shown_bytes > 0


def test_the_search_would_find_them(tmp_path: Path) -> None:
    """A check that cannot fail is none."""
    for written in (CARD, CARD.encode().hex(), base64.b64encode(PASSWORD.encode()).decode(), quote(PASSWORD)):
        assert told(CARD, written.encode()) or told(PASSWORD, written.encode())
    it = admin_house.furnished(tmp_path, clock.SystemClock())
    users.add(it.store, it.clock, PASSWORD[:30], "Berger", actor=audit.CLI)
    house = Appliance(it, tmp_path, None, None)  # type: ignore[arg-type]  # nothing runs
    assert [path.name for path, content in searched(house).items() if told(PASSWORD, content)]
    it.store.close()
    it.live.close()
    assert open_home(it.home, it.clock).store is not None
