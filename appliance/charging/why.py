"""Why a point charges, or why not: one sentence for now, and what led there, newest first.

Everything is told from what was stored when it was decided: attempts, grants,
sessions. Without `reasons` a refusal is only a refusal, as at the keypad; with
them (behind the settings PIN or a sign-in) it says why, and who it was.
Sentences are English with {placeholders} and are translated by the surfaces.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appliance import clock
from appliance.charging import attempts, learning, overview, second_factor, sessions, snapshot
from appliance.charging.attempts import Attempt
from appliance.charging.overview import PointNow
from appliance.charging.rules import READER, Result
from appliance.errors import N_, NotFound
from appliance.opened import Opened
from appliance.store.database import Db

HELD = ("authorized", "waiting", "paused")  # states in which somebody wonders why the relay is open
LATELY = timedelta(minutes=10)  # how long the last thing that happened is told about an idle point
EVERYTHING = 1_000_000  # decisions at one point in ten years
SAME = timedelta(seconds=1)  # an attempt that stopped and the end it brought are one event
REFUSED = N_("Refused.")
WHY = {
    Result.UNKNOWN: N_("Refused: nobody has this code."),
    Result.TYPE_DISABLED: N_("Refused: this type of identification is switched off."),
    Result.BLOCKED: N_("Refused: {user} is blocked or archived."),
    Result.INACTIVE: N_("Refused: this identification of {user} is not active."),
    Result.STOP_ONLY: N_("Refused: the master card only stops."),
    Result.EXPIRED: N_("Refused: the code of {user} has expired."),
    Result.HOURS: N_("Refused: outside the hours of {user}."),
    Result.ALLOWANCE: N_("Refused: the allowance of {user} is used up."),
    Result.USED_UP: N_("Refused: the code of {user} is used up."),
    Result.UNCOUNTED: N_(
        "Refused: {user} may charge only so much, and this charging point cannot count energy now: its meter gives no"
        " counter, or it has none."
    ),
    Result.SECOND_FACTOR: N_("The card of {user} is good; its PIN is wanted, too."),
    Result.LOCKED_OUT: N_("Refused: too many wrong codes; it was not looked at."),
    Result.MODE: N_("Refused: the point is locked now."),
    Result.BUSY: N_("Refused: somebody else charges here."),
    Result.TAKEN: N_("The card was not learned: somebody has it already, or it changes its number."),
}
DOUBT = N_("Refused: date and time are not known, and the code of {user} needs them.")
DOUBT_PLAN = N_("Refused: date and time are not known, and the point's weekly plan needs them.")
STOPPED, STOPPED_BY = N_("Stopped {place}."), N_("Stopped by {user} {place}.")
DONE = {
    Result.ACCEPTED: (N_("Released for {user} {place}."), N_("Released {place}.")),
    Result.STOPPED: (STOPPED_BY, STOPPED),
    Result.LEARNED: (N_("A card of {user} was learned {place}."), N_("A card was learned {place}.")),
}
ENDS = {
    "unused": N_("The car did not start in time."),
    "idle": N_("The car was full, or unplugged."),
    "blocked": N_("The user was blocked."),
    "revoked": N_("The identification was taken away."),
    "expired": N_("The identification expired."),
    "hours": N_("The allowed hours were over."),
    "allowance": N_("The allowance was used up."),
    "limit": N_("The limit of the code was reached."),
    "unplug": N_("The car was unplugged."),
    "unseen": N_("The meter was silent for too long."),
    "unmetered": N_("The longest time without a meter was over."),
    "uncounted": N_("The meter gave no counter any more, and only so much may be charged."),
    "shared": N_("Another charging point has the same meter."),
    "mode": N_("The mode of the point changed."),
    "locked": N_("The point was locked."),
    "power_cut": N_("There was no power."),
    "core_restart": N_("The appliance was restarted."),
    "fault": N_("There was a fault."),
    "replaced": N_("Somebody else was let in instead."),
    "stop": N_("Stopped."),
}
BEGAN = N_("The car began to charge.")
ENDED = N_("The session ended: {kwh} kWh.")
PLACES = {
    "touch": N_("at the touchscreen"), "web": N_("in the web admin"), "admin": N_("in the web admin"),
    "cli": N_("on the command line"), "phone": N_("with the app"),
}  # fmt: skip
AT_READER = N_("at the reader {reader}")
NOW = {
    "locked": N_("Locked: nobody may charge here now."),
    "outside": N_("Outside the hours of the weekly plan."),
    "idle": N_("Waits for a card or a PIN."),
    "free": N_("Free for everybody: plug in."),
    "pin": N_("The card is good. Now the PIN: {left} left."),
    "learn": N_("Waits for the card that is to be learned: {left} left."),
    "authorized": N_("Released; the relay closes in a moment."),
    "waiting": N_("Waiting for the car, {left} left."),
    "waiting_free": N_("Free for everybody: waiting for a car."),
    "charging": N_("Charging since {since}."),
    "paused": N_("Paused. The session ends in {left}."),
    "open": N_("A session runs; the relay closes again in a moment."),
    "ended": N_("Ended: the last reading of the meter is awaited."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence, to be translated and filled in; so is `place` among its values."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was decided at a point."""

    at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Why:
    """The answer for one point."""

    point: str
    state: str
    now: Told
    events: list[Event]  # newest first
    notes: tuple[Told, ...] = ()  # what else is wrong at the point


