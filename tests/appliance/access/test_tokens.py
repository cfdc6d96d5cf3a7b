"""Access tokens from their making to their end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from appliance import audit
from appliance.access import tokens, tokens_secret
from appliance.access.tokens import Token
from appliance.errors import BadInput, NotFound, Refused
from appliance.opened import Opened
from tests.fake_clock import FakeClock

ADMIN = audit.Actor("admin", "admin")
PHONE = audit.Actor("phone", "192.168.1.20")


def events(it: Opened) -> list[str]:
    """What the audit says of tokens, oldest first."""
    return [one.event for one in reversed(audit.newest(it.store)) if one.event.startswith("token.")]


def made(it: Opened, name: str = "Phone") -> Token:
    return tokens.create(it, PHONE, name, "Wattward phone page")[0]


def test_a_token_is_made_pending_and_its_secret_is_kept_nowhere(opened: Opened) -> None:  # A000-13
    token, secret = tokens.create(opened, PHONE, "Phone", "app", installation="i-1")
    assert token.state == "pending" and token.confirmed_at is None
    assert re.fullmatch(r"\d{3} \d{3}", token.matching_number)
    opened.store.close()
    for file in opened.home.root.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


def test_the_secret_has_prefix_chance_and_proof() -> None:
    secret = tokens_secret.make()
    assert secret.startswith("ww_") and len(secret) == 36 and tokens_secret.is_whole(secret)
    assert tokens_secret.make() != secret


@pytest.mark.parametrize("place", range(3, 36))
def test_every_single_typo_is_seen(place: int) -> None:
    secret = tokens_secret.make()
    wrong = "A" if secret[place] != "A" else "B"
    assert not tokens_secret.is_whole(secret[:place] + wrong + secret[place + 1 :])


def test_a_piece_is_no_token() -> None:
    secret = tokens_secret.make()
    assert [tokens_secret.is_whole(text) for text in ("", secret[:-1], secret + "0", secret[3:])] == [False] * 4


def test_an_admin_confirms_and_it_is_written_down(opened: Opened, clock: FakeClock) -> None:  # A000-19
    token = tokens.confirm(opened, made(opened).id, ADMIN)
    assert (token.state, token.confirmed_at, token.confirmed_by) == ("active", clock.now(), "admin:admin")
    assert events(opened) == ["token.create", "token.confirm"]


def test_confirming_twice_is_one_confirmation(opened: Opened) -> None:
    token = made(opened)
    assert tokens.confirm(opened, token.id, ADMIN) == tokens.confirm(opened, token.id, ADMIN)
    assert events(opened).count("token.confirm") == 1


def test_no_token_confirms_a_token(opened: Opened) -> None:  # A000-18
    token = made(opened)
    with pytest.raises(Refused, match="sign in"):
        tokens.confirm(opened, token.id, PHONE)
    assert tokens.get(opened.store, token.id).state == "pending"


def test_who_confirms_may_give_another_role_and_an_end(opened: Opened, clock: FakeClock) -> None:
    until = clock.now() + timedelta(days=30)
    token = tokens.confirm(opened, made(opened).id, ADMIN, role="read", expires_at=until)
    assert (token.role, token.expires_at) == ("read", until)
    assert token.may("read") and not token.may("charge")


def test_an_end_in_the_past_and_an_unknown_role_are_refused(opened: Opened, clock: FakeClock) -> None:
    token = made(opened)
    with pytest.raises(BadInput, match="future"):
        tokens.confirm(opened, token.id, ADMIN, expires_at=clock.now())
    with pytest.raises(BadInput, match="role"):
        tokens.confirm(opened, token.id, ADMIN, role="king")
    assert tokens.get(opened.store, token.id).state == "pending"


def test_a_pending_token_dies_after_a_day(opened: Opened, clock: FakeClock) -> None:
    token = made(opened)
    clock.advance(24 * 3600)
    with pytest.raises(Refused, match="has ended"):
        tokens.confirm(opened, token.id, ADMIN)
    assert tokens.all(opened.store, clock.now())[0].state == "expired"


def test_what_nobody_confirmed_is_forgotten_a_week_after_it_died(opened: Opened, clock: FakeClock) -> None:
    token, kept = made(opened), tokens.confirm(opened, made(opened, "Tablet").id, ADMIN)
    for days in (1, 8):
        clock.advance(days * 86400)
        with opened.store.write() as db:
            tokens.tidy(db, clock.now())
    assert [one.id for one in tokens.all(opened.store)] == [kept.id]
    with pytest.raises(NotFound):
        tokens.get(opened.store, token.id)


def test_a_revoked_token_keeps_its_row_and_never_comes_back(opened: Opened) -> None:  # A000-27
    token = tokens.confirm(opened, made(opened).id, ADMIN)
    ended = tokens.revoke(opened, token.id, audit.TOUCH)
    assert (ended.state, ended.ended_by) == ("revoked", "touch:household")
    with pytest.raises(Refused):
        tokens.confirm(opened, token.id, ADMIN)
    assert tokens.revoke(opened, token.id, ADMIN) == ended  # the first time counts


@pytest.mark.parametrize("state", tokens.STATES)
def test_a_token_of_any_state_can_be_deleted_and_the_audit_stays(
    opened: Opened, clock: FakeClock, state: str
) -> None:  # A000-26
    token = made(opened)
    if state in ("active", "revoked"):
        tokens.confirm(opened, token.id, ADMIN)
    if state == "revoked":
        tokens.revoke(opened, token.id, ADMIN)
    if state == "expired":
        clock.advance(86401)
        with opened.store.write() as db:
            tokens.tidy(db, clock.now())
    assert tokens.get(opened.store, token.id).state == state
    tokens.delete(opened, token.id, ADMIN)
    assert tokens.all(opened.store) == []
    assert events(opened)[0] == "token.create" and events(opened)[-1] == "token.delete"


def test_a_number_is_never_given_twice(opened: Opened) -> None:
    first = made(opened)
    tokens.delete(opened, first.id, ADMIN)
    assert made(opened).id != first.id


def test_an_active_token_expires_at_its_end_and_after_long_idleness(opened: Opened, clock: FakeClock) -> None:
    short = tokens.confirm(opened, made(opened).id, ADMIN, expires_at=clock.now() + timedelta(days=10))
    long = tokens.confirm(opened, made(opened).id, ADMIN)
    for days, states in ((9, ["active", "active"]), (2, ["expired", "active"]), (170, ["expired", "expired"])):
        clock.advance(days * 86400)
        with opened.store.write() as db:
            tokens.tidy(db, clock.now())
        assert [tokens.get(opened.store, one.id).state for one in (short, long)] == states


def test_a_clock_set_back_revives_nothing(opened: Opened, clock: FakeClock) -> None:
    token = tokens.confirm(opened, made(opened).id, ADMIN, expires_at=clock.now() + timedelta(days=1))
    before = clock.now()
    clock.advance(2 * 86400)
    with opened.store.write() as db:
        tokens.tidy(db, clock.now())
    clock.set(before)
    assert tokens.get(opened.store, token.id).state == "expired"


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "two\nlines"])
def test_a_name_is_short_and_one_line(opened: Opened, name: str) -> None:
    with pytest.raises(BadInput, match="1 to 40"):
        made(opened, name)
    assert tokens.all(opened.store) == []


def test_a_token_can_be_called_something_else(opened: Opened) -> None:
    token = made(opened)
    assert tokens.rename(opened, token.id, "  Tablet ", ADMIN).name == "Tablet"
    assert events(opened) == ["token.create", "token.rename"]


def test_pending_ones_are_listed_first_then_the_newest(opened: Opened) -> None:
    first, second, third = made(opened, "1"), made(opened, "2"), made(opened, "3")
    tokens.confirm(opened, third.id, ADMIN)
    assert [one.name for one in tokens.all(opened.store)] == ["2", "1", "3"]
    assert tokens.counts(opened.store) == {"pending": 2, "active": 1, "revoked": 0, "expired": 0}
    assert first.id < second.id


def test_the_audit_never_holds_a_secret(opened: Opened) -> None:
    token, secret = tokens.create(opened, PHONE, "Phone")
    tokens.confirm(opened, token.id, ADMIN)
    tokens.revoke(opened, token.id, ADMIN)
    with opened.store.read() as db:
        text = str(db.execute("SELECT * FROM audit").fetchall())
    assert secret not in text and secret[3:30] not in text and tokens_secret.hashed(secret).hex() not in text
