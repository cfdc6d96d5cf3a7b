"""The twins of RPi.GPIO are as strict as the module: the same cases run on them and on rpi-lgpio itself."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drivers.simulated.pins import StrictPins
from tests.drivers import boards
from tests.drivers.boards import Board

LEFT_OUT = {  # what nobody needs
    "HARD_PWM", "I2C", "SERIAL", "SPI", "PWM", "RPI_INFO", "RPI_REVISION", "VERSION",
    "add_event_callback", "event_detected", "wait_for_edge",
}  # fmt: skip
NO_INTERFACE = {"Event", "Path", "WeakValueDictionary", "os", "sleep", "struct", "sys", "warnings"}  # its imports
OWN = {"busy", "chip", "feed", "levels", "lose", "stuck"}  # how tests spoil the twin

Case = Callable[[Any], object]


def ready(gpio: Any) -> Any:  # noqa: ANN401 - the module, or what stands in for it
    """The module with its numbering chosen, 17 an output and 18 an input."""
    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.OUT, initial=gpio.LOW)
    gpio.setup(18, gpio.IN)
    return gpio


def raised_by(case: Case, gpio: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    """Name and words of what a case raises."""
    with pytest.raises((RuntimeError, ValueError, TypeError, gpio.lgpio.error)) as caught:
        case(gpio)
    return type(caught.value).__name__, str(caught.value)


NO_MODE = ("RuntimeError", "Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)")
NO_CHANNEL = ("ValueError", "The channel sent is invalid on a Raspberry Pi")
NO_OUTPUT = ("RuntimeError", "The GPIO channel has not been set up as an OUTPUT")
NO_INPUT = ("RuntimeError", "You must setup() the GPIO channel as an input first")
NO_SETUP = ("RuntimeError", "You must setup() the GPIO channel first")
REFUSED: dict[str, tuple[Case, tuple[str, str]]] = {
    "setup before the mode": (lambda gpio: gpio.setup(17, gpio.OUT), NO_MODE),
    "output before the mode": (lambda gpio: gpio.output(17, 1), NO_MODE),
    "input before the mode": (lambda gpio: gpio.input(17), NO_MODE),
    "function before the mode": (lambda gpio: gpio.gpio_function(17), NO_MODE),
    "another mode": (
        lambda gpio: (gpio.setmode(gpio.BOARD), gpio.setmode(gpio.BCM)),
        ("ValueError", "A different mode has already been set!"),
    ),
    "no mode at all": (lambda gpio: gpio.setmode(12), ("ValueError", "An invalid mode was passed to setmode()")),
    "setup of no line": (lambda gpio: ready(gpio).setup(54, gpio.OUT), NO_CHANNEL),
    "setup of a negative line": (lambda gpio: ready(gpio).setup(-1, gpio.OUT), NO_CHANNEL),
    "setup of no pin": (lambda gpio: (gpio.setmode(gpio.BOARD), gpio.setup(1, gpio.OUT)), NO_CHANNEL),
    "setup of nothing": (
        lambda gpio: ready(gpio).setup(None, gpio.OUT),
        ("ValueError", "Channel must be an integer or list/tuple of integers"),
    ),
    "no direction": (
        lambda gpio: ready(gpio).setup(17, 2),
        ("ValueError", "An invalid direction was passed to setup()"),
    ),
    "an output with a pull": (
        lambda gpio: ready(gpio).setup(17, gpio.OUT, gpio.PUD_UP),
        ("ValueError", "pull_up_down parameter is not valid for outputs"),
    ),
    "an input with a level": (
        lambda gpio: ready(gpio).setup(17, gpio.IN, initial=0),
        ("ValueError", "initial parameter is not valid for inputs"),
    ),
    "an input with no pull": (
        lambda gpio: ready(gpio).setup(17, gpio.IN, 23),
        ("ValueError", "Invalid value for pull_up_down - should be either PUD_OFF, PUD_UP or PUD_DOWN"),
    ),
    "output on no line": (lambda gpio: ready(gpio).output(99, 1), NO_CHANNEL),
    "output on a line not set up": (lambda gpio: ready(gpio).output(22, 1), NO_OUTPUT),
    "output on an input": (lambda gpio: ready(gpio).output(18, 1), NO_OUTPUT),
    "output after its cleanup": (lambda gpio: (ready(gpio).cleanup(17), gpio.output(17, 1)), NO_OUTPUT),
    "output after all is cleaned up": (lambda gpio: (ready(gpio).cleanup(), gpio.output(17, 1)), NO_MODE),
    "more values than lines": (
        lambda gpio: ready(gpio).output(17, (1, 0)),
        ("RuntimeError", "Number of channels != number of values"),
    ),
    "input on a line not set up": (lambda gpio: ready(gpio).input(22), NO_SETUP),
    "edges before the mode": (lambda gpio: gpio.add_event_detect(18, gpio.FALLING), NO_MODE),
    "no more edges before the mode": (lambda gpio: gpio.remove_event_detect(18), NO_MODE),
    "edges of no line": (lambda gpio: ready(gpio).add_event_detect(54, gpio.FALLING), NO_CHANNEL),
    "edges of an output": (lambda gpio: ready(gpio).add_event_detect(17, gpio.FALLING), NO_INPUT),
    "edges of a line not set up": (lambda gpio: ready(gpio).add_event_detect(22, gpio.FALLING), NO_INPUT),
    "edges after the cleanup": (lambda gpio: (ready(gpio).cleanup(18), gpio.add_event_detect(18, 32)), NO_INPUT),
    "no edge": (
        lambda gpio: ready(gpio).add_event_detect(18, 30),
        ("ValueError", "The edge must be set to RISING, FALLING or BOTH"),
    ),
    "edges for nobody": (
        lambda gpio: ready(gpio).add_event_detect(18, gpio.BOTH, 5),
        ("TypeError", "Parameter must be callable"),
    ),
    "edges without a pause": (
        lambda gpio: ready(gpio).add_event_detect(18, gpio.BOTH, bouncetime=0),
        ("ValueError", "Bouncetime must be greater than 0"),
    ),
    "edges twice": (
        lambda gpio: (ready(gpio).add_event_detect(18, gpio.RISING), gpio.add_event_detect(18, gpio.RISING)),
        ("RuntimeError", "Conflicting edge detection already enabled for this GPIO channel"),
    ),
    "input after its cleanup": (lambda gpio: (ready(gpio).cleanup([17, 18]), gpio.input(18)), NO_SETUP),
}


@pytest.fixture(params=boards.NAMES)
def board(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """Each board in turn."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


