"""What the security overview says is what is: each line changes with its lock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import audit
from appliance.access import display_pin, posture, tokens, totp, web_accounts, web_window
from appliance.backup import key as backup_key
from appliance.backup import worker
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.access.test_totp import now_code
from tests.fake_clock import FakeClock


@pytest.fixture
def home(opened: Opened) -> Opened:
    """An appliance as its first start leaves it."""
    backup_key.make(opened.home.keys)
    web_accounts.ensure_default(opened)
    return opened


def line(it: Opened, title: str) -> posture.Line:
    return next(one for one in posture.look(it) if one.title == title)


def test_a_new_appliance_tells_what_is_weak(home: Opened) -> None:  # reading 30
    states = {one.title: one.state for one in posture.look(home)}
    assert states == {
        "Settings PIN": "weak",
        "Web password": "weak",
        "Second factor": "open",
        "Web admin": "good",
        "Access tokens": "good",
        "Date and time": "good",
        "Backups": "weak",
        "Memory card": "weak",
        "Secure boot": "weak",
    }


def test_every_sentence_has_what_it_needs(home: Opened) -> None:
    for one in posture.look(home):
        assert "{" not in one.sentence.format(**one.values)


def test_locks_that_are_turned_are_seen(home: Opened) -> None:
    display_pin.set_first(home, "2580", "2580")
    admin = web_accounts.all(home)[0]
    web_accounts.set_password(home, admin.id, "kettle orbit 9", audit.CLI)
    secret = totp.new_secret()
    totp.turn_on(home, admin.id, admin.name, audit.CLI, secret, now_code(home, secret))
    worker.everywhere(home, audit.CLI)
    backup_key.confirm(home, audit.CLI)
    states = {one.title: one.state for one in posture.look(home)}
    assert {states[title] for title in ("Settings PIN", "Web password", "Second factor", "Backups")} == {"good"}


def test_an_administrator_without_a_second_factor_is_named(home: Opened) -> None:
    assert line(home, "Second factor").values == {"names": "admin"}


def test_open_doors_are_called_open(home: Opened) -> None:
    web_window.enable(home.store, home.clock, audit.TOUCH)
    for key in ("service.phone", "service.sunspec"):
        settings.put(home.store, home.clock.now(), audit.CLI, key, "on")
    token, _secret = tokens.create(home, audit.CLI, "Phone")
    assert line(home, "Web admin").state == "open"
    assert line(home, "Access tokens").values == {"active": 0, "pending": 1}
    tokens.confirm(home, token.id, audit.CLI)
    assert line(home, "Access tokens").values == {"active": 1}
    assert "SunSpec" in str(line(home, "Service").values["name"])


def test_a_time_that_is_not_believed_is_said(home: Opened, clock: FakeClock) -> None:
    clock.set(datetime(2001, 1, 1, tzinfo=UTC))
    assert line(home, "Date and time").state == "weak"


def test_an_encrypted_volume_is_recognised(home: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = home.home.root.stat().st_dev
    kind = tmp_path / "block" / f"{os.major(device)}:{os.minor(device)}" / "dm" / "uuid"
    kind.parent.mkdir(parents=True)
    monkeypatch.setattr(posture, "BLOCK_DEVICES", tmp_path / "block")
    kind.write_text("LVM-1234\n")
    assert line(home, "Memory card").state == "weak"
    kind.write_text("CRYPT-LUKS2-1234\n")
    assert line(home, "Memory card").state == "good"
