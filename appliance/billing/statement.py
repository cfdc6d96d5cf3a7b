"""A statement: the sessions of a period, of everybody or of somebody, and sums that agree with the meter.

Everything on it comes from the journal. The continuity of a meter says what its
counter did from the first session to the last: what is on this statement, what
others charged, and what belongs to no session; the three add up to the
counter's difference by construction. Where the energy of a session is not known,
because its meter was replaced or silent, or its counter jumped from one session to
the next, neither is what belongs to none. What is not known is None, never zero.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise

from appliance import site
from appliance.billing import charged
from appliance.billing.charged import Charged
from appliance.errors import N_, BadInput
from appliance.metering import counters
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

LONGEST = timedelta(days=3660)
FIRST, LAST = date(1970, 1, 1), date(9000, 12, 31)  # every zone's calendar knows the days around them
PEOPLE = """
SELECT id, name || iif(count(*) OVER (PARTITION BY name) > 1, ' (' || id || ')', '')
  FROM (SELECT id, first_name || ' ' || last_name AS name FROM users)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions: those that began on the local days `begin` to `end`, of whom and where."""

    begin: date
    end: date  # the last day
    user_id: int | None = None
    point: str | None = None  # as it is called now, or was
    identification_id: int | None = None  # a card, say
    vehicle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One session with the names of its person and car as they are now."""

    session: Charged
    user: str | None
    tail: str = ""  # what may be shown of a card's number
    vehicle: str = ""  # name and plate

    @property
    def cost(self) -> Decimal | None:
        """None: not known."""
        return None if self.session.cost is None else Decimal(self.session.cost)


@dataclass(frozen=True, slots=True)
class Sum:
    """What somebody charged. Only billed sessions with known readings count; the others are counted apart."""

    user: str | None
    sessions: int
    energy_wh: int
    cost: Decimal
    without_energy: int  # sessions whose readings are not known
    without_cost: int  # sessions with energy but without a price
    not_billed: int


@dataclass(frozen=True, slots=True)
class Continuity:
    """A meter's counter from the first session here to the last, in Wh; None where a reading is missing."""

    meter: str
    first_wh: int | None
    last_wh: int | None
    here_wh: int
    others_wh: int | None
    unassigned_wh: int | None


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands above, as it is set."""

    title: str
    address: str
    reference: str
    meter: str
    meter_status: str  # 'none', 'mid', 'eichrecht'


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything a report says."""

    wanted: Wanted
    zone: tzinfo
    made_at: datetime
    made_by: str
    letterhead: Letterhead
    currency: str
    lines: tuple[Line, ...]
    sums: tuple[Sum, ...]  # by person, in order of name
    total: Sum
    continuity: tuple[Continuity, ...]
    head: str  # of the journal: pins everything before it


def make(opened: Opened, wanted: Wanted, made_by: str) -> Statement:
    """The statement of a period. Raises BadInput, StoreError."""
    if not (FIRST <= wanted.begin <= wanted.end <= LAST and wanted.end - wanted.begin <= LONGEST):
        raise BadInput(N_("A period ends on or after its first day, at most ten years later."), field="end")
    zone = site.zone_now(opened.store)
    begin, end = bounds(wanted, zone)
    with opened.store.read() as db:
        found = charged.between(db, begin, end)
        names = _Names.of(db)
        point_id = db.execute("SELECT id FROM points WHERE name=?", (wanted.point,)).get
        head = db.execute(
            "SELECT number || '-' || lower(substr(hex(hash), 1, 16)) FROM journal ORDER BY number DESC LIMIT 1"
        ).get
        letterhead, usual = _letterhead(db), str(settings.in_force(db, "billing.currency"))
    lines = tuple(names.line(one) for one in found if _is_wanted(one, wanted, point_id))
    currency = _currency(lines, usual)
    return Statement(
        wanted, zone, opened.clock.now(), made_by, letterhead, currency, lines, tuple(_sums(lines)), _sum(None, lines),
        tuple(_continuity(lines, found)), head or "-",
    )  # fmt: skip


def bounds(wanted: Wanted, zone: tzinfo) -> tuple[datetime, datetime]:
    """Begin of the first local day and of the day after the last, in UTC."""
    begin, end = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (wanted.begin, wanted.end + timedelta(days=1))
    )
    return begin, end


def month(of: date) -> Wanted:
    """The whole month a day lies in."""
    return Wanted(of.replace(day=1), of.replace(day=monthrange(of.year, of.month)[1]))


