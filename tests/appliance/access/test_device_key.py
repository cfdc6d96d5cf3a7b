"""The device key separates purposes, seals what only it opens, and is made whole or not at all."""

from __future__ import annotations

import stat

import pytest

from appliance.access import device_key
from appliance.access.device_key import DeviceKey
from appliance.config import Home
from appliance.errors import Refused


def test_purposes_never_share_a_hash() -> None:
    key = DeviceKey(bytes(32))
    assert key.keyed_hash("display_pin", "1234") != key.keyed_hash("identification", "1234")
    assert key.derive("a") == key.derive("a")


def test_another_appliance_has_other_hashes() -> None:
    assert DeviceKey(bytes(32)).keyed_hash("p", "1") != DeviceKey(b"x" * 32).keyed_hash("p", "1")


def test_what_is_sealed_opens_only_with_key_purpose_and_row() -> None:
    key = DeviceKey(bytes(32))
    sealed = key.seal("pin", "#2468", bound_to="7")
    assert key.unseal("pin", sealed, bound_to="7") == "#2468"
    assert b"2468" not in sealed
    for other, purpose, row in ((key, "pin", "8"), (key, "card", "7"), (DeviceKey(b"x" * 32), "pin", "7")):
        with pytest.raises(Refused):
            other.unseal(purpose, sealed, bound_to=row)


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    key = DeviceKey(bytes(32))
    assert key.seal("pin", "#2468", bound_to="7") != key.seal("pin", "#2468", bound_to="7")


def test_a_changed_byte_is_noticed() -> None:
    key = DeviceKey(bytes(32))
    sealed = bytearray(key.seal("pin", "#2468", bound_to="7"))
    sealed[-1] ^= 1
    with pytest.raises(Refused):
        key.unseal("pin", bytes(sealed), bound_to="7")


def test_the_key_is_made_once_and_not_readable_by_others(home: Home) -> None:
    first = device_key.make(home.keys)
    assert device_key.make(home.keys).export() == first.export()
    assert stat.S_IMODE((home.keys / device_key.NAME).stat().st_mode) & 0o007 == 0


def test_a_missing_or_short_key_is_a_sentence(home: Home) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        device_key.load(home.keys)
    (home.keys / device_key.NAME).write_bytes(b"short")
    with pytest.raises(Refused, match="restore a backup"):
        device_key.load(home.keys)


def test_writing_leaves_no_half_file_behind(home: Home) -> None:
    device_key.write(home.keys, b"k" * 32)
    assert [file.name for file in home.keys.iterdir()] == [device_key.NAME]