def test_what_the_chip_refuses_is_refused_with_the_same_words(board: Board) -> None:
    found = {}
    for name, (case, _) in REFUSED.items():
        board.gpio.setwarnings(False)
        board.gpio.cleanup()
        found[name] = raised_by(case, board.gpio)
    assert found == {name: expected for name, (_, expected) in REFUSED.items()}


def _setup_22(direction: int, gpio: Any) -> None:  # noqa: ANN401 - as above
    gpio.setup(22, direction)


def test_a_line_of_another_program_is_busy_for_setup_in_both_directions(board: Board) -> None:
    gpio = ready(board.gpio)
    board.block(22)
    for direction in (gpio.OUT, gpio.IN):
        assert raised_by(partial(_setup_22, direction), gpio) == ("error", "'GPIO busy'")
    board.unblock(22)
    gpio.setup(22, gpio.OUT)


def test_without_a_chip_the_mode_cannot_be_set() -> None:
    pins = StrictPins()
    pins.chip = False
    assert raised_by(lambda gpio: gpio.setmode(gpio.BCM), pins) == ("error", "'can not open gpiochip'")
    assert pins.getmode() is None


def test_an_output_without_a_level_keeps_the_one_it_has(board: Board) -> None:
    gpio = ready(board.gpio)
    gpio.output(17, gpio.HIGH)
    gpio.setup(17, gpio.OUT)
    assert (gpio.input(17), board.level(17)) == (1, 1)
    gpio.setup(17, gpio.OUT, initial=False)
    assert (gpio.input(17), board.level(17)) == (0, 0)


def test_lists_of_lines_take_one_level_or_one_each(board: Board) -> None:
    gpio = ready(board.gpio)
    gpio.setup((22, 23), gpio.OUT, initial=gpio.HIGH)
    assert (gpio.input(22), gpio.input(23)) == (1, 1)
    gpio.output([22, 23], [0, 1])
    assert (gpio.input(22), gpio.input(23)) == (0, 1)
    gpio.output([22, 23], 0)
    assert (board.level(22), board.level(23)) == (0, 0)


def test_pins_of_the_header_are_the_same_lines(board: Board) -> None:
    gpio = board.gpio
    gpio.setmode(gpio.BOARD)
    gpio.setup(11, gpio.OUT, initial=gpio.HIGH)
    assert gpio.getmode() == gpio.BOARD and board.level(17) == 1


def test_the_function_of_a_line_is_its_direction(board: Board) -> None:
    gpio = ready(board.gpio)
    assert [gpio.gpio_function(line) for line in (17, 18, 22)] == [gpio.OUT, gpio.IN, gpio.IN]


