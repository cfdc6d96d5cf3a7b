"""The account that sends e-mail: reports, and faults for who wants them.

Its password is sealed with the device key and never shown again. Without an
account nothing is sent, and that is said where somebody asked for e-mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance import audit, clock
from appliance.access.device_key import DeviceKey
from appliance.errors import N_, BadInput, Refused
from appliance.store.database import Store

PURPOSE = "mail"
SECURITY = {"tls": 465, "starttls": 587}  # how, and its usual port; unencrypted is not offered
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+")


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server and who we are there. `password` is None without one (a server that asks for none)."""

    host: str
    port: int
    security: str  # of SECURITY
    user: str
    sender: str
    password: str | None = None


def put(store: Store, key: DeviceKey, when: clock.Clock, account: Account, *, actor: audit.Actor) -> None:
    """Set the account. Raises BadInput naming the rule."""
    _check(account)
    sealed = None if account.password is None else key.seal(PURPOSE, account.password, bound_to=account.host)
    with store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO mail_account VALUES (1,?,?,?,?,?,?)",
            (account.host, account.port, account.security, account.user, sealed, account.sender),
        )
        audit.record(
            db, when.now(), actor, "mail.account", account.host, port=account.port, security=account.security,
            user=account.user, sender=account.sender,
        )  # fmt: skip


def get(store: Store, key: DeviceKey) -> Account:
    """The account with its password. Raises Refused when there is none."""
    with store.read() as db:
        row = db.execute("SELECT host, port, security, user, sender, password_sealed FROM mail_account").fetchone()
    if row is None:
        raise Refused(N_("There is no account for e-mail: set one up with 'wattward reports mail-account'."))
    host, port, security, user, sender, sealed = row
    password = None if sealed is None else key.unseal(PURPOSE, sealed, bound_to=host)
    return Account(host, port, security, user, sender, password)


def forget(store: Store, when: clock.Clock, *, actor: audit.Actor) -> None:
    """Remove the account and its password."""
    with store.write() as db:
        db.execute("DELETE FROM mail_account")
        audit.record(db, when.now(), actor, "mail.forget", "mail")


def _check(account: Account) -> None:
    if not HOST.fullmatch(account.host):
        raise BadInput(N_("The mail server is a host name like smtp.example.org."), field="host")
    if account.security not in SECURITY:
        raise BadInput(N_("Mail is sent with one of: {allowed}."), field="security", allowed=", ".join(SECURITY))
    if not 1 <= account.port <= 65535:
        raise BadInput(N_("A port is a number from 1 to 65535."), field="port")
    if not ADDRESS.fullmatch(account.sender):
        raise BadInput(N_("The sender is an e-mail address like house@example.org."), field="sender")
    if account.password and not account.user:
        raise BadInput(N_("A password needs a user name."), field="user")
