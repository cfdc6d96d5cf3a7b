"""The list of models that surfaces choose from, and the rule for addresses held against the drivers' own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import BadInput
from appliance.metering import models
from appliance.opened import Opened
from drivers.interfaces import MeterModel
from drivers.modbus import meter as modbus
from drivers.modbus import rules
from drivers.modbus.address import parse_url
from drivers.sentences import BadAddress

KNOWN = [
    MeterModel("z", "Zeta", "Last", ("rtu",), 7, 2400, "E", tested=False, quantities=("power_w",)),
    MeterModel("sunspec", "SunSpec", "any meter", ("tcp", "rtu", "rtutcp"), 1),
    MeterModel("a", "Alpha", "First", ("tcp",), 71),
]
ADDRESSES = [
    "tcp://192.168.1.5", "tcp://192.168.1.5:1502", "tcp://[fe80::1]:502", "tcp://meter.local/", "rtutcp://gateway:8899",
    "rtu:///dev/ttyUSB0", "rtu:///dev/ttyUSB0?baud=2400&parity=e", "rtu:///dev/serial/by-id/usb-1?parity=O",
    "", "192.168.1.5", "http://192.168.1.5", "tcp://", "tcp://a:0", "tcp://a:99999", "tcp://a:x", "tcp://a/x",
    "tcp://user@a", "tcp://a?baud=9600", "rtu://ttyUSB0", "rtu:///", "rtu:///dev/", "rtu:///dev/a?baud=300",
    "rtu:///dev/a?baud=9600&speed=1", "rtu:///dev/a?parity=M", "tcp://[", "rtu:///dev/a?baud=", "TCP://a",
]  # fmt: skip


def drivers_accept(url: str) -> bool:
    try:
        parse_url(url)
    except BadAddress:
        return False
    return True


def accepted(url: str) -> bool:
    try:
        models.transport_of(url)
    except BadInput as error:
        assert error.field == "url"
        return False
    return True


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_is_allowed_exactly_when_the_drivers_allow_it(url: str) -> None:
    assert accepted(url) == drivers_accept(url)
    if accepted(url):
        assert models.transport_of(url) == parse_url(url).transport


@given(
    st.one_of(
        st.text(max_size=30),
        st.builds(
            "{}://{}{}{}".format,
            st.sampled_from(["tcp", "rtutcp", "rtu", "http"]),
            st.sampled_from(["", "a.b", "10.0.0.1", "[::1]", "a b", "@x"]),
            st.sampled_from(["", ":502", ":0", ":70000", "/", "/dev/ttyS0", "/x/"]),
            st.sampled_from(["", "?baud=9600", "?baud=9601", "?parity=E", "?parity=", "#x"]),
        ),
    )
)
def test_whatever_is_typed_both_rules_agree(url: str) -> None:
    assert accepted(url) == drivers_accept(url)


def test_both_rules_know_the_same_speeds() -> None:
    assert (models.BAUDS, models.PARITIES) == (rules.BAUDS, rules.PARITIES)


def test_the_core_publishes_its_models_and_surfaces_get_them_whole(opened: Opened) -> None:
    models.publish(opened.live, KNOWN)
    models.publish(opened.live, KNOWN)
    assert models.all(opened.live) == [KNOWN[2], KNOWN[1], KNOWN[0]]
    assert list(models.by_vendor(models.all(opened.live))) == ["SunSpec", "Alpha", "Zeta"]


def test_all_models_of_the_drivers_can_be_published(opened: Opened) -> None:
    models.publish(opened.live, modbus.models())
    assert {model.name: model for model in models.all(opened.live)} == {model.name: model for model in modbus.models()}


@pytest.mark.parametrize(
    ("model", "url", "unit", "field"),
    [
        ("nonsense", "tcp://a", None, "model"),
        ("z", "tcp://a", None, "url"),
        ("a", "nonsense", None, "url"),
        ("a", "tcp://a", 256, "unit"),
        ("z", "rtu:///dev/ttyUSB0", 0, "unit"),
        ("z", "rtu:///dev/ttyUSB0", 248, "unit"),
    ],
)
def test_what_cannot_be_set_up_is_refused_at_its_field(model: str, url: str, unit: int | None, field: str) -> None:
    with pytest.raises(BadInput) as raised:
        models.check(KNOWN, model, url, unit)
    assert raised.value.field == field


def test_the_unit_is_the_models_unless_one_is_named() -> None:
    assert models.check(KNOWN, "a", "tcp://a", None) == 71
    assert models.check(KNOWN, "a", "tcp://a", 0) == 0
