"""The settings PIN: 4 digits that open the settings menu of the touchscreen, and nothing else.

There is no default. Kept is only Argon2id over a keyed hash (device key), so a
copied store does not give it away; its keyed hash has a purpose of its own, so
a user's PIN never opens the settings. A guess is counted in the store before
it is looked at. Waits are those of `throttle`; the way out of a long one is
`clear` (presence at a cold start, or the local command line).

The right PIN takes back only the failures that are typos of it: else whoever
watches the household come and go would have four guesses each time. So that
their own next slip costs the household no day, the first failure after the
right PIN costs a minute at most. In all there are twenty for one PIN; a change
of the PIN begins anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from appliance import audit, clock, errors
from appliance.access import throttle, verifier
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store.database import Store

NAME = "display_pin"  # of its throttle and of its keyed hash
GUESS = f"guess/{NAME}"  # purpose of the device key
DIGITS = re.compile(r"[0-9]{4}")
SLIP_S = 60.0  # the longest wait for the first failure after the right PIN
WEAK_RUNS = ("01234567890", "09876543210")  # 1234, 7890, 9876, 3210 …


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a guess: right, or how long to wait, or how many guesses are left before a wait."""

    ok: bool
    wait_s: float = 0.0
    tries_left_before_wait: int = 0
    wrong: int = 0  # right: so many other guesses were made, and stay counted until the PIN is changed


def is_set(store: Store) -> bool:
    """Tell whether a PIN was chosen yet."""
    with store.read() as db:
        return db.execute("SELECT 1 FROM display_pin").fetchone() is not None


def set_first(opened: Opened, pin: str, again: str) -> None:
    """Choose the first PIN. Raises BadInput (rule, mismatch), Refused when there is one already."""
    _require_new(pin, again)
    kept = verifier.make(_keyed(opened, pin))
    now = opened.clock.now()
    try:
        with opened.store.write() as db:
            db.execute("INSERT INTO display_pin VALUES (1, ?, ?)", (kept, clock.utc_text(now)))
            audit.record(db, now, audit.TOUCH, "display_pin.set", "settings PIN")
    except errors.StoreConflict:
        raise Refused(N_("The settings PIN is set already: change it in Settings > Security.")) from None


def check(opened: Opened, pin: str) -> Check:
    """Compare a guess. Raises BadInput for what cannot be a PIN (not counted), Refused when none is set."""
    _require_digits(pin)
    kept, wait_s = _count(opened, pin)
    if wait_s:
        return Check(ok=False, wait_s=wait_s)
    ok = verifier.matches(kept, _keyed(opened, pin))
    now = opened.clock.now()
    with opened.store.write() as db:
        if ok:
            guesses = {opened.key().keyed_hash(GUESS, typo) for typo in _typos(pin)}
            return Check(ok=True, wrong=throttle.settle(db, NAME, guesses))
        audit.record(db, now, audit.TOUCH, "display_pin.refuse", "settings PIN")
        return _as_it_stands(throttle.remaining_s(db, opened.clock, NAME), throttle.failures(db, NAME))


def look(store: Store, when: clock.Clock) -> Check:
    """The wait and the guesses left, without guessing: for the screen that asks."""
    with store.read() as db:
        return _as_it_stands(throttle.remaining_s(db, when, NAME), throttle.failures(db, NAME))


def change(opened: Opened, current: str, pin: str, again: str) -> Check:
    """Replace the PIN when `current` is right, else change nothing. Raises BadInput."""
    _require_new(pin, again)
    if pin == current:
        raise BadInput(N_("The new PIN is the old one: choose another."), field="pin")
    answer = check(opened, current)
    if answer.ok:
        now = opened.clock.now()
        kept = verifier.make(_keyed(opened, pin))
        with opened.store.write() as db:
            db.execute("UPDATE display_pin SET verifier=?, set_at=?", (kept, clock.utc_text(now)))
            throttle.forgive(db, NAME)  # they were guesses at another PIN
            audit.record(db, now, audit.TOUCH, "display_pin.change", "settings PIN")
    return answer


def clear(opened: Opened, actor: audit.Actor) -> None:
    """Forget the PIN and its wrong guesses, and nothing else: the next entry into Settings sets a new one."""
    now = opened.clock.now()
    with opened.store.write() as db:
        db.execute("DELETE FROM display_pin")
        throttle.forgive(db, NAME)
        audit.record(db, now, actor, "display_pin.clear", "settings PIN")


def _as_it_stands(wait_s: float, failures: int) -> Check:
    left = 0 if wait_s else max(1, throttle.FREE_FAILURES + 1 - failures)
    return Check(ok=False, wait_s=wait_s, tries_left_before_wait=left)


def _count(opened: Opened, pin: str) -> tuple[str, float]:
    """Write the guess down as a failure, unless a wait still runs; return the verifier and that wait."""
    with opened.store.write() as db:
        kept: str | None = db.execute("SELECT verifier FROM display_pin").get
        if kept is None:
            raise Refused(N_("There is no settings PIN yet: choose one first."))
        wait_s = throttle.remaining_s(db, opened.clock, NAME)
        if not wait_s:
            slip = throttle.is_first_since_right(db, NAME) and throttle.failures(db, NAME) + 1 < throttle.MOST_FAILURES
            guess = opened.key().keyed_hash(GUESS, pin)
            throttle.count(db, opened.clock, NAME, guess, SLIP_S if slip else throttle.NEVER_S)
    return kept, wait_s


def _typos(pin: str) -> set[str]:
    """What a person may type who means this PIN: itself, one digit wrong, or two neighbours swapped."""
    found = {pin}
    for place in range(len(pin)):
        found |= {f"{pin[:place]}{digit}{pin[place + 1 :]}" for digit in "0123456789"}
        found.add(pin[:place] + pin[place : place + 2][::-1] + pin[place + 2 :])
    return found


def _keyed(opened: Opened, pin: str) -> bytes:
    return opened.key().keyed_hash(NAME, pin)


def _require_digits(pin: str) -> None:
    if not DIGITS.fullmatch(pin):
        raise BadInput(N_("The settings PIN has exactly 4 digits."), field="pin")


def _require_new(pin: str, again: str) -> None:
    """Refuse what breaks the rule, is among the first that anybody tries, or was mistyped."""
    _require_digits(pin)
    if pin[:2] == pin[2:] or len(set(pin)) == 1 or any(pin in run for run in WEAK_RUNS):
        raise BadInput(
            N_("This PIN is too easy to guess: choose one without repeats and not in sequence."), field="pin"
        )
    if pin != again:
        raise BadInput(N_("The two PINs are not the same: start again."), field="again")
