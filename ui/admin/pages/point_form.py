"""Set a charging point up, change its wiring or its meter, put it out of use and into use again.

What may be is decided by `appliance.charging`; a relay that is moved is opened
at its old line by the core. A new point lets charge who has a PIN or a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response

from appliance.charging import held, points, wiring
from appliance.charging.points import Point
from appliance.errors import N_, BadInput
from appliance.metering import meters
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _

pages = Blueprint("point_form", __name__, url_prefix="/charging/points")
FIELDS = ("name", "relay", "meter", "plug", "feedback")
ON_BOARD = "board"  # chosen instead of a line; the address stands in the field `…_board`
Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as `points` takes it."""

    name: str
    relay: str
    meter_id: int | None
    plug: str
    feedback: str


@pages.route("/new", methods=["GET", "POST"])
@guard.needs("admin")
def new() -> Response | str | tuple[str, int]:
    """The form of a new point."""
    opened = guard.appliance()
    form = forms.blank()
    if request.method == "POST":
        form = forms.sent()
        with _checked(form):
            typed = _typed(form)
            point = points.add(
                opened.store, opened.clock, typed.name, typed.relay, typed.meter_id, plug=typed.plug,
                feedback=typed.feedback, actor=guard.who().actor,
            )  # fmt: skip
            _warn(point)
            said = _("{name} is set up. Try its contact before a car is there.").format(name=point.name)
            return forms.done(said, "point.edit", point_id=point.id)
    return _page(form, None)


@pages.route("/<int:point_id>/edit", methods=["GET", "POST"])
@guard.needs("admin")
def edit(point_id: int) -> Response | str | tuple[str, int]:
    """The form of a point there is."""
    opened = guard.appliance()
    point = points.get(opened.store, point_id)
    form = _filled(point)
    if request.method == "POST":
        form = forms.sent(form)
        with _checked(form):
            typed = _typed(form)
            changed = points.edit(
                opened.store, opened.clock, point_id, name=typed.name, relay=typed.relay, meter_id=typed.meter_id,
                plug=typed.plug, feedback=typed.feedback, actor=guard.who().actor,
            )  # fmt: skip
            if changed.relay != point.relay:
                _warn(changed)
            return forms.done(_("{name} is saved.").format(name=changed.name), "point.edit", point_id=point_id)
    return _page(form, point)


@pages.post("/<int:point_id>/archive")
@guard.needs("admin")
def archive(point_id: int) -> Response:
    """Put it out of use: the core opens its relay and ends what runs there."""
    opened = guard.appliance()
    point = points.get(opened.store, point_id)
    points.archive(opened.store, opened.clock, point_id, actor=guard.who().actor)
    said = _("{name} is out of use: nobody can charge there. Its sessions stay.").format(name=point.name)
    return forms.done(said, "charging.charging")


@pages.post("/<int:point_id>/activate")
@guard.needs("admin")
def activate(point_id: int) -> Response | str | tuple[str, int]:
    """Use it again; when its meter is another's by now, the form says so."""
    opened = guard.appliance()
    point = points.get(opened.store, point_id)
    form = _filled(point)
    with _checked(form):
        points.activate(opened.store, opened.clock, point_id, actor=guard.who().actor)
        return forms.done(_("{name} is in use again.").format(name=point.name), "point.edit", point_id=point_id)
    return _page(form, point)


def wiring_of(point: Point) -> Options:
    """What hangs where, in words, for the point's page."""
    plug, opens = wiring.split_plug(point.plug)
    names = {one.id: one.name for one in meters.all(guard.appliance().store, archived=True)}
    closes = _("{line}, opens when a car is plugged in").format(line=_in_words(plug)) if opens else _in_words(plug)
    return [
        (_("Relay"), _in_words(point.relay)),
        (_("Meter"), names.get(point.meter_id or 0, _("none"))),
        (_("Plug input"), closes),
        (_("Contact of the contactor"), _in_words(point.feedback)),
    ]


def _in_words(spec: str) -> str:
    if not spec:
        return _("none")
    return spec if wiring.is_on_a_board(spec) else _("GPIO {number}").format(number=spec.removeprefix("gpio:"))


@contextmanager
def _checked(form: forms.Form) -> Iterator[None]:
    """As `forms.checked`; what is wrong with an address on a board stands at the address."""
    with forms.checked(form, FIELDS):
        yield
    for field in ("relay", "plug"):
        if field in form.wrong and form.get(field) == ON_BOARD:
            form.refuse(form.wrong.pop(field), f"{field}_board")


def _typed(form: forms.Form) -> Typed:
    """The form's fields. Raises BadInput for a meter there is none of; the rest is looked at by `points`."""
    plug = _spec(form, "plug")
    if plug and form.ticked("plug_opens") and not wiring.split_plug(plug)[1]:
        plug += wiring.OPENS
    meter = form.get("meter")
    if meter and meter not in {str(one.id) for one in meters.all(guard.appliance().store, archived=True)}:
        raise BadInput(N_("There is no such meter any more: choose another."), field="meter")
    return Typed(form.get("name"), _spec(form, "relay"), int(meter) if meter else None, plug, form.get("feedback"))


def _spec(form: forms.Form, field: str) -> str:
    return form.get(f"{field}_board") if form.get(field) == ON_BOARD else form.get(field)


def _warn(point: Point) -> None:
    """Say what a coil cannot promise."""
    if point.relay.startswith("coil:"):
        flash(words.gettext(wiring.WATCHDOG), "warning")


def _filled(point: Point) -> forms.Form:
    """The form with what is in force."""
    plug, opens = wiring.split_plug(point.plug)
    return forms.stored(
        name=point.name, meter=point.meter_id, feedback=point.feedback, plug_opens=opens,
        **_split("relay", point.relay), **_split("plug", plug),
    )  # fmt: skip


def _split(field: str, spec: str) -> dict[str, str]:
    """A line is chosen, what is on a board is typed."""
    return {field: ON_BOARD, f"{field}_board": spec} if wiring.is_on_a_board(spec) else {field: spec}


def _page(form: forms.Form, point: Point | None) -> str | tuple[str, int]:
    lines = held.free_lines(guard.appliance().store, ("point", point.id if point else 0))
    offered = {field: _lines(lines, form.get(field)) for field in ("relay", "plug", "feedback")}
    board = (ON_BOARD, _("on a Modbus board"))
    page = render_template(
        "point_form.html", form=form, point=point, relays=[*offered["relay"], board], plugs=[*offered["plug"], board],
        feedbacks=offered["feedback"], meters=_meters(form.get("meter"), point), longest=points.NAME_MAX,
    )  # fmt: skip
    return (page, 422) if form.wrong else page


def _lines(free: list[str], chosen: str) -> Options:
    """The free lines, and the one that is chosen: it may be taken meanwhile."""
    also = [chosen] if wiring.GPIO.fullmatch(chosen) and chosen not in free else []
    return [(line, _in_words(line)) for line in (*also, *free)]


def _meters(chosen: str, point: Point | None) -> Options:
    """The meters that no other point has, and the one that is chosen."""
    opened = guard.appliance()
    others = {one.meter_id for one in points.all(opened.store) if point is None or one.id != point.id}
    return [
        (str(one.id), one.name)
        for one in meters.all(opened.store, archived=True)
        if str(one.id) == chosen or not (one.archived or one.id in others)
    ]
