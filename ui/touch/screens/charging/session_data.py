"""What the pages of the sessions look at: a month with its sums, and one session closely. No Kivy here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from appliance.billing import charged
from appliance.charging import overview, sessions
from appliance.charging.sessions import Session
from appliance.opened import Opened
from appliance.store import settings
from ui.touch.screens.charging import now
from ui.touch.screens.charging.now import Row
from ui.touch.status import Status


@dataclass(frozen=True, slots=True)
class Line:
    """One session of a month; times are local."""

    id: int
    user: str | None
    point: str
    began_at: datetime
    ended_at: datetime | None
    energy_wh: int | None
    cost: Decimal | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month's sessions, newest first, and what they come to."""

    first: date
    lines: tuple[Line, ...]
    currency: str
    has_earlier: bool
    has_later: bool

    @property
    def energy_wh(self) -> int | None:
        """Of all that could be measured; None when nothing could."""
        known = [line.energy_wh for line in self.lines if line.energy_wh is not None]
        return sum(known) if known else None

    @property
    def cost(self) -> Decimal | None:
        """Of all that have a price; None when none has."""
        known = [line.cost for line in self.lines if line.cost is not None]
        return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True, slots=True)
class Closely:
    """One session; its times are UTC."""

    session: Session
    energy_wh: int | None
    cost: Decimal | None
    currency: str
    per_kwh: tuple[str, ...] = ()
    curve: Row = ()


def month(it: Opened, status: Status, first: date) -> Month:
    """The sessions that began in a local month. Raises StoreError."""
    zone = status.now.tzinfo
    begin, end = datetime.combine(first, time(), zone), datetime.combine(later(first), time(), zone)
    with it.store.read() as db:
        costs = {one.session_id: one.cost for one in charged.between(db, begin, end)}
    oldest = sessions.first_began(it.store)
    lines = tuple(
        Line(
            one.id, one.user, one.point, one.began_at.astimezone(zone),
            None if one.ended_at is None else one.ended_at.astimezone(zone), one.energy_wh,
            _amount(costs.get(one.id)), one.end_reason,
        )
        for one in sessions.between(it.store, begin, end)
    )  # fmt: skip
    return Month(
        first, lines, settings.text(it.store, "billing.currency"),
        oldest is not None and oldest.astimezone(zone) < begin, end <= status.now,
    )  # fmt: skip


def closely(it: Opened, status: Status, session_id: int) -> Closely:
    """One session with what it cost and its curve. Raises NotFound."""
    session = sessions.get(it.store, session_id)
    currency, curve = settings.text(it.store, "billing.currency"), now.powers(it, session, status.now)
    if session.ended_at is None:
        point = next((one for one in overview.points_now(it) if one.session == session), None)
        if point is None:
            return Closely(session, None, None, currency, curve=curve)
        return Closely(session, point.session_energy_wh, now.cost(it, point, status.now), currency, curve=curve)
    with it.store.read() as db:
        found = charged.between(db, session.began_at, session.began_at + timedelta(seconds=1))
    bill = next((one for one in found if one.session_id == session_id), None)
    if bill is None:
        return Closely(session, session.energy_wh, None, currency, curve=curve)
    return Closely(session, session.energy_wh, _amount(bill.cost), bill.currency or currency, bill.per_kwh, curve)


def later(first: date) -> date:
    """The month after one, by its first day."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def earlier(first: date) -> date:
    """The month before one, by its first day."""
    return (first - timedelta(days=1)).replace(day=1)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
