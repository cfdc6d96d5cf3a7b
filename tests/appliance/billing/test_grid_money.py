"""What the grid's energy cost and feed-in earned: by days, by bands, and unknown where no price is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from appliance import audit
from appliance.billing import grid_money, prices, tariffs
from appliance.metering import meters, slots
from appliance.metering.slots import Slot
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock

ACTOR = audit.CLI
BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 20)
MIDNIGHT_S = 1_795_129_200  # of that day in Berlin


@pytest.fixture
def house(opened: Opened, clock: FakeClock) -> Opened:
    """A grid meter, and a tariff each for what comes in and goes out."""
    meters.add(
        opened.store, clock, name="Grid", model="eastron-sdm630", url="tcp://h:1", unit=1, role="grid", actor=ACTOR
    )
    for name, key, per_kwh in (("House", "billing.tariff", "0.30"), ("Roof", "billing.feed_in_tariff", "0.082")):
        made = tariffs.add(opened.store, clock, name, "by_time", actor=ACTOR)
        tariffs.set_price(opened.store, clock, made.id, date(2026, 1, 1), Decimal(per_kwh), actor=ACTOR)
        settings.put(opened.store, clock.now(), ACTOR, key, name)
    return opened


def measure(house: Opened, hour: float, import_wh: int | None, export_wh: int | None, day: int = 0) -> None:
    start_s = MIDNIGHT_S + 86_400 * day + int(hour * 3600)
    with house.store.write() as db:
        slots.save(db, [Slot(1, start_s, import_wh, export_wh, 0, 0, 0, 0, 0, 900, gap=False)])


def money(house: Opened, first: date = DAY, last: date = DAY) -> tuple[Decimal | None, Decimal | None]:
    found = grid_money.between(house, first, last, BERLIN)
    assert found.currency == "EUR"
    return found.cost, found.earned


def test_a_day_costs_its_energy_times_the_price_to_the_cent(house: Opened) -> None:
    measure(house, 8, 4_321, 10_000)
    assert money(house) == (Decimal("1.30"), Decimal("0.82"))


def test_hours_with_another_price_are_counted_by_it(house: Opened, clock: FakeClock) -> None:
    made = tariffs.find(house.store, "House")
    night = [prices.band("1-7 22:00-06:00 0.10")]
    tariffs.set_price(house.store, clock, made.id, DAY, Decimal("0.40"), night, actor=ACTOR)
    measure(house, 5.75, 1_000, 0)
    measure(house, 6, 2_000, 0)
    measure(house, 22, 3_000, 0)
    measure(house, 8, 1_000, 0, day=-1)  # before the bands: 0.30
    assert money(house) == (Decimal("1.20"), Decimal("0.00"))
    assert money(house, date(2026, 11, 19)) == (Decimal("1.50"), Decimal("0.00"))


def test_without_a_tariff_or_before_its_first_price_nothing_is_known(house: Opened, clock: FakeClock) -> None:
    settings.put(house.store, clock.now(), ACTOR, "billing.feed_in_tariff", "")
    measure(house, 8, 1_000, 1_000)
    assert money(house) == (Decimal("0.30"), None)
    measure(house, 8, 1_000, 1_000, day=-400)
    assert money(house, date(2025, 1, 1)) == (None, None)


def test_where_nothing_was_measured_nothing_is_known(house: Opened) -> None:
    assert money(house) == (None, None)
    measure(house, 8, 1_000, None)
    assert money(house) == (Decimal("0.30"), None)


def test_a_tariff_that_was_archived_pays_nothing(house: Opened, clock: FakeClock) -> None:
    measure(house, 8, 0, 1_000)
    tariffs.archive(house.store, clock, tariffs.find(house.store, "Roof").id, actor=ACTOR)
    assert money(house) == (Decimal("0.00"), None)
