"""Figures, dates and durations as people of a language write them (CLDR, by Babel).

A narrow no-break space stands between number and unit. Power is whole watts
below 1 kW, then kilowatts with two decimals, one from 10 kW on.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel import dates, numbers

from ui.text.catalog import LOCALES

SPACE = "\u202f"
DASH = "\u2013"
MINUS = "\N{MINUS SIGN}"  # as wide as a digit, as Plus is


def decimal(value: float, places: int, language: str) -> str:
    """12,345.68 or 12.345,68."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return numbers.format_decimal(value, format=pattern, locale=LOCALES[language])


def signed(value: float, places: int, language: str) -> str:
    """Like `decimal`, with a true minus sign, and none before a zero."""
    return decimal(round(value, places) or 0.0, places, language).replace("-", MINUS)


def power(watts: float | None, language: str) -> str:
    """`612 W`, `2.35 kW`, `11.0 kW`; a dash for no data."""
    return DASH if watts is None else SPACE.join(power_parts(watts, language))


def power_parts(watts: float, language: str) -> tuple[str, str]:
    """Number and unit apart, for big figures with a small unit."""
    if abs(watts) < 999.5:
        return signed(watts, 0, language), "W"
    return signed(watts / 1000, 2 if abs(watts) < 9_995 else 1, language), "kW"


def energy(wh: float | None, language: str) -> str:
    """`8.4 kWh`: two decimals below 10 kWh, one below 1000, none above; a dash for no data."""
    if wh is None:
        return DASH
    kwh = wh / 1000
    places = 2 if abs(kwh) < 10 else 1 if abs(kwh) < 1000 else 0
    return f"{decimal(kwh, places, language)}{SPACE}kWh"


def money(amount: Decimal | None, currency: str | None, language: str) -> str:
    """`3.53 €` to the cent; a dash for no price."""
    if amount is None or not currency:
        return DASH
    sign = numbers.get_currency_symbol(currency, LOCALES[language])
    return f"{decimal(float(amount), 2, language)}{SPACE}{sign}"


def clock_time(moment: datetime, language: str) -> str:
    """14:05, in the moment's own time zone."""
    return dates.format_time(moment, "HH:mm", locale=LOCALES[language])


def weekday_and_day(moment: datetime, language: str) -> str:
    """`Sat, 21 Nov` or `Sa., 21. Nov.`"""
    return dates.format_skeleton("MMMEd", moment, locale=LOCALES[language])


def day(moment: date, language: str) -> str:
    """21/11/2026 or 21.11.2026."""
    return dates.format_date(moment, "dd.MM.yyyy" if language == "de" else "dd/MM/yyyy", locale=LOCALES[language])


def month(first: date, language: str) -> str:
    """November 2026."""
    return dates.format_date(first, "MMMM yyyy", locale=LOCALES[language])


def moment(when: datetime, language: str) -> str:
    """Day and time."""
    return f"{day(when.date(), language)}, {clock_time(when, language)}"


def minutes(seconds: float) -> str:
    """9:59, never negative, rounded up so that 0:00 means over."""
    whole = max(0, -int(-seconds // 1))
    return f"{whole // 60}:{whole % 60:02}"


def duration(seconds: float) -> str:
    """1:02:03."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def wait(seconds: float) -> str:
    """How long somebody has to wait: `4:59`, then whole hours and minutes."""
    if seconds < 3600:
        return minutes(seconds)
    whole = -int(-seconds // 60)
    return f"{whole // 60}{SPACE}h {whole % 60:02}{SPACE}min"
