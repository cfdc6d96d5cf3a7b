"""A meter's address, typed by people."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.modbus.address import Address, parse_url
from drivers.sentences import BadAddress


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("tcp://192.168.1.20:502", Address("tcp", "192.168.1.20", 502)),
        ("tcp://KSEM.local", Address("tcp", "ksem.local", 502)),
        (" tcp://meter:1502/ ", Address("tcp", "meter", 1502)),
        ("tcp://[fe80::1]:502", Address("tcp", "fe80::1", 502)),
        ("udp://meter", Address("udp", "meter", 502)),
        ("rtutcp://gateway:4196", Address("rtutcp", "gateway", 4196)),
        ("rtu:///dev/ttyUSB0", Address("rtu", device="/dev/ttyUSB0")),
        ("rtu:///dev/ttyUSB0?baud=19200&parity=e", Address("rtu", device="/dev/ttyUSB0", baud=19200, parity="E")),
    ],
)
def test_the_four_forms_are_understood(url: str, address: Address) -> None:
    assert parse_url(url) == address


def test_what_a_serial_address_leaves_out_is_the_models() -> None:
    assert parse_url("rtu:///dev/ttyUSB0?parity=N", 19200, "E") == Address("rtu", device="/dev/ttyUSB0", baud=19200)


@pytest.mark.parametrize(
    "url",
    [
        "", "meter", "192.168.1.20:502", "http://meter", "tcp://", "tcp:///dev/ttyUSB0", "tcp://meter:0",
        "tcp://meter:99999", "tcp://meter:x", "tcp://me ter", "tcp://user@meter", "tcp://meter/unit/1", "tcp://meter?a=1",
        "rtu://ttyUSB0", "rtu://dev/ttyUSB0", "rtu:///", "rtu:///dev/", "tcp://[::1", "tcp://{meter}/",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence_that_shows_the_forms(url: str) -> None:
    with pytest.raises(
        BadAddress, match=r"tcp://HOST:PORT, udp://HOST:PORT, rtutcp://HOST:PORT or rtu:///dev/ttyUSB0"
    ) as caught:
        parse_url(url)
    assert caught.value.message.format(**caught.value.values) == str(caught.value)


@pytest.mark.parametrize("query", ["baud=9601", "baud=", "baud=x", "parity=X", "parity", "stop=2", "baud=²"])
def test_a_serial_line_takes_no_other_option(query: str) -> None:
    with pytest.raises(BadAddress, match=r"takes baud \(1200, .*115200\) and parity"):
        parse_url(f"rtu:///dev/ttyUSB0?{query}")


def test_people_are_shown_host_and_port_or_the_port_of_the_adapter() -> None:
    assert str(parse_url("tcp://meter")) == "meter:502"
    assert str(parse_url("tcp://[fe80::1]")) == "[fe80::1]:502"
    assert str(parse_url("rtu:///dev/ttyUSB0")) == "/dev/ttyUSB0"


def test_an_adapter_under_two_names_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    one, other = (parse_url(f"rtu://{tmp_path}/{name}") for name in ("ttyUSB0", "by-id"))
    assert one.line == other.line
    assert parse_url("tcp://meter").line != parse_url("rtutcp://meter").line
