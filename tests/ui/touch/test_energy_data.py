"""What the energy pages look up in a real store: periods with money and the one before, sources, counters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from appliance import audit
from appliance.metering import meters, slots
from tests.ui.touch.house import ZONE, House, _slot
from ui.touch import gather
from ui.touch.screens.energy.history_data import KEPT, KEPT_S, Album, History, Wanted
from ui.touch.screens.energy.source_data import Asked, counters
from ui.touch.status import Status


@pytest.fixture
def status(house: House) -> Status:
    return gather.collect(house.it)


def measure(house: House, moment: datetime, watts: float) -> None:
    """A quarter hour of the grid alone; the others stand still."""
    start_s, known = int(moment.timestamp()), meters.all(house.it.store)
    with house.it.store.write() as db:
        slots.save(db, [_slot(m.id, start_s, watts if m.role == "grid" else 0.0) for m in known])


def look(house: House, kind: str, day: date | None, status: Status, album: Album | None = None) -> History:
    return Wanted(album or Album(), kind, day).look(house.it, status)


def test_a_day_has_its_powers_in_five_minutes_or_else_quarter_hours(house: House, status: Status) -> None:
    found = look(house, "day", None, status)
    assert found.powers is not None and found.powers.step_s == 900  # only quarter hours are kept of this morning
    assert found.bars is None and found.measured and not found.is_over
    assert found.powers.at_each[40].house_w is not None


def test_today_is_compared_with_yesterday_up_to_the_same_moment(house: House, status: Status) -> None:
    measure(house, datetime(2026, 11, 20, 9, tzinfo=ZONE), 2000.0)
    measure(house, datetime(2026, 11, 20, 20, tzinfo=ZONE), 8000.0)  # later than now
    found = look(house, "day", None, status)
    assert found.before is not None and found.before.grid_import_wh == 500
    yesterday = look(house, "day", date(2026, 11, 20), status)
    assert yesterday.sums.grid_import_wh == 2500 and yesterday.is_over


def test_a_year_has_twelve_bars_and_those_of_the_year_before(house: House, status: Status) -> None:
    measure(house, datetime(2025, 3, 3, 9, tzinfo=ZONE), 4000.0)
    found = look(house, "year", None, status)
    assert found.bars is not None and len(found.bars.energies) == 12
    assert found.bars_before is not None and found.bars_before.energies[2].grid_import_wh == 1000
    assert found.first == date(2025, 3, 3)
    everything = look(house, "total", None, status)
    assert (everything.period.first.year, everything.period.last.year) == (2025, 2026)
    assert everything.before is None and everything.bars_before is None


def test_a_day_that_is_to_come_is_today(house: House, status: Status) -> None:
    assert look(house, "day", date(2030, 1, 1), status).period.first == status.now.date()


def test_what_is_over_is_looked_up_once_and_after_a_while_anew(house: House, status: Status) -> None:
    now_s = 0.0
    album, day = Album(lambda: now_s), date(2026, 11, 20)
    first = look(house, "day", day, status, album)
    assert look(house, "day", day, status, album) is first
    assert look(house, "day", None, status, album) is not look(house, "day", None, status, album)  # it grows
    tomorrow = replace(status, now=status.now.replace(day=22))
    assert look(house, "day", day, tomorrow, album) is not first
    now_s = KEPT_S + 1
    measure(house, datetime(2026, 11, 20, 9, tzinfo=ZONE), 2000.0)
    assert look(house, "day", day, status, album).sums.grid_import_wh == 500


def test_only_so_many_periods_are_kept(house: House, status: Status) -> None:
    album = Album()
    for number in range(KEPT + 5):
        look(house, "day", date.fromordinal(date(2026, 1, 1).toordinal() + number), status, album)
    assert len(album.kept) == KEPT


def test_a_source_has_its_meters_with_energies_counters_and_values(house: House, status: Status) -> None:
    found = Asked("grid").look(house.it, status)
    (one,) = found.meters
    assert one.values["power_w"] == 1240.0 and one.age_s is not None
    assert one.today.import_wh == status.today.import_wh
    assert (one.month.import_wh or 0) >= (one.today.import_wh or 0) > 0
    assert one.counters.values_wh["import_wh"] == pytest.approx(4_217_338, abs=50)
    house.silence("Grid")
    house.live(9)
    assert Asked("grid").look(house.it, status).meters[0].values == {}


def test_the_house_is_computed_and_its_submeters_are_named(house: House, status: Status) -> None:
    meters.add(
        house.it.store, house.clock, name="Heat pump", model="eastron-sdm630", url="tcp://192.0.2.10:502", unit=5,
        role="submeter", actor=audit.CLI,
    )  # fmt: skip
    found = Asked("house").look(house.it, status)
    assert [one.meter.name for one in found.meters] == ["Heat pump"]
    assert found.balance is not None and found.balance.house_w == 3550.0
    assert found.today is not None and found.today.house_wh is not None


def test_counters_are_those_of_all_meters(house: House, status: Status) -> None:
    assert [one.meter.name for one in counters(house.it, status).meters] == ["Grid", "Wallbox meter", "Solar roof"]
