"""Numbers in 16-bit registers: the types meters use, to and from SI values.

`value_of` and `registers_of` are exact inverses for integers, and as near as
the type allows for the rest. Registers are big-endian inside; `little` means
that the word with the low bits comes first. `taker` does what `value_of` does,
prepared once for a place that is read again and again.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from operator import itemgetter

# type -> (struct code of the big-endian bytes, number of registers)
TYPES: Mapping[str, tuple[str, int]] = {
    "u16": (">H", 1),
    "s16": (">h", 1),
    "u32": (">I", 2),
    "s32": (">i", 2),
    "u64": (">Q", 4),
    "s64": (">q", 4),
    "f32": (">f", 2),
    "f64": (">d", 4),
    "t5": (">I", 2),  # Iskra, Finder: signed decimal exponent in the top byte, 24 bits above zero
    "t6": (">I", 2),  # the same with 24 signed bits
}
FLOATS = ("f32", "f64")
EXPONENTS = ("t5", "t6")
MANTISSA_BITS = 24
LEAST = 1e-9  # what is nearer to 0 is written as 0

Take = Callable[[Mapping[int, int]], float | None]  # `address -> register` to SI value; KeyError where one is missing

_UNPACKS: Mapping[str, Callable[[bytes], tuple[float, ...]]] = {
    kind: struct.Struct(code).unpack for kind, (code, _) in TYPES.items()
}


def size_of(kind: str) -> int:
    """Registers of one value."""
    return TYPES[kind][1]


def value_of(
    kind: str, words: Sequence[int], scale: float = 1.0, order: str = "big", invalid: Collection[bytes] = ()
) -> float | None:
    """SI value = raw * scale; None for one of the `invalid` bit patterns and for a float that is no number."""
    return _taker(kind, 0, scale, order, frozenset(invalid))(dict(enumerate(words)))


def taker(kind: str, address: int, scale: float = 1.0, order: str = "big", invalid: Collection[bytes] = ()) -> Take:
    """What takes the value at `address` out of `address -> register`, as `value_of` gives it."""
    return _taker(kind, address, scale, order, frozenset(invalid))


@cache
def _taker(kind: str, address: int, scale: float, order: str, invalid: frozenset[bytes]) -> Take:
    size = size_of(kind)
    at = range(address, address + size) if order == "big" else range(address + size - 1, address - 1, -1)
    words: Callable[[Mapping[int, int]], Sequence[int]]
    words = itemgetter(*at) if size > 1 else partial(_one, address)
    pack, unpack, divisor = struct.Struct(f">{size}H").pack, _UNPACKS[kind], _divisor(scale)
    finite, marks, exponent = kind in FLOATS, invalid, kind in EXPONENTS

    def take(held: Mapping[int, int]) -> float | None:
        bits = pack(*words(held))
        if marks and bits in marks:
            return None
        raw = _from_exponent(kind, bits) if exponent else unpack(bits)[0]
        if finite and not math.isfinite(raw):
            return None
        return raw / divisor if divisor else raw * scale

    return take


def _one(address: int, held: Mapping[int, int]) -> tuple[int]:
    return (held[address],)


def registers_of(kind: str, value: float, scale: float = 1.0, order: str = "big") -> list[int]:
    """The registers that hold `value`. Raises struct.error when the type cannot."""
    code, size = TYPES[kind]
    divisor = _divisor(scale)
    raw = value * divisor if divisor else value / scale
    try:
        if kind in EXPONENTS:
            bits = _to_exponent(kind, raw)
        else:
            bits = struct.pack(code, raw if kind in FLOATS else round(raw))
    except (OverflowError, ValueError) as error:
        raise struct.error(f"{value} does not fit {kind}") from error
    words = list(struct.unpack(f">{size}H", bits))
    return words if order == "big" else words[::-1]


@cache
def _divisor(scale: float) -> int:
    """1/scale where that is a whole number: 2301 / 10 is 230.1, 2301 * 0.1 is not. 0 where it is not."""
    divisor = round(1 / scale) if abs(scale) < 1 else 0
    return divisor if divisor and math.isclose(divisor * scale, 1, rel_tol=1e-12) else 0


def _from_exponent(kind: str, bits: bytes) -> float:
    """FE 00 59 96 is 22934 * 10^-2 (Finder 7M manual)."""
    exponent = int.from_bytes(bits[:1], signed=True)
    mantissa = int.from_bytes(bits[1:], signed=kind == "t6")
    return mantissa * 10.0**exponent if exponent >= 0 else mantissa / 10**-exponent


def _to_exponent(kind: str, raw: float) -> bytes:
    """The most decimals that fit. Raises OverflowError."""
    signed = kind == "t6"
    most = 2 ** (MANTISSA_BITS - signed) - 1
    exponent = 0 if abs(raw) < LEAST else max(math.ceil(math.log10(abs(raw) / most)), -9)
    mantissa = round(raw / 10.0**exponent) if exponent >= 0 else round(raw * 10**-exponent)
    return exponent.to_bytes(1, signed=True) + mantissa.to_bytes(3, signed=signed)


def text_of(words: Sequence[int]) -> str:
    """The text in registers of two characters each, without what fills them up."""
    raw = struct.pack(f">{len(words)}H", *words)
    return "".join(chr(byte) for byte in raw if 0x20 <= byte < 0x7F).strip()


def words_of(text: str, count: int) -> tuple[int, ...]:
    """`count` registers that hold `text`, filled up with zeros."""
    raw = text.encode("ascii", "replace")[: 2 * count].ljust(2 * count, b"\0")
    return struct.unpack(f">{count}H", raw)
