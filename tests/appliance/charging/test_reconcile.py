"""Relays follow what is wanted: openings first, none waits for a broken one."""

from __future__ import annotations

import pytest

from appliance.charging.reconcile import force_open, reconcile
from drivers.gpio import GpioRelay
from drivers.interfaces import DriverError, Relay
from drivers.simulated.pins import StrictPins


class Recorded:
    """The real relay class on strict pins, noting the order of switchings."""

    def __init__(self, pins: StrictPins, line: int, order: list[tuple[int, bool]]) -> None:
        self._relay = GpioRelay(pins, line)
        self._line = line
        self._order = order

    def is_closed(self) -> bool:
        return self._relay.is_closed()

    def switch(self, *, closed: bool) -> None:
        self._order.append((self._line, closed))
        self._relay.switch(closed=closed)

    def release(self) -> None:
        self._relay.release()


@pytest.fixture
def pins() -> StrictPins:
    return StrictPins()


@pytest.fixture
def order() -> list[tuple[int, bool]]:
    return []


@pytest.fixture
def relays(pins: StrictPins, order: list[tuple[int, bool]]) -> dict[int, Relay]:
    return {line: Recorded(pins, line, order) for line in (17, 18, 19)}


ALL = (17, 18, 19)


def test_a_second_call_switches_nothing(relays: dict[int, Relay], order: list[tuple[int, bool]]) -> None:
    for _ in range(2):
        outcome = reconcile(relays, {17, 19}, ALL)
    assert order == [(17, True), (19, True)]
    assert outcome.closed == {17: True, 18: False, 19: True} and outcome.faults == {}


def test_what_must_open_opens_before_anything_closes(relays: dict[int, Relay], order: list[tuple[int, bool]]) -> None:
    reconcile(relays, {19}, ALL)
    order.clear()
    reconcile(relays, {17, 18}, ALL)
    assert order == [(19, False), (17, True), (18, True)]


def test_a_relay_in_its_pause_stays_open_and_opening_is_never_delayed(relays: dict[int, Relay]) -> None:
    assert reconcile(relays, {17}, ()).closed[17] is False
    reconcile(relays, {17}, ALL)
    assert reconcile(relays, (), ()).closed[17] is False


def test_a_relay_that_will_not_close_is_a_fault_and_keeps_nobody_waiting(
    pins: StrictPins, relays: dict[int, Relay]
) -> None:
    pins.stuck[17] = 0
    outcome = reconcile(relays, set(ALL), ALL)
    assert outcome.faults[17].code == "stuck"
    assert outcome.closed == {17: False, 18: True, 19: True}


def test_a_relay_that_will_not_open_is_a_fault_and_seen_closed(pins: StrictPins, relays: dict[int, Relay]) -> None:
    reconcile(relays, set(ALL), ALL)
    pins.stuck[18] = 1
    outcome = reconcile(relays, (), ALL)
    assert outcome.faults[18].code == "stuck"
    assert outcome.closed == {17: False, 18: True, 19: False}


def test_a_line_closed_by_nobody_is_opened(pins: StrictPins, relays: dict[int, Relay]) -> None:
    reconcile(relays, (), ALL)
    pins.output(17, 1)
    assert reconcile(relays, (), ()).closed[17] is False
    assert pins.input(17) == 0


class Dead:
    """A relay whose line is gone."""

    def is_closed(self) -> bool:
        raise DriverError("unavailable", "The line is gone.")

    def switch(self, *, closed: bool) -> None:
        raise DriverError("unavailable", "The line is gone.")

    def release(self) -> None:
        pass


def test_a_relay_that_cannot_be_read_is_unknown_and_a_fault() -> None:
    outcome = reconcile({1: Dead()}, {1}, {1})
    assert outcome.closed == {1: None} and outcome.faults[1].code == "unavailable"
    assert force_open(Dead()) is None


class Deaf(Dead):
    """A relay that obeys but cannot be read."""

    def __init__(self) -> None:
        self.closed = True

    def switch(self, *, closed: bool) -> None:
        self.closed = closed


def test_a_relay_that_cannot_be_read_is_told_to_open() -> None:
    relay = Deaf()
    reconcile({1: relay}, {1}, {1})
    assert relay.closed is False
