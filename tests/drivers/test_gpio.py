"""The relay on a line that fails in the middle of a call, and how a relay is written."""

from __future__ import annotations

import pytest

from drivers.gpio import GpioInput, GpioRelay, line_of
from drivers.interfaces import DriverError
from drivers.simulated.pins import StrictPins


class FailingPins(StrictPins):
    """Pins of which one function fails with an error of the library's."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = ""

    def _level(self, line: int) -> int:
        if self.failing == "input":
            raise self.lgpio.error("bad read")
        return super()._level(line)

    def _let_go(self, line: int) -> None:
        if self.failing == "cleanup":
            raise self.lgpio.error("bad free")
        super()._let_go(line)


@pytest.fixture
def pins() -> FailingPins:
    return FailingPins()


def test_a_line_that_cannot_be_read_back_is_driven_low_and_given_back(pins: FailingPins) -> None:
    relay = GpioRelay(pins, 17)
    relay.is_closed()
    pins.failing = "input"
    with pytest.raises(DriverError, match=r"GPIO 17 cannot be used \(bad read\)") as caught:
        relay.switch(closed=True)
    assert caught.value.code == "unavailable" and caught.value.values == {"line": 17, "detail": "bad read"}
    assert pins.levels[17] == 0
    with pytest.raises(RuntimeError, match="You must setup"):
        pins.input(17)


def test_a_relay_that_closed_opens_when_it_cannot_be_seen_any_more(pins: FailingPins) -> None:
    relay = GpioRelay(pins, 17)
    relay.switch(closed=True)
    pins.failing = "input"
    with pytest.raises(DriverError):
        relay.is_closed()
    pins.failing = ""
    assert relay.is_closed() is False


def test_a_line_that_cannot_be_given_back_is_low_all_the_same(pins: FailingPins) -> None:
    relay = GpioRelay(pins, 17)
    relay.switch(closed=True)
    pins.failing = "cleanup"
    relay.release()
    assert pins.levels[17] == 0


def test_a_program_that_numbers_pins_otherwise_makes_the_relay_unavailable_not_wrong(pins: FailingPins) -> None:
    pins.setmode(pins.BOARD)
    with pytest.raises(DriverError, match="A different mode has already been set!"):
        GpioRelay(pins, 17).switch(closed=True)
    assert pins.levels == {}


@pytest.mark.parametrize(("spec", "line"), [("gpio:9", 9), ("gpio:17", 17), ("gpio:27", 27)])
def test_a_relay_is_written_gpio_and_its_line(spec: str, line: int) -> None:
    assert line_of(spec) == line


@pytest.mark.parametrize(
    "spec", ["gpio:8", "gpio:28", "gpio:", "gpio", "17", "GPIO:17", "gpio:1e1", "gpio:-17", "pin:17"]
)
def test_other_lines_and_other_words_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="N from 9 to 27"):
        line_of(spec)


# The contact that watches a contactor --------------------------------------------------------


def test_an_open_mirror_contact_means_that_the_contactor_is_closed(pins: FailingPins) -> None:
    contact = GpioInput(pins, 22)
    assert contact.is_closed() is False
    pins.feed(22, 1)
    assert contact.is_closed() is True
    assert pins.gpio_function(22) == pins.IN


def test_the_line_of_a_contact_is_pulled_up_so_that_a_broken_wire_looks_closed(pins: FailingPins) -> None:
    taken: list[tuple[object, ...]] = []
    pins.setup = lambda *given, **named: taken.append((*given, named))  # type: ignore[method-assign] # listens only
    with pytest.raises(DriverError):
        GpioInput(pins, 22).is_closed()
    assert taken == [(22, pins.IN, pins.PUD_UP, {})]


def test_a_contact_that_cannot_be_read_is_let_go_and_taken_anew(pins: FailingPins) -> None:
    contact = GpioInput(pins, 22)
    contact.is_closed()
    pins.failing = "input"
    with pytest.raises(DriverError, match=r"GPIO 22 cannot be used \(bad read\)"):
        contact.is_closed()
    with pytest.raises(RuntimeError, match="You must setup"):
        pins.input(22)
    pins.failing = ""
    assert contact.is_closed() is False


def test_a_contact_gives_its_line_back_even_when_that_fails(pins: FailingPins) -> None:
    gone: list[bool] = []
    contact = GpioInput(pins, 22, lambda: gone.append(True))
    contact.is_closed()
    pins.failing = "cleanup"
    contact.release()
    assert gone == [True]


def test_a_contact_is_never_on_a_line_that_is_pulled_up_at_reset(pins: FailingPins) -> None:
    with pytest.raises(ValueError, match="9 to 27"):
        GpioInput(pins, 5)
