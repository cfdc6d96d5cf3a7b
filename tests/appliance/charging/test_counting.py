"""Who may charge only so much charges only where it can be counted."""

from __future__ import annotations

import pytest

from appliance.charging import guests, why
from tests.appliance.charging.house import House
from tests.appliance.charging.test_limits import allow, guest


@pytest.mark.parametrize(("limited", "ends"), [("cap", "uncounted"), ("allowance", "uncounted"), ("nothing", None)])
def test_a_limited_session_ends_when_its_meter_is_silent_for_long(house: House, limited: str, ends: str | None) -> None:
    """Else who pulls the meter's plug charges without a limit."""
    point = house.point(metered=True)
    code = guest(house, cap_wh=50_000).code if limited == "cap" else "#271828"
    if limited == "allowance":
        allow(house, "month", 500)
    house.start()
    house.charge(point, who=code)
    house.turn(290)
    assert house.is_closed(point), "a short silence is none"
    house.turn(30)
    assert house.is_closed(point) is (ends is None)
    assert house.session().end_reason == ends


@pytest.mark.parametrize("limited", ["allowance", "cap"])
def test_who_may_charge_so_much_only_starts_nothing_where_no_counter_is_read_now(house: House, limited: str) -> None:
    code = guest(house, cap_wh=50_000).code if limited == "cap" else "#271828"
    if limited == "allowance":
        allow(house, "month", 500)
    point = house.point(metered=True)
    assert house.authorize(point, code).result == "uncounted", "the meter was never read"
    house.measure(point, 0.0, None)
    assert house.authorize(point, code).result == "uncounted", "it tells power only, which is not energy"
    house.measure(point, 0.0, 5000.0)
    house.clock.advance(60)
    assert house.authorize(point, code).result == "uncounted", "it is silent"
    assert house.authorize(point, "Ben").result == "accepted", "who may charge as much as he likes may"
    house.measure(point, 0.0, 5000.0)
    assert house.authorize(point, code).result == "accepted"
    told = [str(event.told) for event in why.tell(house.opened, point.id, reasons=True).events]
    assert sum("cannot count energy now" in sentence for sentence in told) == 3


@pytest.mark.parametrize("limited", ["allowance", "cap"])
def test_a_limited_session_ends_when_its_meter_goes_on_without_its_counter(house: House, limited: str) -> None:
    code = guest(house, cap_wh=50_000).code if limited == "cap" else "#271828"
    if limited == "allowance":
        allow(house, "month", 500)
    point = house.point(metered=True)
    house.start()
    house.charge(point, who=code)
    for second in range(310):
        house.clock.advance(1.0)
        house.measure(point, 11000.0, None)
        house.turn()
        assert house.is_closed(point) or second > 290
    assert house.session().end_reason == "uncounted" and not house.is_closed(point)


def test_a_limit_that_is_set_while_somebody_charges_without_a_meter_ends_that(house: House) -> None:
    point = house.point()
    house.start()
    house.authorize(point)
    house.turn(5)
    assert house.session().ended_at is None
    allow(house, "day", 10)
    house.turn(2)
    assert house.session().end_reason == "uncounted"


def test_a_restart_gives_a_limited_session_no_more_time_without_its_counter(house: House) -> None:
    allow(house, "day", 50)
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    house.turn(200)
    house.crash()
    house.clock.advance(50)
    house.start(pause_over=False)
    house.turn(30)
    assert house.is_closed(point)
    house.turn(30)
    assert house.session().end_reason == "uncounted" and not house.is_closed(point)


def test_a_limit_counts_what_is_known_of_a_session_whose_meter_was_replaced(house: House) -> None:
    made, other_wh = guest(house, cap_wh=1000), 900_000.0
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point, who=made.code)
    house.drive(point, 250, 11000.0, wh)  # 0.76 kWh, of which 0.73 were marked
    wh = house.drive(point, 70, 11000.0, other_wh)
    session = house.session()
    assert (session.end_reason, session.energy_wh) == ("uncounted", None)
    spent = guests.spent(house.opened, made.identification.id).energy_wh
    assert spent is not None and 700 < spent < 770
    wh = house.charge(point, import_wh=wh, who=made.code)
    house.drive(point, 110, 11000.0, wh)
    assert house.session().end_reason == "limit" and len(house.sessions()) == 2


def test_two_cars_of_one_person_use_one_allowance_together(house: House) -> None:
    """Each is counted by its own meter."""
    allow(house, "day", 1.0)
    first, second = house.point(metered=True), house.point("Garage", 18, metered=True)
    house.start()
    first_wh = house.charge(first)
    second_wh = house.charge(second, import_wh=700_000.0)
    for _ in range(180):
        first_wh += 11000 / 3600
        second_wh += 11000 / 3600
        house.clock.advance(1.0)
        house.measure(first, 11000.0, first_wh)
        house.measure(second, 11000.0, second_wh)
        house.turn()
        if not house.is_closed(first):
            break
    assert not house.is_closed(first) and not house.is_closed(second)
    assert 1000 <= first_wh - 5000 + second_wh - 700_000 < 1020
