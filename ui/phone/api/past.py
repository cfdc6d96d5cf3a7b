"""What was: curves and energies of local days, and charging sessions."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from appliance.access import tokens_charging
from appliance.charging import sessions
from appliance.charging.sessions import Session
from appliance.errors import N_
from appliance.metering import balance, history, household
from ui.phone import guard, words
from ui.phone.api import schemas
from ui.phone.api.operations import Subject
from ui.phone.guard import Denied

subject = Subject("past")
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
FIGURES = ("grid_w", "pv_w", "battery_w", "car_w", "house_w")
WRONG_DAYS = N_("Ask for days in order, from 2000 on, and at most {most} of them.")


@subject.operation("GET", "/history", needs="read", query=schemas.DayWish, answer=schemas.History)
def curves(day: date | None, step_s: int) -> dict[str, object]:
    """Mean powers of a local day, step by step."""
    it, zone = guard.appliance(), words.zone()
    day = _possible(day or words.today().date())
    begin, end = history.bounds(day, zone)
    nothing = [balance.balance({})] * (int((end - begin).total_seconds()) // step_s)
    found = household.powers(it, day, zone, step_s).at_each or nothing
    series = {name: [getattr(one, name) for one in found] for name in FIGURES}
    return {"day": day, "begin": begin.astimezone(UTC), "step_s": step_s, **series}


@subject.operation("GET", "/energy", needs="read", query=schemas.DaysWish, answer=schemas.Energies)
def energy(first: date | None, last: date | None) -> dict[str, object]:
    """Energies of local days together."""
    return _energies(*_days(first, last))


@subject.operation("GET", "/energy/days", needs="read", query=schemas.DaysWish, answer=schemas.EnergiesByDay)
def daily(first: date | None, last: date | None) -> dict[str, object]:
    """Energies of local days one by one, as for bars."""
    first, last = _days(first, last, schemas.MOST_BARS)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {"days": [_energies(day, day) for day in days]}


@subject.operation("GET", "/sessions", needs="read", query=schemas.SessionsWish, answer=schemas.Sessions)
def charged(limit: int | None, first: date | None, last: date | None) -> dict[str, object]:
    """Charging sessions: the newest, or those of local days. Names of others are for admins."""
    it, token = guard.appliance(), guard.token()
    if first is None and last is None:
        limit = limit or schemas.NEWEST_SESSIONS
        found = sessions.newest(it.store, limit + 1)
    else:
        limit = limit or schemas.MOST_SESSIONS
        begin, end = _days(first, last)
        found = sessions.between(it.store, history.bounds(begin, words.zone())[0], history.bounds(end, words.zone())[1])
    mine = tokens_charging.user_id(it, token)
    told = [_told(one, mine, token.may("admin")) for one in found[:limit]]
    return {"sessions": told, "more": len(found) > limit}


def _told(one: Session, user_id: int | None, names: bool) -> dict[str, object]:
    mine = one.user_id is not None and one.user_id == user_id
    return {
        "id": one.id,
        "point": one.point,
        "began_at": one.began_at,
        "ended_at": one.ended_at,
        "energy_wh": one.energy_wh,
        "end_reason": one.end_reason,
        "user": one.user if mine or names else None,
        "mine": mine,
    }


def _energies(first: date, last: date) -> dict[str, object]:
    found = household.between(guard.appliance(), first, last, words.zone())
    return {"first": first, "last": last} | {
        name: getattr(found, name) for name in schemas.Energies().fields if name not in ("first", "last")
    }


def _days(first: date | None, last: date | None, most: int = schemas.MOST_DAYS) -> tuple[date, date]:
    """Two days in order. Raises Denied."""
    first = _possible(first or last or words.today().date(), most)
    last = _possible(last or first, most)
    if last < first or last - first >= timedelta(days=most):
        raise _wrong_days(most)
    return first, last


def _possible(day: date, most: int = schemas.MOST_DAYS) -> date:
    if not FIRST <= day <= LAST:
        raise _wrong_days(most)
    return day


def _wrong_days(most: int) -> Denied:
    return Denied(422, "wrong_days", WRONG_DAYS, most=most)
