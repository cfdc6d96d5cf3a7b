"""The second factor: codes by RFC 6238, each taken once, recovery codes, guesses counted, none without a known time."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
import pytest

from appliance import audit
from appliance.access import throttle, totp, web_accounts, web_sessions, web_sign_in, web_window
from appliance.access.web_sign_in import HalfWay, Refusal
from appliance.errors import BadInput, Refused
from appliance.opened import Opened
from tests.fake_clock import FakeClock

GOOD = "kettle orbit 9"


@pytest.fixture
def secret(opened: Opened) -> str:
    """An administrator Vera with a second factor (this is its secret), and the window open."""
    number = web_accounts.add(opened, audit.CLI, "Vera", "admin", GOOD)
    web_window.enable(opened.store, opened.clock, audit.TOUCH)
    secret = totp.new_secret()
    totp.turn_on(opened, number, "Vera", audit.CLI, secret, now_code(opened, secret))
    return secret


def now_code(opened: Opened, secret: str, later_s: float = 0) -> str:
    return pyotp.TOTP(secret).at(int(opened.clock.now().timestamp() + later_s))


def vera(opened: Opened) -> web_accounts.Account:
    return next(one for one in web_accounts.all(opened) if one.name == "Vera")


def half_way(opened: Opened) -> HalfWay:
    answer = web_sign_in.sign_in(opened, "Vera", GOOD, "", "192.168.1.9", "Test browser")
    assert isinstance(answer, HalfWay)
    return answer


def give(opened: Opened, code: str) -> str | Refusal:
    return web_sign_in.give_code(opened, half_way(opened), code, "192.168.1.9", "Test browser")


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:  # A003-37, the last six of its eight digits
    assert pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").at(at) == code


def test_a_right_password_alone_does_not_let_in(opened: Opened, secret: str) -> None:
    half_way(opened)
    assert web_sessions.all_of(opened) == []


def test_password_and_code_let_in(opened: Opened, secret: str, clock: FakeClock) -> None:  # reading 29
    clock.advance(60)
    token = give(opened, now_code(opened, secret))
    assert isinstance(token, str)
    session = web_sessions.of_token(opened, token)
    assert session is not None
    assert session.name == "Vera"


def test_a_code_works_once(opened: Opened, secret: str, clock: FakeClock) -> None:
    clock.advance(60)
    code = now_code(opened, secret)
    assert isinstance(give(opened, code), str)
    assert give(opened, code) == Refusal(0)


def test_the_code_that_turned_it_on_is_used_up(opened: Opened, secret: str) -> None:
    assert give(opened, now_code(opened, secret)) == Refusal(0)


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_one_step_more_on_each_side(
    opened: Opened, secret: str, clock: FakeClock, steps: int, works: bool
) -> None:
    clock.advance(300)
    assert isinstance(give(opened, now_code(opened, secret, steps * 30)), str) == works


def test_a_recovery_code_works_once_and_however_it_is_written(opened: Opened, secret: str, clock: FakeClock) -> None:
    clock.advance(60)
    codes = totp.turn_on(opened, vera(opened).id, "Vera", audit.CLI, secret, now_code(opened, secret))
    assert len(set(codes)) == totp.RECOVERY_CODES
    assert isinstance(give(opened, codes[0].upper().replace("-", " ")), str)
    assert give(opened, codes[0]) == Refusal(0)
    assert totp.codes_left(opened, vera(opened).id) == totp.RECOVERY_CODES - 1


def test_without_a_known_time_only_recovery_codes_work(opened: Opened, secret: str, clock: FakeClock) -> None:
    clock.advance(60)
    (first, *_) = totp.turn_on(opened, vera(opened).id, "Vera", audit.CLI, secret, now_code(opened, secret))
    clock.set(datetime(2001, 1, 1, tzinfo=UTC))
    with pytest.raises(Refused, match="recovery code"):
        give(opened, now_code(opened, secret))
    assert isinstance(give(opened, first), str)


def test_wrong_codes_cost_waits_that_a_right_password_does_not_end(opened: Opened, secret: str) -> None:
    answers = []
    for number in range(throttle.FREE_FAILURES + 1):
        answers.append(give(opened, f"00000{number}"))
    assert answers[-1] == Refusal(60.0)
    assert web_sign_in.sign_in(opened, "Vera", GOOD, "", "", "") == Refusal(60.0)


def test_a_thousand_right_passwords_forgive_no_wrong_code(opened: Opened, secret: str) -> None:
    give(opened, "000000")
    for _ in range(50):
        half_way(opened)
    with opened.store.read() as db:
        assert throttle.failures(db, web_accounts.throttle_of("Vera")) == 1


def test_half_way_in_ends_after_five_minutes_and_with_the_window(opened: Opened, secret: str, clock: FakeClock) -> None:
    half = half_way(opened)
    clock.advance(301)
    with pytest.raises(Refused, match="too long"):
        web_sign_in.give_code(opened, half, now_code(opened, secret), "", "")
    half = half_way(opened)
    web_window.close(opened.store, clock, audit.TOUCH)
    web_window.enable(opened.store, clock, audit.TOUCH)
    with pytest.raises(Refused, match="too long"):
        web_sign_in.give_code(opened, half, now_code(opened, secret), "", "")


def test_a_wrong_first_code_turns_nothing_on(opened: Opened) -> None:
    number = web_accounts.add(opened, audit.CLI, "Vera", "admin", GOOD)
    with pytest.raises(BadInput) as caught:
        totp.turn_on(opened, number, "Vera", audit.CLI, totp.new_secret(), "000000")
    assert caught.value.field == "code"
    assert not totp.is_on(opened, number)


def test_secrets_and_codes_lie_nowhere_in_clear(opened: Opened, secret: str, clock: FakeClock) -> None:
    clock.advance(60)
    codes = totp.turn_on(opened, vera(opened).id, "Vera", audit.CLI, secret, now_code(opened, secret))
    opened.store.checkpoint()
    stored = b"".join(path.read_bytes() for path in opened.home.root.glob("store.db*"))
    assert secret.encode() not in stored
    assert not [code for code in codes if code.encode() in stored or code.replace("-", "").encode() in stored]


def test_turning_it_off_leaves_the_password(opened: Opened, secret: str) -> None:
    assert totp.turn_off(opened, vera(opened).id, "Vera", audit.CLI)
    assert isinstance(web_sign_in.sign_in(opened, "Vera", GOOD, "", "", ""), str)
    assert [event.event for event in audit.newest(opened.store, 2)] == [
        "web.sign_in",
        "web_account.second_factor_off",
    ]


def test_the_reset_at_the_touchscreen_ends_the_second_factor_of_admin_and_of_nobody_else(
    opened: Opened, secret: str
) -> None:  # A003-23
    web_accounts.ensure_default(opened)
    admin = next(one for one in web_accounts.all(opened) if one.name == "admin")
    other = totp.new_secret()
    totp.turn_on(opened, admin.id, "admin", audit.CLI, other, now_code(opened, other))
    web_accounts.reset_admin(opened, audit.TOUCH)
    assert {one.name: one.second_factor for one in web_accounts.all(opened)} == {"Vera": True, "admin": False}


def test_the_link_names_house_and_person_for_the_app(opened: Opened, secret: str) -> None:
    read = pyotp.parse_uri(totp.link(secret, "Haus am Berg", "Vera"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.issuer, read.name, read.digits, read.interval) == (secret, "Haus am Berg", "Vera", 6, 30)
