"""People from a CSV file: look at every line first, then save all or none.

Between looking and saving the file's text stays in the page, never here: it has
codes in it. The rules are those of the command line (`wattward users import`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from appliance.charging import user_import
from appliance.charging.user_import import Line
from appliance.errors import N_, BadInput
from ui.admin import forms, guard, uploading, words
from ui.admin.pages.identifications import NAMES
from ui.admin.words import gettext as _

pages = Blueprint("user_import", __name__, url_prefix="/configuration/user/import")
MOST_BYTES = 400_000  # ten thousand rows
SHOWN = 300  # lines; those that are wrong come first
EXAMPLE = "first name,last name,type,code,expiry\r\nAnna,Berger,pin,#271828,2027-12-31\r\nBen,Castillo,,,\r\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """One line as the page shows it; of a code only its length."""

    number: int
    name: str
    type: str
    code: str
    expires_on: date | None
    wrong: str


@pages.route("", methods=["GET", "POST"], endpoint="user_import")
@guard.needs("operator")
@uploading.takes_upload(2 * MOST_BYTES)  # saving sends the lines again, as a browser writes their ends
def bring() -> Response | str | tuple[str, int]:
    """The file, what is wrong with it line by line, and the saving of all."""
    form, text = forms.blank(), ""
    lines: list[Line] = []
    if request.method == "POST":
        form = forms.sent()
        with forms.checked(form, ("file",)):
            save, text = form.get("order") == "save", _text(form)
            opened, actor = guard.appliance(), guard.who().actor
            lines = user_import.run(opened, text, dry_run=not save, actor=actor)
            if save and not any(line.error for line in lines):
                people = len({line.person for line in lines})
                return forms.done(_("People added: {count}.").format(count=people), "users.users")
    wrong = [line for line in lines if line.error]
    page = render_template(
        "user_import.html",
        form=form,
        lines=[_seen(line) for line in [*wrong, *(line for line in lines if not line.error)][:SHOWN]],
        count=len(lines),
        people=len({line.person for line in lines}),
        wrong=len(wrong),
        text="" if wrong or form.wrong else text,
        example=EXAMPLE.strip(),
    )
    return (page, 422) if form.wrong or wrong else page


def _text(form: forms.Form) -> str:
    """What was sent, as a file or by the page that showed it. Raises BadInput."""
    if form.get("order") == "save":
        return form.typed.get("text", "")
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadInput(N_("Choose a file."), field="file")
    sent.stream.seek(0)
    data = sent.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadInput(N_("What was sent is too large."), field="file")
    if b"\0" in data:
        raise BadInput(N_("This is no CSV file. Save the table as CSV and choose that file."), field="file")
    return user_import.decode(data)


def _seen(line: Line) -> Seen:
    name = f"{line.first_name} {line.last_name}".strip()
    kind = _(NAMES[line.type]) if line.type in NAMES else line.type
    error = words.sentence(line.error) if line.error else ""
    return Seen(line.number, name, kind, "•" * min(len(line.code), 12), line.expires_on, error)
