"""Signing in: throttled, without telling names, with presence for the default, for one opening only."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.access import (
    display_pin,
    presence,
    throttle,
    tokens,
    tokens_check,
    verifier,
    web_accounts,
    web_sessions,
    web_sign_in,
    web_window,
)
from appliance.access.web_sign_in import Refusal
from appliance.errors import BadInput, NotFound, Refused
from appliance.opened import Opened
from tests.fake_clock import FakeClock

GOOD = "kettle orbit 9"


@pytest.fixture
def accounts(opened: Opened) -> Opened:
    """The default admin, an operator with a good password, and the window open."""
    web_accounts.ensure_default(opened)
    web_accounts.add(opened, audit.CLI, "Otto", "operator", GOOD)
    web_window.enable(opened.store, opened.clock, audit.TOUCH)
    return opened


def code(opened: Opened) -> str:
    return presence.code(opened.key(), web_window.state(opened.store, opened.clock).opening)


def sign_in(opened: Opened, name: str = "Otto", password: str = GOOD, presence_code: str = "") -> str | Refusal:
    answer = web_sign_in.sign_in(opened, name, password, presence_code, "192.168.1.9", "Test browser")
    assert not isinstance(answer, web_sign_in.HalfWay)
    return answer


def signed_in(opened: Opened, name: str = "Otto", password: str = GOOD, presence_code: str = "") -> str:
    token = sign_in(opened, name, password, presence_code)
    assert isinstance(token, str)
    return token


def who(opened: Opened, token: str) -> web_sessions.WebSession:
    found = web_sessions.of_token(opened, token)
    assert found is not None
    return found


def test_pin_and_password_open_their_own_level_only(accounts: Opened) -> None:  # A003-02
    display_pin.set_first(accounts, "2580", "2580")
    for wrong in ("2580", "#2580"):
        assert isinstance(sign_in(accounts, password=wrong), Refusal)
    with pytest.raises(BadInput):
        display_pin.check(accounts, GOOD)
    assert signed_in(accounts) and display_pin.check(accounts, "2580").ok


def test_the_password_goes_on_working_beside_a_token_and_the_token_beside_a_new_password(
    accounts: Opened,
) -> None:  # A000-05, -06
    otto = next(one for one in web_accounts.all(accounts) if one.name == "Otto")
    assert signed_in(accounts)
    token, secret = tokens.create(accounts, audit.TOUCH, "Phone")
    assert signed_in(accounts)
    tokens.confirm(accounts, token.id, audit.Actor("admin", "admin"))
    assert signed_in(accounts)
    web_accounts.set_password(accounts, otto.id, "lantern seven 4", audit.CLI)
    assert signed_in(accounts, password="lantern seven 4")
    assert tokens_check.check(accounts, secret, "phone-1-installation", "192.168.1.20").answer == "valid"
    tokens.revoke(accounts, token.id, audit.CLI)
    assert signed_in(accounts, password="lantern seven 4")


def test_a_right_password_gives_a_session_with_role(accounts: Opened) -> None:  # A003-20
    session = who(accounts, signed_in(accounts, "otto"))  # case of the name does not matter
    assert (session.name, session.role, session.must_change) == ("Otto", "operator", False)
    assert session.may("viewer")
    assert session.may("operator")
    assert not session.may("admin")


def test_the_default_password_works_only_with_the_presence_code(accounts: Opened) -> None:  # A003-20, reading 20
    assert sign_in(accounts, "admin", "admin") == Refusal(0)
    assert sign_in(accounts, "admin", "admin", "000000") == Refusal(0)
    assert who(accounts, signed_in(accounts, "admin", "admin", code(accounts))).must_change


def test_the_presence_code_of_another_opening_is_worth_nothing(accounts: Opened, clock: FakeClock) -> None:
    old = code(accounts)
    clock.advance(600)
    web_window.enable(accounts.store, clock, audit.TOUCH)
    assert sign_in(accounts, "admin", "admin", old) == Refusal(0)


def test_an_unknown_name_is_compared_too_and_answered_alike(accounts: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str | None] = []
    real = verifier.matches

    def watched(kept: str | None, secret: str | bytes) -> bool:
        compared.append(kept)
        return real(kept, secret)

    monkeypatch.setattr(verifier, "matches", watched)
    assert sign_in(accounts, "nobody", GOOD) == sign_in(accounts, "Otto", "wrong password")
    assert compared[0] is None
    assert compared[1] is not None


def test_wrong_passwords_cost_waits_that_even_the_right_one_must_wait(accounts: Opened, clock: FakeClock) -> None:
    for number in range(4):
        assert sign_in(accounts, "Otto", f"wrong {number}") == Refusal(0)
    assert sign_in(accounts, "Otto", "wrong 5") == Refusal(60)
    assert sign_in(accounts) == Refusal(60)
    clock.advance(60)
    signed_in(accounts)
    assert throttle.waiting(accounts.store, clock, "web:otto") == 0


def test_waits_are_never_so_long_that_strangers_keep_the_household_out(accounts: Opened, clock: FakeClock) -> None:
    for number in range(12):
        sign_in(accounts, "Otto", f"wrong {number}")
        clock.advance(900)
        web_window.enable(accounts.store, clock, audit.TOUCH)
    signed_in(accounts)


def test_trying_many_names_is_limited_at_the_terminal(accounts: Opened) -> None:
    for number in range(5):
        sign_in(accounts, f"name{number}", "x")
    assert sign_in(accounts, "another", "x") == Refusal(60)
    with accounts.store.read() as db:
        assert db.execute("SELECT count(*) FROM throttles").get == 6  # guesses during a wait write nothing


def test_a_guess_is_counted_before_it_is_looked_at(accounts: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(_kept: str | None, _secret: str | bytes) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(verifier, "matches", power_cut)
    with pytest.raises(KeyboardInterrupt):
        sign_in(accounts)
    with accounts.store.read() as db:
        assert throttle.failures(db, "web:otto") == 1


def test_nobody_signs_in_while_the_window_is_closed(accounts: Opened, clock: FakeClock) -> None:
    clock.advance(600)
    with pytest.raises(Refused, match="enable it at the touchscreen"):
        sign_in(accounts)


def test_a_session_lives_only_in_its_opening(accounts: Opened, clock: FakeClock) -> None:  # A003-21
    token = signed_in(accounts)
    clock.advance(599)
    assert who(accounts, token).remaining_s == pytest.approx(1)
    clock.advance(1)
    assert web_sessions.of_token(accounts, token) is None
    web_window.enable(accounts.store, clock, audit.TOUCH)
    assert web_sessions.of_token(accounts, token) is None


def test_enabling_again_in_time_keeps_the_session(accounts: Opened, clock: FakeClock) -> None:
    token = signed_in(accounts)
    clock.advance(599)
    web_window.enable(accounts.store, clock, audit.TOUCH)
    assert who(accounts, token).remaining_s == 600


def test_the_store_holds_only_the_hash_of_a_token_and_every_sign_in_makes_a_new_one(accounts: Opened) -> None:
    first, second = signed_in(accounts), signed_in(accounts)
    assert first != second
    assert len(first) >= 43  # 256 bits in base64
    with accounts.store.read() as db:
        kept = [row[0] for row in db.execute("SELECT token_hash FROM web_sessions")]
    assert all(len(one) == 32 for one in kept)
    assert web_sessions.of_token(accounts, first) != web_sessions.of_token(accounts, second)
    assert web_sessions.of_token(accounts, first + "x") is None


def test_signing_out_ends_this_session_only(accounts: Opened) -> None:
    first, second = signed_in(accounts), signed_in(accounts)
    web_sign_in.sign_out(accounts, who(accounts, first))
    assert web_sessions.of_token(accounts, first) is None
    assert web_sessions.of_token(accounts, second) is not None


def test_a_new_password_ends_every_other_session_and_the_old_token(accounts: Opened) -> None:
    other, mine = signed_in(accounts), signed_in(accounts)
    new = web_sign_in.change_password(accounts, who(accounts, mine), GOOD, "orbit kettle 8", "orbit kettle 8")
    assert isinstance(new, str)
    assert web_sessions.of_token(accounts, other) is None
    assert web_sessions.of_token(accounts, mine) is None
    assert who(accounts, new).name == "Otto"
    assert sign_in(accounts) == Refusal(0)
    signed_in(accounts, password="orbit kettle 8")


def test_a_new_password_needs_the_current_one_and_guessing_it_is_throttled(accounts: Opened) -> None:
    me = who(accounts, signed_in(accounts))
    for number in range(4):
        refused = web_sign_in.change_password(accounts, me, f"guess {number}", "orbit kettle 8", "orbit kettle 8")
        assert refused == Refusal(0)
    last = web_sign_in.change_password(accounts, me, "guess 5", "orbit kettle 8", "orbit kettle 8")
    assert last == Refusal(60)


def test_the_new_password_of_the_default_account_ends_the_need_of_presence(accounts: Opened) -> None:  # A003-24
    me = who(accounts, signed_in(accounts, "admin", "admin", code(accounts)))
    assert web_accounts.has_default_password(accounts)
    for bad in ("admin", "my admin word", "short"):
        with pytest.raises(BadInput):
            web_sign_in.change_password(accounts, me, "admin", bad, bad)
    assert isinstance(web_sign_in.change_password(accounts, me, "admin", GOOD, GOOD), str)
    assert not web_accounts.has_default_password(accounts)
    assert not who(accounts, signed_in(accounts, "admin")).must_change


def test_the_old_password_is_no_new_one(accounts: Opened) -> None:
    with pytest.raises(BadInput, match="is the old one"):
        web_sign_in.change_password(accounts, who(accounts, signed_in(accounts)), GOOD, GOOD, GOOD)


def test_a_reset_brings_back_admin_admin_ends_sessions_and_touches_nothing_else(accounts: Opened) -> None:
    display_pin.set_first(accounts, "2580", "2580")
    me = who(accounts, signed_in(accounts, "admin", "admin", code(accounts)))
    web_sign_in.change_password(accounts, me, "admin", GOOD, GOOD)
    otto = signed_in(accounts)
    for number in range(6):
        sign_in(accounts, "admin", f"wrong {number}")
    web_accounts.reset_admin(accounts, audit.TOUCH)  # A003-23, X-07
    assert web_sessions.of_token(accounts, otto) is None
    assert sign_in(accounts, "admin") == Refusal(0)
    assert who(accounts, signed_in(accounts, "admin", "admin", code(accounts))).must_change
    assert display_pin.check(accounts, "2580").ok
    signed_in(accounts)


def test_the_default_account_is_made_once_only(accounts: Opened) -> None:
    me = who(accounts, signed_in(accounts, "admin", "admin", code(accounts)))
    web_sign_in.change_password(accounts, me, "admin", GOOD, GOOD)
    web_accounts.ensure_default(accounts)
    assert not web_accounts.has_default_password(accounts)


@pytest.mark.parametrize(
    ("name", "role", "field"),
    [("", "viewer", "name"), ("x" * 65, "viewer", "name"), ("Vera", "root", "role"), ("OTTO", "viewer", "name")],
)
def test_an_account_that_cannot_be_is_refused_at_its_field(accounts: Opened, name: str, role: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        web_accounts.add(accounts, audit.CLI, name, role, GOOD)
    assert caught.value.field == field


def test_the_language_of_an_account_is_kept(accounts: Opened) -> None:
    token = signed_in(accounts)
    web_accounts.choose_language(accounts, who(accounts, token), "de")
    assert who(accounts, token).language == "de"


def test_the_audit_tells_of_every_sign_in_and_refusal_without_a_secret(accounts: Opened) -> None:
    sign_in(accounts, "Otto", "wrong 1")
    token = signed_in(accounts)
    web_sign_in.sign_out(accounts, who(accounts, token))
    events = audit.newest(accounts.store, 3)
    assert [event.event for event in events] == ["web.sign_out", "web.sign_in", "web.refuse"]
    with accounts.store.read() as db:
        everything = str(db.execute("SELECT * FROM audit").fetchall())
    assert GOOD not in everything
    assert token not in everything


def test_a_password_typed_as_the_name_is_kept_nowhere(accounts: Opened) -> None:
    for _ in range(3):
        sign_in(accounts, "my secret horse", "")
    accounts.store.checkpoint()
    stored = b"".join(path.read_bytes() for path in accounts.home.root.glob("store.db*"))
    assert b"horse" not in stored
    assert audit.newest(accounts.store, 1)[0].subject == web_sign_in.STRANGER


def test_a_lost_session_cannot_change_the_password(accounts: Opened) -> None:
    me = who(accounts, signed_in(accounts))
    web_sign_in.sign_out(accounts, me)
    with pytest.raises(Refused, match="sign in again"):
        web_sign_in.change_password(accounts, me, GOOD, "orbit kettle 8", "orbit kettle 8")


def named(opened: Opened, name: str) -> web_accounts.Account:
    return next(one for one in web_accounts.all(opened) if one.name == name)


def test_a_role_works_at_the_next_request(accounts: Opened) -> None:  # reading 23
    token = signed_in(accounts)
    web_accounts.give_role(accounts, named(accounts, "Otto").id, "viewer", audit.CLI)
    assert not who(accounts, token).may("operator")
    assert audit.newest(accounts.store, 1)[0].detail == {"role": "viewer"}


def test_there_is_always_an_administrator(accounts: Opened) -> None:
    admin = named(accounts, "admin").id
    with pytest.raises(Refused, match="only administrator"):
        web_accounts.remove(accounts, admin, audit.CLI)
    with pytest.raises(Refused, match="only administrator"):
        web_accounts.give_role(accounts, admin, "viewer", audit.CLI)
    web_accounts.give_role(accounts, named(accounts, "Otto").id, "admin", audit.CLI)
    web_accounts.remove(accounts, admin, audit.CLI)
    assert [one.name for one in web_accounts.all(accounts)] == ["Otto"]


def test_a_removed_account_is_signed_out_and_forgotten(accounts: Opened) -> None:
    token = signed_in(accounts)
    web_accounts.remove(accounts, named(accounts, "Otto").id, audit.CLI)
    assert web_sessions.of_token(accounts, token) is None
    assert sign_in(accounts) == Refusal(0)
    with pytest.raises(NotFound):
        web_accounts.get(accounts, 99)


def test_a_forgotten_password_is_replaced_by_an_administrator(accounts: Opened) -> None:
    token = signed_in(accounts)
    web_accounts.set_password(accounts, named(accounts, "Otto").id, "orbit kettle 8", audit.CLI)
    assert web_sessions.of_token(accounts, token) is None
    signed_in(accounts, password="orbit kettle 8")
    with pytest.raises(BadInput):
        web_accounts.set_password(accounts, named(accounts, "Otto").id, "short", audit.CLI)


def test_signed_in_browsers_are_seen_and_sent_away(accounts: Opened, clock: FakeClock) -> None:
    first, second, third = signed_in(accounts), signed_in(accounts), signed_in(accounts)
    seen = web_sessions.all_of(accounts)
    assert [(one.name, one.address, one.browser) for one in seen] == [("Otto", "192.168.1.9", "Test browser")] * 3
    web_sessions.end(accounts, who(accounts, first).id, audit.TOUCH)
    assert web_sessions.of_token(accounts, first) is None
    assert web_sessions.end_all(accounts, audit.TOUCH, but=who(accounts, second).id) == 1
    assert web_sessions.of_token(accounts, third) is None
    assert web_sessions.of_token(accounts, second) is not None
    with pytest.raises(NotFound, match="ended already"):
        web_sessions.end(accounts, 999, audit.TOUCH)
    clock.advance(601)
    assert web_sessions.all_of(accounts) == []
