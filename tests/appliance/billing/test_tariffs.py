"""Tariffs: made, priced, given to people, archived."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from appliance import audit
from appliance.billing import prices, tariffs
from appliance.charging import users
from appliance.errors import BadInput, NotFound
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock

ACTOR = audit.CLI


def fixed(opened: Opened, clock: FakeClock, name: str = "House", per_kwh: str = "0.34") -> tariffs.Tariff:
    made = tariffs.add(opened.store, clock, name, "fixed", basis="contract", actor=ACTOR)
    return tariffs.set_price(opened.store, clock, made.id, date(2026, 1, 1), Decimal(per_kwh), actor=ACTOR)


def tariff_of(opened: Opened, user_id: int | None) -> str | None:
    with opened.store.read() as db:
        found = tariffs.of_user(db, user_id)
    return None if found is None else found.name


def test_a_price_of_the_same_day_replaces_the_one_before(opened: Opened, clock: FakeClock) -> None:
    made = fixed(opened, clock)
    tariffs.set_price(opened.store, clock, made.id, date(2026, 1, 1), Decimal("0.35"), actor=ACTOR)
    tariffs.set_price(opened.store, clock, made.id, date(2025, 1, 1), Decimal("0.31"), actor=ACTOR)
    known = tariffs.find(opened.store, "house").prices
    assert [(one.valid_from.year, one.per_kwh) for one in known] == [(2025, Decimal("0.31")), (2026, Decimal("0.35"))]


def test_nothing_is_billed_until_a_usual_tariff_is_set(opened: Opened, clock: FakeClock) -> None:
    fixed(opened, clock)
    assert tariff_of(opened, None) is None
    settings.put(opened.store, clock.now(), ACTOR, "billing.tariff", "house")
    assert tariff_of(opened, None) == "House"


def test_somebody_may_have_a_tariff_of_their_own_and_give_it_back(opened: Opened, clock: FakeClock) -> None:
    fixed(opened, clock)
    employer = fixed(opened, clock, "Employer")
    settings.put(opened.store, clock.now(), ACTOR, "billing.tariff", "House")
    anna = users.add(opened.store, clock, "Anna", "Berger", actor=ACTOR)
    tariffs.give(opened.store, clock, anna.id, employer.id, actor=ACTOR)
    assert tariff_of(opened, anna.id) == "Employer"
    tariffs.give(opened.store, clock, anna.id, None, actor=ACTOR)
    assert tariff_of(opened, anna.id) == "House"


def test_an_archived_tariff_is_nobodys_any_more(opened: Opened, clock: FakeClock) -> None:
    made = fixed(opened, clock)
    anna = users.add(opened.store, clock, "Anna", "Berger", actor=ACTOR)
    tariffs.give(opened.store, clock, anna.id, made.id, actor=ACTOR)
    tariffs.archive(opened.store, clock, made.id, actor=ACTOR)
    assert tariff_of(opened, anna.id) is None
    assert tariffs.all(opened.store) == [] and tariffs.all(opened.store, archived=True)[0].archived


def test_the_usual_tariff_cannot_be_archived(opened: Opened, clock: FakeClock) -> None:
    made = fixed(opened, clock)
    settings.put(opened.store, clock.now(), ACTOR, "billing.tariff", "house")
    with pytest.raises(BadInput, match="set billing.tariff to another one first"):
        tariffs.archive(opened.store, clock, made.id, actor=ACTOR)


def test_an_employers_rate_begins_with_a_year(opened: Opened, clock: FakeClock) -> None:
    made = tariffs.add(opened.store, clock, "Employer", "employer", actor=ACTOR)
    with pytest.raises(BadInput, match="begins on 1 January"):
        tariffs.set_price(opened.store, clock, made.id, date(2026, 7, 1), Decimal("0.34"), actor=ACTOR)


def test_only_a_tariff_by_time_has_bands(opened: Opened, clock: FakeClock) -> None:
    bands = [prices.band("1-5 22:00-06:00 0.21")]
    by_time = tariffs.add(opened.store, clock, "Night", "by_time", actor=ACTOR)
    tariffs.set_price(opened.store, clock, by_time.id, date(2026, 1, 1), Decimal("0.34"), bands, actor=ACTOR)
    assert tariffs.find(opened.store, "Night").prices[0].bands == tuple(bands)
    with pytest.raises(BadInput, match="Only a tariff by time of day"):
        tariffs.set_price(
            opened.store, clock, fixed(opened, clock).id, date(2026, 2, 1), Decimal("1"), bands, actor=ACTOR
        )


@pytest.mark.parametrize(
    ("name", "kind", "basis"),
    [("", "fixed", ""), ("x" * 41, "fixed", ""), ("x", "free", ""), ("x", "fixed", "y" * 121)],
)
def test_a_tariff_that_breaks_a_rule_is_not_made(
    opened: Opened, clock: FakeClock, name: str, kind: str, basis: str
) -> None:
    with pytest.raises(BadInput):
        tariffs.add(opened.store, clock, name, kind, basis=basis, actor=ACTOR)
    assert tariffs.all(opened.store, archived=True) == []


def test_a_name_is_taken_once_whatever_its_case(opened: Opened, clock: FakeClock) -> None:
    fixed(opened, clock)
    with pytest.raises(BadInput, match="already a tariff called HOUSE"):
        tariffs.add(opened.store, clock, "HOUSE", "fixed", actor=ACTOR)


def test_an_unknown_tariff_names_those_there_are(opened: Opened, clock: FakeClock) -> None:
    fixed(opened, clock)
    with pytest.raises(NotFound, match="there are: House"):
        tariffs.find(opened.store, "Night")
