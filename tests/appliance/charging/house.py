"""A small house for tests of charging: people, points, strict relays and meters that say what a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from appliance import audit
from appliance.charging import grants, identifications, observed, points, sessions, users, wiring
from appliance.charging.controller import Controller
from appliance.charging.points import Point
from appliance.charging.users import User
from appliance.metering import meters, readings
from appliance.opened import Opened
from drivers.gpio import GpioInput, GpioRelay, line_of
from drivers.interfaces import Reading
from drivers.simulated.pins import StrictPins
from tests.fake_clock import FakeClock

CODES = {"Anna": "#271828", "Ben": "#314159"}
ACTOR = audit.CLI
PAUSE_S = 10.0  # charging.min_pause_s as it stands


@dataclass
class House:
    """Two people with six-digit PINs, and points that are added as a test needs them."""

    opened: Opened
    clock: FakeClock
    pins: StrictPins = field(default_factory=StrictPins)
    people: dict[str, User] = field(default_factory=dict)
    core: Controller | None = None

    def person(self, first: str, code: str | None = None, expires_on: date | None = None) -> User:
        """Somebody with a PIN."""
        user = users.add(self.opened.store, self.clock, first, "Berger", actor=ACTOR)
        identifications.add(
            self.opened.store, self.opened.key(), self.clock, user.id, type="pin", code=code or CODES[first],
            active=True, expires_on=expires_on, actor=ACTOR,
        )  # fmt: skip
        self.people[first] = user
        return user

    def point(self, name: str = "Wallbox", line: int = 17, *, metered: bool = False, mode: str = "authorized") -> Point:
        """A charging point, with a meter of its own if asked for."""
        meter_id = None
        if metered:
            meter_id = meters.add(
                self.opened.store, self.clock, name=f"Meter of {name}", model="eastron-sdm630",
                url="tcp://127.0.0.1:5020", unit=2, role="charger", actor=ACTOR,
            ).id  # fmt: skip
        return points.add(self.opened.store, self.clock, name, f"gpio:{line}", meter_id, mode=mode, actor=ACTOR)

    def share_meter(self, point: Point, other: Point) -> None:
        """A second point gets the meter of the first, as versions before this one let it."""
        with self.opened.store.write() as db:
            db.execute("UPDATE points SET meter_id=? WHERE id=?", (point.meter_id, other.id))

    def start(self, *, pause_over: bool = True) -> Controller:
        """A core, or another one after a crash, whose first pause is over."""
        self.core = Controller(
            self.opened, lambda point: GpioRelay(self.pins, line_of(point.relay)),
            contact_for=lambda point: GpioInput(self.pins, line_of(point.feedback)),
            plug_for=lambda point: GpioInput(self.pins, line_of(wiring.split_plug(point.plug)[0]), mirror=False),
        )  # fmt: skip
        self.core.start()
        self.core.step()
        if pause_over:
            self.turn(PAUSE_S)
        return self.core

    def crash(self) -> None:
        """The core dies: the kernel lets go of its lines."""
        self.core = None
        self.pins = StrictPins()

    def turn(self, seconds: float = 0.0) -> float:
        """Let time pass second by second, the core turning; then turn until nothing is due at once."""
        assert self.core is not None
        for _ in range(int(seconds)):
            self.clock.advance(1.0)
            self.core.step()
        self.clock.advance(seconds - int(seconds))
        for _ in range(6):
            delay_s = self.core.step()
            if delay_s > 0:
                return delay_s
        raise AssertionError("the core does not come to rest")

    def measure(self, point: Point, power_w: float, import_wh: float | None) -> None:
        """The point's meter answers."""
        assert point.meter_id is not None
        values = {"power_w": power_w} | ({} if import_wh is None else {"import_wh": import_wh})
        readings.put(self.opened.live, self.clock, point.meter_id, Reading(values))

    def answer(self, point: Point, values: dict[str, float]) -> None:
        """The point's meter answers with just that."""
        assert point.meter_id is not None
        readings.put(self.opened.live, self.clock, point.meter_id, Reading(values))

    def drive(self, point: Point, seconds: int, power_w: float, import_wh: float) -> float:
        """Let a car draw power for a while, measured each second; return the counter at the end."""
        for _ in range(seconds):
            import_wh += power_w / 3600
            self.clock.advance(1.0)
            self.measure(point, power_w, import_wh)
            self.turn()
        return import_wh

    def charge(self, point: Point, power_w: float = 11000.0, import_wh: float = 5000.0, who: str = "Anna") -> float:
        """Anna's car charges: PIN, relay, power."""
        self.measure(point, 0.0, import_wh)
        assert self.authorize(point, who).result == "accepted"
        self.turn()
        return self.drive(point, 2, power_w, import_wh)

    def authorize(self, point: Point, who: str = "Anna", terminal: str = "touch") -> grants.Decision:
        """Somebody types their PIN."""
        return grants.authorize(self.opened, CODES.get(who, who), point, terminal, actor=ACTOR)

    def is_closed(self, point: Point) -> bool:
        """The level of the point's line, as an electrician would measure it."""
        try:
            return self.pins.input(line_of(point.relay)) == 1
        except RuntimeError:
            return False  # nobody holds the line

    def seen(self, point: Point) -> bool | None:
        """What the core says it sees."""
        return observed.all(self.opened.live)[point.id].closed

    def session(self) -> sessions.Session:
        """The newest session."""
        return sessions.newest(self.opened.store, 1)[0]

    def sessions(self) -> list[sessions.Session]:
        """All sessions, newest first."""
        return sessions.newest(self.opened.store)

    def grant_ends(self) -> list[str | None]:
        """How the grants ended, oldest first; None: open."""
        with self.opened.store.read() as db:
            return [row[0] for row in db.execute("SELECT end_reason FROM grants ORDER BY id")]

    def events(self) -> list[str]:
        """The audit, newest first."""
        return [event.event for event in audit.newest(self.opened.store, 1000)]
