"""Days, weeks, months and years as people of a language write them, and words for their bars (CLDR, by Babel)."""

from __future__ import annotations

from datetime import date

from babel import dates

from ui.text.catalog import LOCALES
from ui.text.numbers import DASH, SPACE

MINUS = "\N{MINUS SIGN}"


def title(kind: str, first: date, last: date, language: str, today: date | None = None) -> str:
    """`Sat, 20 Jun 2026`, `15–21 Jun 2026`, `June 2026`, `2026`, `2024 – 2026`; days of `today`'s year without it."""
    locale = LOCALES[language]
    year = "" if today is not None and first.year == last.year == today.year else "y"
    if kind == "day":
        return dates.format_skeleton(year + "MMMEd", first, locale=locale)
    if kind == "week":
        return dates.format_interval(first, last, year + "MMMd", locale=locale)
    if kind == "month":
        return dates.format_skeleton("yMMMM", first, locale=locale)
    if kind == "year" or first.year == last.year:
        return str(first.year)
    return f"{first.year} {DASH} {last.year}"


def bar(kind: str, start: date, language: str) -> str:
    """What a bar of a period is called where there is room: its day, month or year."""
    locale = LOCALES[language]
    if kind in ("week", "month"):
        return dates.format_skeleton("MMMEd", start, locale=locale)
    return dates.format_skeleton("yMMM", start, locale=locale) if kind == "year" else str(start.year)


def tick(kind: str, start: date, language: str) -> str:
    """What stands below a bar: weekday, day of the month, month or year."""
    locale = LOCALES[language]
    if kind == "week":
        return dates.format_skeleton("E", start, locale=locale).rstrip(".")
    if kind == "month":
        return str(start.day)
    return dates.format_date(start, "LLL", locale=locale).rstrip(".")[:3] if kind == "year" else str(start.year)


def share(part: float | None, language: str) -> str:
    """`86 %`, a whole number; a dash for none."""
    return DASH if part is None else f"{round(100 * part)}{SPACE}%"


def change(now: float | None, before: float | None) -> str:
    """`+12 %` or `−8 %` against what was before; empty where nothing can be compared."""
    if now is None or not before:
        return ""
    percent = round(100 * (now - before) / before)
    sign = "+" if percent > 0 else MINUS if percent < 0 else "±"
    return f"{sign}{abs(percent)}{SPACE}%" if abs(percent) < 1000 else ""
