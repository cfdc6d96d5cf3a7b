"""Hand-made looks at the settings' pages, for pictures and for walking over all screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

from appliance.access.posture import GOOD, OPEN, WEAK, Line
from appliance.access.tokens import Token
from appliance.access.web_sessions import Browser
from appliance.audit import TOUCH
from appliance.network.links import CONNECTED, NOT_CONFIGURED, WIFI, WIRED, Address, Link, Network
from appliance.store import settings
from appliance.system.restoring import Offered
from appliance.system.tasks import Task
from appliance.system.timekeeping import Timekeeping
from tests.ui.touch.looks import DAY, EMPTY, NOW, WEB
from ui.touch.screens.settings.backups import BackupsSeen
from ui.touch.screens.settings.house_seen import SHOWN, HouseSeen
from ui.touch.screens.settings.pair_phone_data import PairSeen
from ui.touch.screens.settings.restore import OfferedSeen
from ui.touch.screens.settings.security_overview import Posture
from ui.touch.screens.settings.tokens import TokenSeen, TokensSeen
from ui.touch.screens.settings.web_admin import BrowsersSeen
from ui.touch.screens.settings.wifi import Search
from ui.touch.status import Status

WIRED_LINK = Link(WIRED, "eth0", CONNECTED, mac="D8:3A:DD:12:34:56", addresses=("192.168.178.50", "2001:db8::50"))
WIFI_LINK = Link(
    WIFI, "wlan0", CONNECTED, "Heimnetz-5G", 82, "D8:3A:DD:12:34:57", ("192.168.178.61",),
    Address(False, "192.168.178.61", 24, "192.168.178.1", ("192.168.178.1",)),
)  # fmt: skip
HOUSE = HouseSeen(
    network=Network(True, (WIRED_LINK, WIFI_LINK)),
    time=Timekeeping(True, True, True, "Europe/Berlin"),
    values=tuple(
        (one.key, "22:00" if one.key == "ui.night_from" else "06:00" if one.key == "ui.night_to" else one.default)
        for one in settings.TABLE
        if one.key.startswith(SHOWN)
    ),
    tokens_active=2,
    tokens_pending=1,
    weak=2,
)
NEW_HOUSE = replace(HOUSE, network=Network(True, (WIRED_LINK, Link(WIFI, "wlan0", NOT_CONFIGURED, mac=WIFI_LINK.mac))))
NO_NETWORK = replace(HOUSE, network=Network(False), time=Timekeeping(False))


def _token(number: int, state: str, name: str, app: str, *, used: bool = True) -> Token:
    at = NOW.astimezone(UTC) - timedelta(days=number)
    return Token(
        number, state, "charge", name, app, "123 456", "i" if used else None, None, at, "phone:app", at, at, "admin:x",
        None, None, None, at + timedelta(hours=5) if used else None, "192.168.178.20",
    )  # fmt: skip


TOKENS = TokensSeen(
    (
        _token(4, "pending", "Tablet in the kitchen", "Wattward for Android 1.4", used=False),
        _token(3, "active", "Anna's phone", "Wattward for iPhone 1.4"),
        _token(2, "active", "Home Assistant", "API"),
        _token(1, "revoked", "Old phone", "Wattward for Android 1.1"),
    )
)
PEOPLE = ((1, "Anna Berger"), (2, "Ben Maier"), (3, "Maximiliane von Hohenstein-Waldburg"))
PENDING, ACTIVE, _HOME, REVOKED = TOKENS.all
LINES = Posture(
    (
        Line("Settings PIN", GOOD, "It is set. Wrong ones cost a wait that grows.", {}),
        Line(
            "Web password", WEAK, "It is still the default one. Signing in also needs the code on the touchscreen.", {}
        ),
        Line("Web admin", GOOD, "It is off and its port is closed.", {}),
        Line("Access tokens", OPEN, "{active} may connect, in the local network only.", {"active": 2}),
        Line("Memory card", WEAK, "It is not encrypted: who takes it out reads all but passwords.", {}),
        Line("Secure boot", WEAK, "This board starts whatever is on its card. Nothing here can change that.", {}),
    )
)
FOUND = [
    {"name": name, "strength": strength, "secured": secured, "supported": supported, "sae": False}
    for name, strength, secured, supported in (
        ("Heimnetz-5G", 82, True, True), ("FRITZ!Box 7590 Müller", 61, True, True), ("Café & Co", 47, False, True),
        ("Firma-Intern", 30, True, False), ("Nachbarn", 12, True, True),
    )
]  # fmt: skip


def _task(kind: str, state: str, *, stage: str = "", message: str = "", **result: object) -> Task:
    return Task(1, kind, {}, TOUCH, state, stage, result, message, {})


OFFERED = OfferedSeen(
    (
        Offered(Path("/a/wattward-1.tar.gz.age"), "folder", NOW - timedelta(hours=12), 4_812_330, False),
        Offered(Path("/b/wattward-2.tar.gz.age"), "usb", NOW - timedelta(hours=36), 4_799_120, False),
        Offered(Path("/b/wattward-2026-01-02T03-15-00Z-zzzzzz.tar.gz.age"), "usb", None, 2_100_000, True),
    )
)  # fmt: skip


BROWSERS = BrowsersSeen(
    (
        Browser(2, 1, "admin", NOW, "192.168.178.20", "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/140.0"),
        Browser(1, 2, "anna", NOW - timedelta(minutes=4), "192.168.178.31", "Mozilla/5.0 (iPhone) Safari/604.1"),
    )
)


def seen(page: object, status: Status = DAY) -> Status:
    """A look with what its page found."""
    return replace(status, page=page)


LOOKS: dict[str, tuple[str, Status]] = {
    "settings": ("settings", seen(HOUSE)),
    "settings-web-open": ("settings", seen(HOUSE, WEB)),
    "pin": ("pin", DAY),
    "pin-first": ("pin", EMPTY),
    "pin-wait": ("pin", replace(DAY, pin_wait_s=272.0)),
    "change-pin": ("change_pin", DAY),
    "security": ("security", seen(HOUSE)),
    "security-overview": ("security_overview", seen(LINES)),
    "tokens": ("tokens", seen(TOKENS)),
    "tokens-empty": ("tokens", seen(TokensSeen(()))),
    "token": ("token", seen(TokenSeen(ACTIVE, 3, PEOPLE))),
    "token-pending": ("token", seen(TokenSeen(PENDING, None, PEOPLE))),
    "token-revoked": ("token", seen(TokenSeen(REVOKED, None, PEOPLE))),
    "pair-phone-off": ("pair_phone", seen(PairSeen(on=False, address=None))),
    "pair-phone-no-network": ("pair_phone", seen(PairSeen(on=True, address=None))),
    "pair-phone": (
        "pair_phone",
        seen(PairSeen(on=True, address="https://192.168.178.42:9443/", fingerprint=WEB.web.fingerprint)),
    ),
    "communication": ("communication", seen(HOUSE)),
    "communication-none": ("communication", seen(NO_NETWORK)),
    "web-off": ("web_admin", replace(DAY, web=replace(DAY.web, default_password=True))),
    "web-on": ("web_admin", WEB),
    "web-signed-in": ("web_admin", seen(BROWSERS, WEB)),
    "browsers": ("browsers", seen(BROWSERS, WEB)),
    "browsers-none": ("browsers", seen(BrowsersSeen(()), WEB)),
    "wired": ("wired", seen(HOUSE)),
    "wired-unmanaged": ("wired", seen(NO_NETWORK)),
    "wifi": ("wifi", seen(HOUSE)),
    "wifi-new": ("wifi", seen(NEW_HOUSE)),
    "wifi-find": ("wifi_find", seen(Search(_task("wifi_find", "done", found=FOUND)))),
    "wifi-find-none": ("wifi_find", seen(Search(_task("wifi_find", "done", found=[])))),
    "address": ("address", seen(HOUSE)),
    "services": ("services", seen(HOUSE)),
    "display": ("display", seen(HOUSE)),
    "night": ("night", seen(HOUSE)),
    "backups": ("backups", seen(BackupsSeen(usb=True, stick=False, code_confirmed=True, offered=3))),
    "backups-failed": ("backups", seen(BackupsSeen(), replace(DAY, backup_ok=False))),
    "backups-none": ("backups", seen(BackupsSeen(), replace(DAY, backup_at=None, backup_ok=None))),
    "recovery-code": ("recovery_code", DAY),
    "restore": ("restore", seen(OFFERED)),
    "restore-empty": ("restore", seen(OfferedSeen(()))),
    "updates": ("updates", DAY),
    "system": ("system", seen(HOUSE)),
    "time": ("time", seen(HOUSE)),
    "set-time": ("set_time", seen(HOUSE)),
    "factory": ("factory", DAY),
    "about": ("about", DAY),
    "licences": ("licences", DAY),
    "wiring": ("wiring", DAY),
}
