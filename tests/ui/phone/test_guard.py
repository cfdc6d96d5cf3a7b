"""Every route against every kind of visitor, from the route table itself: a new one without a role fails here."""

from __future__ import annotations

import gzip
from types import SimpleNamespace

import pytest
from flask import Flask

from appliance import audit
from appliance.access import presence, tokens, web_accounts, web_sessions, web_sign_in, web_window
from appliance.opened import Opened
from appliance.store import settings
from tests.ui.phone.house import ADMIN, App, token_of
from ui.phone import guard

VISITORS = ("none", "malformed", "unknown", "pending", "revoked", "expired", "elsewhere", "read", "charge", "admin")
WHO = {  # who gets in where
    guard.ANYONE: VISITORS,
    guard.HOLDER: ("pending", "revoked", "expired", "read", "charge", "admin"),
    "read": ("read", "charge", "admin"),
    "charge": ("charge", "admin"),
    "admin": ("admin",),
}
ERRORS = {"none": "token_missing", "pending": "token_not_confirmed", "elsewhere": "token_bound_elsewhere"}


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """(method, path, endpoint) of everything that can be called."""
    return [
        (method, rule.rule.replace("<int:point_id>", "1").replace("<int:token_id>", "1")
         .replace("<language>", "en").replace("<path:filename>", "phone.css"), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]  # fmt: skip


def visitor(it: Opened, app: Flask, who: str) -> App:
    """A program with that kind of token."""
    if who == "none":
        return App(app.test_client())
    if who == "malformed":
        return App(app.test_client(), "ww_nothing")
    if who in tokens.ROLES:
        return App(app.test_client(), token_of(it, who)[1])
    state = {"elsewhere": "active", "unknown": "pending"}.get(who, who)
    token, secret = token_of(it, "admin", state)
    if who == "unknown":
        tokens.delete(it, token.id, ADMIN)
    return App(app.test_client(), secret, "another-installation" if who == "elsewhere" else "this-installation")


def test_every_route_says_whom_it_is_for(flask: Flask) -> None:
    found = {endpoint: guard.needed(flask, endpoint) for _, _, endpoint in routes(flask)}
    assert {endpoint for endpoint, what in found.items() if what not in guard.NEEDS} == set()
    assert len(found) > 20


def test_what_is_open_to_anyone_is_this_and_no_more(flask: Flask) -> None:
    anyone = {path for method, path, endpoint in routes(flask) if guard.needed(flask, endpoint) == guard.ANYONE}
    assert anyone == {
        "/", "/pair", "/texts/en.json", "/manifest.webmanifest", "/authority.crt", "/static/phone.css",
        "/api/v1/capabilities", "/api/v1/openapi.json", "/api/v1/token",
    }  # fmt: skip


@pytest.mark.parametrize("who", VISITORS)
def test_every_route_lets_in_whom_it_names_and_nobody_else(flask: Flask, opened: Opened, who: str) -> None:  # A000-15
    for method, path, endpoint in routes(flask):
        what = guard.needed(flask, endpoint)
        assert what is not None
        if path == "/api/v1/stream" and who in WHO[what]:
            continue  # it does not end; test_stream looks at it
        asking = visitor(opened, flask, who)
        answer = asking(path, method, {}) if method in ("POST", "PATCH") else asking(path, method)
        code = answer.json.get("error", "") if answer.headers.get("Content-Type") == "application/json" else ""
        if who in WHO[what]:
            assert answer.status not in (403,), (method, path)
            assert answer.status != 401 or path == "/api/v1/token", (method, path)
        elif who in tokens.ROLES:
            assert (answer.status, code) == (403, "role"), (method, path)
        else:
            assert (answer.status, code) == (401, ERRORS.get(who, f"token_{who}")), (method, path)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_route_that_says_nothing_does_not_answer(flask: Flask, reader: App) -> None:
    flask.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")
    assert reader("/forgotten").status == 404


@pytest.mark.parametrize("peer", ["8.8.8.8", "2001:db8::1", "100.64.0.1", ""])
def test_a_good_token_is_worth_nothing_outside_the_local_network(reader: App, peer: str) -> None:  # A000-30
    answer = reader("/live", peer=peer)
    assert (answer.status, answer.json["error"]) == (403, "not_local")
    assert reader("/live", peer="192.168.1.20").status == 200


def test_nothing_answers_while_the_service_is_off(reader: App, opened: Opened) -> None:  # X-05, A000-30
    settings.put(opened.store, opened.clock.now(), ADMIN, "service.phone", "off")
    assert {reader(path).status for path in ("/live", "/capabilities", "/token")} == {503}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_changes_nothing(flask: Flask, opened: Opened, site: str) -> None:
    charging = App(flask.test_client(), token_of(opened, "charge")[1])
    answer = charging("/points/1/stop", "POST", Sec_Fetch_Site=site)
    assert (answer.status, answer.json["error"]) == (403, "cross_site")


@pytest.mark.parametrize("host", ["", "a b", "<script>", "x" * 300])
def test_a_host_that_is_none_is_refused(app: App, host: str) -> None:
    assert app("/capabilities", Host=host).status == 400


@pytest.mark.parametrize(
    "path", ["/api/v1//live", "/api/v1/live/", "/api/v1/%2e%2e/live", "/api/v1/..;/live", "//api/v1/live",
             "/api/v1/LIVE", "/static/../app.py", "/static/%2e%2e/app.py", "/api/v1/points/-1/start"],
)  # fmt: skip
def test_no_trick_with_paths_leads_anywhere(app: App, path: str) -> None:
    answer = app.client.get(path, base_url="https://localhost", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code in (308, 401, 404, 405)
    assert b"create_app" not in answer.data


def test_a_file_is_packed_once_however_its_address_is_written(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []

    def compress(body: bytes) -> bytes:
        packed.append(body)
        return gzip.compress(body)

    monkeypatch.setattr("ui.serving.answers.gzip", SimpleNamespace(compress=compress))
    for written in ("phone.css", "phone.css?1", "./phone.css", "x1/../phone.css", "x2/../phone.css"):
        assert gzip.decompress(app(f"/static/{written}", Accept_Encoding="gzip").body) == packed[0], written
    assert len(packed) == 1, "what is kept would grow with every address a stranger thinks of"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer ww_\x7f", "Token abc", "Bearer " + "x" * 5000]
)
def test_no_other_way_of_signing_in_is_known(flask: Flask, header: str) -> None:  # 5.1-2A
    asking = App(flask.test_client())
    assert asking("/live", Authorization=header).status == 401


def test_a_token_in_the_address_is_no_token(flask: Flask, opened: Opened) -> None:  # reading 15
    _, secret = token_of(opened)
    for name in ("token", "access_token", "authorization"):
        assert App(flask.test_client())(f"/live?{name}={secret}").status == 401


def password_opens(it: Opened, password: str) -> bool:
    """Tell whether the web admin lets `admin` in with this password, and the code of the touchscreen."""
    window = web_window.enable(it.store, it.clock, audit.TOUCH)
    code = presence.code(it.key(), window.opening)
    return isinstance(web_sign_in.sign_in(it, "admin", password, code, "192.168.1.20", ""), str)


def test_a_password_works_as_before_beside_and_after_a_token(
    flask: Flask, opened: Opened
) -> None:  # A000-01, -03, -04, -05
    web_accounts.ensure_default(opened)
    assert password_opens(opened, "admin")
    token, secret = token_of(opened)
    assert password_opens(opened, "admin")
    assert [App(flask.test_client(), secret)("/live").status for _ in range(3)] == [200, 200, 200]
    tokens.revoke(opened, token.id, ADMIN)
    assert password_opens(opened, "admin")
    assert App(flask.test_client(), secret)("/live").status == 401


def test_a_token_outlives_a_change_of_the_password(reader: App, opened: Opened) -> None:  # A000-06
    web_accounts.ensure_default(opened)
    window = web_window.enable(opened.store, opened.clock, audit.TOUCH)
    session = web_sign_in.sign_in(
        opened, "admin", "admin", presence.code(opened.key(), window.opening), "192.168.1.20", ""
    )  # fmt: skip
    assert isinstance(session, str)
    who = web_sessions.of_token(opened, session)
    assert who is not None
    assert isinstance(web_sign_in.change_password(opened, who, "admin", "kettle orbit 9", "kettle orbit 9"), str)
    assert not password_opens(opened, "admin") and password_opens(opened, "kettle orbit 9")
    assert reader("/live").status == 200
    web_accounts.reset_admin(opened, audit.CLI)
    assert reader("/live").status == 200


@pytest.mark.parametrize("name", ["content-security-policy", "x-content-type-options", "referrer-policy"])
def test_every_answer_has_the_headers(app: App, name: str) -> None:
    for path in ("/", "/api/v1/live", "/api/v1/nothing", "/api/v1/capabilities"):
        headers = {key.lower(): value for key, value in app(path).headers.items()}
        assert headers[name] and "unsafe" not in headers[name] and headers["cache-control"] == "no-store"
