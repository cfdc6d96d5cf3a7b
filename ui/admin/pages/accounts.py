"""Web accounts: who may sign in here and as what. Whatever changes them asks for one's own password again."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.access import passwords, totp, web_accounts, web_sign_in
from appliance.access.web_accounts import Account
from appliance.errors import N_
from ui.admin import forms, guard
from ui.admin.pages.sign_in import refusal
from ui.admin.words import gettext as _

pages = Blueprint("accounts", __name__, url_prefix="/system/accounts")
FIELDS = ("name", "role", "password", "own_password")
ROLES = {"viewer": N_("Viewer"), "operator": N_("Operator"), "admin": N_("Administrator")}


@pages.get("", endpoint="accounts")
@guard.needs("admin")
def show() -> str:
    """The list."""
    return _page()


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("admin")
def new() -> Response | str | tuple[str, int]:
    """Another person who may sign in."""
    form = forms.sent() if request.method == "POST" else forms.blank(role="viewer")
    if request.method == "POST" and is_me(form):
        with forms.checked(form, FIELDS):
            name = form.get("name")
            web_accounts.add(guard.appliance(), guard.who().actor, name, form.get("role"), form.typed["password"])
            return forms.done(_("{name} may sign in now.").format(name=name), "accounts.accounts")
    page = _page(form=form, account=None)
    return (page, 422) if form.wrong else page


@pages.route("/<int:account_id>", methods=["GET", "POST"])
@guard.needs("admin")
def edit(account_id: int) -> Response | str | tuple[str, int]:
    """Another role, or a new password for who forgot it."""
    opened, actor = guard.appliance(), guard.who().actor
    account = web_accounts.get(opened, account_id)
    form = forms.stored(role=account.role)
    if request.method == "POST":
        form = forms.sent(form)
    if request.method == "POST" and is_me(form):
        with forms.checked(form, FIELDS):
            if form.typed.get("password"):
                passwords.require_good(form.typed["password"], form.typed["password"], account.name)
            web_accounts.give_role(opened, account_id, form.get("role"), actor)
            if form.typed.get("password"):
                web_accounts.set_password(opened, account_id, form.typed["password"], actor)
            return forms.done(_("{name} is saved.").format(name=account.name), "accounts.accounts")
    page = _page(form=form, account=account)
    return (page, 422) if form.wrong else page


@pages.post("/<int:account_id>/<any(remove, forget_factor):what>")
@guard.needs("admin")
def end(account_id: int, what: str) -> Response | tuple[str, int]:
    """Take the account away, or the second factor of who lost the phone."""
    opened, actor = guard.appliance(), guard.who().actor
    account = web_accounts.get(opened, account_id)
    form = forms.sent()
    if is_me(form):
        with forms.checked(form, FIELDS):
            if what == "remove":
                web_accounts.remove(opened, account_id, actor)
                return forms.done(_("{name} is removed.").format(name=account.name), "accounts.accounts")
            totp.turn_off(opened, account_id, account.name, actor)
            return forms.done(
                _("{name} signs in with the password alone now.").format(name=account.name), "accounts.accounts"
            )
    form.typed["role"] = account.role
    return _page(form=form, account=account), 422


def is_me(form: forms.Form) -> bool:
    """Ask for one's own password in the field `own_password`; what is wrong stands at it."""
    again = web_sign_in.confirm(guard.appliance(), guard.who(), form.typed.get("own_password", ""))
    if again is not None:
        form.refuse(refusal(again) if again.wait_s else _("This is not your password."), "own_password")
    return again is None


def _page(form: forms.Form | None = None, account: Account | None = None) -> str:
    roles = {key: _(name) for key, name in ROLES.items()}
    return render_template(
        "accounts.html",
        accounts=web_accounts.all(guard.appliance()),
        roles=roles,
        form=form,
        account=account,
        least=passwords.SHORTEST,
    )
