"""A house in which anything may happen: for the machine of charging, what is there, and what may be believed of it.

Cars draw power while their contactor is closed, meters answer as they are wired,
and time passes on both clocks. What is permitted and what was charged is worked
out here from the store and the lines, apart from what the controller believes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from appliance.charging import (
    candidates,
    grants,
    guests,
    identifications,
    leases,
    local_days,
    observed,
    points,
    sessions,
    settle,
    windows,
)
from appliance.charging.guards import FOLLOW_WITHIN_S
from appliance.charging.identifications import Extras
from appliance.charging.points import Point
from appliance.config import Home
from appliance.errors import Refused
from appliance.metering import meters, readings
from appliance.store import settings as store_settings
from drivers.interfaces import Reading
from tests import first_start
from tests.appliance.charging.house import ACTOR, CODES, PAUSE_S, House
from tests.fake_clock import FakeClock

LINES = {"Wallbox": 17, "Garage": 18}
PLUGS = {"Wallbox": 23, "Garage": 24}
CONTACTS = {"Wallbox": 25, "Garage": 26}
CARDS = {"Anna": "04A2B31C", "Ben": "04FFEE01"}
MASTER = "04998877"
SWITCHES = (
    "charging.stop_blocked_at_once", "charging.stop_expired_at_once", "charging.stop_outside_hours",
    "charging.stop_at_allowance", "charging.same_card_stops",
)  # fmt: skip
GUEST_S, GUEST_WH = 120, 50  # the caps of the guests' codes
LIMIT_A = 35
MOST_TURNS = 4  # one writes that a session begins, the next what it has charged


class World:
    """One house, two points (one with a meter), two people, and guests: one has a cap in time, the other in energy."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wattward-machine-"))
        home = Home(root=self.root / "home", run=self.root / "run")
        clock = FakeClock()
        self.house = House(first_start.of(home, clock), clock)
        for who in CODES:
            self.house.person(who)
            self._card(who, CARDS[who])
        self._card("Ben", MASTER, Extras(stop_only=True))
        self.guests = {
            "time": guests.make(self.house.opened, Extras(cap_s=GUEST_S), actor=ACTOR),
            "energy": guests.make(self.house.opened, Extras(cap_wh=GUEST_WH), actor=ACTOR),
        }
        self.guest_s = 0.0  # for how long the one with a cap in time charged, for certain
        self.counts = True  # the calendar goes on while the power is off
        self._counted_through, settle.counted_through = settle.counted_through, lambda when: self.counts
        self.points = {name: self.house.point(name, line, metered=name == "Garage") for name, line in LINES.items()}
        for name, point in self.points.items():
            points.edit(
                self.house.opened.store, clock, point.id, plug=f"gpio:{PLUGS[name]}",
                feedback=f"gpio:{CONTACTS[name]}", actor=ACTOR,
            )  # fmt: skip
        store_settings.put(self.house.opened.store, clock.now(), ACTOR, "charging.grid_limit_a", str(LIMIT_A))
        self.grid = meters.add(
            self.house.opened.store, clock, name="Grid", model="eastron-sdm630", url="tcp://127.0.0.1:5021", unit=1,
            role="grid", actor=ACTOR,
        )  # fmt: skip
        self.counter_wh = 5000.0
        self.car_w, self.grid_a = 11000.0, 10.0  # what a car draws when it can, and the house
        self.meter = "tells"  # what the charging meter does, of METERS
        self.hears = True  # the core is woken by what happens
        self.settled = False  # it turned since the last thing that happened
        self.contactors: dict[str, int | None] = dict.fromkeys(LINES)  # the level that one sticks at; None: it follows
        self.start_core()
        self.house.turn(PAUSE_S)

    def close(self) -> None:
        """Leave nothing behind."""
        settle.counted_through = self._counted_through
        self.house.opened.store.close()
        self.house.opened.live.close()
        shutil.rmtree(self.root)

    def contactors_move(self) -> None:
        """Their auxiliary contacts say what they do by now."""
        for name, sticks in self.contactors.items():
            level = int(self.house.is_closed(self.points[name])) if sticks is None else sticks
            self.house.pins.feed(CONTACTS[name], level)

    def _card(self, who: str, code: str, extras: Extras = identifications.PLAIN) -> None:
        identifications.add(
            self.house.opened.store, self.house.opened.key(), self.house.clock, self.house.people[who].id, type="rfid",
            code=code, active=True, extras=extras, actor=ACTOR,
        )  # fmt: skip

    def start_core(self) -> None:
        self.contactors_move()
        self.house.start(pause_over=False)
        self.settled = True

    def flows_w(self) -> float:
        """What flows at the point with a meter."""
        sticks = self.contactors["Garage"]
        closed = self.house.is_closed(self.points["Garage"]) if sticks is None else sticks == 1
        return self.car_w if closed else 0.0

    def wait(self, seconds: float) -> None:
        """Time passes, power flows, the meters answer, and the core turns."""
        self.guest_s += seconds if self.guest_charges() else 0.0
        power_w = self.flows_w()
        self.house.clock.advance(seconds)
        self.counter_wh += power_w * seconds / 3600 if self.meter != "turned" else 0.0
        self.meters_answer(power_w)
        self.happened()

    def meters_answer(self, power_w: float) -> None:
        """As they are wired."""
        meter_id = self.points["Garage"].meter_id
        assert meter_id is not None
        powers_w = {"tells": {"power_w": power_w}, "counts": {}, "turned": {"power_w": -power_w}}
        if self.meter in powers_w:
            values = {"import_wh": self.counter_wh} | powers_w[self.meter]
            readings.put(self.house.opened.live, self.house.clock, meter_id, Reading(values))
        readings.put(self.house.opened.live, self.house.clock, self.grid.id, Reading({"current_l1_a": self.grid_a}))

    def happened(self) -> None:
        """The bell rings and the core turns, at once again when it wrote something; unless the ring was lost."""
        assert self.house.core is not None
        self.settled = self.hears
        if self.hears:
            self.contactors_move()
            for _ in range(MOST_TURNS):
                if self.house.core.step() > 0:
                    break

    def charge(self, name: str, code: str, times: int) -> None:
        """Somebody comes when the meter works, stops who is there, and charges."""
        self.meter = "tells" if self.meter == "silent" else self.meter
        self.wait(PAUSE_S)
        if self.running(name):
            grants.stop(self.house.opened, self.points[name].id, ACTOR)
            self.happened()
            self.wait(PAUSE_S)
        with contextlib.suppress(Refused):  # what was stopped waits for its meter yet
            self.house.authorize(self.points[name], code, "cli")
        self.happened()
        for _ in range(times):
            self.wait(2.0)

    def running(self, name: str) -> bool:
        return any(session.point == name for session in sessions.running(self.house.opened.store))

    def guest_charges(self) -> bool:
        """A session of the guest whose time is counted goes on."""
        with self.house.opened.store.read() as db:
            return bool(
                db.execute(
                    "SELECT 1 FROM sessions JOIN grants ON grants.id = grant_id AND grants.ended_at IS NULL"
                    " WHERE sessions.identification_id=? AND sessions.ended_at IS NULL",
                    (self.guests["time"].identification.id,),
                ).get
            )

    def charged_wh(self, condition: str, *values: object) -> int:
        """What sessions charged, for certain: as written when they ended, or as their meter said last."""
        newest = readings.newest(self.house.opened.live)
        with self.house.opened.store.read() as db:
            found = db.execute(
                "SELECT begin_wh, end_wh, meter_id, ended_at IS NULL FROM sessions"  # noqa: S608 - the test's own condition
                f" WHERE begin_wh IS NOT NULL AND remark NOT LIKE '%meter_replaced%' AND {condition}",
                values,
            ).fetchall()
        total_wh = 0
        for begin_wh, end_wh, meter_id, runs in found:
            if runs and meter_id in newest:
                end_wh = round(newest[meter_id].values["import_wh"])
            total_wh += max(0, (end_wh or begin_wh) - begin_wh)
        return total_wh

    def is_permitted(self, point: Point) -> bool:
        """Some grant covers the point now, as the store and the live file tell it."""
        house = self.house
        trusted = candidates.calendar_trusted(house.opened)
        now_s = house.clock.boottime_s()
        with house.opened.store.read() as db:
            found = db.execute(
                "SELECT grants.id, until_s, identification_id IS NULL, points.mode, points.plan,"
                " points.archived_at IS NULL, coalesce(users.blocked, 0), coalesce(users.hours, '[]')"
                " FROM grants JOIN points ON points.id = point_id LEFT JOIN users ON users.id = grants.user_id"
                " WHERE point_id=? AND ended_at IS NULL AND boot_id=?",
                (point.id, house.clock.boot_id),
            ).fetchone()
            local = local_days.local(db, house.clock.now()) if trusted else None
            at_once = {key: bool(store_settings.in_force(db, key)) for key in SWITCHES}
        if found is None:
            return False
        grant_id, until_s, free, mode, plan, in_use, blocked, hours = found
        leased = now_s < leases.all(house.opened.live, house.clock).get(grant_id, 0.0)
        mode = windows.mode_at(mode, windows.from_json(plan), local)
        if not in_use or mode == "locked" or not (leased or now_s < until_s):
            return False
        if free:
            return mode == "free"
        may_finish = self.running(point.name)
        inside = mode != windows.OUTSIDE and windows.allowed(windows.from_json(hours), local)
        if not trusted:  # then hours end nothing, and a plan no session
            inside = may_finish or mode != windows.OUTSIDE
        return (inside or (may_finish and not at_once["charging.stop_outside_hours"])) and (
            not blocked or (may_finish and not at_once["charging.stop_blocked_at_once"])
        )

    def is_tried(self, point: Point) -> bool:
        """Its contactor did not follow and has just been given another try."""
        seen = observed.all(self.house.opened.live)[point.id]
        just = self.house.clock.boottime_s() - seen.since_boottime_s < FOLLOW_WITHIN_S
        return just and not points.get(self.house.opened.store, point.id).welded
