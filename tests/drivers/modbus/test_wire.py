"""How long registers take, against the table of the protocol's own arithmetic."""

from __future__ import annotations

import pytest

from drivers.modbus import wire
from drivers.modbus.address import Address


@pytest.mark.parametrize(
    ("baud", "parity", "count", "table_ms"),
    [(2400, "E", 60, 641.7), (9600, "N", 2, 25.7), (9600, "N", 125, 282.0), (9600, "E", 50, 137.5),
     (19200, "N", 36, 48.3), (38400, "E", 80, 53.1), (115200, "N", 60, 15.0)],
)  # fmt: skip
def test_an_exchange_takes_what_its_characters_and_two_silences_take(
    baud: int, parity: str, count: int, table_ms: float
) -> None:
    line = Address("rtu", device="/dev/ttyUSB0", baud=baud, parity=parity)
    assert wire.exchange_s(line, count) + 2 * wire.silence_s(baud) == pytest.approx(table_ms / 1e3, abs=1e-4)


def test_a_network_line_takes_no_time_and_a_gateway_that_of_9600_baud() -> None:
    assert wire.exchange_s(Address("tcp", "meter"), 125) == 0.0
    slow = Address("rtu", device="/dev/ttyUSB0", baud=9600)
    assert wire.exchange_s(Address("rtutcp", "gateway"), 20) == wire.exchange_s(slow, 20)


def test_the_meters_wish_for_silence_counts_where_it_is_longer() -> None:
    slow, fast = (Address("rtu", device="/dev/ttyUSB0", baud=baud) for baud in (9600, 115200))
    assert wire.gap_s(slow, 0.0) == pytest.approx(0.00401, abs=1e-5)
    assert wire.gap_s(fast, 0.0) == 0.00175
    assert wire.gap_s(slow, 0.06) == wire.gap_s(Address("tcp", "meter"), 0.06) == 0.06


def test_bytes_are_counted_as_they_travel() -> None:
    assert wire.exchange_bytes(Address("rtu", device="/dev/ttyUSB0"), 2) == 8 + 9
    assert wire.exchange_bytes(Address("tcp", "meter"), 2) == 12 + 13
