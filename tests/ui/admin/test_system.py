"""System: tokens confirmed in two clicks, accounts, second factor, browsers, security, events; without a browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance import audit
from appliance.access import tokens, tokens_charging, totp, web_accounts, web_sessions, web_sign_in
from appliance.charging import users
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock
from tests.ui.admin.conftest import GOOD, HERE

TOKENS = "/system/access-tokens"
SECOND = "/system/second-factor"


def pending(opened: Opened, name: str = "Phone") -> tokens.Token:
    token, _secret = tokens.create(opened, audit.CLI, name, app="Wattward app")
    return token


def state(opened: Opened, token: tokens.Token) -> str:
    return tokens.get(opened.store, token.id).state


def account(opened: Opened, name: str) -> web_accounts.Account:
    return next(one for one in web_accounts.all(opened) if one.name == name)


def test_without_a_token_the_page_says_so(admin: FlaskClient) -> None:  # A000-12
    assert "No access token" in admin.get(TOKENS, base_url=HERE).text


def test_the_key_only_asks_and_the_second_click_confirms(admin: FlaskClient, opened: Opened) -> None:  # A000-18, -19
    token = pending(opened)
    question = admin.get(f"{TOKENS}/{token.id}/confirm", base_url=HERE).text
    assert token.matching_number in question
    assert state(opened, token) == "pending"
    admin.get(TOKENS, base_url=HERE)  # cancelled
    assert state(opened, token) == "pending"
    answer = admin.post(f"{TOKENS}/{token.id}/confirm", data={"role": "charge"}, base_url=HERE)
    assert answer.status_code == 303
    confirmed = tokens.get(opened.store, token.id)
    assert (confirmed.state, confirmed.confirmed_by, confirmed.role) == ("active", "admin:admin one", "charge")
    assert audit.newest(opened.store, 1)[0].event == "token.confirm"


def test_a_long_list_has_pages_and_shows_the_one_with_the_marked_token(
    admin: FlaskClient, opened: Opened
) -> None:  # A000-23
    oldest, *_ = [pending(opened, f"Phone {number}") for number in range(120)]
    first = admin.get(TOKENS, base_url=HERE).text
    assert first.count("<tr") == 51 and "Page 1 of 3" in first and oldest.matching_number not in first
    assert admin.get(f"{TOKENS}?page=3", base_url=HERE).text.count("<tr") == 21
    marked = admin.get(f"{TOKENS}?token={oldest.id}", base_url=HERE).text
    assert "is-marked" in marked and oldest.matching_number in marked
    for wrong in ("0", "-1", "99999999999999999999", "x"):
        assert admin.get(f"{TOKENS}?page={wrong}", base_url=HERE).status_code == 200


def test_an_end_that_has_passed_is_said_at_its_field(admin: FlaskClient, opened: Opened) -> None:
    tokens.create(opened, audit.CLI, "Phone")
    form = {"role": "read", "user": "", "expires_on": "2001-01-01"}
    answer = admin.post("/system/access-tokens/1/confirm", data=form, base_url=HERE)
    assert answer.status_code == 422
    assert re.search(r'id="expires_on-wrong">The end of an access token lies in the future', answer.text)


def test_whoever_confirms_says_whose_charging_the_app_starts(admin: FlaskClient, opened: Opened) -> None:
    anna = users.add(opened.store, opened.clock, "Anna", "Berger", actor=audit.CLI)
    token = pending(opened)
    path = f"{TOKENS}/{token.id}/confirm"
    refused = admin.post(path, data={"role": "charge", "user": "99"}, base_url=HERE)
    assert (refused.status_code, state(opened, token)) == (422, "pending")
    admin.post(path, data={"role": "charge", "user": str(anna.id)}, base_url=HERE)
    assert tokens_charging.user_id(opened, tokens.get(opened.store, token.id)) == anna.id


def test_the_first_page_tells_an_administrator_of_tokens_that_wait(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:  # A000-15
    assert "wait for confirmation" not in client("admin").get("/", base_url=HERE).text
    pending(opened)
    assert f'href="{TOKENS}"' in client("admin").get("/", base_url=HERE).text
    assert "wait for confirmation" not in client("operator").get("/", base_url=HERE).text


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_an_administrator_confirms(
    client: Callable[[str], FlaskClient], opened: Opened, role: str
) -> None:  # A000-17
    token = pending(opened)
    assert client(role).post(f"{TOKENS}/{token.id}/confirm", data={"role": "read"}, base_url=HERE).status_code == 403
    assert state(opened, token) == "pending"


def test_a_wrong_day_keeps_the_question_open(admin: FlaskClient, opened: Opened) -> None:
    token = pending(opened)
    for day in ("2001-01-01", "31.31.2031"):
        answer = admin.post(f"{TOKENS}/{token.id}/confirm", data={"role": "read", "expires_on": day}, base_url=HERE)
        assert answer.status_code == 422
        assert day in answer.text
    assert state(opened, token) == "pending"


def test_a_token_that_expires_ends_with_its_local_day(admin: FlaskClient, opened: Opened) -> None:  # reading 3
    token = pending(opened)
    admin.post(f"{TOKENS}/{token.id}/confirm", data={"role": "read", "expires_on": "2026-12-31"}, base_url=HERE)
    assert str(tokens.get(opened.store, token.id).expires_at) == "2026-12-31 22:59:59+00:00"


def test_the_row_an_app_asks_for_is_marked(admin: FlaskClient, opened: Opened) -> None:  # A000-15
    pending(opened, "Tablet")
    token = pending(opened)
    page = admin.get(f"{TOKENS}?token={token.id}", base_url=HERE).text
    assert re.findall(r'is-marked" id="marked"><th scope="row">(\w+)', page) == ["Phone"]


def test_revoking_keeps_the_row_and_deleting_does_not(admin: FlaskClient, opened: Opened) -> None:  # A000-26, -27
    token = pending(opened)
    tokens.confirm(opened, token.id, audit.CLI)
    admin.post(f"{TOKENS}/{token.id}/revoke", base_url=HERE)
    assert state(opened, token) == "revoked"
    assert "Revoked" in admin.get(TOKENS, base_url=HERE).text
    admin.post(f"{TOKENS}/{token.id}/delete", base_url=HERE)
    assert tokens.all(opened.store) == []


def test_a_token_made_here_is_shown_once_and_waits(admin: FlaskClient, opened: Opened) -> None:  # A000-13
    answer = admin.post(f"{TOKENS}/new", data={"name": "Home server", "role": "read"}, base_url=HERE)
    (secret,) = re.findall(r'token-secret">([^<]+)<', answer.text)
    assert len(secret) > 30
    (made,) = tokens.all(opened.store)
    assert (made.state, made.name) == ("pending", "Home server")
    assert secret not in admin.get(TOKENS, base_url=HERE).text
    assert admin.post(f"{TOKENS}/new", data={"name": " ", "role": "read"}, base_url=HERE).status_code == 422


def test_an_account_is_made_with_ones_own_password(admin: FlaskClient, opened: Opened) -> None:
    form = {"name": "Vera", "role": "viewer", "password": "orbit kettle 8", "own_password": "wrong"}
    answer = admin.post("/system/accounts/new", data=form, base_url=HERE)
    assert (answer.status_code, "not your password" in answer.text, 'value="Vera"' in answer.text) == (422, True, True)
    assert admin.post("/system/accounts/new", data=form | {"own_password": GOOD}, base_url=HERE).status_code == 303
    assert account(opened, "Vera").role == "viewer"
    again = admin.post("/system/accounts/new", data=form | {"own_password": GOOD}, base_url=HERE)
    assert "already" in again.text


def test_role_and_password_of_an_account_change(admin: FlaskClient, opened: Opened) -> None:
    number = account(opened, "viewer one").id
    form = {"role": "operator", "password": "short", "own_password": GOOD}
    assert admin.post(f"/system/accounts/{number}", data=form, base_url=HERE).status_code == 422
    assert account(opened, "viewer one").role == "viewer"  # nothing of a form with a mistake
    admin.post(f"/system/accounts/{number}", data=form | {"password": "orbit kettle 8"}, base_url=HERE)
    assert account(opened, "viewer one").role == "operator"
    assert isinstance(web_sign_in.sign_in(opened, "viewer one", "orbit kettle 8", "", "", ""), str)


def test_the_last_administrator_stays(admin: FlaskClient, opened: Opened) -> None:
    number = account(opened, "admin one").id
    for path, form in ((f"{number}/remove", {}), (str(number), {"role": "viewer"})):
        answer = admin.post(f"/system/accounts/{path}", data=form | {"own_password": GOOD}, base_url=HERE)
        assert (answer.status_code, "only administrator" in answer.text) == (422, True)
    removed = account(opened, "viewer one").id
    admin.post(f"/system/accounts/{removed}/remove", data={"own_password": GOOD}, base_url=HERE)
    assert "viewer one" not in {one.name for one in web_accounts.all(opened)}


def turn_on(browser: FlaskClient, opened: Opened) -> tuple[str, list[str]]:
    """Set the second factor up as a person does; return secret and recovery codes."""
    page = browser.get(SECOND, base_url=HERE).text
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    wrong = browser.post(SECOND, data={"sealed": sealed, "code": "000000"}, base_url=HERE)
    assert (wrong.status_code, "wrong or too old" in wrong.text) == (422, True)
    code = pyotp.TOTP(secret).at(int(opened.clock.now().timestamp()))
    done = browser.post(SECOND, data={"sealed": sealed, "code": code}, base_url=HERE)
    return secret, re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.text)


def test_a_second_factor_is_set_up_asked_for_and_turned_off(
    client: Callable[[str], FlaskClient], app: Flask, opened: Opened, clock: FakeClock
) -> None:
    viewer = client("viewer")
    secret, codes = turn_on(viewer, opened)
    assert len(codes) == totp.RECOVERY_CODES
    assert secret not in viewer.get(SECOND, base_url=HERE).text
    clock.advance(60)
    browser = app.test_client()
    first = browser.post("/sign-in", data={"name": "viewer one", "password": GOOD}, base_url=HERE)
    assert (first.status_code, first.headers["Location"]) == (303, "/sign-in/code")
    assert browser.get("/", base_url=HERE).headers["Location"] == "/sign-in"
    assert browser.post("/sign-in/code", data={"code": "000000"}, base_url=HERE).status_code == 403
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    assert browser.post("/sign-in/code", data={"code": code}, base_url=HERE).headers["Location"] == "/"
    assert browser.get("/", base_url=HERE).status_code == 200
    assert browser.post(SECOND + "/off", data={"own_password": "wrong"}, base_url=HERE).status_code == 422
    assert browser.post(SECOND + "/off", data={"own_password": GOOD}, base_url=HERE).status_code == 303
    assert not account(opened, "viewer one").second_factor


def test_a_sealed_secret_of_somebody_else_turns_nothing_on(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    page = client("viewer").get(SECOND, base_url=HERE).text
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    for typed in (sealed, "AAAA", "%%%", "é", ""):
        answer = client("operator").post(SECOND, data={"sealed": typed, "code": "123456"}, base_url=HERE)
        assert (answer.status_code, "too old" in answer.text) == (422, True)
    assert not any(one.second_factor for one in web_accounts.all(opened))


def test_no_other_secret_takes_the_place_of_one_in_force(client: Callable[[str], FlaskClient], opened: Opened) -> None:
    """A page that was open before cannot replace the second factor: that takes the password, by turning it off."""
    browser = client("viewer")
    page = browser.get(SECOND, base_url=HERE).text
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page)
    other = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    turn_on(browser, opened)
    with opened.store.read() as db:
        before = db.execute("SELECT secret, set_up_at FROM web_totp").fetchall()
    code = pyotp.TOTP(other).at(int(opened.clock.now().timestamp()))
    assert "<code>" not in browser.post(SECOND, data={"sealed": sealed, "code": code}, base_url=HERE).text
    with opened.store.read() as db:
        assert db.execute("SELECT secret, set_up_at FROM web_totp").fetchall() == before


def test_an_administrator_helps_who_lost_the_phone(
    client: Callable[[str], FlaskClient], admin: FlaskClient, opened: Opened
) -> None:
    turn_on(client("viewer"), opened)
    number = account(opened, "viewer one").id
    admin.post(f"/system/accounts/{number}/forget_factor", data={"own_password": GOOD}, base_url=HERE)
    assert not account(opened, "viewer one").second_factor


def test_browsers_are_seen_and_sent_away(client: Callable[[str], FlaskClient], opened: Opened) -> None:
    viewer, operator = client("viewer"), client("operator")
    numbers = {one.name: one.id for one in web_sessions.all_of(opened)}
    assert "operator one" not in viewer.get("/system/browsers", base_url=HERE).text
    somebody_else = viewer.post(f"/system/browsers/{numbers['operator one']}/end", base_url=HERE)
    assert somebody_else.status_code == 404
    client("admin").post("/system/browsers/end-all", base_url=HERE)
    assert operator.get("/", base_url=HERE).status_code == 302
    assert [one.name for one in web_sessions.all_of(opened)] == ["admin one"]


def test_signing_ones_own_browser_out_leads_to_the_sign_in(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    viewer = client("viewer")
    (mine,) = web_sessions.all_of(opened)
    assert viewer.post(f"/system/browsers/{mine.id}/end", base_url=HERE).headers["Location"] == "/sign-in"
    assert viewer.get("/", base_url=HERE).status_code == 302


def test_security_says_what_is_weak(admin: FlaskClient, opened: Opened) -> None:  # A003-39, reading 30
    page = admin.get("/system/security", base_url=HERE).text
    assert "starts whatever is on its card" in page
    assert "admin one" in page  # signs in with a password alone
    assert "Argon2id" in page
    german = admin.get("/system/security", base_url=HERE, headers={"Accept-Language": "de"}).text
    assert (">Offen<" in german, ">Öffnen<" in german) == (True, False)  # a state, not what a button does


def test_events_are_searched_page_by_page(admin: FlaskClient, opened: Opened) -> None:
    with opened.store.write() as db:
        for number in range(150):
            audit.record(db, opened.clock.now(), audit.CLI, "user.add", f"person {number}")
        audit.record(db, opened.clock.now(), audit.TOUCH, "web.open", "=1+1")
    assert "=1+1" in admin.get("/events?noun=web&surface=touch", base_url=HERE).text
    first = admin.get("/events?noun=user", base_url=HERE).text
    assert ("person 149" in first, "person 40" in first) == (True, False)
    (older,) = re.findall(r'href="(/events\?[^"]*before=[^"]*)"', first)
    assert "person 40<" in admin.get(older.replace("&amp;", "&"), base_url=HERE).text
    assert "No event fits" in admin.get("/events?words=nothing+like+it", base_url=HERE).text
    wrong = admin.get("/events?since=yesterday", base_url=HERE)
    assert (wrong.status_code, "yesterday" in wrong.text) == (422, True)


def test_events_leave_as_a_file_without_formulas(admin: FlaskClient, opened: Opened) -> None:  # X-08, UX 41
    with opened.store.write() as db:
        audit.record(db, opened.clock.now(), audit.TOUCH, "user.add", "=HYPERLINK(1)")
    rows = list(csv.reader(io.StringIO(admin.get("/events.csv?noun=user", base_url=HERE).text)))
    assert rows[0] == ["at", "surface", "actor", "event", "subject", "detail"]
    assert [row[4] for row in rows[1:]] == ["'=HYPERLINK(1)"]


def test_every_setting_has_its_place_by_subject(admin: FlaskClient) -> None:
    page = admin.get("/configuration/settings", base_url=HERE).text
    assert [setting.key for setting in settings.TABLE if f'name="{setting.key}"' not in page] == []
    subjects = re.findall(r"<legend>([^<]+)</legend>", page)
    assert len(subjects) == len(set(subjects)) > 5
