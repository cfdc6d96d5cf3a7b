"""What flows at this moment: live figures, meters, charging points, and starting and stopping there."""

from __future__ import annotations

from collections.abc import Iterable

from appliance import errors, faults, heartbeat
from appliance.access import tokens_charging
from appliance.access.tokens import Token
from appliance.charging import overview, points, rules, users
from appliance.charging.overview import PointNow
from appliance.errors import N_
from appliance.metering import balance, household, meters, readings
from appliance.opened import Opened
from appliance.store import settings
from ui.phone import guard, words
from ui.phone.api import schemas
from ui.phone.api.operations import Subject
from ui.phone.guard import Denied
from ui.text import sentences
from ui.text.catalog import Texts

subject = Subject("now")
BUSY = ("authorized", "waiting", "charging", "paused")
NO_POINT = {404: "There is no such charging point."}
REFUSED = N_("Charging is not released.")
REASONS = {
    rules.Result.TYPE_DISABLED: N_("Charging with an app is switched off in Charging authorization."),
    rules.Result.BLOCKED: N_("The user of this app is blocked."),
    rules.Result.MODE: N_("This charging point is locked."),
    rules.Result.HOURS: N_("It is outside the hours of this person or identification."),
    rules.Result.ALLOWANCE: N_("The allowance of this person is used up."),
    rules.Result.UNCOUNTED: N_("This person may charge only so much, and this charging point cannot count energy now."),
    rules.Result.SECOND_FACTOR: N_("A card and a PIN are wanted here: start at the appliance."),
    rules.Result.LOCKED_OUT: N_("Too many attempts: wait a while, then try again."),
}
CORE_GONE = N_("The core does not run: nothing is measured and nothing may charge. See 'wattward doctor'.")


@subject.operation("GET", "/live", needs="read", answer=schemas.Live)
def live() -> dict[str, object]:
    """What flows now."""
    it = guard.appliance()
    return told(seen(it), guard.token(), user_name(it, guard.token()), words.texts())


@subject.operation("GET", "/points", needs="read", answer=schemas.Points)
def charging_points() -> dict[str, object]:
    """The charging points and what each does."""
    it = guard.appliance()
    return {"points": _points(overview.points_now(it), guard.token(), user_name(it, guard.token()))}


@subject.operation(
    "POST", "/points/<int:point_id>/start", needs="charge", answer=schemas.Started,
    refusals=NO_POINT | {409: "Somebody charges there, or this token stands for nobody."},
)  # fmt: skip
def start(point_id: int) -> dict[str, object]:
    """Release charging for the user this token stands for; the same rules as for their card hold."""
    it = guard.appliance()
    decision = tokens_charging.start(it, guard.token(), points.get(it.store, point_id))
    if decision.result is not rules.Result.ACCEPTED:
        refusal = Denied(403, "refused", REASONS.get(decision.result, REFUSED))
        refusal.fields = {"reason": str(decision.result)}
        raise refusal
    return {"result": "accepted", "start_within_s": settings.get(it.store, "charging.start_window_s")}


@subject.operation(
    "POST", "/points/<int:point_id>/stop", needs="charge", answer=schemas.Stopped,
    refusals=NO_POINT | {409: "Somebody else charges there."},
)  # fmt: skip
def stop(point_id: int) -> dict[str, object]:
    """Stop what one charges there, at once."""
    return {"stopped": tokens_charging.stop(guard.appliance(), guard.token(), point_id)}


@subject.operation("GET", "/meters", needs="read", answer=schemas.Meters)
def newest() -> dict[str, object]:
    """The newest reading of each meter."""
    it = guard.appliance()
    known = readings.newest(it.live)
    return {
        "meters": [
            {
                "id": meter.id,
                "name": meter.name,
                "role": meter.role,
                "fresh": meter.id in known and readings.is_fresh(known[meter.id], it.clock, meter.interval_s),
                "at": known[meter.id].at if meter.id in known else None,
                "values": known[meter.id].values if meter.id in known else {},
            }
            for meter in meters.all(it.store)
        ]
    }


class Seen:
    """One look at everything, the same for all who watch."""

    def __init__(self, it: Opened) -> None:
        self.at = it.clock.now()
        self.core = heartbeat.core_runs(it.live, it.clock)
        try:
            self.house = household.now(it)
            self.faults = faults.active(it.live)
        except errors.StoreMissing:  # no core ran in this boot
            self.house = household.Now(balance.balance({}), ())
            self.faults = []
        self.roles = sorted({meter.role for meter in meters.all(it.store)})
        self.points = overview.points_now(it)


def seen(it: Opened) -> Seen:
    """A look at this moment. Raises StoreError."""
    return Seen(it)


def told(one: Seen, token: Token, user: str | None, texts: Texts) -> dict[str, object]:
    """The same as it may be told to one token."""
    flow = one.house.balance
    said = [sentences.fault(texts, fault) for fault in one.faults]
    return {
        "at": one.at,
        "core": one.core,
        "grid_w": flow.grid_w,
        "pv_w": flow.pv_w,
        "battery_w": flow.battery_w,
        "car_w": flow.car_w,
        "house_w": flow.house_w,
        "has": one.roles,
        "missing": [missing.meter for missing in one.house.missing],
        "points": _points(one.points, token, user),
        "faults": said if one.core else [texts.gettext(CORE_GONE), *said],
    }


def user_name(it: Opened, token: Token) -> str | None:
    """Whom a token stands for."""
    user_id = tokens_charging.user_id(it, token)
    return None if user_id is None else users.get(it.store, user_id).name


def _points(found: Iterable[PointNow], token: Token, user: str | None) -> list[dict[str, object]]:
    """Points as one token may see them: other people's names are for admins."""
    return [
        {
            "id": one.point.id,
            "name": one.point.name,
            "state": one.state,
            "mode": one.mode,
            "closed": one.closed,
            "power_w": one.power_w,
            "session_energy_wh": one.session_energy_wh,
            "session_began_at": None if one.session is None else one.session.began_at,
            "user": one.user if token.may("admin") or one.user == user else None,
            "may_start": token.may("charge") and user is not None and one.session is None and one.state == "idle",
            "may_stop": token.may("charge")
            and (one.state in BUSY or one.session is not None)
            and (token.may("admin") or one.user in (None, user)),
        }
        for one in found
    ]
