"""A charging point's weekly plan as a painted week: who may charge at which minute of which day. Pure, no Kivy.

What people see and touch are spans of one day that never overlap; what the store
keeps are windows, of which the first that holds decides. `week_of` and `plan_of`
lead from one to the other and back without changing what any minute allows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from babel import dates

from appliance.charging import windows
from appliance.charging.windows import OUTSIDE, Window
from appliance.errors import N_
from ui.text.catalog import LOCALES

DAY_MIN = 24 * 60
MONDAY = datetime(2024, 1, 1, tzinfo=UTC)  # any Monday: only weekday and time of day count
STEP_MIN = 15
ALL_DAYS, WORKDAYS, WEEKEND = range(7), range(5), range(5, 7)  # Monday is 0


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From a minute of the day to before another; 1440 is midnight."""

    begin_min: int
    end_min: int
    mode: str  # 'authorized' or 'free'


Day = tuple[Span, ...]
Week = tuple[Day, ...]  # Monday first
NOBODY: Week = ((),) * 7
ICONS = {"authorized": "key", "free": "unlock"}
WORDS = {"authorized": N_("With PIN or card"), "free": N_("Free for everybody")}
TINTS = {"authorized": "ACCENT", "free": "GOOD"}


def week_of(plan: Sequence[Window]) -> Week:
    """What a plan allows, day by day."""
    edges = {0, DAY_MIN} | {_minute(edge) for window in plan for edge in (window.begin, window.end)}
    return tuple(_day(plan, day, sorted(edges)) for day in range(7))


def _day(plan: Sequence[Window], day: int, edges: list[int]) -> Day:
    midnight = MONDAY + timedelta(days=day)
    spans = []
    for begin, end in zip(edges, edges[1:], strict=False):
        mode = windows.mode_at("time", plan, midnight + timedelta(minutes=begin))
        if mode != OUTSIDE:
            spans.append(Span(begin, end, mode))
    return _joined(spans)


def _joined(spans: Iterable[Span]) -> Day:
    """In order, and one span where two of a mode meet."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and (found[-1].end_min, found[-1].mode) == (span.begin_min, span.mode):
            found[-1] = Span(found[-1].begin_min, span.end_min, span.mode)
        else:
            found.append(span)
    return tuple(found)


def _minute(edge: time) -> int:
    return edge.hour * 60 + edge.minute


# Changing ----------------------------------------------------------------------------------------


def put(week: Week, day: int, begin_min: int, end_min: int, mode: str, instead: Span | None = None) -> Week:
    """Paint hours of a day over what was there; over midnight when they do not end after they begin."""
    week = without(week, day, instead) if instead is not None else week
    if end_min > begin_min:
        return _painted(week, day, Span(begin_min, end_min, mode))
    week = _painted(week, day, Span(begin_min, DAY_MIN, mode))
    return _painted(week, (day + 1) % 7, Span(0, end_min, mode)) if end_min else week


def without(week: Week, day: int, span: Span) -> Week:
    """Nobody charges then."""
    return _with_day(week, day, tuple(one for one in week[day] if one != span))


def copied(week: Week, day: int, to: Collection[int]) -> Week:
    """The same hours on other days."""
    return tuple(week[day] if number in to else one for number, one in enumerate(week))


def _painted(week: Week, day: int, new: Span) -> Week:
    left = [Span(one.begin_min, min(one.end_min, new.begin_min), one.mode) for one in week[day]]
    right = [Span(max(one.begin_min, new.end_min), one.end_min, one.mode) for one in week[day]]
    return _with_day(week, day, _joined([new, *(one for one in left + right if one.begin_min < one.end_min)]))


def _with_day(week: Week, day: int, spans: Day) -> Week:
    return (*week[:day], spans, *week[day + 1 :])


def free_span(day: Day) -> tuple[int, int]:
    """Hours that are offered for a new entry: eight to six, or the longest time of the day nobody has yet."""
    offered = (8 * 60, 18 * 60)
    if not any(one.begin_min < offered[1] and one.end_min > offered[0] for one in day):
        return offered
    edges = [0, *(edge for one in day for edge in (one.begin_min, one.end_min)), DAY_MIN]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return (begin, end) if end > begin else offered


# As the store keeps it ---------------------------------------------------------------------------


def plan_of(week: Week) -> tuple[Window, ...]:
    """The windows of a week, days with the same hours together. Raises BadInput for more than the store keeps."""
    days: dict[tuple[int, int, str], list[int]] = {}
    for day, begin, end, mode in _over_midnight(week):
        days.setdefault((begin, end % DAY_MIN, mode), []).append(day + 1)
    found = sorted(days.items(), key=lambda item: (min(item[1]), item[0]))
    plan = [Window(frozenset(on), _time(begin), _time(end), mode) for (begin, end, mode), on in found]
    return windows.parse([str(window) for window in plan], "plan", plan=True)


def _over_midnight(week: Week) -> list[tuple[int, int, int, str]]:
    """Spans with their day; one that goes on after midnight is one."""
    found, taken = [], set()
    for day, spans in enumerate(week):
        for span in spans:
            after = week[(day + 1) % 7]
            goes_on = (
                span.end_min == DAY_MIN and span.begin_min > 0 and after and after[0].begin_min == 0
                and after[0].mode == span.mode and after[0].end_min <= span.begin_min
            )  # fmt: skip
            end = after[0].end_min if goes_on else span.end_min
            if goes_on:
                taken.add(((day + 1) % 7, after[0]))
            found.append((day, span.begin_min, end, span.mode, span))
    return [(day, begin, end, mode) for day, begin, end, mode, span in found if (day, span) not in taken]


def _time(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


# In words ----------------------------------------------------------------------------------------


def clock(minute: int) -> str:
    """08:15; midnight at the end of a day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def day_name(day: int, language: str, *, short: bool = False) -> str:
    """Monday, or Mon."""
    names = dates.get_day_names("abbreviated" if short else "wide", "stand-alone", LOCALES[language])
    return str(names[day]).rstrip(".")


def hours(span: Span) -> str:
    """08:00 – 18:00."""
    return f"{clock(span.begin_min)} – {clock(span.end_min)}"
