"""Every setting has a type, a default and bounds; what breaks them is refused with what is allowed."""

from __future__ import annotations

import re

import pytest

from appliance import audit, errors
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock


def _put(opened: Opened, key: str, typed: str) -> settings.Value:
    return settings.put(opened.store, opened.clock.now(), audit.CLI, key, typed)


@pytest.mark.parametrize("setting", settings.TABLE, ids=lambda setting: setting.key)
def test_each_default_keeps_its_own_rules_and_comes_back_as_typed(setting: settings.Setting, opened: Opened) -> None:
    typed = ("on" if setting.default else "off") if isinstance(setting.default, bool) else str(setting.default)
    assert settings.get(opened.store, setting.key) == setting.default
    assert _put(opened, setting.key, typed) == setting.default
    assert settings.get(opened.store, setting.key) == setting.default
    assert type(settings.get(opened.store, setting.key)) is setting.type
    assert setting.label and setting.key.count(".") >= 1


@pytest.mark.parametrize(
    "setting", [one for one in settings.TABLE if one.low is not None], ids=lambda setting: setting.key
)
def test_each_bound_is_allowed_and_what_lies_beyond_is_not(setting: settings.Setting, opened: Opened) -> None:
    assert setting.low is not None and setting.high is not None
    allowed = f"from {setting.low:g} to {setting.high:g} {setting.unit}".rstrip() + "."
    for bound, beyond in ((setting.low, setting.low - 1), (setting.high, setting.high + 1)):
        assert _put(opened, setting.key, f"{bound:g}") == bound
        with pytest.raises(errors.BadInput, match=f"{re.escape(allowed)}$"):
            _put(opened, setting.key, f"{beyond:g}")
        assert settings.number(opened.store, setting.key) == bound


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("charging.stop_blocked_at_once", "ON", True),
        ("charging.stop_blocked_at_once", "yes", True),
        ("charging.stop_blocked_at_once", "0", False),
        ("charging.start_window_s", " 300 ", 300),
        ("ui.language", "de", "de"),
        ("site.name", " Müller's house ", "Müller's house"),
        ("site.timezone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("backup.daily_at", "23:59", "23:59"),
    ],
)
def test_what_a_person_types_is_understood(key: str, typed: str, value: settings.Value, opened: Opened) -> None:
    assert _put(opened, key, typed) == settings.get(opened.store, key) == value


FRACTION = settings.Setting("some.share", 0.5, "A setting with a fraction", low=0.1, high=10)


@pytest.mark.parametrize(("typed", "value"), [("0,75", 0.75), (" 0.75 ", 0.75), ("1", 1.0), ("0.1", 0.1)])
def test_a_fraction_is_typed_with_comma_or_point(typed: str, value: float) -> None:
    assert settings.parse(FRACTION, typed) == value


@pytest.mark.parametrize("typed", ["nan", "inf", "0.09", "10.1", "half"])
def test_what_is_no_fraction_is_refused(typed: str) -> None:
    with pytest.raises(errors.BadInput, match="some.share"):
        settings.parse(FRACTION, typed)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("charging.stop_blocked_at_once", "perhaps"),
        ("charging.start_window_s", "soon"),
        ("charging.start_window_s", ""),
        ("charging.start_window_s", "300.5"),
        ("ui.language", "fr"),
        ("site.name", "   "),
        ("site.name", "x" * 41),
        ("site.name", "two\nlines"),
        ("site.timezone", "Mars/Olympus"),
        ("site.timezone", "../../etc/passwd"),
        ("site.timezone", ""),
        ("backup.daily_at", "24:00"),
        ("backup.daily_at", "3:15"),
        ("backup.daily_at", "noon"),
    ],
)
def test_what_breaks_a_rule_changes_nothing_and_names_the_setting(key: str, typed: str, opened: Opened) -> None:
    with pytest.raises(errors.BadInput, match=key) as told:
        _put(opened, key, typed)
    assert told.value.field == key
    assert settings.get(opened.store, key) == settings.KEYS[key].default and audit.newest(opened.store) == []


@pytest.mark.parametrize("act", [settings.get, lambda store, key: settings.describe(key)])
def test_an_unknown_key_says_where_the_known_ones_are(act: object, opened: Opened) -> None:
    with pytest.raises(errors.NotFound, match="wattward settings list"):
        act(opened.store, "no.such.key")  # type: ignore[operator]  # one of the two callables above


def test_a_change_is_audited_with_old_and_new(opened: Opened, clock: FakeClock) -> None:
    _put(opened, "charging.start_window_s", "120")
    _put(opened, "charging.start_window_s", "240")
    details = [(event.event, event.subject, event.detail) for event in audit.newest(opened.store)]
    assert details == [
        ("setting.change", "charging.start_window_s", {"old": "120", "new": "240"}),
        ("setting.change", "charging.start_window_s", {"old": "300", "new": "120"}),
    ]


def test_a_stored_value_that_is_not_allowed_any_more_is_the_default(opened: Opened) -> None:
    """As after an update that narrowed the bounds: the core must start."""
    with opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('charging.start_window_s','999999','t','t')")
    assert settings.number(opened.store, "charging.start_window_s") == 300
