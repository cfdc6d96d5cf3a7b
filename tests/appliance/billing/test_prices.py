"""Prices: which one holds when, and how a session is cut and costed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.billing import prices
from appliance.billing.prices import Band, Price
from appliance.errors import BadInput

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Band(frozenset({1, 2, 3, 4, 5}), time(22), time(6), Decimal("0.20"))
DAY = Price(date(2026, 1, 1), Decimal("0.34"))
TWO = Price(date(2026, 1, 1), Decimal("0.34"), (NIGHT,))


def local(*parts: int) -> datetime:
    year, month, day, *time_of_day = parts
    return datetime(year, month, day, *time_of_day, tzinfo=BERLIN).astimezone(UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("moment", "costs"),
    [
        ((2026, 11, 20, 21, 59), "0.34"),  # Friday evening
        ((2026, 11, 20, 22, 0), "0.20"),
        ((2026, 11, 21, 5, 59), "0.20"),  # Saturday morning still belongs to Friday's band
        ((2026, 11, 21, 6, 0), "0.34"),
        ((2026, 11, 21, 23, 0), "0.34"),  # Saturday has none
        ((2026, 11, 23, 3, 0), "0.34"),  # nor had Sunday
        ((2026, 11, 23, 22, 0), "0.20"),
    ],
)
def test_a_band_over_midnight_belongs_to_the_day_it_begins_on(moment: tuple[int, ...], costs: str) -> None:
    at = datetime(*moment, tzinfo=BERLIN)  # type: ignore[misc, arg-type]
    assert prices.per_kwh([TWO], at, one_year=False) == Decimal(costs)


def test_a_price_holds_from_its_first_local_day_until_the_next_one() -> None:
    both = [DAY, Price(date(2026, 7, 1), Decimal("0.30"))]
    assert prices.per_kwh(both, datetime(2025, 12, 31, 23, 59, tzinfo=BERLIN), one_year=False) is None
    assert prices.per_kwh(both, datetime(2026, 6, 30, 23, 59, tzinfo=BERLIN), one_year=False) == Decimal("0.34")
    assert prices.per_kwh(both, datetime(2026, 7, 1, tzinfo=BERLIN), one_year=False) == Decimal("0.30")
    assert prices.per_kwh(both, datetime(2031, 7, 1, tzinfo=BERLIN), one_year=False) == Decimal("0.30")


def test_an_employers_flat_rate_is_not_carried_into_the_next_year() -> None:
    assert prices.per_kwh([DAY], datetime(2026, 12, 31, 23, tzinfo=BERLIN), one_year=True) == Decimal("0.34")
    assert prices.per_kwh([DAY], datetime(2027, 1, 1, tzinfo=BERLIN), one_year=True) is None


def test_a_session_is_cut_where_its_price_changes_and_the_counter_there_decides() -> None:
    counter = [
        (local(2026, 11, 20, 21, 30), 1_000),
        (local(2026, 11, 20, 22, 0), 5_000),  # most was charged before the cheap hours
        (local(2026, 11, 20, 23, 0), 6_000),
    ]
    cut = prices.pieces(counter, [TWO], BERLIN, one_year=False)
    assert [(part.energy_wh, part.per_kwh) for part in cut] == [(4_000, Decimal("0.34")), (1_000, Decimal("0.20"))]
    assert prices.cost(cut) == Decimal("1.56")  # 4 kWh at 0.34 and 1 kWh at 0.20


@pytest.mark.parametrize(
    ("begin", "energies"),
    [
        # 01:00 to 05:00 in spring: at 02:00 the clocks show 03:00, and the band that ends at 02:30 is over
        (datetime(2026, 3, 29, 0, tzinfo=UTC), [("0.10", 10_000), ("0.40", 20_000)]),
        # 02:00 to 04:00 in autumn: 02:00 to 02:30 comes twice
        (datetime(2026, 10, 25, 0, tzinfo=UTC), [("0.10", 5_000), ("0.40", 5_000), ("0.10", 5_000), ("0.40", 15_000)]),
    ],
)
def test_a_session_over_the_clock_change_is_cut_where_the_clocks_show_it(
    begin: datetime, energies: list[tuple[str, int]]
) -> None:
    night = Price(date(2026, 1, 1), Decimal("0.40"), (prices.band("1-7 22:00-02:30 0.10"),))
    cut = prices.pieces([(begin, 0), (begin + timedelta(hours=3), 30_000)], [night], BERLIN, one_year=False)
    assert [(str(part.per_kwh), part.energy_wh) for part in cut] == energies


def test_without_readings_between_the_energy_is_spread_over_time() -> None:
    counter = [(local(2026, 11, 20, 21, 30), 0), (local(2026, 11, 20, 23, 30), 4_000)]
    assert [part.energy_wh for part in prices.pieces(counter, [TWO], BERLIN, one_year=False)] == [1_000, 3_000]


def test_a_year_that_ends_during_a_session_cuts_it_and_leaves_its_cost_unknown_for_an_employer() -> None:
    counter = [(local(2026, 12, 31, 23, 0), 0), (local(2027, 1, 1, 1, 0), 4_000)]
    cut = prices.pieces(counter, [DAY], BERLIN, one_year=True)
    assert [(part.energy_wh, part.per_kwh) for part in cut] == [(2_000, Decimal("0.34")), (2_000, None)]
    assert prices.cost(cut) is None
    assert prices.cost(prices.pieces(counter, [DAY], BERLIN, one_year=False)) == Decimal("1.36")


def test_nothing_charged_costs_nothing_even_without_a_price() -> None:
    counter = [(local(2026, 11, 20, 21), 7), (local(2026, 11, 20, 22), 7)]
    assert prices.cost(prices.pieces(counter, [], BERLIN, one_year=False)) == Decimal("0.00")


def test_a_cent_is_rounded_half_up_once_over_the_whole_session() -> None:
    counter = [(local(2026, 11, 20, 12), 0), (local(2026, 11, 20, 13), 250)]
    half = Price(date(2026, 1, 1), Decimal("0.02"))
    assert prices.cost(prices.pieces(counter, [half], BERLIN, one_year=False)) == Decimal("0.01")


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_a_night_in_which_the_clock_is_set_has_both_borders(day: tuple[int, int, int]) -> None:
    begin, end = local(*day, 0, 0) - timedelta(hours=4), local(*day, 12, 0)  # Saturday 20:00 to Sunday noon
    saturday = Price(date(2026, 1, 1), Decimal("0.34"), (Band(frozenset({6}), time(22), time(6), Decimal("0.20")),))
    cut = prices.pieces([(begin, 0), (end, 10_000)], [saturday], BERLIN, one_year=False)
    assert [part.per_kwh for part in cut] == [Decimal("0.34"), Decimal("0.20"), Decimal("0.34")]
    hours = (cut[1].end - cut[1].begin) / timedelta(hours=1)
    assert hours == (7 if day[1] == 3 else 9)


@given(
    st.lists(st.integers(0, 40_000), min_size=2, max_size=12).map(sorted),
    st.lists(st.integers(1, 400), min_size=11, max_size=11),
    st.integers(0, 60 * 24 * 365),
)
def test_the_pieces_always_add_up_to_the_session(wh: list[int], minutes: list[int], after: int) -> None:
    at = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=after)]
    for step in minutes[: len(wh) - 1]:
        at.append(at[-1] + timedelta(minutes=step))
    many = [TWO, Price(date(2026, 7, 1), Decimal("0.31"), (NIGHT,))]
    cut = prices.pieces(list(zip(at, wh, strict=True)), many, BERLIN, one_year=True)
    assert sum(part.energy_wh for part in cut) == wh[-1] - wh[0]
    assert all(part.energy_wh >= 0 for part in cut)
    assert cut[0].begin == at[0] and cut[-1].end == at[-1]


@pytest.mark.parametrize("text", ["0.34", "0,34", " 0.34 "])
def test_a_price_may_be_typed_with_point_or_comma(text: str) -> None:
    assert prices.amount(text) == Decimal("0.34")


@pytest.mark.parametrize("text", ["", "x", "-0.1", "101", "NaN", "Infinity", "0.1234567", "1e9", "1e-9"])
def test_what_is_no_price_is_refused_naming_the_rule(text: str) -> None:
    with pytest.raises(BadInput, match="0 to 100 per kWh"):
        prices.amount(text)


def test_bands_survive_being_stored() -> None:
    bands = (NIGHT, Band(frozenset({6, 7}), time(0), time(23, 59), Decimal("0.1")))
    assert prices.from_json(prices.to_json(bands)) == bands
    assert prices.band("6-7 00:00-23:59 0.1") == bands[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1-5",
        "1-5 22:00 0.2",
        "8 22:00-06:00 0.2",
        "1-5 25:00-06:00 0.2",
        "1 06:00-06:00 0.2",
        "1-3,5-4 06:00-07:00 0.2",
        "5-1 06:00-07:00 0.2",
    ],
)
def test_what_is_no_band_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        prices.band(text)
