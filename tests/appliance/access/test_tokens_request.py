"""Apps may ask for tokens, but not often and not many at once."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.access import throttle, tokens, tokens_origin, tokens_request
from appliance.access.tokens import Token
from appliance.access.tokens_request import TooMany
from appliance.errors import BadInput
from appliance.opened import Opened, open_home
from tests.fake_clock import FakeClock

ADMIN = audit.Actor("admin", "admin")


def ask(it: Opened, address: str = "192.168.1.20", **changes: str) -> Token:
    given = {"name": "Phone", "app": "Some app", "role": "charge", "installation": "installation-1"} | changes
    return tokens_request.request(it, address, **given)[0]


def test_a_request_is_a_pending_token_that_names_who_asked(opened: Opened) -> None:  # A000-07, -13
    token = ask(opened)
    assert (token.state, token.created_by, token.installation) == ("pending", "phone:192.168.1.20", "installation-1")
    assert audit.newest(opened.store, 1)[0].actor == audit.Actor("phone", "192.168.1.20")


def test_the_sixth_request_in_a_row_waits_and_a_restart_does_not_help(opened: Opened, clock: FakeClock) -> None:
    for _ in range(5):
        ask(opened)
    with pytest.raises(TooMany, match="wait 61 seconds") as caught:
        ask(opened)
    assert caught.value.wait_s == 61
    again = open_home(opened.home, clock)  # another process
    with pytest.raises(TooMany):
        ask(again)
    again.store.close()
    assert len(tokens.all(opened.store)) == 5
    clock.advance(60)
    assert ask(opened).state == "pending"


def test_a_reboot_starts_the_wait_anew(opened: Opened, clock: FakeClock) -> None:
    for _ in range(5):
        ask(opened)
    clock.reboot(off_s=1)
    with pytest.raises(TooMany):
        ask(opened)


def test_one_address_keeps_no_other_waiting(opened: Opened) -> None:
    for _ in range(5):
        ask(opened)
    assert ask(opened, "192.168.1.21").state == "pending"


def test_all_addresses_of_one_ipv6_network_count_as_one(opened: Opened) -> None:
    for number in range(5):
        ask(opened, f"fd00::1:{number}")
    with pytest.raises(TooMany):
        ask(opened, "fd00::99")
    assert ask(opened, "fd00:0:0:1::1").state == "pending"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.168.1.20", "192.168.1.20"),
        ("::ffff:192.168.1.20", "192.168.1.20"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "?"),
    ],
)
def test_every_address_has_its_place(address: str, place: str) -> None:
    assert tokens_origin.place_of(address) == f"token_request:{place}"


def test_the_count_begins_anew_after_a_day_or_a_confirmation(opened: Opened, clock: FakeClock) -> None:
    for _ in range(4):
        token = ask(opened)
    tokens.confirm(opened, token.id, ADMIN)
    with opened.store.read() as db:
        assert throttle.failures(db, "token_request:192.168.1.20") == 0
    for _ in range(5):
        ask(opened)
    clock.advance(86401)
    ask(opened)
    with opened.store.read() as db:
        assert throttle.failures(db, "token_request:192.168.1.20") == 1


def test_nobody_fills_the_list(opened: Opened, clock: FakeClock) -> None:
    for number in range(tokens_request.WAITING):
        ask(opened, f"10.0.0.{number}")
    with pytest.raises(TooMany, match="confirm or delete"):
        ask(opened, "10.0.0.200")
    tokens.create(opened, audit.TOUCH, "At the screen")  # who stands there is not kept out
    tokens.delete(opened, tokens.all(opened.store)[-1].id, ADMIN)
    assert ask(opened, "10.0.0.200").state == "pending"


def test_what_died_a_day_ago_waits_no_more(opened: Opened, clock: FakeClock) -> None:
    for number in range(tokens_request.WAITING):
        ask(opened, f"10.0.0.{number}")
    clock.advance(86400)
    assert ask(opened, "10.0.0.200").state == "pending"


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("role", "king"), ("installation", "x"), ("app", "a" * 61)])
def test_what_is_wrong_with_a_request_is_said_and_not_counted(opened: Opened, field: str, value: str) -> None:
    for _ in range(9):
        with pytest.raises(BadInput) as caught:
            ask(opened, **{field: value})
        assert caught.value.field == field
    assert ask(opened).state == "pending"
