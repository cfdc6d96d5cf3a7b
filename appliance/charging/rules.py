"""May this code start charging here? The rule, pure.

A start is allowed only if everything holds; otherwise the first thing that
does not, in the order of this table, is the answer:

    mode           the point's mode lets local users charge
    type_disabled  identifications of this type are switched on
    locked_out     no wait for wrong guesses is running
    unknown        the code is somebody's (and, where a name was given, that person's)
    blocked        its user is neither blocked nor archived
    inactive       the identification is active
    stop_only      it may start, not only stop
    expired        it has not expired; without a trusted date nothing with an expiry is good
    hours          it is within the hours of its user and its own; without a trusted time no hours hold
    allowance      its user has energy left in this day, week and month
    used_up        energy, money or time of the code itself is not used up
    uncounted      where only so much energy or money may be charged, the point's meter gives its counter now
    second_factor  where a card and a PIN are wanted, both were shown

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
    STOP_ONLY = "stop_only"
    HOURS = "hours"
    ALLOWANCE = "allowance"
    USED_UP = "used_up"
    UNCOUNTED = "uncounted"
    SECOND_FACTOR = "second_factor"
    BUSY = "busy"  # somebody else charges here
    STOPPED = "stopped"  # it ended what ran here
    LEARNED = "learned"  # the card now belongs to whom it was learned for
    TAKEN = "taken"  # it was to be learned and cannot be: somebody has it, or its number changes
    NAME_NEEDED = "name_needed"  # nothing was looked at: the keypad first asks who you are


# Refused after a look at the code. All of them count as wrong guesses, so that the wait tells nothing.
GUESSES = (
    Result.UNKNOWN, Result.BLOCKED, Result.INACTIVE, Result.STOP_ONLY, Result.EXPIRED, Result.HOURS, Result.ALLOWANCE,
    Result.USED_UP, Result.UNCOUNTED, Result.SECOND_FACTOR, Result.BUSY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rule wants to know of the identification a code belongs to."""

    user_blocked: bool  # or archived
    active: bool
    expires_on: date | None
    stop_only: bool = False
    in_hours: bool = True
    has_allowance: bool = True
    used_up: bool = False
    uncounted: bool = False  # it may charge only so much, and nobody counts it here
    lacks_factor: bool = False  # a card and a PIN are wanted, and only one was shown


def decide(
    *, mode: str, type_enabled: bool, locked_out: bool, candidate: Candidate | None, today: date | None
) -> Result:
    """Tell whether a start is allowed, or the first reason against it.

    `mode` is the one in force (`windows.mode_at`), `today` the local date, None if unknown.
    """
    if mode not in STARTS:
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
    if candidate.stop_only:
        return Result.STOP_ONLY
    if is_expired(candidate.expires_on, today):
        return Result.EXPIRED
    return _limit(candidate) or Result.ACCEPTED


def _limit(candidate: Candidate) -> Result | None:
    """The first limit that is reached."""
    if not candidate.in_hours:
        return Result.HOURS
    if not candidate.has_allowance:
        return Result.ALLOWANCE
    if candidate.used_up:
        return Result.USED_UP
    if candidate.uncounted:
        return Result.UNCOUNTED
    return Result.SECOND_FACTOR if candidate.lacks_factor else None


def is_expired(expires_on: date | None, today: date | None) -> bool:
    """Tell whether a code is past its last day; what cannot be decided has expired."""
    return expires_on is not None and (today is None or today > expires_on)


def must_name_oneself(terminal: str, digits: int, wrong_lately: int) -> bool:
    """Tell whether the person must say who they are before the code is looked at.

    Only a keypad asks: for short codes always, for every code once several wrong
    ones were typed there. The answer depends on nothing the store knows of the code.
    A keypad that cannot ask takes the PIN after a card only, which names its owner.
    """
    is_keypad = terminal == "touch" or terminal.startswith(READER)
    return is_keypad and (digits < ALONE_DIGITS or wrong_lately >= WRONG_BEFORE_NAMING)


STARTS = ("free", "authorized")  # modes in which a code may start
READER = "reader:"  # terminals that are readers, and the reader's name
ALONE_DIGITS = 6  # from so many digits on a PIN identifies by itself
WRONG_BEFORE_NAMING = 5
LATELY_DAYS = 30
