"""An app's own token: asking for one, asking about it, giving it back. And the list, for admins."""

from __future__ import annotations

from flask import g, request

from appliance import audit
from appliance.access import tokens, tokens_charging, tokens_request, web_window
from appliance.access.tokens import Token
from appliance.access.tokens_check import Answer, Checked
from appliance.charging import users
from appliance.errors import N_, Refused
from appliance.network import addresses
from ui.phone import guard
from ui.phone.api import schemas
from ui.phone.api.operations import Subject

subject = Subject("token")
CONFIRMED_AT = "/system/access-tokens?token={token}"  # page of the web admin, the row marked
TOO_MANY = "Too many requests: wait, as Retry-After says."


@subject.operation(
    "POST", "/token", needs=guard.ANYONE, body=schemas.TokenWish, answer=schemas.NewToken, status=201,
    refusals={429: TOO_MANY},
)  # fmt: skip
def ask(name: str, app: str, role: str, installation: str) -> dict[str, object]:
    """Ask for a token. It works once somebody who is signed in at the appliance has confirmed it."""
    made, secret = tokens_request.request(
        guard.appliance(), request.remote_addr or "", name=name, app=app, role=role, installation=installation
    )
    return {
        "id": made.id,
        "token": secret,
        "status": "not_confirmed",
        "matching_number": made.matching_number,
        "pending_until": made.pending_until,
    }


@subject.operation("GET", "/token", needs=guard.HOLDER, answer=schemas.TokenStatus)
def check() -> dict[str, object]:
    """Check one's token: 200 and 'valid', or 401 and what is the matter."""
    checked: Checked = g.checked
    if checked.answer is not Answer.VALID:
        refusal = guard.of_answer(checked.answer)
        refusal.fields |= {"matching_number": guard.token().matching_number, "name": guard.token().name}
        raise refusal
    return _told(guard.token())


@subject.operation("PATCH", "/token", needs=guard.HOLDER, body=schemas.NewName, answer=schemas.TokenStatus)
def rename(name: str) -> dict[str, object]:
    """Name a token that waits and was made at the appliance; who asked for one has named it, later only admins may."""
    if guard.token().state != "pending" or guard.token().created_by.startswith("phone:"):
        raise Refused(N_("Only an access token that waits, and was made at the appliance, takes a name."))
    return _told(tokens.rename(guard.appliance(), guard.token().id, name, _actor()))


@subject.operation("DELETE", "/token", needs=guard.HOLDER, status=204)
def give_back() -> None:
    """Give one's token back: one that waits is forgotten, any other revoked."""
    token = guard.token()
    if token.state == "pending":
        tokens.delete(guard.appliance(), token.id, _actor())
    else:
        tokens.revoke(guard.appliance(), token.id, _actor())


@subject.operation("GET", "/token/confirmation", needs=guard.HOLDER, answer=schemas.Confirmation)
def where_to_confirm() -> dict[str, object]:
    """Where a person confirms this token: the page of the web admin, and whether it is open now."""
    it = guard.appliance()
    window = web_window.state(it.store, it.clock)
    return {
        "open": window.open,
        "remaining_s": round(window.remaining_s / it.clock.speed),
        "port": addresses.web_port(it),
        "path": CONFIRMED_AT.format(token=guard.token().id),
    }


@subject.operation("GET", "/tokens", needs="admin", answer=schemas.TokenRows)
def rows() -> dict[str, object]:
    """All tokens, without their secrets."""
    it = guard.appliance()
    return {"tokens": tokens.all(it.store, it.clock.now())}


@subject.operation(
    "POST", "/tokens/<int:token_id>/revoke", needs="admin", answer=schemas.TokenRow,
    refusals={404: "There is no such token."},
)  # fmt: skip
def revoke(token_id: int) -> Token:
    """Revoke a token. Nothing here confirms one: that takes a person who is signed in."""
    return tokens.revoke(guard.appliance(), token_id, _actor())


def _told(token: Token) -> dict[str, object]:
    it = guard.appliance()
    user_id = tokens_charging.user_id(it, token)
    return {
        "id": token.id,
        "status": "valid" if token.state == "active" else "not_confirmed",
        "name": token.name,
        "role": token.role,
        "matching_number": token.matching_number,
        "user": None if user_id is None else users.get(it.store, user_id).name,
        "expires_at": token.expires_at,
    }


def _actor() -> audit.Actor:
    return audit.Actor("phone", guard.token().name)
