"""One question at the gate: may who shows this charge here now?

Everything happens in the caller's transaction: the look at the code, the count
of a wrong one, the attempt, the grant, the audit. Only `grants` asks.

Wrong PINs count where they were typed, and once several were typed there for
the person who was named (reading 17). Nobody else's count keeps a named person
out, unless guesses go round many people. Unknown cards count apart and cost
little, so that cards keep working.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta

from appliance import audit, errors
from appliance.access import throttle
from appliance.access.device_key import DeviceKey
from appliance.charging import (
    attempts,
    candidates,
    codes,
    gauges,
    granted,
    identifications,
    learning,
    rules,
    second_factor,
    sessions,
    users,
)
from appliance.charging.candidates import Scene
from appliance.charging.identifications import Identification
from appliance.charging.points import Point
from appliance.charging.rules import Result
from appliance.charging.users import User
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

TERMINAL_WAIT_S = 900.0  # somebody else's guesses keep nobody out for longer
CROWD = 50  # wrong PINs of named people at one terminal within 30 days; more cost everybody there a wait
UNKNOWN_CARDS = 20  # so many within an hour are somebody who tries; more cost CARD_WAIT_S each
CARD_WAIT_S = 60.0
DOUBLE_TAP = timedelta(seconds=10)  # the same code again within this is one authorization
GUESS = "guess/identification"  # purpose of the device key
ANYWHERE = Point(0, "", "", None, "authorized")  # to ask about a code alone
UNSEEN = (Result.MODE, Result.TYPE_DISABLED, Result.LOCKED_OUT)  # answered without a look at the code

BY_CALENDAR = (Result.EXPIRED, Result.HOURS, Result.ALLOWANCE)  # what date and time decide


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to somebody who showed a code."""

    result: Result
    wait_s: float = 0.0  # until the next guess is looked at
    user: User | None = None  # only when accepted, stopped or learned
    grant_id: int | None = None
    point_id: int | None = None  # which of a reader's points it is about
    awaits_pin: bool = False  # the card is good; now its PIN


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed, in its one spelling, and where."""

    kind: str  # of codes.TYPES
    code: str
    terminal: str
    named_user_id: int | None = None  # who the person said to be

    @property
    def is_pin(self) -> bool:
        return self.kind == "pin"

    @property
    def place(self) -> str:
        """Where wrong ones are counted."""
        return f"{'keypad' if self.is_pin else 'cards'}:{self.terminal}"


class Asked:
    """One question."""

    def __init__(self, opened: Opened, shown: Shown, actor: audit.Actor) -> None:
        self.when = opened.clock
        self.now = self.when.now()
        self.key: DeviceKey = opened.key()
        self._live = opened.live
        self.trusted = candidates.calendar_trusted(opened)
        self.shown = shown
        self.actor = actor
        self.card: Identification | None = None  # whose PIN is awaited at the point

    # At one point ----------------------------------------------------------------------------

    def answer(self, db: Db, point: Point) -> Decision:
        """Decide, write everything down, and answer."""
        self._look_for_card(db, point)
        named = self._named(db)
        wrong = attempts.wrong_at_terminal(db, self.now, self.shown.terminal)
        result, found = self.decide(db, point, wait_s=self._running_wait_s(db), wrong=wrong)
        if result is Result.NAME_NEEDED:
            if self.shown.terminal.startswith(rules.READER):
                if not self._stands_already(db, point, Result.LOCKED_OUT):
                    self._record(db, point, Result.LOCKED_OUT, None, named, remark="name")
                return Decision(Result.LOCKED_OUT, point_id=point.id)
            return Decision(result, point_id=point.id)
        return self._answer(db, point, result, found, named, wrong)

    def _answer(
        self, db: Db, point: Point, result: Result, found: Identification | None, named: User | None, wrong: int
    ) -> Decision:
        """Write an answer down and carry it out."""
        wait_s, counted = self._running_wait_s(db), False
        if self._stands_already(db, point, result):
            return Decision(result, wait_s=wait_s, point_id=point.id)
        if self.shown.is_pin and result in rules.GUESSES:
            wait_s, counted = self._count(db, named, wrong)
        elif not self.shown.is_pin and result is Result.UNKNOWN:
            wait_s = self._count_card(db)
        by_calendar = result in BY_CALENDAR or (result is Result.MODE and point.mode == "time")
        doubt = by_calendar and not self.trusted
        attempt_id = self._record(db, point, result, found, named, counted=counted, remark="clock" if doubt else "")
        if result is Result.ACCEPTED and found is not None:
            return self._accept(db, point, found)
        if result is Result.UNKNOWN and self.shown.kind in codes.CARDS:
            learning.keep(db, self.now, self.key, attempt_id, self.shown.kind, self.shown.code)
        audit.record(
            db, self.now, self.actor, "charging.refuse", point.name, result=result, terminal=self.shown.terminal
        )  # fmt: skip
        awaits_pin = result is Result.SECOND_FACTOR and not self.shown.is_pin and found is not None
        if awaits_pin and found is not None:
            second_factor.await_pin(db, self.when, point.id, found)
        return Decision(result, wait_s=wait_s, point_id=point.id, awaits_pin=awaits_pin)

    def decide(self, db: Db, point: Point, *, wait_s: float, wrong: int) -> tuple[Result, Identification | None]:
        """The rule, first without and then with a look at the code."""
        at = candidates.scene(db, self.when, point, trusted=self.trusted)
        type_enabled = bool(settings.in_force(db, f"identification.{self.shown.kind}.enabled"))
        unseen = rules.decide(
            mode=at.mode, type_enabled=type_enabled, locked_out=wait_s > 0, candidate=None, today=None
        )
        if unseen is not Result.UNKNOWN:
            return unseen, None
        if self._must_name_oneself(wrong):
            return Result.NAME_NEEDED, None
        found = self._found(db)
        both = found is not None and self.shown.is_pin and self.card is not None and self.card.user_id == found.user_id
        result = self._rule(db, found, dataclasses.replace(at, second_shown=both))
        if result is Result.ACCEPTED and both and self.card is not None:
            return self._rule(db, self.card, dataclasses.replace(at, second_shown=True)), self.card
        return result, found

    def _rule(self, db: Db, found: Identification | None, at: Scene) -> Result:
        """The rule for a code that was looked at."""
        candidate = None
        if found is not None:  # many meters take a while to read: only where it matters
            counts = not candidates.is_limited(db, found) or self._counts(db, at.point)
            candidate = candidates.candidate(db, found, dataclasses.replace(at, counts=counts))
        return rules.decide(mode=at.mode, type_enabled=True, locked_out=False, candidate=candidate, today=at.today)

    def _counts(self, db: Db, point: Point) -> bool:
        """Tell whether it is counted now what is charged at a point."""
        return point.id == ANYWHERE.id or point.meter_id in gauges.counting(db, self._live, self.when)

    def _must_name_oneself(self, wrong: int) -> bool:
        named = self.shown.named_user_id is not None or self.card is not None or not self.shown.is_pin
        return not named and rules.must_name_oneself(self.shown.terminal, len(self.shown.code) - 1, wrong)

    def _look_for_card(self, db: Db, point: Point) -> None:
        """Note the card whose PIN is awaited; it names its person, unless the person named somebody else."""
        card = second_factor.awaited(db, self.when, point.id) if self.shown.is_pin else None
        if card is not None and self.shown.named_user_id in (None, card.user_id):
            self.card = card
            self.shown = dataclasses.replace(self.shown, named_user_id=card.user_id)

    def _found(self, db: Db) -> Identification | None:
        """Whose code it is; somebody else's code is no code of the person who was named."""
        found = identifications.by_code(db, self.key, self.shown.code, self.shown.kind)
        return found if found is not None and self.shown.named_user_id in (None, found.user_id) else None

    def _named(self, db: Db) -> User | None:
        """Who the person said to be, if there is such a user."""
        with contextlib.suppress(errors.NotFound):
            return None if self.shown.named_user_id is None else users.row(db, self.shown.named_user_id)
        return None

    def _stands_already(self, db: Db, point: Point, result: Result) -> bool:
        """Tell whether this was refused without a look at the code, as a moment ago: once is enough to know it."""
        unseen = result in UNSEEN
        return unseen and attempts.stands_already(db, self.when, self.shown.terminal, point.id, result)

    def _record(
        self, db: Db, point: Point, result: Result, found: Identification | None, named: User | None,
        *, counted: bool = False, remark: str = "",
    ) -> int:  # fmt: skip
        return attempts.record(
            db, self.when, terminal=self.shown.terminal, point_id=point.id, result=result,
            identification_id=None if found is None else found.id,
            named_user_id=None if named is None else named.id, counted=counted, remark=remark,
        )  # fmt: skip

    # Counting wrong ones ---------------------------------------------------------------------

    def _person(self) -> str | None:
        """Where wrong PINs of the person who was named are counted; with a card shown first, apart."""
        if self.card is not None:
            return users.card_throttle_name(self.card.id)
        return None if self.shown.named_user_id is None else users.throttle_name(self.shown.named_user_id)

    def _running_wait_s(self, db: Db) -> float:
        places = [self.shown.place, self._person()]
        if self.card is not None:
            places = [self._person()]  # who shows a card does not wait for others' guesses
        return max(throttle.remaining_s(db, self.when, place) for place in places if place is not None)

    def _count(self, db: Db, named: User | None, wrong: int) -> tuple[float, bool]:
        """Count a wrong PIN at the terminal or at the person named; return the wait and whether it was a new one."""
        guess = self.key.keyed_hash(GUESS, self.shown.code)
        person = self._person()
        counted = not throttle.repeated(db, self.when, person or self.shown.place, guess)
        wait_s = 0.0
        round_many = named is not None and attempts.wrong_at_people(db, self.now, self.shown.terminal) >= CROWD
        if person is None or round_many:
            wait_s = throttle.count(db, self.when, self.shown.place, guess, TERMINAL_WAIT_S, so_far=wrong)
        if person is not None:
            wait_s = max(wait_s, throttle.count(db, self.when, person, guess))
        return wait_s, counted

    def _count_card(self, db: Db) -> float:
        """Count an unknown card; return the wait."""
        so_far = attempts.unknown_cards(db, self.now, self.shown.terminal) - UNKNOWN_CARDS + throttle.FREE_FAILURES
        guess = self.key.keyed_hash(GUESS, self.shown.code)
        return throttle.count(db, self.when, self.shown.place, guess, CARD_WAIT_S, so_far=max(0, so_far))

    def _forgive_typos(self, db: Db, found: Identification) -> None:
        """Who shows the right PIN made the wrong ones that are typos of it."""
        if self.shown.is_pin:
            typos = {self.key.keyed_hash(GUESS, typo) for typo in codes.near(self.shown.code)}
            for place in (users.throttle_name(found.user_id), self._person()):
                if place is not None:
                    throttle.forgive_typos(db, place, typos)

    # Carrying it out -------------------------------------------------------------------------

    def _accept(self, db: Db, point: Point, found: Identification) -> Decision:
        """Write the grant, unless this code was accepted here a moment ago."""
        self._forgive_typos(db, found)
        second_factor.forget(db, point.id)
        user = users.row(db, found.user_id)
        before = granted.row_open(db, point.id)
        if before is not None and self._is_double_tap(before, found):
            return Decision(Result.ACCEPTED, user=user, grant_id=before.id, point_id=point.id)
        if before is not None:
            granted.end(db, self.now, before.id, "replaced", terminal=self.shown.terminal, user_id=user.id)
        window_s = float(settings.in_force(db, "charging.start_window_s"))
        grant_id = granted.insert(
            db, self.when, point.id, reason=found.type, user_id=user.id, identification_id=found.id,
            until_s=self.when.boottime_s() + window_s, terminal=self.shown.terminal,
        )  # fmt: skip
        audit.record(
            db, self.now, self.actor, "charging.authorize", point.name, user=user.id, grant=grant_id,
            terminal=self.shown.terminal,
        )  # fmt: skip
        return Decision(Result.ACCEPTED, user=user, grant_id=grant_id, point_id=point.id)

    def _is_double_tap(self, before: granted.Grant, found: Identification) -> bool:
        return (
            before.identification_id == found.id
            and before.boot_id == self.when.boot_id
            and self.when.boottime_s() < before.until_s
            and abs(self.now - before.granted_at) < DOUBLE_TAP
        )


def is_used(db: Db, point: Point) -> bool:
    """Tell whether a session runs at a point: its code is not ended by another code."""
    grant = granted.row_open(db, point.id)
    return grant is not None and sessions.runs_on(db, grant.id)


def end_for(
    db: Db, now: datetime, point: Point, grant: granted.Grant, terminal: str, user_id: int | None, actor: audit.Actor
) -> None:
    """End a grant for somebody, and say so."""
    granted.end(db, now, grant.id, "stop", terminal=terminal, user_id=user_id)
    second_factor.forget(db, point.id)
    audit.record(db, now, actor, "charging.stop", point.name, grant=grant.id, terminal=terminal, user=user_id)
