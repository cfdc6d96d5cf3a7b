"""Numbers in 16-bit registers: the types meters use, to and from SI values.

`value_of` and `registers_of` are exact inverses for integers, and as near as
the type allows for floats. Registers are big-endian inside; `little` means
that the word with the low bits comes first.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from functools import cache

# type -> (struct code of the big-endian bytes, number of registers)
TYPES: Mapping[str, tuple[str, int]] = {
    "u16": (">H", 1),
    "s16": (">h", 1),
    "u32": (">I", 2),
    "s32": (">i", 2),
    "u64": (">Q", 4),
    "s64": (">q", 4),
    "f32": (">f", 2),
}
_DECODERS = {
    kind: (struct.Struct(f">{size}H").pack, struct.Struct(code).unpack) for kind, (code, size) in TYPES.items()
}


def size_of(kind: str) -> int:
    """Registers of one value."""
    return TYPES[kind][1]


def value_of(
    kind: str, words: Sequence[int], scale: float = 1.0, order: str = "big", invalid: Collection[bytes] = ()
) -> float | None:
    """SI value = raw * scale; None for one of the `invalid` bit patterns and for a float that is no number."""
    pack, unpack = _DECODERS[kind]
    bits = pack(*words) if order == "big" else pack(*reversed(words))
    if bits in invalid:
        return None
    raw = unpack(bits)[0]
    if kind == "f32" and not math.isfinite(raw):
        return None
    divisor = _divisor(scale)
    return float(raw / divisor) if divisor else float(raw * scale)


def registers_of(kind: str, value: float, scale: float = 1.0, order: str = "big") -> list[int]:
    """The registers that hold `value`. Raises struct.error when the type cannot."""
    code, size = TYPES[kind]
    divisor = _divisor(scale)
    raw = value * divisor if divisor else value / scale
    try:
        bits = struct.pack(code, raw if kind == "f32" else round(raw))
    except (OverflowError, ValueError) as error:
        raise struct.error(f"{value} does not fit {kind}") from error
    words = list(struct.unpack(f">{size}H", bits))
    return words if order == "big" else words[::-1]


@cache
def _divisor(scale: float) -> int:
    """1/scale where that is a whole number: 2301 / 10 is 230.1, 2301 * 0.1 is not. 0 where it is not."""
    divisor = round(1 / scale) if scale < 1 else 0
    return divisor if divisor and math.isclose(divisor * scale, 1, rel_tol=1e-12) else 0
