"""The presence code belongs to one appliance and one opening."""

from __future__ import annotations

import re

from appliance.access import presence
from appliance.access.device_key import DeviceKey

KEY = DeviceKey(bytes(range(32)))


def test_it_has_six_digits_and_is_the_same_for_every_process() -> None:
    codes = [presence.code(KEY, opening) for opening in range(1, 200)]
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert codes == [presence.code(DeviceKey(bytes(range(32))), opening) for opening in range(1, 200)]


def test_every_opening_and_every_appliance_has_another() -> None:
    assert len({presence.code(KEY, opening) for opening in range(1, 101)}) > 95
    assert presence.code(KEY, 1) != presence.code(DeviceKey(b"x" * 32), 1)


def test_blanks_in_what_was_typed_do_not_matter_and_anything_else_does() -> None:
    code = presence.code(KEY, 7)
    assert presence.is_right(KEY, 7, f" {code[:3]} {code[3:]} ")
    for wrong in ("", code[:5], code + "0", presence.code(KEY, 8), "ü" + code):
        assert not presence.is_right(KEY, 7, wrong)
