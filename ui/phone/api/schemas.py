"""What goes over the wire, field by field. Power in W, energy in Wh, times in UTC as ISO 8601."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from appliance.access import tokens, tokens_check
from appliance.charging import states

STEPS_S = (60, 300, 900, 3600)
NEWEST_SESSIONS = 50
MOST_SESSIONS = 500
MOST_DAYS = 1100  # of one question about energies
MOST_BARS = 62  # of one question about energies day by day


def said(**words: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever OpenAPI knows
    """What the document says of a field."""
    return words


class Figure(fields.Float):
    """A figure as finely as it is known: meters speak binary, and 213.6 is not 213.60000610351562."""

    places = 3

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as theirs
        found = super()._serialize(value, attr, obj, **kwargs)
        return found if found is None else round(float(found), self.places) + 0.0  # never -0.0


class Watts(Figure):
    """A power."""

    places = 1


LETTERS = "!-~\u00a1-\u00ac\u00ae-\u024f"  # what can be seen of Latin scripts
NAME = f"[{LETTERS}]([ {LETTERS}]*[{LETTERS}])?"
LINE = f"({NAME})?"


def shaped(pattern: str, most: int, description: str, *, optional: bool = False) -> fields.String:
    """A text of a shape, enforced and described by the same words."""
    checks = [validate.Regexp(rf"(?:{pattern})\Z"), validate.Length(max=most)]
    told = said(description=description, pattern=f"^({pattern})$")
    return (
        fields.String(load_default="", validate=checks, metadata=told)
        if optional
        else fields.String(required=True, validate=checks, metadata=told)
    )


def name() -> fields.String:
    """The name of a token."""
    return shaped(NAME, tokens.LONGEST_NAME, "Who uses it, for the list of access tokens: 'Phone'.")


class Refusal(Schema):
    """Why something was refused."""

    error = fields.String(required=True, metadata=said(description="For programs: token_not_confirmed, role …"))
    message = fields.String(required=True, metadata=said(description="For people, in the language asked for."))
    status = fields.String(metadata=said(description="Of the token, where it is about one."))
    field = fields.String(metadata=said(description="Which field is wrong."))
    name = fields.String(metadata=said(description="Of the token that was checked."))
    matching_number = fields.String(metadata=said(description="Of the token that was checked."))
    reason = fields.String(metadata=said(description="Why charging was refused."))
    wait_s = fields.Integer(metadata=said(description="Ask again after so many seconds."))


class Capabilities(Schema):
    """What this service can do; the same for everybody."""

    product = fields.String(required=True)
    api = fields.List(fields.String(), required=True, metadata=said(description="Versions of the API: ['v1']."))
    capabilities = fields.List(fields.String(), required=True)


class Appliance(Schema):
    """This appliance, and what it has."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    language = fields.String(required=True)
    timezone = fields.String(required=True)
    charging = fields.Boolean(required=True, metadata=said(description="There is a charging point."))
    solar = fields.Boolean(required=True)
    battery = fields.Boolean(required=True)
    metrics = fields.Boolean(required=True, metadata=said(description="Figures for Prometheus are switched on."))


class TokenWish(Schema):
    """What an app says of itself when it asks for a token."""

    name = name()
    app = shaped(LINE, tokens.LONGEST_APP, "The program: 'Wattward phone page'.", optional=True)
    role = fields.String(load_default="charge", validate=validate.OneOf(tokens.ROLES))
    installation = shaped(
        tokens_check.INSTALLATION.pattern, 64,
        "Names this installation of the app; sent again in the header Wattward-Installation.",
    )  # fmt: skip


class NewName(Schema):
    """What a token that waits is to be called."""

    name = name()


class NewToken(Schema):
    """A token that waits for confirmation. It is told this once."""

    id = fields.Integer(required=True)
    token = fields.String(required=True)
    status = fields.String(required=True, validate=validate.Equal("not_confirmed"))
    matching_number = fields.String(required=True, metadata=said(description="Shown where it is confirmed, too."))
    pending_until = fields.AwareDateTime(required=True)


class TokenStatus(Schema):
    """A token as its holder sees it."""

    id = fields.Integer(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf([str(answer) for answer in tokens_check.Answer])
    )  # fmt: skip
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(tokens.ROLES))
    matching_number = fields.String(required=True)
    user = fields.String(required=True, allow_none=True, metadata=said(description="Whose charging it starts."))
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class Confirmation(Schema):
    """Where a person confirms a token: on the same host, at this port and path."""

    open = fields.Boolean(required=True, metadata=said(description="The web admin is open now."))
    remaining_s = fields.Integer(required=True)
    port = fields.Integer(required=True)
    path = fields.String(required=True)


