"""`wattward web` and `wattward pin` as a person at the appliance uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from appliance import audit, clock, heartbeat
from appliance.access import certificate, display_pin, presence, web_accounts, web_sessions, web_sign_in, web_window
from appliance.access.web_sign_in import Refusal
from appliance.config import Home
from appliance.opened import Opened, open_home
from tests import first_start


@pytest.fixture
def real(home: Home) -> Opened:
    """A home on the machine's own clock, as the command line sees it."""
    opened = first_start.of(home, clock.SystemClock())
    web_accounts.ensure_default(opened)
    return opened


def wattward(opened: Opened, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "appliance.cli.main", "--home", str(opened.home.root), *words],
        env=os.environ | {"WATTWARD_RUN": str(opened.home.run), "WATTWARD_WEB_PORT": "8443"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def said(opened: Opened, *words: str) -> str:
    """What a command that works prints."""
    answer = wattward(opened, *words)
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def test_open_says_how_long_where_and_the_code_of_the_first_sign_in(real: Opened) -> None:
    text = said(real, "web", "open")
    window = web_window.state(real.store, real.clock)
    assert window.open
    assert "open for 9:59" in text or "open for 10:00" in text
    assert f"password admin, code {presence.code(real.key(), window.opening)}" in text


def test_close_and_status_say_what_is_so(real: Opened) -> None:
    assert "The web admin is closed." in said(real, "web", "status")
    assert "was closed already" in said(real, "web", "close")
    said(real, "web", "open")
    assert "The web admin is closed." in said(real, "web", "close")
    assert not web_window.state(real.store, real.clock).open


def test_status_for_programs_has_fixed_keys_and_no_code_while_closed(real: Opened) -> None:
    facts = json.loads(said(real, "web", "status", "--json"))
    assert facts.keys() == {
        "open", "remaining_s", "url", "fingerprint_sha256", "default_password", "presence_code",
    }  # fmt: skip
    assert (facts["open"], facts["remaining_s"], facts["presence_code"]) == (False, 0, None)
    certificate.ensure(real.home.tls, ["localhost"], real.clock.now())
    said(real, "web", "open")
    facts = json.loads(said(real, "web", "status", "--json"))
    assert facts["fingerprint_sha256"] == certificate.fingerprint(real.home.tls)
    assert facts["default_password"] is True
    assert 590 < facts["remaining_s"] <= 600


def test_without_the_default_password_no_code_is_said(real: Opened) -> None:
    web_window.enable(real.store, real.clock, audit.TOUCH)
    code = presence.code(real.key(), 1)
    token = web_sign_in.sign_in(real, "admin", "admin", code, "", "")
    assert isinstance(token, str)
    who = web_sessions.of_token(real, token)
    assert who is not None
    web_sign_in.change_password(real, who, "admin", "kettle orbit 9", "kettle orbit 9")
    assert code not in said(real, "web", "status")
    said(real, "web", "reset-password")
    assert web_accounts.has_default_password(real)
    assert web_sign_in.sign_in(real, "admin", "kettle orbit 9", code, "", "") == Refusal(0)
    assert audit.newest(real.store, 2)[1].actor == audit.CLI


def test_the_pin_can_be_cleared_and_its_state_seen(real: Opened) -> None:
    assert "No settings PIN" in said(real, "pin", "status")
    display_pin.set_first(real, "2580", "2580")
    for guess in range(1001, 1006):
        display_pin.check(real, str(guess))
    assert "is set" in said(real, "pin", "status")
    facts = json.loads(said(real, "pin", "status", "--json"))
    assert facts["set"] is True
    assert 0 < facts["wait_s"] <= 60
    said(real, "pin", "clear")
    assert json.loads(said(real, "pin", "status", "--json")) == {"set": False, "wait_s": 0}


@pytest.mark.parametrize("words", [("web",), ("web", "ajar"), ("pin",)])
def test_a_verb_that_is_none_ends_with_2_and_a_hint(real: Opened, words: tuple[str, ...]) -> None:
    answer = wattward(real, *words)
    assert answer.returncode == 2
    assert "usage" in answer.stderr


def test_before_the_core_ran_it_says_what_to_do(home: Home) -> None:
    nothing = open_home(home, clock.SystemClock())
    answer = wattward(nothing, "web", "open")
    assert answer.returncode == 1
    assert "start the core first" in answer.stderr


def test_opening_without_the_process_that_serves_says_so(real: Opened) -> None:
    assert "'wattward admin'" in said(real, "web", "open")
    heartbeat.begin(real.live, "admin", real.clock)
    assert "'wattward admin'" not in said(real, "web", "open")
