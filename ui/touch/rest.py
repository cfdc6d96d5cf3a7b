"""What the display does while nobody touches it: colours by the hour, dimming, night. Arithmetic only, without Kivy."""

from __future__ import annotations

from datetime import datetime, time

from ui.touch.status import Display

DAY_FROM, DAY_TO = time(7), time(19)  # light colours under `auto` where no night is set


def is_night(display: Display, now: datetime) -> bool:
    """Tell whether the night window is open at this local time."""
    if not display.night_from or not display.night_to:
        return False
    return _is_between(time.fromisoformat(display.night_from), time.fromisoformat(display.night_to), now.time())


def is_light(display: Display, now: datetime) -> bool:
    """Tell whether the light colours are wanted."""
    if display.theme != "auto":
        return display.theme == "light"
    if display.night_from and display.night_to:
        return not is_night(display, now)
    return _is_between(DAY_FROM, DAY_TO, now.time())


def _is_between(begin: time, end: time, moment: time) -> bool:
    """A window of the day; it may go over midnight."""
    return begin <= moment < end if begin <= end else moment >= begin or moment < end
