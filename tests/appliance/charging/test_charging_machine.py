"""Anything may happen in any order: the relay is closed only under a grant that is good, without a fault that keeps
it open, and while neither a guest's cap nor an allowance is used up.

Hypothesis drives the controller, the gate, the pins, the meters and the clocks;
after every step it checks the store and the lines themselves, not what the
controller believes; a guest's time it counts on its own. With
`WATTWARD_STEPS=1000000` it does so for a night:

    WATTWARD_STEPS=1000000 python -m pytest tests/appliance/charging/test_charging_machine.py
"""

from __future__ import annotations

import os
from datetime import timedelta

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
    identifications,
    local_days,
    overview,
    points,
    sessions,
    states,
    users,
    windows,
)
from appliance.clock import utc_text
from appliance.errors import Refused
from appliance.store import live
from appliance.store import settings as store_settings
from tests.appliance.charging.house import ACTOR, CODES
from tests.appliance.charging.world import CARDS, GUEST_S, GUEST_WH, LINES, MASTER, PLUGS, SWITCHES, World
from tests.fake_clock import START

STEPS_PER_RUN = 50
RUNS = max(40, int(os.environ.get("WATTWARD_STEPS", "0")) // STEPS_PER_RUN)
PART_RUNS = 1000  # Hypothesis remembers every run of a part: 20,000 in one took 2 GB and became slower and slower
HOURS = (
    "1-7 00:00-24:00",
    "6 12:00-12:10",
    "6 12:00-13:00",
    "1 08:00-09:00",
)  # it begins Saturday, 13:00
PLANS = ((), ("6 13:00-13:10",), ("6,7 00:00-24:00 free",), ("6 13:00-13:05 free", "6,7 00:00-24:00"))
NAMES = st.sampled_from(sorted(LINES))
PEOPLE = st.sampled_from(sorted(CODES))
METERS = ("tells", "tells", "tells", "counts", "turned", "silent")  # counts: no power; turned: wired the wrong way
NOBODYS = "04DDCCBB"  # card
KEEPING = ("store", overview.GRID_LIMIT)  # faults that keep every relay open
APART = (timedelta(hours=1), timedelta(days=1), timedelta(hours=-1), timedelta(days=-1), timedelta(days=-700))
RARELY = st.sampled_from([False, False, False, True])


class Charging(World, RuleBasedStateMachine):
    """Everything that can befall this house."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        World.__init__(self)

    def teardown(self) -> None:
        """See Hypothesis."""
        self.close()

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

    @rule(name=NAMES, who=PEOPLE, times=st.integers(1, 5))
    def somebody_charges(self, name: str, who: str, times: int) -> None:
        self.charge(name, who, times)

    @rule(times=st.integers(1, 30))
    def a_guest_charges_with_a_cap_in_energy(self, times: int) -> None:
        self.charge("Garage", self.guests["energy"].code, times)

    @rule(name=NAMES, times=st.integers(1, 20), then=st.sampled_from([timedelta(), *APART]), more=st.integers(0, 30))
    def a_guest_charges_with_a_cap_in_time(self, name: str, times: int, then: timedelta, more: int) -> None:
        """And somebody sets the date meanwhile."""
        self.charge(name, self.guests["time"].code, times)
        self.somebody_sets_the_date(then)
        for _ in range(more):
            self.wait(5.0)

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

    @rule(apart=st.sampled_from(APART))
    def somebody_sets_the_date(self, apart: timedelta) -> None:
        now = self.house.clock.now()
        self.house.clock.set(now + apart if candidates.calendar_trusted(self.house.opened) else START)
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
            if identification_id == self.guests["time"].identification.id:
                assert self.guest_s < GUEST_S + 0.001
            if identification_id == self.guests["energy"].identification.id:
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
