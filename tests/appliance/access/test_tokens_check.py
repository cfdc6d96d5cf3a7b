"""What a token is worth at each moment, to each installation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance import audit, known_time
from appliance.access import tokens, tokens_check, tokens_secret
from appliance.access.tokens import Token
from appliance.access.tokens_check import Answer
from appliance.errors import BadInput
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock

ADMIN = audit.Actor("admin", "admin")
PHONE = audit.Actor("phone", "192.168.1.20")
MINE, OTHER = "phone-1-installation", "tablet-2-installation"


@pytest.fixture
def active(opened: Opened) -> tuple[Token, str]:
    token, secret = tokens.create(opened, PHONE, "Phone", installation=MINE)
    return tokens.confirm(opened, token.id, ADMIN), secret


def answer(it: Opened, secret: str, installation: str | None = MINE) -> Answer:
    return tokens_check.check(it, secret, installation, "192.168.1.20").answer


def test_each_state_has_its_own_answer(opened: Opened, clock: FakeClock) -> None:  # A000-14
    token, secret = tokens.create(opened, PHONE, "Phone", installation=MINE)
    assert answer(opened, secret) == "not_confirmed"
    tokens.confirm(opened, token.id, ADMIN)
    assert answer(opened, secret) == "valid"
    tokens.revoke(opened, token.id, ADMIN)
    assert answer(opened, secret) == "revoked"
    tokens.delete(opened, token.id, ADMIN)
    assert answer(opened, secret) == "unknown"


def test_a_typo_is_told_from_a_token_nobody_knows(opened: Opened, active: tuple[Token, str]) -> None:
    secret = active[1]
    assert answer(opened, secret[:-1] + ("x" if secret[-1] != "x" else "y")) == "malformed"
    assert answer(opened, tokens_secret.make()) == "unknown"
    assert answer(opened, "") == "malformed"


def test_a_pending_token_is_expired_after_a_day(opened: Opened, clock: FakeClock) -> None:
    _, secret = tokens.create(opened, PHONE, "Phone", installation=MINE)
    clock.advance(24 * 3600 - 1)
    assert answer(opened, secret) == "not_confirmed"
    clock.advance(1)
    assert answer(opened, secret) == "expired"


def test_the_first_use_binds_the_token_to_its_installation(opened: Opened) -> None:  # A000-24
    token, secret = tokens.create(opened, audit.TOUCH, "Phone")
    tokens.confirm(opened, token.id, ADMIN)
    assert answer(opened, secret, MINE) == "valid"
    assert tokens.get(opened.store, token.id).installation == MINE
    assert answer(opened, secret, OTHER) == "bound_elsewhere"
    assert answer(opened, secret, None) == "bound_elsewhere"
    assert answer(opened, secret, MINE) == "valid"
    assert [one.event for one in audit.newest(opened.store, 1)] == ["token.bind"]


def test_a_pending_token_is_bound_by_its_first_check(opened: Opened) -> None:
    _, secret = tokens.create(opened, audit.TOUCH, "Phone")
    assert answer(opened, secret, MINE) == "not_confirmed"
    assert answer(opened, secret, OTHER) == "bound_elsewhere"


def test_a_program_without_installation_uses_a_token_nobody_bound(opened: Opened) -> None:
    token, secret = tokens.create(opened, audit.CLI, "Prometheus", role="read")
    tokens.confirm(opened, token.id, audit.CLI)
    assert answer(opened, secret, None) == "valid"
    assert tokens.get(opened.store, token.id).installation is None


@pytest.mark.parametrize("installation", ["", "short", "x" * 65, "two words", "<script>"])
def test_an_installation_has_a_plain_name(opened: Opened, active: tuple[Token, str], installation: str) -> None:
    with pytest.raises(BadInput, match="8 to 64"):
        answer(opened, active[1], installation)


def test_two_installations_have_two_tokens_and_one_ends_without_the_other(opened: Opened) -> None:  # A000-25
    made = [tokens.create(opened, PHONE, name, installation=where) for name, where in (("Phone", MINE), ("T", OTHER))]
    for token, _ in made:
        tokens.confirm(opened, token.id, ADMIN)
    tokens.revoke(opened, made[0][0].id, ADMIN)
    assert (answer(opened, made[0][1], MINE), answer(opened, made[1][1], OTHER)) == ("revoked", "valid")


def test_a_use_is_noted_at_most_once_a_minute(
    opened: Opened, active: tuple[Token, str], clock: FakeClock
) -> None:  # A000-22
    def last() -> object:
        return tokens.get(opened.store, active[0].id).last_used_at

    assert last() is None
    answer(opened, active[1])
    first = last()
    assert first == clock.now()
    for _ in range(59):
        clock.advance(1)
        answer(opened, active[1])
    assert last() == first
    clock.advance(1)
    answer(opened, active[1])
    assert last() == clock.now()
    assert tokens.get(opened.store, active[0].id).last_used_from == "192.168.1.20"


def test_a_refused_use_is_not_noted(opened: Opened, active: tuple[Token, str]) -> None:
    answer(opened, active[1], OTHER)
    tokens.revoke(opened, active[0].id, ADMIN)
    answer(opened, active[1])
    assert tokens.get(opened.store, active[0].id).last_used_at is None


def test_an_expired_token_stays_expired_when_the_clock_is_set_back(opened: Opened, clock: FakeClock) -> None:
    token, secret = tokens.create(opened, PHONE, "Phone", installation=MINE)
    tokens.confirm(opened, token.id, ADMIN, expires_at=clock.now() + timedelta(days=1))
    before = clock.now()
    clock.advance(2 * 86400)
    with opened.store.write() as db:
        known_time.mark(db, clock)  # nothing looked at the token meanwhile, but the day was known
    clock.set(before)
    assert answer(opened, secret) == "expired"


def test_a_wrong_year_ends_nothing_for_good(opened: Opened, clock: FakeClock, active: tuple[Token, str]) -> None:
    right = clock.now()
    with opened.store.write() as db:
        known_time.mark(db, clock)
    clock.set(right + timedelta(days=4000))
    assert answer(opened, active[1]) == "expired"
    tokens_check.sweep(opened)
    clock.set(right)
    assert answer(opened, active[1]) == "valid"


def test_the_sweep_writes_down_what_expired_and_costs_nothing_else(opened: Opened, clock: FakeClock) -> None:
    token, _ = tokens.create(opened, PHONE, "Phone")
    version = opened.store.version()
    tokens_check.sweep(opened)
    assert opened.store.version() == version
    clock.advance(86400)
    tokens_check.sweep(opened)
    assert tokens.get(opened.store, token.id).state == "expired"


def test_idle_tokens_expire_unless_that_is_switched_off(
    opened: Opened, active: tuple[Token, str], clock: FakeClock, actor: audit.Actor
) -> None:
    clock.advance(181 * 86400)
    settings.put(opened.store, clock.now(), actor, "tokens.idle_days", "0")
    assert tokens_check.still(opened, active[0].id) == "valid"
    settings.put(opened.store, clock.now(), actor, "tokens.idle_days", "180")
    assert tokens_check.still(opened, active[0].id) == "expired"


def test_a_stream_asks_again_by_number(opened: Opened, active: tuple[Token, str]) -> None:
    number = active[0].id
    assert tokens_check.still(opened, number) == "valid"
    tokens.revoke(opened, number, ADMIN)
    assert tokens_check.still(opened, number) == "revoked"
    tokens.delete(opened, number, ADMIN)
    assert tokens_check.still(opened, number) == "unknown"


def test_a_stream_that_runs_for_days_is_a_use(opened: Opened, active: tuple[Token, str], clock: FakeClock) -> None:
    clock.advance(100 * 86400)
    tokens_check.note_stream(opened, active[0].id)
    clock.advance(100 * 86400)
    assert tokens_check.still(opened, active[0].id) == "valid"
    tokens_check.note_stream(opened, 99)  # deleted meanwhile: nothing happens


def test_a_thousand_tokens_all_work(opened: Opened) -> None:  # A000-23
    made = [tokens.create(opened, PHONE, f"Phone {number}", installation=MINE) for number in range(1000)]
    for token, _ in made:
        tokens.confirm(opened, token.id, ADMIN)
    assert {answer(opened, secret) for _, secret in made} == {Answer.VALID}
    assert len(tokens.all(opened.store)) == 1000