class TokenRow(Schema):
    """A token as an admin sees it."""

    id = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(tokens.STATES))
    role = fields.String(required=True, validate=validate.OneOf(tokens.ROLES))
    name = fields.String(required=True)
    app = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    confirmed_at = fields.AwareDateTime(required=True, allow_none=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    last_used_at = fields.AwareDateTime(required=True, allow_none=True)


class TokenRows(Schema):
    """All tokens."""

    tokens = fields.List(fields.Nested(TokenRow), required=True)


class PointNow(Schema):
    """A charging point at this moment."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(states.STATES))
    mode = fields.String(required=True)
    closed = fields.Boolean(required=True, allow_none=True, metadata=said(description="The relay, as it is seen."))
    power_w = Watts(required=True, allow_none=True)
    session_energy_wh = fields.Integer(required=True, allow_none=True)
    session_began_at = fields.AwareDateTime(required=True, allow_none=True)
    user = fields.String(required=True, allow_none=True, metadata=said(description="Only one's own, or for admins."))
    may_start = fields.Boolean(required=True, metadata=said(description="This token may try to start here."))
    may_stop = fields.Boolean(required=True, metadata=said(description="This token may stop what runs here."))


class Points(Schema):
    """All charging points."""

    points = fields.List(fields.Nested(PointNow), required=True)


class Started(Schema):
    """Charging is released."""

    result = fields.String(required=True, validate=validate.Equal("accepted"))
    start_within_s = fields.Integer(required=True, metadata=said(description="The car has so long to begin."))


class Stopped(Schema):
    """Whether anything was stopped."""

    stopped = fields.Boolean(required=True)


class Live(Schema):
    """What flows now. None: not measured, or no data. Import from the grid and charging of a battery are positive."""

    at = fields.AwareDateTime(required=True)
    core = fields.Boolean(required=True, metadata=said(description="The appliance measures; false: figures are none."))
    grid_w = Watts(required=True, allow_none=True)
    pv_w = Watts(required=True, allow_none=True)
    battery_w = Watts(required=True, allow_none=True)
    car_w = Watts(required=True, allow_none=True)
    house_w = Watts(required=True, allow_none=True)
    has = fields.List(fields.String(), required=True, metadata=said(description="Roles there are meters for."))
    missing = fields.List(fields.String(), required=True, metadata=said(description="Meters without data."))
    points = fields.List(fields.Nested(PointNow), required=True)
    faults = fields.List(fields.String(), required=True, metadata=said(description="Sentences for people."))


class Meter(Schema):
    """The newest reading of a meter."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    fresh = fields.Boolean(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)
    values = fields.Dict(keys=fields.String(), values=Figure(), required=True)


class Meters(Schema):
    """All meters in use."""

    meters = fields.List(fields.Nested(Meter), required=True)


class DayWish(Schema):
    """Which day, and how finely."""

    day = fields.Date(load_default=None, metadata=said(description="Local day; without: today."))
    step_s = fields.Integer(load_default=900, validate=validate.OneOf(STEPS_S))


class History(Schema):
    """Mean powers of a local day, step by step; None: not measured."""

    day = fields.Date(required=True)
    begin = fields.AwareDateTime(required=True)
    step_s = fields.Integer(required=True)
    grid_w = fields.List(Watts(allow_none=True), required=True)
    pv_w = fields.List(Watts(allow_none=True), required=True)
    battery_w = fields.List(Watts(allow_none=True), required=True)
    car_w = fields.List(Watts(allow_none=True), required=True)
    house_w = fields.List(Watts(allow_none=True), required=True)


class DaysWish(Schema):
    """Which local days."""

    first = fields.Date(load_default=None, metadata=said(description="Without: today."))
    last = fields.Date(load_default=None, metadata=said(description="Included; without: the same day."))


class Energies(Schema):
    """Energies of local days in Wh, today as far as it is; None: not measured."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)
    grid_import_wh = fields.Integer(required=True, allow_none=True)
    grid_export_wh = fields.Integer(required=True, allow_none=True)
    pv_wh = fields.Integer(required=True, allow_none=True)
    battery_charged_wh = fields.Integer(required=True, allow_none=True)
    battery_given_wh = fields.Integer(required=True, allow_none=True)
    car_wh = fields.Integer(required=True, allow_none=True)
    house_wh = fields.Integer(required=True, allow_none=True)
    self_consumption = Figure(required=True, allow_none=True, metadata=said(description="0 to 1"))
    self_sufficiency = Figure(required=True, allow_none=True, metadata=said(description="0 to 1"))
    gap = fields.Boolean(required=True, metadata=said(description="Some of it was not observed; sums are right."))


class EnergiesByDay(Schema):
    """Energies of local days, one by one."""

    days = fields.List(fields.Nested(Energies), required=True)


class SessionsWish(Schema):
    """Which sessions: the newest, or those that began on local days."""

    limit = fields.Integer(
        load_default=None, validate=validate.Range(1, MOST_SESSIONS),
        metadata=said(description=f"At most so many; without: {NEWEST_SESSIONS}, of days {MOST_SESSIONS}."),
    )  # fmt: skip
    first = fields.Date(load_default=None, metadata=said(description="Local day; without: the same as last."))
    last = fields.Date(load_default=None, metadata=said(description="Included; without: the same as first."))


class Session(Schema):
    """A charging session, running while ended_at is none."""

    id = fields.Integer(required=True)
    point = fields.String(required=True)
    began_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    energy_wh = fields.Integer(required=True, allow_none=True)
    end_reason = fields.String(required=True, allow_none=True)
    user = fields.String(required=True, allow_none=True, metadata=said(description="Only one's own, or for admins."))
    mine = fields.Boolean(required=True)


class Sessions(Schema):
    """Sessions, newest first."""

    sessions = fields.List(fields.Nested(Session), required=True)
    more = fields.Boolean(required=True, metadata=said(description="There are older ones that were left out."))
