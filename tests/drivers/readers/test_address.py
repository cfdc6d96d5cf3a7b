"""A reader's address is understood, or refused with the rule that it breaks."""

from __future__ import annotations

import pytest

from drivers.readers.address import Address, parse_url
from drivers.sentences import BadAddress


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (
            "hid:/dev/input/by-id/usb-ACME_Reader-event-kbd",
            Address("hid", device="/dev/input/by-id/usb-ACME_Reader-event-kbd", code="decimal"),
        ),
        (
            "hid:/dev/input/event3?code=hex&order=reversed",
            Address("hid", device="/dev/input/event3", code="hex", order="reversed"),
        ),
        ("serial:/dev/ttyUSB0?baud=9600", Address("serial", device="/dev/ttyUSB0", baud=9600)),
        ("serial:/dev/ttyS0?frame=stx&baud=19200", Address("serial", device="/dev/ttyS0", baud=19200, frame="stx")),
        ("serial:/dev/ttyS0?frame=raw&code=facility", Address("serial", device="/dev/ttyS0", frame="raw",
                                                              code="facility")),
        ("pn532+uart:/dev/ttyAMA0", Address("pn532+uart", device="/dev/ttyAMA0", baud=115200)),
        ("pn532+i2c:1", Address("pn532+i2c", device="/dev/i2c-1")),
        ("pn532+spi:0.0", Address("pn532+spi", device="/dev/spidev0.0")),
        ("rc522+spi:0.1?reset=gpio:25", Address("rc522+spi", device="/dev/spidev0.1", reset_line=25)),
        ("wiegand:gpio:5,gpio:6", Address("wiegand", lines=(5, 6))),
        (" wiegand:gpio:6,gpio:5?order=reversed ", Address("wiegand", lines=(6, 5), order="reversed")),
        ("ble-tag:AA:bb:CC:DD:EE:FF", Address("ble-tag", tags=("AABBCCDDEEFF",))),
        (
            "ble-tag:AA:BB:CC:DD:EE:FF,AA:BB:CC:DD:EE:FF,12345678-1234-1234-1234-123456789abc?rssi=-70",
            Address("ble-tag", tags=("AABBCCDDEEFF", "12345678123412341234123456789ABC"), rssi_dbm=-70),
        ),
        ("ble-reader:Door%20one?code=decimal", Address("ble-reader", device="Door one", code="decimal")),
        ("ble-reader:aa:bb:cc:dd:ee:ff", Address("ble-reader", device="AA:BB:CC:DD:EE:FF")),
    ],
)  # fmt: skip
def test_an_address_is_understood(url: str, address: Address) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("", "A reader's address is one of hid:/dev/input"),
        ("hid", "is one of"),
        ("hid:", "is one of"),
        ("usb:/dev/x", "is one of"),
        ("tcp://127.0.0.1", "is one of"),
        ("{}:x", "is one of"),
        ("hid:event3", "as in hid:/dev/input/by-id"),
        ("hid:/dev/input/", "names its device"),
        ("serial:ttyUSB0", "as in serial:/dev/ttyUSB0"),
        ("pn532+i2c:one", "as in pn532+i2c:1"),
        ("pn532+spi:0", "as in pn532+spi:0.0"),
        ("rc522+spi:/dev/spidev0.0", "as in rc522"),
        ("wiegand:5,6", "two different lines from 2 to 27"),
        ("wiegand:gpio:5", "two different lines"),
        ("wiegand:gpio:5,gpio:5", "two different lines"),
        ("wiegand:gpio:5,gpio:28", "two different lines"),
        ("wiegand:gpio:5,gpio:6,gpio:7", "two different lines"),
        ("ble-tag:AA:BB:CC:DD:EE", "six bytes as in AA:BB"),
        ("ble-tag:AA:BB:CC:DD:EE:FF,", "six bytes"),
        ("ble-reader:%00", "names its device"),
        ("hid:/dev/input/event0?baud=9600", "takes no option baud=9600"),
        ("wiegand:gpio:5,gpio:6?code=hex", "takes no option"),
        ("ble-tag:AA:BB:CC:DD:EE:FF?order=normal", "takes no option"),
        ("serial:/dev/ttyUSB0?", ""),
        ("serial:/dev/ttyUSB0?baud=9601", "option baud of a reader is 1200, 2400"),
        ("serial:/dev/ttyUSB0?frame=", "is line, stx, raw, not ."),
        ("serial:/dev/ttyUSB0?frame=line&", "takes no option ."),
        ("hid:/dev/input/event0?code=octal", "is hex, decimal, facility, not octal"),
        ("hid:/dev/input/event0?order=lsb", "is normal, reversed, not lsb"),
        ("rc522+spi:0.0?reset=25", "is gpio:N"),
        ("rc522+spi:0.0?reset=gpio:40", "is gpio:N"),
        ("ble-tag:AA:BB:CC:DD:EE:FF?rssi=60", "is -100 … -20, not 60"),
        ("ble-tag:AA:BB:CC:DD:EE:FF?rssi=-101", "is -100 … -20"),
    ],
)
def test_an_address_that_cannot_be_is_refused_with_the_rule(url: str, rule: str) -> None:
    if not rule:
        assert parse_url(url).device == "/dev/ttyUSB0"  # an empty list of options is none
        return
    with pytest.raises(BadAddress) as caught:
        parse_url(url)
    assert rule in str(caught.value)
    assert caught.value.message.format(**caught.value.values) == str(caught.value)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("hid:/dev/input/event3", "/dev/input/event3"),
        ("wiegand:gpio:5,gpio:6", "GPIO 5, GPIO 6"),
        ("pn532+i2c:1", "/dev/i2c-1"),
        ("ble-reader:Door", "Door"),
        ("ble-tag:AA:BB:CC:DD:EE:FF", "Bluetooth"),  # whoever reads a fault must not learn a tag
    ],
)
def test_an_address_is_named_in_faults_by_what_an_installer_sees(url: str, named: str) -> None:
    assert str(parse_url(url)) == named
