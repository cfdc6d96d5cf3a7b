"""Other ways to keep the same samples, so that figures can be compared: rows and other codings.

Each takes a day of quantised seconds (series -> whole steps) and returns bytes.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import struct
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from appliance.metering import packing

Day = Mapping[str, list[int]]
QUARTER = 900


@contextmanager
def database(schema: str) -> Iterator[apsw.Connection]:
    """An SQLite file of its own in memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        db = apsw.Connection(str(Path(folder) / "rows.db"))
        db.execute("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY")
        db.execute(schema)
        yield db
        db.close()


def size_of(db: apsw.Connection) -> int:
    """Bytes of the whole file."""
    pages, page_size = db.execute("PRAGMA page_count").get, db.execute("PRAGMA page_size").get
    return int(pages * page_size)


def _rows(schema: str, insert: str, rows: Iterable[tuple[Any, ...]]) -> int:
    with database(schema) as db:
        with db:
            db.executemany(insert, rows)
        return size_of(db)


def row_per_sample(day: Day, decimals: Mapping[str, int]) -> int:
    """A row a sample, with an index: what most programs do."""
    names = list(day)
    seconds = zip(*day.values(), strict=True)
    return _rows(
        "CREATE TABLE n (t INTEGER, series INTEGER, value REAL); CREATE INDEX i ON n (series, t)",
        "INSERT INTO n VALUES (?,?,?)",
        (
            (1_700_000_000 + t, number, step / 10 ** decimals[names[number]])
            for t, steps in enumerate(seconds)
            for number, step in enumerate(steps)
        ),
    )


def row_per_second(day: Day, decimals: Mapping[str, int], *, whole: bool) -> int:
    """A row a second with a column a series, as floats or as whole steps."""
    scales = [1 if whole else 10 ** decimals[name] for name in day]
    columns = ",".join(f"c{i}" for i in range(len(day)))
    return _rows(
        f"CREATE TABLE w (t INTEGER PRIMARY KEY, {columns})",
        f"INSERT INTO w VALUES (?{',?' * len(day)})",
        (
            (1_700_000_000 + t, *(step if whole else step / scale for step, scale in zip(steps, scales, strict=True)))
            for t, steps in enumerate(zip(*day.values(), strict=True))
        ),
    )


def coded(day: Day, code: Callable[[list[int]], int], length: int = QUARTER) -> int:
    """Bytes of a coding alone, a piece of a series at a time, without a file around it."""
    return sum(code(steps[at : at + length]) for steps in day.values() for at in range(0, len(steps), length))


def ours(steps: list[int]) -> int:
    """As `packing` does it."""
    return len(packing.pack(steps, 1) or b"")


def _changes(steps: list[int]) -> list[int]:
    return [steps[0], *(b - a for a, b in zip(steps, steps[1:], strict=False))]


def _shuffled(numbers: list[int]) -> bytes:
    folded = [number << 1 if number >= 0 else (-number << 1) - 1 for number in numbers]
    raw = struct.pack(f"<{len(folded)}q", *folded)
    return b"".join(raw[i::8] for i in range(8))


def raw_zlib(steps: list[int]) -> int:
    """Whole steps as they are, zlib."""
    return len(zlib.compress(struct.pack(f"<{len(steps)}q", *steps), 6))


def shuffled_zlib(steps: list[int]) -> int:
    """Differences, bytes shuffled, zlib."""
    return len(zlib.compress(_shuffled(_changes(steps)), 6))


def zstd(level: int) -> Callable[[list[int]], int] | None:
    """Differences, bytes shuffled, zstd; None where the package is not installed."""
    with contextlib.suppress(ImportError):
        compressor = importlib.import_module("zstandard").ZstdCompressor(level=level)
        return lambda steps: len(compressor.compress(_shuffled(_changes(steps))))
    return None


def entropy(steps: list[int]) -> int:
    """What no code can go below that takes each value, or each difference, by itself."""

    def bits(numbers: list[int]) -> float:
        return -sum(count * math.log2(count / len(numbers)) for count in Counter(numbers).values())

    return math.ceil(min(bits(steps), bits(_changes(steps)[1:])) / 8)


def gorilla(steps: list[int]) -> int:
    """Facebook's XOR of floats, on whole steps, which is kinder to it than decimals; time stamps not counted."""
    bits, leading, trailing = 64, -1, -1
    words = struct.unpack(f"<{len(steps)}Q", struct.pack(f"<{len(steps)}d", *steps))
    for before, word in zip(words, words[1:], strict=False):
        changed = before ^ word
        if not changed:
            bits += 1
            continue
        zeros, tail = min(31, 64 - changed.bit_length()), (changed & -changed).bit_length() - 1
        if leading >= 0 and zeros >= leading and tail >= trailing:
            bits += 2 + 64 - leading - trailing
        else:
            bits += 2 + 5 + 6 + 64 - zeros - tail
            leading, trailing = zeros, tail
    return bits // 8
