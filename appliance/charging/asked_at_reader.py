"""What somebody holds to a reader, or types into it: which point it is for, and what it does there.

A reader stands at one point or several. A card somebody waits for is learned.
One whose session runs here ends it (setting), a master card ends any. Else it
is for the first point that is free. All of it in the caller's transaction; only
`grants` asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance import clock
from appliance.charging import (
    asked,
    attempts,
    candidates,
    codes,
    granted,
    identifications,
    learning,
    rules,
    second_factor,
    sessions,
    users,
    windows,
)
from appliance.charging.asked import Asked, Decision
from appliance.charging.identifications import Identification
from appliance.charging.points import Point
from appliance.charging.rules import Result
from appliance.store import settings
from appliance.store.database import Db


class AskedAtReader(Asked):
    """One question at a reader."""

    def present(self, db: Db, places: Sequence[Point]) -> Decision:
        """Learn, stop what is one's own, or start where it is free."""
        if self.shown.kind in codes.CARDS:
            learned = self._learn(db, places[0])
            if learned is not None:
                return learned
        elif (awaiting := self._awaiting(db, places)) is not None:
            return self.answer(db, awaiting)
        wrong = attempts.wrong_at_terminal(db, self.now, self.shown.terminal)
        wait_s = self._running_wait_s(db)
        looks = wait_s <= 0 and not self._must_name_oneself(wrong)
        found = self._found(db) if looks else None
        if found is not None and (stopped := self._stop(db, places, found)) is not None:
            return stopped
        free = self._let_in_just_now(db, places, found) or self._free(db, places)
        if free is not None:
            return self.answer(db, free)
        if looks:
            result = Result.UNKNOWN if found is None else Result.BUSY
            return self._answer(db, places[0], result, found, None, wrong)
        result = Result.LOCKED_OUT if wait_s > 0 else Result.BUSY
        if not attempts.stands_already(db, self.when, self.shown.terminal, places[0].id, result):
            self._record(db, places[0], result, None, None)
        return Decision(result, wait_s=wait_s, point_id=places[0].id)

    def _awaiting(self, db: Db, places: Sequence[Point]) -> Point | None:
        """The point where a card was shown whose PIN this may be."""
        waiting = (point for point in places if second_factor.awaited(db, self.when, point.id) is not None)
        return next((point for point in waiting if not asked.is_used(db, point)), None)

    def _learn(self, db: Db, point: Point) -> Decision | None:
        """Give the card to who waits for it."""
        request = learning.claim(
            db, self.when, self.key, self.shown.terminal, self.shown.kind, self.shown.code, actor=self.actor
        )
        if request is None:
            return None
        learned = request.outcome == "learned"
        found = None if request.identification_id is None else identifications.by_id(db, request.identification_id)
        self._record(db, point, Result.LEARNED if learned else Result.TAKEN, found, None)
        user = users.row(db, request.user_id) if learned else None
        return Decision(Result.LEARNED if learned else Result.TAKEN, user=user, point_id=point.id)

    def _stop(self, db: Db, places: Sequence[Point], found: Identification) -> Decision | None:
        """End the sessions this code may end; None: there are none."""
        ended = [point for point in places if self._may_stop(db, point, found)]
        for point in ended:
            grant = granted.row_open(db, point.id)
            if grant is not None:
                asked.end_for(db, self.now, point, grant, self.shown.terminal, found.user_id, self.actor)
                self._record(db, point, Result.STOPPED, found, None)
        ended = ended or [point for point in places if self._stopped_just_now(db, point, found)]
        if not ended:
            return None
        self._forgive_typos(db, found)
        return Decision(Result.STOPPED, user=users.row(db, found.user_id), point_id=ended[0].id)

    def _may_stop(self, db: Db, point: Point, found: Identification) -> bool:
        """Tell whether this code ends what runs at a point: its own session, or as a master card any."""
        grant = granted.row_open(db, point.id)
        if grant is None:
            return False
        if found.extras.stop_only:
            owner = users.row(db, found.user_id)
            return found.active and not (owner.blocked or owner.archived)
        own = grant.user_id == found.user_id and sessions.runs_on(db, grant.id)
        twice = abs(self.now - grant.granted_at) < asked.DOUBLE_TAP
        return own and not twice and bool(settings.in_force(db, "charging.same_card_stops"))

    def _stopped_just_now(self, db: Db, point: Point, found: Identification) -> bool:
        """Tell whether the same person stopped here a moment ago: a card held twice does not start again."""
        since = clock.utc_text(self.now - asked.DOUBLE_TAP)
        return granted.row_open(db, point.id) is None and granted.was_stopped_by(
            db, point.id, found.user_id, self.shown.terminal, since
        )

    def _let_in_just_now(self, db: Db, places: Sequence[Point], found: Identification | None) -> Point | None:
        """The point this code was accepted at a moment ago: held twice, it releases no other one."""
        for point in places:
            grant = granted.row_open(db, point.id)
            if grant is not None and found is not None and self._is_double_tap(grant, found):
                return point
        return None

    def _free(self, db: Db, places: Sequence[Point]) -> Point | None:
        """The point a code at this reader is for: where a start is possible, rather one nobody was let in at."""
        local = candidates.scene(db, self.when, places[0], trusted=self.trusted).local

        def unsuited(point: Point) -> tuple[bool, bool]:
            startable = windows.mode_at(point.mode, point.plan, local) in rules.STARTS and not point.archived
            return not startable, granted.row_open(db, point.id) is not None

        unused = [point for point in places if not asked.is_used(db, point)]
        return min(unused, key=unsuited, default=None)
