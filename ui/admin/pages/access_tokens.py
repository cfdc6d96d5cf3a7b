"""Access authorisation: the tokens of apps and phones, confirmed, revoked and deleted here by an administrator.

The key icon beside a waiting token only opens a question; the second click
confirms. The secret of a token made here is shown once, on the answer itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from flask import Blueprint, render_template, request, session
from werkzeug.wrappers import Response

from appliance.access import tokens, tokens_charging, tokens_pages
from appliance.charging import identifications, users
from appliance.errors import N_, BadInput
from appliance.store import settings
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _

pages = Blueprint("access_tokens", __name__, url_prefix="/system/access-tokens")
FIELDS = ("name", "role", "expires_on", "user")
ROLES = {"read": N_("See values"), "charge": N_("See values and charge"), "admin": N_("Everything an app can do")}
STATES = {"pending": N_("Waits"), "active": N_("Confirmed"), "revoked": N_("Revoked"), "expired": N_("Expired")}


@pages.get("", endpoint="access_tokens")
@guard.needs("admin")
def show() -> str:
    """The list; `?token=` marks the row that an app asks to be confirmed."""
    session.pop(guard.WANTED, None)
    return _page(marked=request.args.get("token", type=int))


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("admin")
def new() -> str | tuple[str, int]:
    """A token for a program that cannot ask by itself. It waits for its confirmation like any other."""
    form = forms.sent() if request.method == "POST" else forms.blank(role="read")
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            made, secret = tokens.create(guard.appliance(), guard.who().actor, form.get("name"), role=form.get("role"))
            return _page(marked=made.id, made=made, secret=secret)
    page = _page(form=form)
    return (page, 422) if form.wrong else page


@pages.route("/<int:token_id>/confirm", methods=["GET", "POST"])
@guard.needs("admin")
def confirm(token_id: int) -> Response | str | tuple[str, int]:
    """The question, and its answer."""
    opened = guard.appliance()
    token = tokens.get(opened.store, token_id)
    form = forms.sent() if request.method == "POST" else forms.blank(role=token.role)
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            whose = _user_of(form.get("user"))
            tokens.confirm(
                opened, token_id, guard.who().actor, role=form.get("role"), expires_at=_end_of(form.get("expires_on"))
            )
            tokens_charging.lend(opened, token_id, whose, guard.who().actor)
            said = _("{name} is confirmed and can connect now.").format(name=token.name)
            return forms.done(said, "access_tokens.access_tokens", token=token_id)
    page = _page(form=form, asked=token, marked=token_id)
    return (page, 422) if form.wrong else page


@pages.route("/<int:token_id>/edit", methods=["GET", "POST"])
@guard.needs("admin")
def edit(token_id: int) -> Response | str | tuple[str, int]:
    """Call it something else; let it charge for another person."""
    opened, actor = guard.appliance(), guard.who().actor
    token = tokens.get(opened.store, token_id)
    form = forms.stored(name=token.name, user=tokens_charging.user_id(opened, token))
    if request.method == "POST":
        form = forms.sent(form)
        with forms.checked(form, FIELDS):
            whose = _user_of(form.get("user"))
            named = tokens.rename(opened, token_id, form.get("name"), actor)
            if token.state == "active":
                tokens_charging.lend(opened, token_id, whose, actor)
            return forms.done(
                _("{name} is saved.").format(name=named.name), "access_tokens.access_tokens", token=token_id
            )
    page = _page(form=form, edited=token, marked=token_id)
    return (page, 422) if form.wrong else page


@pages.post("/<int:token_id>/revoke")
@guard.needs("admin")
def revoke(token_id: int) -> Response:
    """End it and keep its row."""
    token = tokens.revoke(guard.appliance(), token_id, guard.who().actor)
    return forms.done(_("{name} is revoked.").format(name=token.name), "access_tokens.access_tokens", token=token_id)


@pages.post("/<int:token_id>/delete")
@guard.needs("admin")
def delete(token_id: int) -> Response:
    """End it and take its row away."""
    name = tokens.get(guard.appliance().store, token_id).name
    tokens.delete(guard.appliance(), token_id, guard.who().actor)
    return forms.done(_("{name} is deleted.").format(name=name), "access_tokens.access_tokens")


def _page(*, marked: int | None = None, **values: object) -> str:
    """The page of the list with the marked token on it, else the one asked for."""
    opened = guard.appliance()
    shown = tokens_pages.page(opened.store, opened.clock.now(), request.args.get("page", type=int) or 1, marked)
    return render_template(
        "access_tokens.html",
        tokens=shown.tokens,
        marked=marked,
        page=shown.number,
        last=shown.last,
        service_on=settings.flag(opened.store, "service.phone"),
        roles={key: _(name) for key, name in ROLES.items()},
        people=[(str(one.id), one.name) for one in users.all(opened.store)],
        states={key: _(name) for key, name in STATES.items()},
        **values,
    )


def _user_of(text: str) -> int | None:
    """Whose charging the app starts; None: nobody's. Raises BadInput."""
    people = {str(one.id): one.id for one in users.all(guard.appliance().store)}
    if text and text not in people:
        raise BadInput(N_("Choose a user from the list."), field="user")
    return people.get(text)


def _end_of(text: str) -> datetime | None:
    """The end of a local day as a moment; None: no end."""
    day = identifications.parse_date(text)
    if day is None:
        return None
    try:
        return datetime.combine(day, time(23, 59, 59), words.zone()).astimezone(UTC)
    except OverflowError:
        raise BadInput(N_("This day is too far away."), field="expires_on") from None
