"""Make guessing expensive: failures are counted in the store before the answer is given.

The first four failures are free, then each costs a wait (Android 16's table,
SECURITY.md section 8): 1, 5, 15, 30, 90 minutes, 4, 12, 36 hours, then three
times as long each; after the 20th no guess is looked at any more. Waits run on
the boot clock; a restart of the program changes nothing and after a reboot the
wait starts again, so neither gives a free guess. The same wrong guess repeated
within five minutes counts once.

1. `remaining_s` says whether a guess may be made now. 2. `count` writes the
failure. 3. The guess is checked. 4. Only a right one calls `forgive`, or where
somebody else's guesses may be among the failures `forgive_typos` or `settle`:
who waits for the household's successes must not get new guesses by them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta

from appliance import clock
from appliance.store.database import Db, Store

FREE_FAILURES = 4
DAY_S = 86400.0
NEVER_S = 36525 * DAY_S  # a hundred years: no more guesses
WAITS_S = (  # after the 5th, 6th … 20th failure
    60.0, 300.0, 900.0, 1800.0, 5400.0, 14400.0, 43200.0, 129600.0,
    4 * DAY_S, 12 * DAY_S, 36 * DAY_S, 108 * DAY_S, 324 * DAY_S, 972 * DAY_S, 3285 * DAY_S, NEVER_S,
)  # fmt: skip
MOST_FAILURES = FREE_FAILURES + len(WAITS_S)  # after these no more guesses
SAME_GUESS = timedelta(minutes=5)
REMEMBERED = 5  # different wrong guesses kept to recognise a repeated typo


def wait_for(failures: int, longest_s: float = WAITS_S[-1]) -> float:
    """Seconds to wait after so many failures in a row."""
    if failures <= FREE_FAILURES:
        return 0.0
    return min(longest_s, WAITS_S[min(failures - FREE_FAILURES, len(WAITS_S)) - 1])


def remaining_s(db: Db, when: clock.Clock, name: str) -> float:
    """Seconds until the next guess at `name` may be made; 0 = now."""
    row = db.execute("SELECT wait_s, wait_boot_id, wait_until_s FROM throttles WHERE name=?", (name,)).fetchone()
    if row is None:
        return 0.0
    wait_s, boot_id, until_s = row
    if boot_id != when.boot_id:
        until_s = wait_s  # the wait starts again with the boot
    return max(0.0, float(until_s) - when.boottime_s())


def failures(db: Db, name: str) -> int:
    """Failures in a row so far."""
    return int(db.execute("SELECT failures FROM throttles WHERE name=?", (name,)).get or 0)


def repeated(db: Db, when: clock.Clock, name: str, guess: bytes) -> bool:
    """Tell whether this very guess failed at `name` within the last minutes: a typo made twice."""
    row = db.execute("SELECT last_at, recent FROM throttles WHERE name=?", (name,)).fetchone()
    return row is not None and guess.hex() in row[1] and when.now() - clock.from_utc_text(row[0]) < SAME_GUESS


def count(
    db: Db, when: clock.Clock, name: str, guess: bytes, longest_s: float = WAITS_S[-1], so_far: int | None = None
) -> float:
    """Write one failure; return the wait it costs. `guess` is a keyed hash of what was tried.

    `so_far` replaces the failures in a row for a caller that counts them itself, say those of the last 30 days.
    """
    row = db.execute("SELECT failures, recent FROM throttles WHERE name=?", (name,)).fetchone()
    before, recent = row or (0, "[]")
    if so_far is not None:
        before = so_far
    total = before if repeated(db, when, name, guess) else before + 1
    wait_s = wait_for(total, longest_s)
    known = [guess.hex(), *(one for one in json.loads(recent) if one != guess.hex())][:REMEMBERED]
    db.execute(
        "INSERT OR REPLACE INTO throttles (name, failures, last_at, wait_s, wait_boot_id, wait_until_s, recent)"
        " VALUES (?,?,?,?,?,?,?)",
        (name, total, clock.utc_text(when.now()), wait_s, when.boot_id, when.boottime_s() + wait_s, json.dumps(known)),
    )
    return wait_s


def forgive(db: Db, name: str) -> None:
    """A right guess (or presence) ends the count."""
    db.execute("DELETE FROM throttles WHERE name=?", (name,))


def forgive_typos(db: Db, name: str, typos: Collection[bytes]) -> int:
    """A right guess takes back the remembered failures that are `typos` of it; return how many."""
    row = db.execute("SELECT failures, recent FROM throttles WHERE name=?", (name,)).fetchone()
    if row is None:
        return 0
    known = {typo.hex() for typo in typos}
    kept = [one for one in json.loads(row[1]) if one not in known]
    forgiven = min(row[0], len(json.loads(row[1])) - len(kept))
    if forgiven:
        db.execute(
            "UPDATE throttles SET failures=?, recent=? WHERE name=?", (row[0] - forgiven, json.dumps(kept), name)
        )
    return int(forgiven)


def settle(db: Db, name: str, typos: Collection[bytes]) -> int:
    """A right guess that was counted, too, ends the wait and takes back its `typos`; return how many failures stay."""
    forgive_typos(db, name, typos)
    stay = failures(db, name)
    if stay:
        db.execute("UPDATE throttles SET wait_s=0, wait_until_s=0, recent='[]' WHERE name=?", (name,))
    else:
        forgive(db, name)
    return stay


def is_first_since_right(db: Db, name: str) -> bool:
    """Tell whether nothing failed since the last right guess, though something did before it."""
    return bool(db.execute("SELECT failures > 0 AND recent = '[]' FROM throttles WHERE name=?", (name,)).get)


def waiting(store: Store, when: clock.Clock, name: str) -> float:
    """`remaining_s` for a surface that only shows it."""
    with store.read() as db:
        return remaining_s(db, when, name)
