"""Anything may happen in any order: the relay is closed only under a grant that is good, without a fault that keeps
it open, and while neither a guest's cap nor an allowance is used up.

Hypothesis drives the controller, the gate, the pins, the meters and the clocks;
after every step it checks the store and the lines themselves, not what the
controller believes; a guest's time it counts on its own. With
`WATTWARD_STEPS=1000000` it does so for a night:

    WATTWARD_STEPS=1000000 python -m pytest tests/appliance/charging/test_charging_machine.py
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appliance import faults
from appliance.charging import (
    allowances,
    candidates,
    contacts,
    grants,
    guests,
    identifications,
    leases,
    local_days,
    observed,
    overview,
    points,
    sessions,
    settle,
    states,
    users,
    windows,
)
from appliance.charging.guards import FOLLOW_WITHIN_S
from appliance.charging.identifications import Extras
from appliance.charging.points import Point
from appliance.clock import utc_text
from appliance.config import Home
from appliance.errors import Refused
from appliance.metering import meters, readings
from appliance.store import live
from appliance.store import settings as store_settings
from drivers.interfaces import Reading
from tests import first_start
from tests.appliance.charging.house import ACTOR, CODES, PAUSE_S, House
from tests.fake_clock import START, FakeClock

LINES = {"Wallbox": 17, "Garage": 18}
PLUGS = {"Wallbox": 23, "Garage": 24}
CONTACTS = {"Wallbox": 25, "Garage": 26}
STEPS_PER_RUN = 50
RUNS = max(40, int(os.environ.get("WATTWARD_STEPS", "0")) // STEPS_PER_RUN)
PART_RUNS = 1000  # Hypothesis remembers every run of a part: 20,000 in one took 2 GB and became slower and slower
CARDS = {"Anna": "04A2B31C", "Ben": "04FFEE01"}
MASTER, NOBODYS = "04998877", "04DDCCBB"
HOURS = (
    "1-7 00:00-24:00",
    "6 12:00-12:10",
    "6 12:00-13:00",
    "1 08:00-09:00",
)  # it begins Saturday, 13:00
PLANS = ((), ("6 13:00-13:10",), ("6,7 00:00-24:00 free",), ("6 13:00-13:05 free", "6,7 00:00-24:00"))
SWITCHES = (
    "charging.stop_blocked_at_once", "charging.stop_expired_at_once", "charging.stop_outside_hours",
    "charging.stop_at_allowance", "charging.same_card_stops",
)  # fmt: skip
NAMES = st.sampled_from(sorted(LINES))
PEOPLE = st.sampled_from(sorted(CODES))
METERS = ("tells", "tells", "tells", "counts", "turned", "silent")  # counts: no power; turned: wired the wrong way
GUEST_S, GUEST_WH = 120, 50  # the caps of the guest's code
LIMIT_A = 35
KEEPING = ("store", overview.GRID_LIMIT)  # faults that keep every relay open
RARELY = st.sampled_from([False, False, False, True])


class Charging(RuleBasedStateMachine):
    """One house, two points (one with a meter), two people, and everything that can befall them."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="wattward-machine-"))
        home = Home(root=self.root / "home", run=self.root / "run")
        clock = FakeClock()
        self.house = House(first_start.of(home, clock), clock)
        for who in CODES:
            self.house.person(who)
            self._card(who, CARDS[who])
        self._card("Ben", MASTER, Extras(stop_only=True))
        self.guest = guests.make(self.house.opened, Extras(cap_s=GUEST_S, cap_wh=GUEST_WH), actor=ACTOR)
        self.guest_s = 0.0  # for how long the guest charged, for certain
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

    def teardown(self) -> None:
        settle.counted_through = self._counted_through
        self.house.opened.store.close()
        self.house.opened.live.close()
        shutil.rmtree(self.root)

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
        """The bell rings and the core turns once; unless the ring was lost."""
        assert self.house.core is not None
        self.settled = self.hears
        if self.hears:
            self.contactors_move()
            self.house.core.step()

    # What may happen ------------------------------------------------------------------------

    # Several rules, because each is as likely as any other, and without time nothing goes on.

    @rule(seconds=st.sampled_from([0.01, 0.3, 0.6, 1.0, 1.0, 2.0]), times=st.integers(1, 4))
    def moments_pass(self, seconds: float, times: int) -> None:
        for _ in range(times):
            self.wait(seconds)

    @rule(seconds=st.sampled_from([5.0, 9.0, 10.0, 10.0, 15.0]))
    def seconds_pass(self, seconds: float) -> None:
        self.wait(1.0)
        self.wait(seconds - 1)

    @rule(seconds=st.sampled_from([30, 61]))
    def a_minute_passes(self, seconds: int) -> None:
        for _ in range(0, seconds, 5):
            self.wait(5.0)

    @rule(seconds=st.sampled_from([59.0, 300.0, 1801.0]))
    def a_long_time_passes(self, seconds: float) -> None:
        self.wait(seconds)
        self.wait(1.0)

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

    @rule(name=NAMES, who=PEOPLE, times=st.integers(1, 5))
    def somebody_charges(self, name: str, who: str, times: int) -> None:
        self.charge(name, who, times)

    @rule(times=st.integers(1, 30))
    def a_guest_charges(self, times: int) -> None:
        self.charge("Garage", self.guest.code, times)

    @rule(who=PEOPLE, wh=st.sampled_from([1, 20, 40]), times=st.integers(1, 10))
    def somebody_charges_who_may_have_little(self, who: str, wh: int, times: int) -> None:
        self.an_allowance_changes(who, wh)
        self.charge("Garage", who, times)

    @rule(name=NAMES, who=PEOPLE, sticks=st.sampled_from([0, 1]), times=st.integers(1, 5))
    def a_contactor_sticks_while_somebody_charges(self, name: str, who: str, sticks: int, times: int) -> None:
        self.contactors[name] = sticks
        self.charge(name, who, times)

    @rule(name=NAMES, who=PEOPLE | st.just("#999999"))
    def somebody_types_a_pin(self, name: str, who: str) -> None:
        try:
            self.house.authorize(self.points[name], who, "cli")
        except Refused:
            assert self.running(name), "only a running session keeps codes from being looked at"
        self.happened()

    @rule(card=st.sampled_from([*CARDS.values(), MASTER, NOBODYS]), name=NAMES | st.just("both"))
    def somebody_holds_a_card_to_the_reader(self, card: str, name: str) -> None:
        places = list(self.points.values()) if name == "both" else [self.points[name]]
        grants.present(self.house.opened, "rfid", card, places, "Hall", actor=ACTOR)
        self.happened()

    @rule(code=st.sampled_from(["#271828", "#314159", "#999998"]), name=NAMES)
    def somebody_types_a_pin_at_the_reader(self, code: str, name: str) -> None:
        grants.present(self.house.opened, "pin", code, [self.points[name]], "Hall", actor=ACTOR)
        self.happened()

    @rule(who=PEOPLE, hours=st.lists(st.sampled_from(HOURS), max_size=2), both=RARELY)
    def hours_and_factors_of_somebody_change(self, who: str, hours: list[str], both: bool) -> None:
        users.edit(
            self.house.opened.store, self.house.clock, self.house.people[who].id, hours=windows.parse(hours),
            second_factor=both, actor=ACTOR,
        )  # fmt: skip
        self.happened()

    @rule(who=PEOPLE, wh=st.sampled_from([None, None, 0, 20, 10_000]))
    def an_allowance_changes(self, who: str, wh: int | None) -> None:
        allowances.put(
            self.house.opened.store, self.house.clock, self.house.people[who].id, "day", wh, actor=ACTOR
        )  # fmt: skip
        self.happened()

    @rule(name=NAMES, plan=st.sampled_from(PLANS))
    def a_plan_changes(self, name: str, plan: tuple[str, ...]) -> None:
        points.set_rules(
            self.house.opened.store, self.house.clock, self.points[name].id, plan=windows.parse(plan, plan=True),
            actor=ACTOR,
        )  # fmt: skip
        self.happened()

    @rule(counts=st.booleans())
    def the_calendar_counts_without_power_or_not(self, counts: bool) -> None:
        self.counts = counts

    @rule(name=NAMES)
    def somebody_stops(self, name: str) -> None:
        grants.stop(self.house.opened, self.points[name].id, ACTOR)
        self.happened()

    @rule(apart=st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(days=-1), timedelta(days=-700)]))
    def somebody_sets_the_date(self, apart: timedelta) -> None:
        self.house.clock.set(START + apart if self.house.clock.now() != START + apart else START)
        self.happened()

    @rule(power_w=st.sampled_from([0.0, 99.0, 3700.0, 11000.0, 11000.0]))
    def the_car_draws(self, power_w: float) -> None:
        self.car_w = power_w

    @rule(meter=st.sampled_from(METERS))
    def the_meter_is_wired_otherwise_or_falls_silent(self, meter: str) -> None:
        self.meter = meter

    @rule(current_a=st.sampled_from([10.0, 34.0, 36.0, 36.0]), seconds=st.sampled_from([0, 4, 8, 62]))
    def the_house_draws(self, current_a: float, seconds: int) -> None:
        self.grid_a = current_a
        for _ in range(0, seconds, 2):
            self.wait(2.0)

    @rule(name=NAMES, mode=st.sampled_from(("authorized", "authorized", "free", "locked", "time")))
    def the_mode_changes(self, name: str, mode: str) -> None:
        points.set_mode(self.house.opened.store, self.house.clock, self.points[name].id, mode, actor=ACTOR)
        self.happened()

    @rule(who=PEOPLE, blocked=RARELY)
    def somebody_is_blocked_or_not(self, who: str, blocked: bool) -> None:
        change = users.block if blocked else users.unblock
        change(self.house.opened.store, self.house.clock, self.house.people[who].id, actor=ACTOR)
        self.happened()

    @rule(who=PEOPLE, active=RARELY.map(lambda rare: not rare))
    def a_pin_becomes_active_or_not(self, who: str, active: bool) -> None:
        mine = identifications.all(self.house.opened.store, self.house.people[who].id)[0]
        identifications.edit(
            self.house.opened.store, self.house.opened.key(), self.house.clock, mine.id, active=active, actor=ACTOR
        )
        self.happened()

    @rule(name=NAMES, archived=RARELY)
    def a_point_is_archived_or_not(self, name: str, archived: bool) -> None:
        change = points.archive if archived else points.activate
        change(self.house.opened.store, self.house.clock, self.points[name].id, actor=ACTOR)
        self.happened()

    @rule(name=NAMES, level=st.sampled_from([None, None, None, 0, 1]))
    def a_line_sticks_or_comes_loose(self, name: str, level: int | None) -> None:
        self.house.pins.stuck.pop(LINES[name], None)
        if level is not None:
            self.house.pins.stuck[LINES[name]] = level
        self.happened()

    @rule(name=NAMES, sticks=st.sampled_from([None, None, None, 0, 0, 1]))
    def a_contactor_sticks_or_comes_loose(self, name: str, sticks: int | None) -> None:
        self.contactors[name] = sticks
        self.happened()

    @rule(name=NAMES)
    def somebody_says_that_a_contactor_is_open(self, name: str) -> None:
        if points.get(self.house.opened.store, self.points[name].id).welded:
            contacts.confirm(self.house.opened, self.points[name], actor=ACTOR)
        self.happened()

    @rule(name=NAMES, away=RARELY)
    def a_car_comes_or_leaves(self, name: str, away: bool) -> None:
        self.house.pins.feed(PLUGS[name], int(away))
        self.happened()

    @rule(key=st.sampled_from(SWITCHES), at_once=st.sampled_from(["on", "off"]))
    def a_setting_changes(self, key: str, at_once: str) -> None:
        store_settings.put(self.house.opened.store, self.house.clock.now(), ACTOR, key, at_once)
        self.happened()

    @rule(outage_s=st.sampled_from([0.0, 5.0, 100.0, 1000.0]))
    def the_core_dies_and_comes_back(self, outage_s: float) -> None:
        stuck = dict(self.house.pins.stuck)
        self.house.crash()
        self.house.pins.stuck.update(stuck)
        self.house.clock.advance(outage_s)
        self.start_core()

    @rule(off_s=st.sampled_from([30.0, 30.0, 2000.0]))
    def the_power_fails(self, off_s: float) -> None:
        self.house.crash()
        self.house.clock.reboot(off_s)
        self.house.opened.live.close()
        live.make(self.house.opened.home.live_db, self.house.clock.boot_id)
        self.start_core()

    @rule(lost=RARELY)
    def rings_are_lost_or_not(self, lost: bool) -> None:
        self.hears = not lost

    @rule()
    def the_core_comes_to_rest(self) -> None:
        self.contactors_move()
        self.house.turn()
        self.settled = True

    # What always holds ------------------------------------------------------------------------

    def running(self, name: str) -> bool:
        return any(session.point == name for session in sessions.running(self.house.opened.store))

    def guest_charges(self) -> bool:
        """The guest's session goes on."""
        with self.house.opened.store.read() as db:
            return bool(
                db.execute(
                    "SELECT 1 FROM sessions JOIN grants ON grants.id = grant_id AND grants.ended_at IS NULL"
                    " WHERE sessions.identification_id=? AND sessions.ended_at IS NULL",
                    (self.guest.identification.id,),
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

    @precondition(lambda self: self.settled)
    @invariant()
    def closed_means_permitted_and_without_fault(self) -> None:
        broken = {fault.source for fault in faults.active(self.house.opened.live)}
        for point in self.points.values():
            stuck = LINES[point.name] in self.house.pins.stuck
            if self.house.is_closed(point) and not stuck:
                assert self.is_permitted(point), point.name
                keeping = {*KEEPING, f"relay:{point.id}", f"contactor:{point.id}"} & broken
                assert not keeping or (keeping == {f"contactor:{point.id}"} and self.is_tried(point)), point.name

    def is_tried(self, point: Point) -> bool:
        """Its contactor did not follow and has just been given another try."""
        seen = observed.all(self.house.opened.live)[point.id]
        just = self.house.clock.boottime_s() - seen.since_boottime_s < FOLLOW_WITHIN_S
        return just and not points.get(self.house.opened.store, point.id).welded

    @precondition(lambda self: self.settled)
    @invariant()
    def closed_means_that_nothing_is_used_up(self) -> None:
        store = self.house.opened.store
        for point in self.points.values():
            if not self.house.is_closed(point) or LINES[point.name] in self.house.pins.stuck:
                continue
            with store.read() as db:
                user_id, identification_id = db.execute(
                    "SELECT user_id, identification_id FROM grants WHERE point_id=? AND ended_at IS NULL", (point.id,)
                ).fetchone()
                stops = store_settings.in_force(db, "charging.stop_at_allowance")
                allowed_wh = db.execute("SELECT wh FROM allowances WHERE user_id=? AND period='day'", (user_id,)).get
                local = local_days.local(db, self.house.clock.now())
            if identification_id == self.guest.identification.id:
                assert self.guest_s < GUEST_S + 0.001
                assert self.charged_wh("identification_id=?", identification_id) < GUEST_WH
            finishes = self.running(point.name) and not stops
            if allowed_wh is not None and local and not finishes and candidates.calendar_trusted(self.house.opened):
                today = utc_text(local_days.began("day", local))
                assert self.charged_wh("user_id=? AND began_at>=?", user_id, today) < allowed_wh

    @precondition(lambda self: self.settled)
    @invariant()
    def what_the_core_says_it_sees_is_what_is(self) -> None:
        known = {point.id for point in points.all(self.house.opened.store)}
        for point in self.points.values():
            if point.id in known:
                assert self.house.seen(point) in (self.house.is_closed(point), None)

    @invariant()
    def every_point_is_in_a_state_that_has_a_name(self) -> None:
        for now in overview.points_now(self.house.opened):
            assert now.state in states.STATES
            if now.state == "charging":
                assert now.session is not None and now.fault is None

    @invariant()
    def a_grant_is_used_by_one_session_only(self) -> None:
        with self.house.opened.store.read() as db:
            assert db.execute("SELECT count(*) - count(DISTINCT grant_id) FROM sessions").get == 0

    @invariant()
    def a_session_never_ends_below_its_begin_or_twice_at_a_point(self) -> None:
        running = [session.point for session in sessions.running(self.house.opened.store)]
        assert len(running) == len(set(running))
        for session in self.house.sessions():
            assert session.energy_wh is None or session.energy_wh >= 0


@pytest.mark.parametrize("part", range(-(-RUNS // PART_RUNS)))
def test_closed_means_a_valid_grant_and_no_fault(part: int) -> None:
    run_state_machine_as_test(
        Charging,
        settings=settings(
            max_examples=min(PART_RUNS, RUNS - part * PART_RUNS),
            stateful_step_count=STEPS_PER_RUN,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
