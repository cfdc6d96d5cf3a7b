"""Something the values of a meter show about how it is wired and set up, in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Values = Mapping[str, float]
PHASES = (1, 2, 3)
MISSING_V = 30.0  # an open phase shows what couples in from the others
FLOWING_W = 60.0  # below this, signs and factors are mostly noise


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the values show."""

    severity: str  # 'good', 'look' or 'bad'
    about: str  # a short key: what was checked
    message: str  # English with {placeholders}
    values: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """The English sentence."""
        return self.message.format(**self.values)


def finding(severity: str, about: str, message: str, **values: object) -> Finding:
    """One finding; `values` fill its message."""
    return Finding(severity, about, message, values)


def names(phases: Iterable[int]) -> str:
    """L1, L3."""
    return ", ".join(f"L{phase}" for phase in phases)


def short(value: float) -> str:
    """To the tenth, without a zero nobody needs."""
    return f"{value:.1f}".removesuffix(".0")


def whole(watts: float) -> str:
    """Without decimals."""
    return f"{watts:.0f}"
