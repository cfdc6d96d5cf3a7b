"""What the charging pages look at beside the Status: why, readers, plan, cost, the session's curve. No Kivy here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from appliance.billing import prices, tariffs
from appliance.charging import overview, readers, sessions, why
from appliance.charging.overview import PointNow
from appliance.charging.readers import Reader
from appliance.charging.sessions import Session
from appliance.charging.why import Told
from appliance.metering import history
from appliance.opened import Opened
from appliance.store import settings
from ui.touch.screens.charging import plan
from ui.touch.status import Status

NEAR = "ble-tag:"  # readers that listen only when asked
CURVE_POINTS = 160
CURVE_EVERY_S = 10.0
Row = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ReaderNow:
    """A reader of the point."""

    id: int
    name: str
    near: bool  # finds what is near, and only when asked
    listens_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ChargingNow:
    """One point, closer than the Status has it."""

    point_id: int
    why: Told
    setting: str  # the mode that is set: of points.MODES
    mode: str  # the one in force
    until: datetime | None = None  # when the weekly plan changes it, local
    card_and_pin: bool = False
    pin_left: str = ""  # the card was good, its PIN is awaited so long
    readers: tuple[ReaderNow, ...] = ()
    cost: Decimal | None = None  # of the running session so far
    currency: str = ""
    curve: Row = ()  # power in W since its begin
    last: Session | None = None  # the last ended one


class Look:
    """Looks at one point; the curve, which is dearer, every ten seconds only. Used by one thread."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._curve: tuple[int, float, Row] = (0, -math.inf, ())

    def look(self, it: Opened, status: Status, point_id: int) -> ChargingNow:
        """Everything about one point. Raises WattwardError."""
        told = why.tell(it, point_id, reasons=False, limit=2)
        point = next(one for one in overview.points_now(it) if one.point.id == point_id)
        here = [_reader(it, one) for one in readers.all(it.store) if one.enabled and point_id in one.point_ids]
        at = point.point
        with it.store.read() as db:
            ended = [one for one in sessions.rows_at(db, point_id, 2) if one.ended_at is not None]
        left = str(told.now.values["left"]) if told.now.message == why.NOW["pin"] else ""
        return ChargingNow(
            point_id, told.now, at.mode, point.mode, plan.until(at.plan, status.now) if at.mode == "time" else None,
            at.second_factor, left, tuple(here), cost(it, point, status.now),
            settings.text(it.store, "billing.currency"), self._row(it, point, status), ended[0] if ended else None,
        )  # fmt: skip

    def _row(self, it: Opened, point: PointNow, status: Status) -> Row:
        session = point.session
        if session is None or session.meter_id is None:
            return ()
        number, at_s, row = self._curve
        if number != session.id or self._now_s() - at_s > CURVE_EVERY_S:
            row = powers(it, session, status.now)
            self._curve = (session.id, self._now_s(), row)
        return row


def powers(it: Opened, session: Session, now: datetime) -> Row:
    """The power of a session in W from its begin to its end, or to now; None: not measured."""
    if session.meter_id is None:
        return ()
    end = session.ended_at or now
    found = history.curve(
        it.store, it.live, session.meter_id, "power_w", session.began_at, end, points=CURVE_POINTS
    )  # fmt: skip
    return tuple(None if math.isnan(watts) else watts for watts in found.mean)


def cost(it: Opened, point: PointNow, now: datetime) -> Decimal | None:
    """What a running session cost so far; None without a price or a reading."""
    session, wh = point.session, point.session_energy_wh
    if session is None or session.begin_wh is None or wh is None:
        return None
    with it.store.read() as db:
        tariff = tariffs.of_user(db, session.user_id)
    if tariff is None or not isinstance(now.tzinfo, ZoneInfo):
        return None
    counter = [(session.began_at, session.begin_wh), (max(now, session.began_at), session.begin_wh + wh)]
    return prices.cost(prices.pieces(counter, tariff.prices, now.tzinfo, one_year=tariff.one_year))


def _reader(it: Opened, reader: Reader) -> ReaderNow:
    return ReaderNow(reader.id, reader.name, reader.url.startswith(NEAR), reader.asked_s(it.clock) / it.clock.speed)


# What led here -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was decided at a point, at a local moment."""

    at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Steps:
    """The story of a point, newest first."""

    point: str
    now: Told
    steps: tuple[Step, ...]


def steps(it: Opened, status: Status, point_id: int, *, reasons: bool, private: bool) -> Steps:
    """What led to what a point does. Raises NotFound."""
    found = why.tell(it, point_id, reasons=reasons, limit=40)
    shown = [one for one in found.events if not (private and one.told.message == why.ENDED)]
    return Steps(found.point, found.now, tuple(Step(one.at.astimezone(status.now.tzinfo), one.told) for one in shown))


def ask_near(it: Opened, point_id: int) -> None:
    """Let the readers of a point that listen only on demand listen for a while. Raises NotFound."""
    for reader in readers.all(it.store):
        if reader.enabled and reader.url.startswith(NEAR) and point_id in reader.point_ids:
            readers.ask(it.store, it.clock, reader.id)
