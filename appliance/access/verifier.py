"""Keep a secret checkable but not readable: Argon2id, with the figures in one place.

`matches` takes as long for a missing verifier as for a wrong secret, so that
nobody learns from the clock whether a name exists. Only a few are computed at
once, so that a crowd of visitors costs time and not the board's memory.
"""

from __future__ import annotations

import threading

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's smallest memory (19 MiB) with 4 passes instead of 2: slow to guess, no strain on a small board's memory.
HASHER = argon2.PasswordHasher(time_cost=4, memory_cost=19 * 1024, parallelism=1, type=argon2.Type.ID)
# Of a secret nobody knows, with the same figures: what an unknown name is compared with.
NOBODY = "$argon2id$v=19$m=19456,t=4,p=1$tMNAlbUENPg/oFScRCm4+A$qcBBD83DiX0mNCWDiA5Gbq4MK7ggb3lhB7lEJ4/YZOk"
AT_ONCE = threading.BoundedSemaphore(2)  # 38 MiB, whoever knocks


def make(secret: str | bytes) -> str:
    """The text to store for `secret`."""
    with AT_ONCE:
        return HASHER.hash(secret)


def matches(verifier: str | None, secret: str | bytes) -> bool:
    """Tell whether `secret` is the stored one; None takes its time and is never right."""
    try:
        with AT_ONCE:
            right = HASHER.verify(verifier or NOBODY, secret)
    except (VerificationError, InvalidHashError):
        return False
    return right and verifier is not None
