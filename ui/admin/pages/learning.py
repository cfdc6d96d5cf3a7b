"""Give a card to a person without typing its number: hold it to a reader now, or take it from a refused attempt."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import learning, readers, users
from appliance.errors import N_
from ui.admin import forms, guard, words
from ui.admin.pages.users import listed
from ui.admin.words import gettext as _

pages = Blueprint("learning", __name__, url_prefix="/configuration/user/local-users/<int:user_id>/cards")
OUTCOMES = {
    "learned": N_("The card is learned and charges from now on."),
    "taken": N_("This card belongs to somebody already. Remove it there first."),
    "random": N_("This card changes its number each time, as phones do: it cannot be told again."),
    "cancelled": N_("Nobody waits for a card any more."),
}
OVER = N_("No card was shown in time. Try again.")


@pages.route("", methods=["GET", "POST"], endpoint="cards")
@guard.needs("operator")
def show(user_id: int) -> Response | str | tuple[str, int]:
    """Readers to hold a card to, and cards that were refused; POST begins to wait at a reader."""
    opened = guard.appliance()
    user = users.get(opened.store, user_id)
    form = forms.sent()
    known = {reader.terminal: reader.name for reader in readers.all(opened.store)}
    if request.method == "POST":
        terminal = form.get("terminal")
        if terminal in known:
            number = learning.ask(
                opened.store, opened.clock, terminal, user_id, form.get("name"), actor=guard.who().actor
            )
            return redirect(url_for("learning.waiting", user_id=user_id, request_id=number), 303)
        form.refuse(_("Choose a reader."), "terminal")
    page = render_template(
        "cards.html", users=listed(), user=user, form=form, readers=list(known.items()),
        cards=learning.unknown(opened.store, opened.clock),
    )  # fmt: skip
    return (page, 422) if form.wrong else page


@pages.get("/waiting/<int:request_id>")
@guard.needs("operator")
def waiting(user_id: int, request_id: int) -> str:
    """Hold the card to the reader now: how long is left, and what became of it."""
    found = _request(user_id, request_id)
    return render_template(
        "card_waiting.html", users=listed(), user=users.get(guard.appliance().store, user_id), found=found,
        left_s=_left_s(found), said=_said(found),
    )  # fmt: skip


@pages.get("/waiting/<int:request_id>.json")
@guard.needs("operator")
def look(user_id: int, request_id: int) -> Response:
    """The same for the script that waits."""
    found = _request(user_id, request_id)
    return jsonify(left_s=round(_left_s(found)), said=_said(found), over=_said(found) is not None)


@pages.post("/waiting/<int:request_id>/cancel")
@guard.needs("operator")
def cancel(user_id: int, request_id: int) -> Response:
    """Learn nothing after all."""
    opened = guard.appliance()
    learning.cancel(opened.store, opened.clock, _request(user_id, request_id).terminal)
    return redirect(url_for("identifications.identifications", user_id=user_id), 303)


@pages.post("/adopt/<int:attempt_id>")
@guard.needs("operator")
def adopt(user_id: int, attempt_id: int) -> Response:
    """The card of a refused attempt becomes this person's. Raises BadInput, NotFound."""
    opened = guard.appliance()
    learning.adopt(opened.store, opened.key(), opened.clock, attempt_id, user_id, actor=guard.who().actor)
    return forms.done(
        _("The card is learned and charges from now on."), "identifications.identifications", user_id=user_id
    )


def _request(user_id: int, request_id: int) -> learning.Request:
    found = learning.get(guard.appliance().store, guard.appliance().clock, request_id)
    if found.user_id != user_id:
        abort(404)
    return found


def _left_s(found: learning.Request) -> float:
    """Real seconds, also under a fast clock."""
    return found.left_s / guard.appliance().clock.speed


def _said(found: learning.Request) -> str | None:
    """What became of it; None while a card is waited for."""
    if found.outcome is not None:
        return words.gettext(OUTCOMES[found.outcome])
    return None if found.left_s > 0 else words.gettext(OVER)
