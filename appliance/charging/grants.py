"""The one gate: every permission to charge is a grant, made here and ended here.

1. `authorize` is one transaction: it counts a wrong guess, writes the attempt,
the grant and the audit, and only then answers; a killed process gives no free
guess. 2. Its commit wakes the core, which closes the relay. 3. A grant ends by
itself with its start window, or with its lease once a session runs; `stop` and
the core end it earlier, with a reason.

There is at most one open grant per point. A new one replaces one that no car
used yet; while a session runs at a point, no code is looked at there.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from appliance import audit, errors, known_time
from appliance.access import throttle
from appliance.access.device_key import DeviceKey
from appliance.charging import attempts, granted, identifications, points, rules, users
from appliance.charging.identifications import Identification
from appliance.charging.points import Point
from appliance.charging.rules import Result
from appliance.charging.users import User
from appliance.errors import N_, Refused
from appliance.opened import Opened
from appliance.store import settings
from appliance.store.database import Db

TERMINAL_WAIT_S = 900.0  # somebody else's guesses keep nobody out for longer
DOUBLE_TAP = timedelta(seconds=10)  # the same code again within this is one authorization
GUESS = "guess/identification"  # purpose of the device key


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to somebody who typed a code."""

    result: Result
    wait_s: float = 0.0  # until the next guess is looked at
    user: User | None = None  # only when accepted
    grant_id: int | None = None


def authorize(
    opened: Opened, code: str, point: Point, terminal: str, named_user_id: int | None = None, *, actor: audit.Actor
) -> Decision:
    """Decide whether this code may charge at this point now, and let it. Raises BadInput, NotFound, Refused."""
    asked = _Asked(opened, identifications.normalise(code), terminal, named_user_id, actor)
    with opened.store.write() as db:
        return asked.answer(db, points.row(db, point.id))


class _Asked:
    """One question at the gate."""

    def __init__(self, opened: Opened, code: str, terminal: str, named_user_id: int | None, actor: audit.Actor) -> None:
        self.when = opened.clock
        self.now = self.when.now()
        self.key: DeviceKey = opened.key()
        self.trusted = calendar_trusted(opened)
        self.code = code
        self.terminal = terminal
        self.keypad = f"keypad:{terminal}"  # where wrong guesses at this terminal are counted
        self.named_user_id = named_user_id
        self.actor = actor

    def answer(self, db: Db, point: Point) -> Decision:
        """Decide, write everything down, and answer."""
        _require_unused(db, point)
        named = self._named(db)
        wait_s = self._running_wait_s(db)
        wrong = attempts.wrong_at_terminal(db, self.now, self.terminal)
        result, found = self._decide(db, point, wait_s=wait_s, wrong=wrong)
        if result is Result.NAME_NEEDED:
            return Decision(result)
        counted = False
        if result in rules.GUESSES:
            wait_s, counted = self._count(db, named, wrong)
        attempts.record(
            db, self.when, terminal=self.terminal, point_id=point.id, result=result,
            identification_id=None if found is None else found.id,
            named_user_id=None if named is None else named.id, counted=counted,
            remark="clock" if result is Result.EXPIRED and not self.trusted else "",
        )  # fmt: skip
        if result is not Result.ACCEPTED or found is None:
            audit.record(db, self.now, self.actor, "charging.refuse", point.name, result=result, terminal=self.terminal)
            return Decision(result, wait_s=wait_s)
        return self._accept(db, point, found)

    def _named(self, db: Db) -> User | None:
        """Who the person said to be, if there is such a user."""
        with contextlib.suppress(errors.NotFound):
            return None if self.named_user_id is None else users.row(db, self.named_user_id)
        return None

    def _places(self) -> tuple[str, ...]:
        """Where wrong guesses of this question count."""
        return (self.keypad,) if self.named_user_id is None else (self.keypad, users.throttle_name(self.named_user_id))

    def _running_wait_s(self, db: Db) -> float:
        return max(throttle.remaining_s(db, self.when, place) for place in self._places())

    def _decide(self, db: Db, point: Point, *, wait_s: float, wrong: int) -> tuple[Result, Identification | None]:
        """The rule, first without and then with a look at the code."""
        mode = "locked" if point.archived else point.mode
        type_enabled = bool(settings.in_force(db, "identification.pin.enabled"))
        unseen = rules.decide(mode=mode, type_enabled=type_enabled, locked_out=wait_s > 0, candidate=None, today=None)
        if unseen is not Result.UNKNOWN:
            return unseen, None
        if self.named_user_id is None and rules.must_name_oneself(self.terminal, len(self.code) - 1, wrong):
            return Result.NAME_NEEDED, None
        found = identifications.by_code(db, self.key, self.code)
        if found is not None and self.named_user_id not in (None, found.user_id):
            found = None  # somebody else's code is no code of the person who was named
        result = rules.decide(
            mode=mode, type_enabled=type_enabled, locked_out=False,
            candidate=None if found is None else candidate_of(db, found),
            today=identifications.local_date(db, self.now) if self.trusted else None,
        )  # fmt: skip
        return result, found

    def _count(self, db: Db, named: User | None, wrong: int) -> tuple[float, bool]:
        """Count a wrong guess at the terminal and at the person named; return the wait and whether it was a new one."""
        guess = self.key.keyed_hash(GUESS, self.code)
        place = users.throttle_name(self.named_user_id) if self.named_user_id is not None else self.keypad
        counted = not throttle.repeated(db, self.when, place, guess)
        wait_s = throttle.count(db, self.when, self.keypad, guess, TERMINAL_WAIT_S, so_far=wrong)
        if self.named_user_id is not None:
            so_far = None if named is None else attempts.wrong_at_user(db, self.now, named.id)
            wait_s = max(wait_s, throttle.count(db, self.when, place, guess, so_far=so_far))
        return wait_s, counted

    def _accept(self, db: Db, point: Point, found: Identification) -> Decision:
        """Write the grant, unless this code was accepted here a moment ago."""
        user = users.row(db, found.user_id)
        before = granted.row_open(db, point.id)
        if before is not None and self._is_double_tap(before, found):
            return Decision(Result.ACCEPTED, user=user, grant_id=before.id)
        if before is not None:
            granted.end(db, self.now, before.id, "replaced")
        window_s = float(settings.in_force(db, "charging.start_window_s"))
        grant_id = granted.insert(
            db, self.when, point.id, reason=found.type, user_id=user.id, identification_id=found.id,
            until_s=self.when.boottime_s() + window_s,
        )  # fmt: skip
        audit.record(
            db, self.now, self.actor, "charging.authorize", point.name, user=user.id, grant=grant_id,
            terminal=self.terminal,
        )  # fmt: skip
        return Decision(Result.ACCEPTED, user=user, grant_id=grant_id)

    def _is_double_tap(self, before: granted.Grant, found: Identification) -> bool:
        return (
            before.identification_id == found.id
            and before.boot_id == self.when.boot_id
            and self.when.boottime_s() < before.until_s
            and abs(self.now - before.granted_at) < DOUBLE_TAP
        )


