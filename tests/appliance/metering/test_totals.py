"""Counters go on through whatever meters do, and a reset is for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import audit, errors, faults
from appliance import clock as clocks
from appliance.backup import wishes
from appliance.metering import meters, readings, totals
from appliance.metering.continuity import LAGS_S, Continuity, Followed
from appliance.metering.counters import FASTEST_W, FLOAT_STEP, SLACK_WH
from appliance.metering.meters import Meter
from appliance.metering.sampling import Sampler
from appliance.opened import Opened, open_home
from drivers.interfaces import Reading
from tests.fake_clock import FakeClock

ALL = dict(zip(totals.QUANTITIES, (9_000_000, 3_000_000, 2_000_000, 4_000_000, 600, 100, 200, 300), strict=True))


@pytest.fixture
def meter(opened: Opened, actor: audit.Actor) -> Meter:
    return meters.add(
        opened.store, opened.clock, name="Grid", model="eastron-sdm630", url="tcp://h:1", unit=1, actor=actor
    )


class Read:
    """A meter that is read each second, by a core that may begin anew."""

    def __init__(self, opened: Opened, clock: FakeClock, meter: Meter) -> None:
        self.opened, self.clock, self.meter = opened, clock, meter
        self.begin()

    def begin(self) -> None:
        """The core begins."""
        self.continuity = Continuity(self.opened.store)

    def __call__(self, values: Mapping[str, float], passed_s: float = 1.0) -> bool:
        self.clock.advance(passed_s)
        readings.put(self.opened.live, self.clock, self.meter.id, Reading(values))
        now, at_s = self.clock.now(), self.clock.boottime_s()
        believed = self.continuity.see(self.meter.id, now, at_s, values)
        source = f"meter:{self.meter.id}"
        if believed:
            faults.clear(self.opened.live, source)
        else:
            faults.report(self.opened.live, now, source, totals.JUMPED, "jumped")
        self.continuity.write()
        return believed

    def steadily(self, values: Mapping[str, float], seconds: int = 62) -> None:
        """The same values for a while."""
        for _ in range(seconds):
            self(values)

    @property
    def shown(self) -> dict[str, int | None]:
        return dict(totals.shown(self.opened.store, self.opened.live, self.clock, self.meter).values_wh)


@pytest.fixture
def read(opened: Opened, clock: FakeClock, meter: Meter) -> Read:
    return Read(opened, clock, meter)


def _tables(opened: Opened) -> dict[str, list[tuple[object, ...]]]:
    with opened.store.read() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'").fetchall()]
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608 - names of the schema


def _reset(read: Read, actor: audit.Actor) -> None:
    totals.reset(read.opened.store, read.opened.live, read.clock, read.meter, actor=actor)


def test_a_meter_never_reset_shows_its_own_counters(read: Read) -> None:
    read(ALL)
    assert read.shown == ALL
    read.steadily(ALL)
    assert read.shown == ALL


def test_a_reset_sets_all_eight_to_zero_and_counting_goes_on_from_there(
    read: Read, actor: audit.Actor
) -> None:  # A003-27
    read.steadily(ALL)
    _reset(read, actor)
    assert read.shown == dict.fromkeys(totals.QUANTITIES, 0)
    read({**ALL, "import_wh": 9_000_007, "import_l2_wh": 2_000_007})
    assert read.shown == {**dict.fromkeys(totals.QUANTITIES, 0), "import_wh": 7, "import_l2_wh": 7}


def test_a_reset_touches_baselines_audit_and_the_wish_for_a_backup_only(
    read: Read, opened: Opened, actor: audit.Actor
) -> None:  # A003-27, X-07
    read.steadily(ALL)
    before = _tables(opened)
    _reset(read, actor)
    after = _tables(opened)
    assert {name for name in after if after[name] != before[name]} == {"counter_baselines", "audit", "wishes"}
    assert wishes.due(opened.store, wishes.BACKUP), "a store that has to be repaired knows of the reset"
    assert readings.newest(opened.live)[read.meter.id].values == ALL, "the meter itself is as it was"


def test_old_values_stand_nowhere_after_a_reset(read: Read, opened: Opened, actor: audit.Actor) -> None:  # A003-28
    read.steadily(ALL)
    _reset(read, actor)
    read.steadily({**ALL, "import_wh": 9_000_111.0})
    _reset(read, actor)
    (event, _) = [one for one in audit.newest(opened.store) if one.event == "counters.reset"]
    assert (event.subject, event.actor, event.detail) == ("Grid", actor, {})
    assert all(row[2] == row[3] for row in _tables(opened)["counter_baselines"]), "only where the meter stands"


@pytest.mark.parametrize(("values", "seconds", "sentence"), [(None, 0, "no fresh"), (ALL, 30, "no fresh")])
def test_without_a_fresh_reading_it_is_refused(
    read: Read, actor: audit.Actor, values: Mapping[str, float] | None, seconds: int, sentence: str
) -> None:
    if values:
        read(values)
    read.clock.advance(seconds)
    before = _tables(read.opened)
    with pytest.raises(errors.Refused, match=sentence):
        _reset(read, actor)
    assert _tables(read.opened) == before


def test_while_a_counter_is_doubted_it_is_refused(read: Read, actor: audit.Actor) -> None:
    read.steadily(ALL)
    read({**ALL, "import_wh": 5})
    with pytest.raises(errors.Refused, match="jumped"):
        _reset(read, actor)


def test_a_meter_without_counters_has_nothing_to_reset(read: Read, actor: audit.Actor) -> None:
    read({"power_w": 5.0})
    with pytest.raises(errors.Refused, match="no energy counters"):
        _reset(read, actor)
    assert read.shown == {}


def test_while_a_counter_that_was_just_there_is_missing_it_is_refused(read: Read, actor: audit.Actor) -> None:
    read.steadily(ALL)
    read({"import_wh": 9_000_000.0})
    with pytest.raises(errors.Refused, match="does not show all its counters now"):
        _reset(read, actor)
    read(ALL)
    _reset(read, actor)
    assert read.shown == dict.fromkeys(totals.QUANTITIES, 0)


def test_counters_of_phases_that_are_read_once_in_two_minutes_are_believed(read: Read) -> None:
    """At 11 kW on a phase they move by 370 Wh at once."""
    read.steadily(ALL)
    for minutes in range(1, 10):
        assert read({**ALL, "import_l1_wh": 3_000_000 + 370 * minutes})
        read.steadily({**ALL, "import_l1_wh": 3_000_000 + 370 * minutes}, 119)
    assert read.shown["import_l1_wh"] == 3_003_330


def test_a_spike_after_a_night_without_change_is_noise(read: Read) -> None:
    read.steadily(ALL)
    read(ALL, passed_s=12 * 3600)
    assert not read({**ALL, "export_wh": 100_600})
    assert read(ALL) and read.shown == ALL


def test_what_is_not_read_now_is_not_known(read: Read) -> None:
    read.steadily(ALL)
    read.clock.advance(30)
    assert set(read.shown.values()) == {None}


def test_noise_is_not_shown_and_changes_nothing(read: Read) -> None:
    read.steadily(ALL)
    assert not read({**ALL, "import_wh": 0})
    assert read.shown["import_wh"] is None
    assert read(ALL)
    assert read.shown == ALL


def test_another_meter_goes_on_from_what_was_shown(read: Read) -> None:
    read.steadily(ALL)
    other = {"import_wh": 40.0, "import_l1_wh": 10.0}
    read(other)
    read(other | {"import_wh": 45.0})
    read.steadily(other | {"import_wh": 50.0})
    assert read.shown["import_wh"] == 9_000_010, "with what it counted while it was watched"
    assert read.shown["import_l1_wh"] == 3_000_000
    read(other | {"import_wh": 51.0})
    assert read.shown["import_wh"] == 9_000_011


def test_a_newer_meter_that_stands_higher_does_not_jump_either(read: Read, actor: audit.Actor) -> None:
    read.steadily({"import_wh": 100.0})
    _reset(read, actor)
    read.steadily({"import_wh": 130.0})
    read.steadily({"import_wh": 77_000_000.0})
    assert read.shown == {"import_wh": 30}


def test_a_meter_replaced_while_the_power_was_off_goes_on_from_the_last_note(read: Read) -> None:
    read.steadily({"import_wh": 500_000.0})
    read({"import_wh": 500_100.0}, passed_s=3600.0)
    read.clock.reboot(off_s=7200)
    read.begin()
    read.steadily({"import_wh": 12.0})
    assert read.shown == {"import_wh": 500_100}


def test_an_outage_with_the_same_meter_loses_nothing(read: Read) -> None:
    read.steadily({"import_wh": 500_000.0})
    read.clock.reboot(off_s=7200)
    read.begin()
    assert read({"import_wh": 503_000.0})
    assert read.shown == {"import_wh": 503_000}


def test_a_counter_that_runs_over_its_end_goes_on_at_once(read: Read) -> None:
    read.steadily({"import_wh": 99_999_990.0})
    read({"import_wh": 4.0})
    read({"import_wh": 4.0})
    assert read.shown == {"import_wh": 100_000_004}


def test_between_a_jump_and_its_entry_in_the_store_nothing_is_shown(read: Read, opened: Opened) -> None:
    read.steadily({"import_wh": 99_999_990.0})
    now, at_s = read.clock.now(), read.clock.boottime_s()
    assert not read.continuity.see(read.meter.id, now, at_s + 1, {"import_wh": 4.0})
    assert read.continuity.unwritten and read.continuity.write() == 1
    assert read.continuity.see(read.meter.id, now, at_s + 2, {"import_wh": 4.0})


def test_a_phase_that_appears_after_a_reset_begins_at_zero(read: Read, actor: audit.Actor) -> None:  # A003-28
    read.steadily(ALL)
    read({"import_wh": 9_000_000.0}, passed_s=3 * 3600)
    _reset(read, actor)
    assert read.shown == {"import_wh": 0}
    read(ALL)
    assert read.shown == dict.fromkeys(totals.QUANTITIES, 0)


def test_a_phase_nobody_noted_where_it_begins_is_not_known_after_a_reset(read: Read, actor: audit.Actor) -> None:
    read({"import_wh": 9_000_000.0})
    _reset(read, actor)
    read(ALL)
    assert read.shown["import_l1_wh"] is None and read.shown["import_wh"] == 0
    read.steadily(ALL)
    assert read.shown["import_l1_wh"] == 0


def test_the_first_value_ever_is_watched_before_it_is_noted(read: Read, opened: Opened) -> None:
    assert read({"import_wh": 4e9}) and _tables(opened)["counter_baselines"] == []
    read.steadily({"import_wh": 1234.0})
    assert read.shown == {"import_wh": 1234}


def test_the_card_is_written_once_an_hour(read: Read) -> None:
    read.steadily(ALL)
    commits = 0
    for _ in range(3599):
        read.clock.advance(1)
        read.continuity.see(read.meter.id, read.clock.now(), read.clock.boottime_s(), ALL)
        commits += bool(read.continuity.write())
    assert commits <= 1


def test_a_removed_meter_leaves_no_baseline(read: Read, opened: Opened, actor: audit.Actor) -> None:
    read.steadily(ALL)
    read.continuity.see(read.meter.id, read.clock.now(), read.clock.boottime_s() + 4000, ALL)
    meters.remove(opened.store, opened.clock, read.meter.id, actor=actor)
    read.continuity.write()
    read.continuity.drop(read.meter.id)
    assert _tables(opened)["counter_baselines"] == []


WH = st.one_of(
    st.floats(0, 1e10),
    st.sampled_from([0.0, 99_999_990.0, 2.0**31 - 5, 1e8 - 1, 7.0]),
    st.integers(0, 10**9).map(float),
)


@given(steps=st.lists(st.tuples(WH, st.floats(0.2, 200), st.integers(1, 70)), max_size=12))
def test_whatever_a_meter_says_what_is_shown_never_falls_and_never_jumps(
    steps: list[tuple[float, float, int]],
) -> None:
    followed, baseline_wh, at_s = Followed(), 0, 0.0
    shown_wh, shown_s, slack_wh = None, 0.0, 0.0
    for wh, passed_s, times in steps:
        for i in range(times):
            at_s += passed_s
            value = wh + i * passed_s
            slack_wh += 1001 + FASTEST_W * LAGS_S / 3600 + max(SLACK_WH, value * FLOAT_STEP)
            shift_wh = followed.see(value, at_s)
            if shift_wh is None:
                continue
            baseline_wh += shift_wh
            assert followed.last_wh is not None
            now_wh = round(followed.last_wh) - baseline_wh
            if shown_wh is not None:
                assert 0 <= now_wh - shown_wh <= FASTEST_W * (at_s - shown_s) / 3600 + slack_wh
            shown_wh, shown_s, slack_wh = now_wh, at_s, 0.0


def test_the_sampler_notes_where_counters_stand_and_doubts_what_jumps(opened: Opened, meter: Meter) -> None:
    """On a clock a hundred times as fast, so that a minute passes in the time of a test."""
    boottime_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    it = open_home(opened.home, clocks.FastClock(100, opened.clock.now().timestamp(), boottime_s))
    told = {"import_wh": 5_000_000.0}

    class Driver:
        async def read(self) -> Reading:
            return Reading(dict(told))

        async def close(self) -> None:
            return

    async def scene() -> None:
        sampling = asyncio.create_task(Sampler(it.store, it.live, it.clock, lambda _meter: Driver()).run())
        await _until(lambda: _noted(it) == [5_000_000])
        told["import_wh"] = 20.0
        await _until(lambda: [fault.code for fault in faults.active(it.live)] == [totals.JUMPED])
        await _until(lambda: _noted(it) == [20] and not faults.active(it.live))
        await _until(
            lambda: dict(totals.shown(it.store, it.live, it.clock, meter).values_wh) == {"import_wh": 5_000_000}
        )
        sampling.cancel()
        await asyncio.gather(sampling, return_exceptions=True)

    asyncio.run(scene())


def _noted(it: Opened) -> list[int]:
    with it.store.read() as db:
        return [row[0] for row in db.execute("SELECT last_wh FROM counter_baselines")]


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.01)