def _currency(lines: Iterable[Line], usual: str) -> str:
    """The one currency of what is summed. Raises BadInput when there are two: they cannot be added."""
    billed = (line.session for line in lines if line.session.billed and line.cost is not None)
    found = sorted({one.currency for one in billed if one.currency})
    if len(found) > 1:
        raise BadInput(
            N_("What was charged in these days is in {currencies}: make a report for the days of each."), field="begin",
            currencies=", ".join(found),
        )  # fmt: skip
    return found[0] if found else usual


def _letterhead(db: Db) -> Letterhead:
    keys = ("report.title", "report.address", "report.reference", "report.meter", "report.meter_status")
    return Letterhead(*(str(settings.in_force(db, key)) for key in keys))


@dataclass(frozen=True, slots=True)
class _Names:
    """What people, cards and cars are called now, by their numbers; namesakes have their number behind."""

    people: Mapping[int | None, str]
    tails: Mapping[int | None, str]
    cars: Mapping[int | None, str]

    @classmethod
    def of(cls, db: Db) -> _Names:
        return cls(
            dict(db.execute(PEOPLE)),
            dict(db.execute("SELECT id, code_tail FROM identifications WHERE code_tail <> ''")),
            dict(db.execute("SELECT id, name || iif(plate = '', '', ' (' || plate || ')') FROM vehicles")),
        )

    def line(self, one: Charged) -> Line:
        tail, car = self.tails.get(one.identification_id, ""), self.cars.get(one.vehicle_id, "")
        return Line(one, self.people.get(one.user_id), tail, car)


def _is_wanted(one: Charged, wanted: Wanted, point_id: int | None) -> bool:
    """`point_id`: the point that has the wanted name now; None: none has."""
    is_there = one.point == wanted.point if point_id is None else one.point_id == point_id
    return (
        wanted.user_id in (None, one.user_id)
        and (wanted.point is None or is_there)
        and wanted.identification_id in (None, one.identification_id)
        and wanted.vehicle_id in (None, one.vehicle_id)
    )


def _sums(lines: Iterable[Line]) -> list[Sum]:
    by_user: dict[int | None, list[Line]] = {}
    for line in lines:
        by_user.setdefault(line.session.user_id, []).append(line)
    found = (_sum(theirs[0].user, theirs) for theirs in by_user.values())
    return sorted(found, key=lambda one: (one.user is None, one.user or ""))


def _sum(user: str | None, lines: Iterable[Line]) -> Sum:
    count = energy_wh = without_energy = without_cost = not_billed = 0
    cost = Decimal(0)
    for line in lines:
        count += 1
        energy = line.session.energy_wh
        if not line.session.billed:
            not_billed += 1
        elif energy is None:
            without_energy += 1
        else:
            energy_wh += energy
            cost += line.cost or Decimal(0)
            without_cost += line.cost is None
    return Sum(user, count, energy_wh, cost, without_energy, without_cost, not_billed)


def _continuity(lines: Iterable[Line], everybody: Iterable[Charged]) -> list[Continuity]:
    """One for each meter, in order of first use."""
    here: dict[int, list[Charged]] = {}
    for line in lines:
        if line.session.meter_id is not None:
            here.setdefault(line.session.meter_id, []).append(line.session)
    everybody = list(everybody)
    return [_of_meter(mine, [one for one in everybody if one.meter_id == meter]) for meter, mine in here.items()]


def _of_meter(mine: list[Charged], everybodys: list[Charged]) -> Continuity:
    final = max(mine, key=lambda one: one.ended_at)
    first, last, numbers = mine[0].begin_wh, final.end_wh, {one.number for one in mine}
    others = (one for one in everybodys if one.number not in numbers)
    between = [one for one in others if mine[0].began_at <= one.began_at and one.ended_at <= final.ended_at]
    here_wh = sum(one.energy_wh or 0 for one in mine)
    known = all(one.energy_wh is not None for one in between)
    others_wh = sum(one.energy_wh or 0 for one in between) if known else None
    unassigned_wh, all_mine = None, all(one.energy_wh is not None for one in mine)
    if first is not None and last is not None and others_wh is not None and all_mine and _runs_on([*mine, *between]):
        unassigned_wh = last - first - here_wh - others_wh
    return Continuity(mine[0].meter or "", first, last, here_wh, others_wh, unassigned_wh)


def _runs_on(found: list[Charged]) -> bool:
    """Tell whether a meter's counter went on from each session to the next as a house's does."""
    return all(
        counters.follows(
            before.end_wh or 0, after.begin_wh or 0, abs((after.began_at - before.ended_at).total_seconds())
        )
        for before, after in pairwise(sorted(found, key=lambda one: one.began_at))
    )
