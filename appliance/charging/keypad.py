"""Who stands at a reader's keypad: it cannot ask, so people type their number before their PIN.

`12 # 4711 #`: the first group of up to five digits is the number of a user, the
next one the PIN. Five digits or fewer never identify alone (reading 17), so no
such group is looked at as a PIN - except after a card whose PIN is awaited.
Six to eight digits are a PIN by themselves. A number is forgotten after a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.charging import rules, second_factor
from appliance.opened import Opened

FORGET_S = 20.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A PIN, and who the person said to be before it."""

    pin: str
    named_user_id: int | None = None


class Keypad:
    """What was typed at one reader."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._until_s = 0.0

    def take(self, digits: str, now_s: float, *, awaited: bool) -> Typed | None:
        """Take a group of digits; the PIN, if it is one. `awaited`: a card was shown whose PIN this may be."""
        number = self._number if now_s < self._until_s else None
        self._number = None
        if number is not None:
            return Typed(digits, number)
        if awaited or len(digits) >= rules.ALONE_DIGITS:
            return Typed(digits)
        self._number, self._until_s = int(digits), now_s + FORGET_S
        return None

    def forget(self) -> None:
        """Something else happened there."""
        self._number = None


def awaits_pin(opened: Opened, point_ids: Sequence[int]) -> bool:
    """Tell whether a card was shown at one of these points whose PIN is awaited. Raises StoreError."""
    with opened.store.read() as db:
        return any(second_factor.awaited(db, opened.clock, one) is not None for one in point_ids)
