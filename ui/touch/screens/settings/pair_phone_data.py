"""Pairing a phone: one pending token, shown as a QR code, until the phone has it and somebody confirms. No Kivy here.

1. `begin` makes a token and the address that holds its secret; only the page
keeps it, and only while it is seen. 2. A phone that scans it binds the token to
itself (`state` becomes ASKS), and both sides show the same number. 3. `confirm`
lets it in. A token that no phone took is dropped with the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from appliance import audit
from appliance.access import app_service, certificate, tokens
from appliance.access.tokens import Token
from appliance.errors import N_, Refused
from appliance.opened import Opened
from ui.text.catalog import _
from ui.touch.status import Status

OFF, NO_NETWORK, READY, SCAN, ASKS, IN, GONE = "off", "no_network", "ready", "scan", "asks", "in", "gone"


@dataclass(frozen=True, slots=True)
class PairSeen:
    """The service behind it, the network, and the token of this pairing as it is now."""

    on: bool
    address: str | None
    token: Token | None = None
    fingerprint: str = ""  # of the certificate, for whom the browser warns


@dataclass(frozen=True, slots=True)
class Begun:
    """A pairing: the token's number, and the address with its secret."""

    number: int
    address: str

    def __repr__(self) -> str:
        return f"Begun({self.number})"  # a secret is in no log


def look(it: Opened, status: Status, number: int) -> PairSeen:
    """Look. Raises StoreError."""
    token = next((one for one in tokens.all(it.store, status.now) if one.id == number), None)
    return PairSeen(app_service.is_on(it.store), app_service.url(it), token, certificate.fingerprint(it.home.tls))


def state(seen: PairSeen, number: int) -> str:
    """What the page is about now; `number` is that of the token it made, 0 for none yet."""
    if seen.token is not None and seen.token.id == number and seen.token.state in ("pending", "active"):
        if seen.token.state == "active":
            return IN
        if seen.token.installation is not None:
            return ASKS
    elif number:
        return GONE
    if not seen.on:
        return OFF
    if seen.address is None:
        return NO_NETWORK
    return SCAN if number else READY


def begin(it: Opened) -> Begun:
    """Make a token and its address. Raises Refused without a network."""
    names = [one.name for one in tokens.all(it.store)]
    token, secret = tokens.create(it, audit.TOUCH, free_name(_("Phone"), names))
    address = app_service.pairing_url(it, secret)
    if address is None:
        tokens.delete(it, token.id, audit.TOUCH)
        raise Refused(N_("No network: connect a cable or Wi-Fi."))
    return Begun(token.id, address)


def free_name(name: str, taken: Iterable[str]) -> str:
    """`Phone`, `Phone 2`, `Phone 3` …: the first that no token has."""
    names = set(taken)
    if name not in names:
        return name
    number = 2
    while f"{name} {number}" in names:
        number += 1
    return f"{name} {number}"


def drop(it: Opened, number: int) -> None:
    """Take away a token that no phone took. Raises NotFound."""
    token = tokens.get(it.store, number)
    if token.state == "pending" and token.installation is None:
        tokens.delete(it, number, audit.TOUCH)


def confirm(it: Opened, number: int, *, may_charge: bool) -> Token:
    """Let the phone in. Raises NotFound, Refused."""
    return tokens.confirm(it, number, audit.TOUCH, role="charge" if may_charge else "read")
