"""Forms as pages handle them: what was typed stays, what is wrong stands at its field.

Somebody else, or the touchscreen, may change the same thing while a form is
open. So it tells what it showed, and what the person left as it was shown is
saved as it is in force by then.

The rules live in `appliance`; a page calls it and shows the `BadInput` that
comes back. So the web admin can refuse nothing that the rest accepts, and the
reverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl, urlencode

from flask import Flask, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import identifications
from appliance.errors import N_, BadInput, Refused
from ui.admin import words

SHOWN = "shown"  # the hidden field
NOT_TYPED = ("csrf_token", SHOWN)
YEARS = range(2000, 2200)  # in which something may have been measured; 0026 is a year cut short


@dataclass(slots=True)
class Form:
    """What was typed, and what is wrong with it by field ('' = the whole form)."""

    typed: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    shown: str = ""  # what the page showed of what is in force, for `sent`; of forms that change something

    def get(self, name: str, default: str = "") -> str:
        """The text of one field, without surrounding blanks, and without NUL, which no program takes."""
        return self.typed.get(name, default).replace("\0", "").strip()

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return name in self.typed

    def refuse(self, sentence: str, at: str = "") -> None:
        """Show a sentence at a field."""
        self.wrong[at] = sentence


def blank(**values: object) -> Form:
    """A form filled with what is in force."""
    return Form({name: str(value) for name, value in values.items() if value is not None and value is not False})


def stored(**values: object) -> Form:
    """A form filled with what is in force, which is changed by it."""
    form = blank(**values)
    form.shown = urlencode(form.typed)
    return form


def sent(over: Form | None = None) -> Form:
    """The form of this request; what was left as it was shown is as `over` has it, which is in force now."""
    form = Form({name: value for name, value in request.form.items() if name not in NOT_TYPED})
    if over is not None and SHOWN in request.form:
        form.shown = over.shown
        shown = dict(parse_qsl(request.form[SHOWN], keep_blank_values=True))
        for name in {*shown, *over.typed}:
            if _as_sent(form.typed.get(name)) == _as_sent(shown.get(name)):
                form.typed.pop(name, None)
                form.typed |= {name: over.typed[name]} if name in over.typed else {}
    return form


def _as_sent(value: str | None) -> str:
    """A value as a browser sends it back; a box is sent or not."""
    return "yes" if value == str(True) else "\n".join((value or "").strip().splitlines())


def day(form: Form, name: str, default: date) -> date:
    """The day in a field of a period; `default` when it is empty. Raises BadInput at the field."""
    try:
        found = identifications.parse_date(form.get(name))
    except BadInput as error:
        raise BadInput(error.message, field=name, **error.values) from error
    if found is not None and found.year not in YEARS:
        raise BadInput(N_("Write a date as 2026-12-31 or 31.12.2026, or leave it empty."), field=name)
    return found or default


@contextmanager
def checked(form: Form, known: tuple[str, ...]) -> Iterator[None]:
    """Put what the block refuses beside the field it belongs to (one of `known`) or above the form."""
    try:
        yield
    except BadInput as error:
        form.refuse(words.sentence(error), error.field if error.field in known else "")
    except Refused as error:
        form.refuse(words.sentence(error))


def done(message: str, endpoint: str, **values: object) -> Response:
    """Say that it worked and go on to a page (never answer a POST with a page)."""
    flash(message, "success")
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]  # url_for takes any value


def as_cell(cell: object) -> object:
    """A cell of a CSV file; a name that a spreadsheet would run as a formula becomes text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell


def install(app: Flask) -> None:
    """Nothing but a name for templates."""
    make: Callable[..., Form] = blank
    app.jinja_env.globals["blank_form"] = make