def examine(opened: Opened, code: str, point: Point | None = None) -> tuple[Result, Identification | None]:
    """What the gate would say to a code, without letting it in, counting it or writing it down. For who administers."""
    asked = _Asked(opened, identifications.normalise(code), "cli", None, audit.CLI)
    with opened.store.read() as db:
        anywhere = Point(0, "", "", None, "authorized")
        return asked._decide(db, anywhere if point is None else points.row(db, point.id), wait_s=0, wrong=0)


def stop(opened: Opened, point_id: int, actor: audit.Actor) -> bool:
    """End what is permitted at a point, at once; tell whether there was anything. Raises NotFound."""
    now = opened.clock.now()
    with opened.store.write() as db:
        point = points.row(db, point_id)
        grant = granted.row_open(db, point_id)
        if grant is None:
            return False
        granted.end(db, now, grant.id, "stop")
        audit.record(db, now, actor, "charging.stop", point.name, grant=grant.id)
    return True


def candidate_of(db: Db, found: Identification) -> rules.Candidate:
    """What the rule wants to know of an identification."""
    owner = users.row(db, found.user_id)
    return rules.Candidate(
        user_blocked=owner.blocked or owner.archived,
        active=found.active and not found.removed,
        expires_on=found.expires_on,
    )


def calendar_trusted(opened: Opened) -> bool:
    """Tell whether expiry dates may be decided; not when nothing is known of this boot."""
    try:
        return known_time.trusted(opened.store, opened.live, opened.clock)
    except errors.StoreMissing:
        return False


def _require_unused(db: Db, point: Point) -> None:
    """Refuse while a session runs there: its code is not ended by another code."""
    running = db.execute(
        "SELECT 1 FROM sessions JOIN grants ON grants.id = sessions.grant_id"
        " WHERE sessions.point_id=? AND sessions.ended_at IS NULL AND grants.ended_at IS NULL",
        (point.id,),
    ).fetchone()
    if running:
        raise Refused(N_("A car is charging at {point} already: stop that session first."), point=point.name)
