"""Everything the screens show, as one frozen value. No Kivy and no store here.

A screen never reads the store itself. What cannot be read becomes `problem`,
a sentence, and the screen says so instead of showing old values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from appliance.faults import Fault
from appliance.notices import Notice
from appliance.system.buttons import Pressed

TERMINAL = "touch"  # this keypad's name at the gate


@dataclass(frozen=True, slots=True)
class MeterNow:
    """One meter: its newest power and age; `power_w` is None when there is no fresh data."""

    id: int
    name: str
    role: str
    model: str
    power_w: float | None
    age_s: float | None


@dataclass(frozen=True, slots=True)
class PointNow:
    """One charging point, as the charging screen shows it."""

    id: int
    name: str
    mode: str
    state: str
    user: str | None
    window_left_s: float | None
    began_at: datetime | None
    energy_wh: int | None
    power_w: float | None
    closed: bool | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One ended or running session."""

    id: int
    user: str | None
    point: str
    began_at: datetime
    ended_at: datetime | None
    energy_wh: int | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class Web:
    """The web admin's window and what one needs to get in."""

    open: bool = False
    remaining_s: float = 0.0
    url: str | None = None
    fingerprint: str = ""
    presence_code: str = ""
    default_password: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """Energy since midnight in Wh; None: not measured."""

    import_wh: int | None = None
    export_wh: int | None = None
    pv_wh: int | None = None
    car_wh: int | None = None
    charged_wh: int | None = None  # into the battery
    given_wh: int | None = None  # out of the battery

    @property
    def house_wh(self) -> int | None:
        """What the house used: what came in and was made, less what went out and into car and battery."""
        if self.import_wh is None:
            return None
        made_wh = (self.pv_wh or 0) + (self.given_wh or 0)
        gone_wh = (self.export_wh or 0) + (self.car_wh or 0) + (self.charged_wh or 0)
        return max(0, self.import_wh + made_wh - gone_wh)


@dataclass(frozen=True, slots=True)
class Curve:
    """Today's powers in W by quarter hour; None: not measured."""

    house: tuple[float | None, ...] = ()
    pv: tuple[float | None, ...] = ()
    car: tuple[float | None, ...] = ()
    ends_at: datetime | None = None  # midnight, when another day begins


@dataclass(frozen=True, slots=True)
class TaskNow:
    """Long work that is under way: what, and how far it is (English, translated by the screen)."""

    id: int
    kind: str
    stage: str = ""
    age_s: float = 0.0  # since it was asked for
    percent: int | None = None  # how much of it is done, where that is known


@dataclass(frozen=True, slots=True)
class Display:
    """How the household wants its display (the settings `ui.*`)."""

    theme: str = "dark"  # dark, light, auto
    large_text: bool = False
    brightness: float = 1.0  # shares of the backlight
    night_brightness: float = 0.1
    night_from: str = ""  # local HH:MM; empty: no night
    night_to: str = ""
    start_page: str = "energy"
    start_page_after_s: float = 300.0  # 0: never
    idle_page: str = "clock"  # clock, off


@dataclass(frozen=True, slots=True)
class Status:
    """One look at the appliance."""

    now: datetime
    problem: str | None = None  # English, translated by the screen
    problem_fields: dict[str, object] = field(default_factory=dict)
    language: str = "en"
    site: str = "Wattward"
    dim_after_s: float = 60.0
    off_after_s: float = 600.0
    reduced_motion: bool = False
    display: Display = Display()
    age_s: float | None = None  # of the oldest of the values on the energy screen
    roles: frozenset[str] = frozenset()
    grid_w: float | None = None
    pv_w: float | None = None
    car_w: float | None = None
    house_w: float | None = None
    battery_w: float | None = None  # charging is positive
    today: Today = Today()
    curve: Curve = Curve()
    meters: tuple[MeterNow, ...] = ()
    points: tuple[PointNow, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    private: bool = False  # charging shows no names and no values before a PIN
    people: tuple[tuple[int, str], ...] = ()  # user number and how the keypad names them
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()  # active ones first, then unread ones, then the newest
    tasks: tuple[TaskNow, ...] = ()  # long work that is under way
    setup: str = ""  # where the first-run assistant stands; empty: there is nothing to set up
    pressed: Pressed = Pressed()  # the board's two buttons
    calls: tuple[int, ...] = ()  # another number: somebody showed a card, or an app asks to be let in
    web: Web = Web()
    pin_set: bool = False
    pin_wait_s: float = 0.0
    keypad_wait_s: float = 0.0  # after too many wrong codes at the charging keypad
    backup_at: datetime | None = None
    backup_ok: bool | None = None
    backup_due: bool = False  # one is wanted and not made yet
    version: str = ""
    page: object = None  # what the page that is seen looks at itself (ui/touch/sight.py)

    @property
    def unread(self) -> int:
        """How many notices nobody has read of."""
        return sum(not notice.read for notice in self.notices)
