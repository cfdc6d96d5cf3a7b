"""May this code start charging here? The rule, pure.

A start is allowed only if everything holds; otherwise the first thing that
does not, in the order of this table, is the answer:

    mode           the point's mode lets local users charge
    type_disabled  identifications of this type are switched on
    locked_out     no wait for wrong guesses is running
    unknown        the code is somebody's (and, where a name was given, that person's)
    blocked        its user is neither blocked nor archived
    inactive       the identification is active
    expired        it has not expired; without a trusted date nothing with an expiry is good

The first three are decided without looking at the code, so they tell nothing about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Result(StrEnum):
    """What became of an attempt."""

    ACCEPTED = "accepted"
    MODE = "mode"
    TYPE_DISABLED = "type_disabled"
    LOCKED_OUT = "locked_out"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    NAME_NEEDED = "name_needed"  # nothing was looked at: the keypad first asks who you are


GUESSES = (Result.UNKNOWN, Result.BLOCKED, Result.INACTIVE, Result.EXPIRED)  # refused after a look at the code


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rule wants to know of the identification a code belongs to."""

    user_blocked: bool  # or archived
    active: bool
    expires_on: date | None


def decide(
    *, mode: str, type_enabled: bool, locked_out: bool, candidate: Candidate | None, today: date | None
) -> Result:
    """Tell whether a start is allowed, or the first reason against it. `today` is the local date, None if unknown."""
    if mode == "locked":
        return Result.MODE
    if not type_enabled:
        return Result.TYPE_DISABLED
    if locked_out:
        return Result.LOCKED_OUT
    if candidate is None:
        return Result.UNKNOWN
    if candidate.user_blocked:
        return Result.BLOCKED
    if not candidate.active:
        return Result.INACTIVE
    if is_expired(candidate.expires_on, today):
        return Result.EXPIRED
    return Result.ACCEPTED


def is_expired(expires_on: date | None, today: date | None) -> bool:
    """Tell whether a code is past its last day; what cannot be decided has expired."""
    return expires_on is not None and (today is None or today > expires_on)


def must_name_oneself(terminal: str, digits: int, wrong_lately: int) -> bool:
    """Tell whether the person must say who they are before the code is looked at.

    Only a keypad asks: for short codes always, for every code once several wrong
    ones were typed there. The answer depends on nothing the store knows of the code.
    """
    return terminal == "touch" and (digits < ALONE_DIGITS or wrong_lately >= WRONG_BEFORE_NAMING)


ALONE_DIGITS = 6  # from so many digits on a PIN identifies by itself
WRONG_BEFORE_NAMING = 5
LATELY_DAYS = 30