def tell(opened: Opened, point_id: int, *, reasons: bool, limit: int = 20) -> Why:
    """Why this point charges or does not. Raises NotFound for a point out of use."""
    now = next((one for one in overview.points_now(opened) if one.point.id == point_id), None)
    if now is None:
        raise NotFound(N_("There is no charging point with the number {number} in use."), number=point_id)
    with opened.store.read() as db:
        events = timeline(db, point_id, reasons=reasons, limit=limit)
        asked = _asked_for(db, opened.clock, point_id) if now.state == "idle" else None
        idle_end_s = snapshot.limits_of(db).idle_end_s
    lately = events[0] if events and opened.clock.now() - events[0].at < LATELY else None
    sentence = asked or _now(now, lately, idle_end_s, opened.clock)
    notes = (Told(one.message, one.values) for one in now.notes)
    return Why(now.point.name, now.state, sentence, events, tuple(one for one in notes if one != sentence))


def _now(now: PointNow, lately: Event | None, idle_end_s: float, when: clock.Clock) -> Told:
    """The sentence for now."""
    if now.fault is not None:
        return Told(now.fault.message, now.fault.values)
    if now.held is not None and now.state in HELD:
        return Told(now.held.message, now.held.values)
    if now.state == "locked":
        return Told(NOW["outside" if now.mode == "outside" else "locked"])
    if now.state == "idle":
        return lately.told if lately is not None else Told(NOW["free" if now.mode == "free" else "idle"])
    if now.state == "waiting" and now.grant_until_s_left is None:
        return Told(NOW["waiting_free"])
    if now.state == "paused" and now.idle_s is None:
        return Told(NOW["open"])
    values: dict[str, object] = {}
    if now.state == "waiting":
        values["left"] = minutes((now.grant_until_s_left or 0.0) / when.speed)
    elif now.state == "paused":
        values["left"] = minutes(max(0.0, idle_end_s - (now.idle_s or 0.0)) / when.speed)
    elif now.state == "charging" and now.session is not None:
        values["since"] = now.session.began_at
    return Told(NOW[now.state], values)


def _asked_for(db: Db, when: clock.Clock, point_id: int) -> Told | None:
    """What is awaited at an idle point: a PIN after a card, or a card to learn."""
    until_s = db.execute(
        "SELECT until_s FROM awaited_pins WHERE point_id=? AND boot_id=?", (point_id, when.boot_id)
    ).get
    if until_s is not None and second_factor.awaited(db, when, point_id) is not None:
        return Told(NOW["pin"], {"left": minutes(until_s - when.boottime_s())})
    names = db.execute(
        "SELECT name FROM readers JOIN reader_points ON reader_id = readers.id WHERE point_id=?", (point_id,)
    ).fetchall()
    for (name,) in names:
        left_s = learning.left_s(db, when, f"{READER}{name}")
        if left_s > 0:
            return Told(NOW["learn"], {"left": minutes(left_s)})
    return None


def minutes(seconds: float) -> str:
    """A rest of time as 3:12."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02}"


# What led there -----------------------------------------------------------------------------------


def log(
    opened: Opened, point_id: int, *, reasons: bool, since: datetime | None = None, until: datetime | None = None,
    limit: int = EVERYTHING,
) -> list[Event]:  # fmt: skip
    """What was decided at a point from `since` to before `until`, newest first, to be kept or sent on."""
    with opened.store.read() as db:
        found = timeline(db, point_id, reasons=reasons, limit=EVERYTHING)
    return [one for one in found if (since is None or one.at >= since) and (until is None or one.at < until)][:limit]


def timeline(db: Db, point_id: int, *, reasons: bool, limit: int = 20) -> list[Event]:
    """What was decided at a point, newest first."""
    found = [Event(one.at, told(one, reasons=reasons)) for one in attempts.rows(db, point_id=point_id, limit=limit)]
    stopped = sorted(event.at for event in found if event.told.message in DONE[Result.STOPPED])
    for ended_at, reason, terminal, first, last in db.execute(
        "SELECT ended_at, end_reason, ended_terminal, users.first_name, users.last_name FROM grants"
        " LEFT JOIN users ON users.id = ended_user_id WHERE point_id=? AND ended_at IS NOT NULL"
        " ORDER BY grants.id DESC LIMIT ?",
        (point_id, limit),
    ):
        at = clock.from_utc_text(ended_at)
        nearest = stopped[bisect(stopped, at - SAME) :][:1]
        if not nearest or nearest[0] - at >= SAME:
            name = f"{first} {last}" if first is not None and reasons else None
            found.append(Event(at, _ending(reason, terminal, name)))
    for one in sessions.rows_at(db, point_id, limit):
        found.append(Event(one.began_at, Told(BEGAN)))
        if one.ended_at is not None and one.energy_wh is not None:
            found.append(Event(one.ended_at, Told(ENDED, {"kwh": f"{one.energy_wh / 1000:.2f}"})))
    return sorted(found, key=lambda event: event.at, reverse=True)[:limit]


def told(one: Attempt, *, reasons: bool) -> Told:
    """An attempt as a sentence."""
    values: dict[str, object] = {"user": one.user or one.named or "-", "place": place(one.terminal)}
    if one.result in DONE:
        with_name, without = DONE[one.result]
        return Told(with_name if one.user and reasons else without, values)
    if not reasons:
        return Told(REFUSED)
    if one.remark == "clock":
        return Told(DOUBT_PLAN if one.result is Result.MODE else DOUBT, values)
    return Told(WHY.get(one.result, REFUSED), values)


def _ending(reason: str, terminal: str, name: str | None) -> Told:
    if reason == "stop" and terminal:
        return Told(STOPPED_BY if name else STOPPED, {"user": name, "place": place(terminal)})
    return Told(ENDS.get(reason, ENDS["fault"]))


def place(terminal: str) -> Told:
    """Where something was typed or shown."""
    if terminal.startswith(READER):
        return Told(AT_READER, {"reader": terminal.removeprefix(READER)})
    return Told(PLACES.get(terminal, terminal))
