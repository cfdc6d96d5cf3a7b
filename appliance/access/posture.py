"""How this appliance is protected now: one honest line for each door and lock, for touchscreen, web admin and doctor.

A line says what is, never what one would wish: a board without secure boot is
told so (reading 30).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import known_time
from appliance.access import display_pin, tokens, web_accounts, web_window
from appliance.backup import catalog, key
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import settings

GOOD, OPEN, WEAK = "good", "open", "weak"  # as it should be; a door somebody opened; something to mend
STATES = (GOOD, OPEN, WEAK)
BLOCK_DEVICES = Path("/sys/dev/block")


@dataclass(frozen=True, slots=True)
class Line:
    """One door or lock: its name, its state and a sentence (English, with {placeholders} in `values`)."""

    title: str
    state: str  # of STATES
    sentence: str
    values: dict[str, object]


def look(it: Opened) -> list[Line]:
    """Every line, in the order of a tour from the wall to the network. Raises StoreError."""
    lines = (_pin, _password, _second_factor, _window, _tokens, _services, _time, _backup, _card, _boot)
    return [Line(title, state, sentence, values) for one in lines for title, state, sentence, values in one(it)]


Found = Iterator[tuple[str, str, str, dict[str, object]]]


def _pin(it: Opened) -> Found:
    title = N_("Settings PIN")
    if display_pin.is_set(it.store):
        yield title, GOOD, N_("It is set. Wrong ones cost a wait that grows."), {}
    else:
        yield title, WEAK, N_("It is not set: the first who opens the settings chooses it."), {}


def _password(it: Opened) -> Found:
    title = N_("Web password")
    if web_accounts.has_default_password(it):
        yield title, WEAK, N_("It is still the default one. Signing in also needs the code on the touchscreen."), {}
    else:
        yield title, GOOD, N_("It was chosen by a person and is kept as a hash only."), {}


def _second_factor(it: Opened) -> Found:
    title = N_("Second factor")
    admins = [one for one in web_accounts.all(it) if one.role == "admin"]
    without = [one.name for one in admins if not one.second_factor]
    if without:
        yield (
            title,
            OPEN,
            N_("These administrators sign in with a password alone: {names}."),
            {"names": ", ".join(without)},
        )
    else:
        yield title, GOOD, N_("Every administrator needs a code of an app, too."), {}


def _window(it: Opened) -> Found:
    title = N_("Web admin")
    if web_window.state(it.store, it.clock).open:
        yield title, OPEN, N_("It is open and closes by itself."), {}
    else:
        yield title, GOOD, N_("It is off and its port is closed."), {}


def _tokens(it: Opened) -> Found:
    title, counts = N_("Access tokens"), tokens.counts(it.store)
    active, pending = counts["active"], counts["pending"]
    if not settings.flag(it.store, "service.phone"):
        yield title, GOOD, N_("Apps and phones cannot connect: the service is off."), {}
    elif pending:
        yield (
            title,
            OPEN,
            N_("{active} may connect, {pending} wait for an administrator."),
            {
                "active": active,
                "pending": pending,
            },
        )
    else:
        yield title, OPEN, N_("{active} may connect, in the local network only."), {"active": active}


def _services(it: Opened) -> Found:
    for setting in settings.TABLE:
        open_door = setting.key.startswith("service.") and setting.type is bool and settings.flag(it.store, setting.key)
        if open_door and setting.key != "service.phone":
            yield N_("Service"), OPEN, N_("Switched on: {name}."), {"name": N_(setting.label)}


def _time(it: Opened) -> Found:
    title = N_("Date and time")
    if known_time.trusted(it.store, it.live, it.clock):
        yield title, GOOD, N_("They are believed: what expires, expires."), {}
    else:
        yield title, WEAK, N_("They are not believed: codes with an expiry do not open anything until they are."), {}


def _backup(it: Opened) -> Found:
    title = N_("Backups")
    if catalog.newest_good(it.store, "folder") is None:
        yield title, WEAK, N_("There is none yet."), {}
    elif not key.confirmed(it.store, key.load(it.home.keys)):
        yield (
            title,
            WEAK,
            N_("They are encrypted, but nobody has confirmed to have written down the recovery code."),
            {},
        )
    else:
        yield title, GOOD, N_("They are encrypted; only the recovery code opens them."), {}


def _card(it: Opened) -> Found:
    title = N_("Memory card")
    if _is_encrypted(it.home.root):
        yield title, GOOD, N_("What the appliance keeps lies on an encrypted volume."), {}
    else:
        yield (
            title,
            WEAK,
            N_("It is not encrypted: who takes it out reads all but passwords."),
            {},
        )


def _is_encrypted(folder: Path) -> bool:
    """Tell whether the volume that holds a folder is one of dm-crypt (Linux, /sys/dev/block)."""
    device = folder.stat().st_dev
    kind = BLOCK_DEVICES / f"{os.major(device)}:{os.minor(device)}" / "dm" / "uuid"
    return kind.is_file() and kind.read_text().startswith("CRYPT-")


def _boot(_it: Opened) -> Found:
    yield (
        N_("Secure boot"),
        WEAK,
        N_("This board starts whatever is on its card. Nothing here can change that."),
        {},
    )
