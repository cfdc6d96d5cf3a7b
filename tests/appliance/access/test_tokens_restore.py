"""A restore never revives a token (A000-27)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.access import tokens, tokens_charging, tokens_check
from appliance.backup import key, make, restore, targets
from appliance.charging import users
from appliance.config import Home
from appliance.opened import Opened
from tests import first_start
from tests.fake_clock import FakeClock

ADMIN = audit.Actor("admin", "admin")
WHERE = "installation-1"


@pytest.fixture
def paper(opened: Opened) -> str:
    """The recovery code."""
    return key.make(opened.home.keys).recovery_code


@pytest.fixture
def secrets(opened: Opened) -> dict[str, str]:
    """Active tokens, as they are when the backup is made."""
    users.add(opened.store, opened.clock, "Anna", "Berger", actor=ADMIN)
    found = {}
    for name in ("kept", "revoked later", "deleted later"):
        token, found[name] = tokens.create(opened, ADMIN, name, installation=WHERE)
        tokens.confirm(opened, token.id, ADMIN)
        tokens_charging.lend(opened, token.id, 1, ADMIN)
    return found


def backup(it: Opened) -> Path:
    target = targets.of(it.home)["folder"]
    return target.folder / make.make(it, target, audit.CLI).file


def answers(it: Opened, secrets: dict[str, str]) -> dict[str, str]:
    return {name: tokens_check.check(it, secret, WHERE).answer for name, secret in secrets.items()}


def named(it: Opened, name: str) -> int:
    return next(one.id for one in tokens.all(it.store) if one.name == name)


def test_on_the_same_appliance_tokens_are_those_of_today(
    opened: Opened, paper: str, secrets: dict[str, str], clock: FakeClock
) -> None:
    file = backup(opened)
    clock.advance(60)
    tokens.revoke(opened, named(opened, "revoked later"), ADMIN)
    tokens.delete(opened, named(opened, "deleted later"), ADMIN)
    token, secrets["made later"] = tokens.create(opened, ADMIN, "made later", installation=WHERE)
    tokens.confirm(opened, token.id, ADMIN)
    user = users.add(opened.store, opened.clock, "Ben", "Maier", actor=ADMIN).id
    tokens_charging.lend(opened, token.id, user, ADMIN)  # this code is not in the backup
    tokens.delete(opened, tokens.create(opened, ADMIN, "gone")[0].id, ADMIN)
    restore.restore(opened.home, clock, file, None)
    assert answers(opened, secrets) == {
        "kept": "valid", "revoked later": "revoked", "deleted later": "unknown", "made later": "valid",
    }  # fmt: skip
    assert tokens_charging.user_id(opened, tokens.get(opened.store, named(opened, "kept"))) == 1
    assert tokens_charging.user_id(opened, tokens.get(opened.store, token.id)) is None
    assert tokens.create(opened, ADMIN, "next")[0].id == token.id + 2, "numbers are not given again"


@pytest.fixture
def other(tmp_path: Path, clock: FakeClock) -> Iterator[Opened]:
    """A new appliance."""
    home = Home(tmp_path / "other", tmp_path / "other-run")
    it = first_start.of(home, clock)
    key.make(home.keys)
    yield it
    it.store.close()
    it.live.close()


def test_on_another_appliance_they_wait_to_be_confirmed_again(
    opened: Opened, paper: str, secrets: dict[str, str], other: Opened, clock: FakeClock
) -> None:
    tokens.revoke(opened, named(opened, "revoked later"), ADMIN)
    file = backup(opened)
    stick = other.home.root.parent / file.name
    shutil.copy(file, stick)
    clock.advance(30 * 86400)
    restore.restore(other.home, clock, stick, paper)
    assert answers(other, secrets) == {
        "kept": "not_confirmed", "revoked later": "revoked", "deleted later": "not_confirmed",
    }  # fmt: skip
    tokens.confirm(other, named(other, "kept"), ADMIN)
    assert answers(other, secrets)["kept"] == "valid"
    clock.advance(86401)
    assert answers(other, secrets)["deleted later"] == "expired"