@pytest.fixture(params=("twin", "rpi-lgpio"))
def fed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """The boards whose inputs a test can drive."""
    with boards.board(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize(
    ("edge", "seen"), [("RISING", [(18, 1)]), ("FALLING", [(18, 0)]), ("BOTH", [(18, 1), (18, 0)])]
)
def test_each_edge_asked_for_is_called_back_and_no_other(fed: Board, edge: str, seen: list[tuple[int, int]]) -> None:
    gpio = ready(fed.gpio)
    found: list[tuple[int, int]] = []
    gpio.add_event_detect(18, getattr(gpio, edge), callback=lambda channel: found.append((channel, gpio.input(18))))
    for line, level in ((18, 1), (18, 1), (22, 1), (18, 0), (22, 0)):
        fed.feed(line, level)
    assert found == seen


@pytest.mark.parametrize("end", ["remove_event_detect", "cleanup"])
def test_edges_end_with_their_removal_and_can_be_asked_for_anew(fed: Board, end: str) -> None:
    gpio = ready(fed.gpio)
    found: list[int] = []
    gpio.add_event_detect(18, gpio.BOTH, found.append)
    getattr(gpio, end)(18)
    fed.feed(18, 1)
    fed.feed(18, 0)
    assert found == []
    gpio.setup(18, gpio.IN, gpio.PUD_UP)
    gpio.add_event_detect(18, gpio.FALLING, found.append)
    fed.feed(18, 1)
    fed.feed(18, 0)
    assert found == [18]


def test_cleanup_of_all_lets_every_line_fall_and_forgets_the_mode(board: Board) -> None:
    gpio = ready(board.gpio)
    gpio.output(17, 1)
    gpio.cleanup()
    assert board.level(17) == 0 and gpio.getmode() is None
    gpio.setmode(gpio.BOARD)


def test_warnings_are_given_and_can_be_switched_off(board: Board) -> None:
    gpio = board.gpio
    gpio.setmode(gpio.BCM)
    with pytest.warns(Warning, match="A physical pull up resistor is fitted on this channel!"):
        gpio.setup(2, gpio.IN, gpio.PUD_UP)
    gpio.cleanup(2)
    with pytest.warns(Warning, match="No channels have been set up yet - nothing to clean up!"):
        gpio.cleanup()
    gpio.cleanup()  # nothing is open any more: nothing to warn of
    gpio.setmode(gpio.BCM)
    gpio.setwarnings(False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gpio.setup(3, gpio.IN, gpio.PUD_DOWN)
        gpio.cleanup(3)
        gpio.cleanup()
    gpio.setwarnings(True)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a module without types
    """rpi-lgpio itself."""
    monkeypatch.setenv("RPI_LGPIO_REVISION", "c03111")
    monkeypatch.setenv("LG_WD", str(tmp_path))
    return boards.real_module()


def test_the_twin_has_every_name_of_the_module_but_those_left_out(module: Any) -> None:  # noqa: ANN401 - as above
    real = {name for name in dir(module) if not name.startswith("_")} - NO_INTERFACE
    twin = {name for name in dir(StrictPins()) if not name.startswith("_")}
    assert twin - OWN == real - LEFT_OUT


def test_constants_are_those_of_the_module(module: Any) -> None:  # noqa: ANN401 - as above
    names = [name for name in dir(StrictPins) if name.isupper()]
    assert {"BCM", "OUT", "LOW", "HIGH"} <= set(names)
    assert {name: getattr(StrictPins, name) for name in names} == {name: getattr(module, name) for name in names}


def test_functions_take_the_parameters_of_the_module(module: Any) -> None:  # noqa: ANN401 - as above
    def taken(function: Callable[..., object]) -> list[tuple[str, object]]:
        return [(one.name, one.default) for one in inspect.signature(function).parameters.values()]

    twin = StrictPins()
    names = [name for name in dir(module) if inspect.isfunction(getattr(module, name)) and name[0] != "_"]
    kept = sorted(set(names) - LEFT_OUT - NO_INTERFACE)
    assert kept == [
        "add_event_detect", "cleanup", "getmode", "gpio_function", "input", "output", "remove_event_detect", "setmode",
        "setup", "setwarnings",
    ]  # fmt: skip
    assert {name: taken(getattr(twin, name)) for name in kept} == {name: taken(getattr(module, name)) for name in kept}


def test_the_errors_of_the_library_below_are_no_runtime_errors_in_either(module: Any) -> None:  # noqa: ANN401 - as above
    for error in (StrictPins.lgpio.error, module.lgpio.error):
        assert error.__mro__[1] is Exception
        assert str(error("GPIO busy")) == "'GPIO busy'"
