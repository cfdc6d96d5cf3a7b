"""The auxiliary contacts of the contactors: does each follow its relay?

A contactor that stays open is a fault: its relay opens, too, and it is tried
again after a pause that grows, until it closes or nobody wants it to. One that
stays closed is welded, or its wire is broken: nobody is let charge there until
a person saw it open and said so (`confirm`), whatever becomes of the contact,
the point or the core meanwhile: the point keeps it. Nothing here raises
DriverError.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass

from appliance import audit, faults
from appliance.charging import points
from appliance.charging.guards import FOLLOW_WITHIN_S, Contactor, Said
from appliance.charging.points import Point
from appliance.charging.relays import RETRY_S
from appliance.charging.spots import Spot
from appliance.errors import N_, Refused
from appliance.opened import Opened
from drivers.interfaces import Contact, DriverError

SOURCE = "contactor:"  # of its faults, and the point's id
WELDED = N_(
    "The contactor of {point} does not open, or the wire of its contact is broken: switch off the breaker and have it"
    " checked. Then say that you saw it open."
)
LAGS = N_("The contactor of {point} does not follow: have it checked; switch off the breaker before.")


@dataclass(slots=True)
class Watched:
    """One contactor as the core knows it."""

    point: Point
    contactor: Contactor = Contactor()
    contact: Contact | None = None
    error: DriverError | None = None
    retry_at_s: float = float("-inf")
    kept: bool = False  # the store knows that it is welded, unless a person said that it is open


class Contacts:
    """All auxiliary contacts of one core. Raises StoreError from `keep` only."""

    def __init__(self, opened: Opened, contact_for: Callable[[Point], Contact] | None) -> None:
        """Without `contact_for` nothing is watched; what was welded stays so."""
        self._opened = opened
        self._when = opened.clock
        self._contact_for = contact_for
        self._watched: dict[int, Watched] = {}

    def allow(self, wanted: Set[int], now_s: float) -> set[int]:
        """Those of `wanted` whose contactor is not welded and does not rest."""
        for id, one in self._watched.items():
            if id not in wanted:
                one.contactor = one.contactor.unwanted()
        return {id for id in wanted if id not in self._watched or self._watched[id].contactor.may_close(now_s)}

    def follows(self, point_id: int) -> bool:
        """Tell whether a contactor is not seen to differ from its relay."""
        one = self._watched.get(point_id)
        return one is None or not (one.contactor.lags or one.contactor.differs_since_s is not None)

    def delay_s(self) -> float:
        """Real seconds until one must be looked at again; infinite when all follow."""
        due = any(
            one.contactor.differs_since_s is not None and not one.contactor.welded for one in self._watched.values()
        )
        return FOLLOW_WITHIN_S if due else float("inf")

    def fit(self, points: Collection[Point]) -> None:
        """Watch the contactors of points that have a contact or were welded; believe who said that one is open."""
        wanted = {one.id: one for one in points if one.feedback or one.welded}
        for id, one in list(self._watched.items()):
            if id not in wanted or wanted[id].feedback != one.point.feedback:
                self._drop(self._watched.pop(id))
        for id, point in wanted.items():
            one = self._watched.setdefault(id, Watched(point, Contactor(welded=point.welded), kept=point.welded))
            one.point = point
            if one.kept and not point.welded:
                one.contactor, one.kept = Contactor(), False

    def look(self, spots: Collection[Spot], pause_s: float) -> None:
        """Read every contact. `pause_s`: before one that does not follow is tried again the first time."""
        now_s = self._when.boottime_s()
        for spot in spots:
            if (one := self._watched.get(spot.point.id)) is not None:
                closed = self._read(one, now_s)
                one.contactor = one.contactor.seen(
                    relay_closed=spot.closed, contact_closed=closed, now_s=now_s, speed=self._when.speed,
                    pause_s=pause_s,
                )  # fmt: skip

    def keep(self) -> None:
        """Write down what is welded, once. Raises StoreError."""
        for id, one in self._watched.items():
            if one.contactor.welded and not one.kept:
                with self._opened.store.write() as db:
                    db.execute("UPDATE points SET welded=1 WHERE id=?", (id,))
                one.kept = True

    def let_go(self) -> None:
        """Give all lines back."""
        for one in self._watched.values():
            self._drop(one)

    def _read(self, one: Watched, now_s: float) -> bool | None:
        if not one.point.feedback or now_s < one.retry_at_s or self._contact_for is None:
            return None
        try:
            if one.contact is None:
                one.contact = self._contact_for(one.point)
            closed = one.contact.is_closed()
        except DriverError as error:
            one.error, one.retry_at_s = error, now_s + RETRY_S * self._when.speed
            return None
        one.error = None
        return closed

    def _drop(self, one: Watched) -> None:
        if one.contact is not None:
            one.contact.release()
            one.contact = None

    def faults(self) -> Iterator[Said]:
        """What is wrong."""
        for id, one in self._watched.items():
            if one.contactor.welded or one.contactor.lags:
                sentence = WELDED if one.contactor.welded else LAGS
                yield f"{SOURCE}{id}", "stuck", sentence, {"point": one.point.name}
            elif one.error is not None:
                yield f"{SOURCE}{id}", one.error.code, one.error.message, one.error.values


def confirm(opened: Opened, point: Point, *, actor: audit.Actor) -> None:
    """A person saw the contactor open. What is not true is a fault again when its relay is open. Raises Refused."""
    with opened.store.write() as db:
        if not points.row(db, point.id).welded:
            raise Refused(N_("The contactor of {point} has no such fault."), point=point.name)
        db.execute("UPDATE points SET welded=0 WHERE id=?", (point.id,))
        audit.record(db, opened.clock.now(), actor, "point.seen_open", point.name)
    faults.clear(opened.live, f"{SOURCE}{point.id}")
