"""`wattward tokens` says what there is and does what it says."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.access import tokens, tokens_check
from appliance.charging import users
from appliance.config import Home
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.cli.house import Run, runner


@pytest.fixture
def run(opened: Opened, home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(home, capsys, monkeypatch)


def test_a_token_is_requested_confirmed_revoked_and_deleted(run: Run, opened: Opened) -> None:
    requested = run("tokens", "request", "Prometheus")
    secret = requested.out.splitlines()[0]
    assert "service.phone on" in requested.out
    assert tokens_check.check(opened, secret, None).answer == "not_confirmed"
    assert "may read" in run("tokens", "confirm", "1").out
    assert tokens_check.check(opened, secret, None).answer == "valid"
    assert secret not in run("tokens", "show", "1").out + run("tokens", "show", "1", "--json").out
    assert run("tokens", "list", "--json").json[0]["state"] == "active"
    run("tokens", "revoke", "1")
    assert tokens_check.check(opened, secret, None).answer == "revoked"
    run("tokens", "delete", "1")
    assert "No access tokens" in run("tokens", "list").out


def test_the_list_shows_the_matching_number_while_it_is_needed(run: Run, opened: Opened) -> None:
    token, _ = tokens.create(opened, audit.TOUCH, "Phone")
    assert token.matching_number in run("tokens", "list").out
    run("tokens", "confirm", str(token.id), "--role", "charge", "--expires", "2099-12-31")
    listed = run("tokens", "list").out
    assert token.matching_number not in listed and "2100-01-01 00:00:00" in listed


def test_with_the_service_on_nothing_is_said_about_it(run: Run, opened: Opened) -> None:
    settings.put(opened.store, opened.clock.now(), audit.CLI, "service.phone", "on")
    assert "service.phone" not in run("tokens", "request", "Prometheus").out


def test_a_token_is_lent_to_a_user_and_renamed(run: Run, opened: Opened) -> None:
    users.add(opened.store, opened.clock, "Anna", "Berger", actor=audit.CLI)
    tokens.create(opened, audit.TOUCH, "Phone", role="charge")
    assert "for user 1" in run("tokens", "lend", "1", "--user", "1").out
    assert "for nobody" in run("tokens", "lend", "1").out
    assert "Tablet" in run("tokens", "rename", "1", "Tablet").out


@pytest.mark.parametrize("verb", ["show", "confirm", "revoke", "delete", "lend"])
def test_a_number_nobody_has_is_said_so(run: Run, verb: str) -> None:
    answer = run("tokens", verb, "7")
    assert answer.code == 2 and "no access token with the number 7" in answer.err
