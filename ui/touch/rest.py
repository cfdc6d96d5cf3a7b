"""What the display does while nobody touches it: colours by the hour, light, night. Arithmetic only, without Kivy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from ui.touch.status import Display, Status

DAY_FROM, DAY_TO = time(7), time(19)  # light colours under `auto` where no night is set
DIM, DARK = 0.7, 1.0  # how much of the light is taken away
LEAST_SEEN = 0.3  # without a backlight the picture is drawn darker, never darker than this while awake
GOLDEN = 0.618034  # its multiples are spread evenly: the idle value stands where it has not been for long


@dataclass(frozen=True, slots=True)
class Light:
    """`backlight`: share of the panel's light. `shade`: how black the picture is drawn over where none obeys."""

    backlight: float
    shade: float


def dimness(idle_s: float, dim_after_s: float, off_after_s: float) -> float:
    """0 while somebody is there, then DIM, then DARK."""
    return DARK if idle_s > off_after_s else DIM if idle_s > dim_after_s else 0.0


def light(display: Display, now: datetime, dimmed: float, *, clock: bool) -> Light:
    """The light of this moment. A clock that idles is quiet by itself, so its picture is not drawn darker."""
    share = display.night_brightness if is_night(display, now) else display.brightness
    if dimmed == DARK:
        return Light(0.0, 1.0)
    if not dimmed:
        return Light(share, min(1 - LEAST_SEEN, 1 - share))
    lower = min(share, display.night_brightness, 1 - dimmed) if is_night(display, now) else share * (1 - dimmed)
    return Light(lower, 0.0 if clock else dimmed)


def place(minute: int) -> tuple[float, float]:
    """Where the idle value stands in this minute, as shares of the free room; neighbours are far apart."""
    return (minute * GOLDEN) % 1, (minute * GOLDEN * GOLDEN + 0.5) % 1


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


def calls(before: Status, now: Status) -> bool:
    """Tell whether something new should light a dark display: a fault, a card, a button, a point, long work."""
    faults = {(fault.source, fault.code) for fault in before.faults}
    states = {point.id: point.state for point in before.points}
    return (
        any((fault.source, fault.code) not in faults for fault in now.faults)
        or any(states.get(point.id, point.state) != point.state for point in now.points)
        or bool({task.id for task in now.tasks} - {task.id for task in before.tasks})
        or now.calls != before.calls
        or bool(set(now.pressed.recent) - set(before.pressed.recent))
    )


def _is_between(begin: time, end: time, moment: time) -> bool:
    """A window of the day; it may go over midnight."""
    return begin <= moment < end if begin <= end else moment >= begin or moment < end
