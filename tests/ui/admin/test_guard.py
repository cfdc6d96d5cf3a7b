"""Deny by default: the whole route table against everybody who might ask."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from appliance import audit
from appliance.access import presence, tokens, web_accounts, web_sessions, web_sign_in, web_window
from appliance.backup import key as backup_key
from appliance.billing import tariffs
from appliance.charging import identifications, learning, points, users
from appliance.metering import errands, meters, scans
from appliance.network import addresses, links
from appliance.opened import Opened
from tests.fake_clock import FakeClock
from ui.admin import guard
from ui.admin.app import create_app

GOOD = "kettle orbit 9"
ROLES = web_sessions.ROLES
EXAMPLES: dict[str, object] = {
    "user_id": 1,
    "identification_id": 1,
    "point_id": 1,
    "backup_id": 1,
    "meter_id": 1,
    "scan_id": 1,
    "token_id": 1,
    "account_id": 1,
    "session_id": 1,
    "what": "remove",
    "kind": "csv",
    "task_id": 1,
    "way": "wired",
    "order": "restart",
    "state": "on",
    "target": "folder",
    "attempt_id": 1,
    "request_id": 1,
    "tariff_id": 1,
    "vehicle_id": 1,
    "code": "de",
    "filename": "admin.css",
    "address": "uPlot-0.min.css",
}
MAY_BE_GONE = ("backups.download", "restore.one", "help.bundle", "tasks.made")
MAY_CHANGE = {  # reading 23
    "anyone": """
        sign_in.sign_in sign_in.code status.language
    """,
    "viewer": """
        sign_in.sign_out password.change second_factor.second_factor second_factor.turn_off browsers.end
    """,
    "operator": """
        charging.start charging.stop users.new users.edit identifications.new identifications.edit
        identifications.remove backups.make meters.registers reports.verify point.edit guests.new
        learning.cards learning.cancel learning.adopt user_rules.rules user_rules.add_vehicle
        user_rules.archive_vehicle user_import.user_import history.make_file
    """,
    "admin": """
        identifications.show charging_authorization.save meters.new meters.edit meters.archive
        meters.activate meters.remove meter_search.begin meter_search.stop preferences.preferences
        tariffs.new tariffs.edit tariffs.archive machine.find_wifi machine.wifi machine.forget_wifi
        machine.address machine.time machine.time_server machine.power_now machine.make_support restore.one
        backup_upload.upload browsers.end_all accounts.new accounts.edit accounts.end access_tokens.new
        access_tokens.confirm access_tokens.edit access_tokens.revoke access_tokens.delete counters.reset
        factory.factory point_form.new point_form.edit point_form.archive point_form.activate
    """,
}
Client = Callable[[str | None], FlaskClient]


@pytest.fixture
def app(opened: Opened, quick_passwords: None) -> Flask:
    """The app of an appliance with one of everything, its window open."""
    backup_key.make(opened.home.keys)
    web_accounts.ensure_default(opened)
    for role in ROLES:
        web_accounts.add(opened, audit.CLI, f"the {role}", role, GOOD)
    user = users.add(opened.store, opened.clock, "Anna", "Berger", actor=audit.CLI)
    identifications.add(
        opened.store, opened.key(), opened.clock, user.id, type="pin", code="#271828", active=True, actor=audit.CLI
    )
    points.add(opened.store, opened.clock, name="Wallbox", relay="gpio:17", actor=audit.CLI)
    meters.add(opened.store, opened.clock, name="Grid", model="sunspec", url="tcp://192.0.2.7", unit=1, actor=audit.CLI)
    errands.ask(opened.live, opened.clock, scans.KIND, {})
    links.find_wifi(opened, audit.CLI)
    tokens.create(opened, audit.CLI, "Phone")
    learning.ask(opened.store, opened.clock, "reader:Front door", user.id, actor=audit.CLI)
    tariffs.add(opened.store, opened.clock, "Contract", "fixed", actor=audit.CLI)
    web_window.enable(opened.store, opened.clock, audit.TOUCH)
    return create_app(opened)


@pytest.fixture
def client(app: Flask, opened: Opened) -> Client:
    """A browser without a session, or one signed in with a role."""

    def make(role: str | None) -> FlaskClient:
        found = app.test_client()
        found.environ_base["wsgi.url_scheme"] = "https"
        if role is not None:
            token = web_sign_in.sign_in(opened, f"the {role}", GOOD, "", "", "")
            assert isinstance(token, str)
            found.set_cookie(guard.COOKIE, token, domain="localhost", secure=True)
        return found

    return make


def rules(app: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})
    ]


def ask(browser: FlaskClient, app: Flask, rule: Rule, method: str) -> int:
    """The status of one route. Forms are sent without their key: what got past the guard stops there."""
    with app.test_request_context(base_url="https://localhost"):
        path = app.url_map.bind("localhost").build(rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments})
    if rule.endpoint == "bootstrap.static":
        path = "/bootstrap/static/css/bootstrap.min.css"
    return browser.open(path, method=method, base_url="https://localhost").status_code


def test_every_route_says_whom_it_is_for(app: Flask) -> None:
    assert len(rules(app)) > 25
    assert [rule.endpoint for rule, _ in rules(app) if guard.needed_role(app, rule.endpoint) is None] == []


def test_who_is_not_in_the_local_network_gets_no_page_even_with_a_good_session(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "own_networks", lambda: [ipaddress.ip_network("2001:db8:7::/64")])
    answers = {
        peer: client("admin").get("/", base_url="https://localhost", environ_overrides={"REMOTE_ADDR": peer})
        for peer in ("8.8.8.8", "2001:db8:8::1", "", "192.168.1.20", "2001:db8:7::5")
    }
    assert [answer.status_code for answer in answers.values()] == [403, 403, 403, 200, 200]
    assert answers["8.8.8.8"].text == "The web admin answers in the local network only."
    posted = client(None).post("/sign-in", base_url="https://localhost", environ_overrides={"REMOTE_ADDR": "8.8.8.8"})
    assert posted.status_code == 403


@pytest.mark.parametrize("role", [None, *ROLES])
def test_each_route_answers_exactly_those_it_is_for(app: Flask, client: Client, role: str | None) -> None:
    browser = client(role)  # no form has its key, so nothing ends this session
    for rule, method in rules(app):
        needed = guard.needed_role(app, rule.endpoint)
        status = ask(browser, app, rule, method)
        if needed == guard.ANYONE:
            half_way = rule.endpoint == "sign_in.code" and method == "GET"  # leads back without a right password
            other_name = rule.endpoint == "front.file"  # its digest is another
            assert status in ((302,) if half_way else (404,) if other_name else (200, 400)), (rule, method)
        elif role is None:
            assert status == (302 if method == "GET" and not rule.rule.endswith(".json") else 401), (rule, method)
        elif needed is not None and ROLES.index(role) >= ROLES.index(needed):
            assert status in (200, 302, 400, 404), (rule, method)
            assert status != 404 or rule.endpoint in MAY_BE_GONE, (rule, method)
        else:
            assert status == 403, (rule, method)


def test_what_a_viewer_an_operator_and_an_admin_may_change_is_what_was_decided(app: Flask) -> None:  # reading 23
    changing = {rule.endpoint: guard.needed_role(app, rule.endpoint) for rule, method in rules(app) if method == "POST"}
    decided = {endpoint: role for role, names in MAY_CHANGE.items() for endpoint in names.split()}
    assert changing == decided


def test_a_route_that_names_no_role_does_not_answer(app: Flask, client: Client) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for role in (None, "admin"):
        answer = client(role).get("/forgotten", base_url="https://localhost")
        assert answer.status_code == 404
        assert b"secret" not in answer.data


def test_an_unknown_role_cannot_be_named() -> None:
    with pytest.raises(ValueError, match="root"):
        guard.needs("root")


def test_nothing_answers_once_the_window_is_closed(app: Flask, client: Client, clock: FakeClock) -> None:  # A003-21
    browsers = [client(role) for role in (None, *ROLES)]
    clock.advance(600)
    for rule, method in rules(app):
        for browser in browsers:
            assert ask(browser, app, rule, method) == 503, (rule, method)


def test_a_session_is_dead_in_the_next_opening(app: Flask, client: Client, opened: Opened, clock: FakeClock) -> None:
    browser = client("admin")
    assert browser.get("/", base_url="https://localhost").status_code == 200
    clock.advance(600)
    web_window.enable(opened.store, clock, audit.TOUCH)
    assert browser.get("/", base_url="https://localhost").headers["Location"] == "/"  # another program has the port
    same = "/history?kind=day&day=2026-11-20&x=%C3%A9"
    assert browser.get(same, base_url="https://localhost").headers["Location"] == same
    for path in ("/%09/evil.example", "/%0A/evil.example", "/%5Cevil.example", "//evil.example"):  # tabs are dropped
        place = browser.get(path, base_url="https://localhost").headers["Location"]
        assert place.startswith("/") and place[:2] not in ("//", "/\\"), place
    assert browser.post("/sign-out", base_url="https://localhost").status_code == 503
    again, cookie = create_app(opened).test_client(), browser.get_cookie(guard.COOKIE)
    assert cookie is not None
    again.set_cookie(guard.COOKIE, cookie.value, domain="localhost", secure=True)
    assert again.get("/", base_url="https://localhost").headers["Location"] == "/sign-in"


def test_with_the_default_password_nothing_opens_but_its_change(
    app: Flask, client: Client, opened: Opened
) -> None:  # A003-24, reading 20
    code = presence.code(opened.key(), web_window.state(opened.store, opened.clock).opening)
    token = web_sign_in.sign_in(opened, "admin", "admin", code, "", "")
    assert isinstance(token, str)
    browser = client(None)
    browser.set_cookie(guard.COOKIE, token, domain="localhost", secure=True)
    open_endpoints = set()
    for rule, method in rules(app):
        status = ask(browser, app, rule, method)
        if guard.needed_role(app, rule.endpoint) == guard.ANYONE:
            continue
        if status in (200, 400):
            open_endpoints.add(rule.endpoint)
        else:
            assert status in (302, 403), (rule, method)
    assert open_endpoints == {"password.change", "sign_in.sign_out", "status.window"}


def test_a_form_without_its_key_changes_nothing(app: Flask, client: Client, opened: Opened) -> None:
    answer = client("operator").post(
        "/configuration/user/local-users/new",
        data={"first_name": "Eve", "last_name": "Mallory"},
        base_url="https://localhost",
    )
    assert answer.status_code == 400
    assert "too old" in answer.text
    assert [user.first_name for user in users.all(opened.store)] == ["Anna"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_sent_from_another_site_is_refused(app: Flask, client: Client, site: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False  # even if its key were known
    answer = client("admin").post("/sign-out", base_url="https://localhost", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    assert client("admin").post("/sign-out", base_url="https://localhost").status_code == 303


def test_nothing_changes_by_a_get(app: Flask, client: Client, opened: Opened) -> None:
    browser = client("admin")
    with opened.store.read() as db:
        before = db.execute("SELECT count(*) FROM audit").get
    for rule, method in rules(app):
        if method == "GET":
            ask(browser, app, rule, method)
    with opened.store.read() as db:
        assert db.execute("SELECT count(*) FROM audit").get == before


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/sign-in?next=https://evil.example/",
        "/static/../../../etc/passwd",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/configuration/backups/1/file/..;/..",
        "/%00",
        "/sessions/sessions.csv/../../x",
    ],
)
def test_strange_paths_lead_nowhere(client: Client, path: str) -> None:
    answer = client("admin").get(path, base_url="https://localhost")
    assert answer.status_code in (200, 302, 308, 400, 404)
    assert "evil" not in answer.headers.get("Location", "")
    assert b"root:" not in answer.data
    assert b"import " not in answer.data


def test_signing_in_goes_to_the_overview_whatever_the_address_says(app: Flask, client: Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client(None).post(
        "/sign-in?next=//evil.example", data={"name": "the viewer", "password": GOOD, "next": "//evil.example"},
        base_url="https://localhost",
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_session_cookie_stays_with_this_browser_and_this_appliance(app: Flask, client: Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client(None).post("/sign-in", data={"name": "the viewer", "password": GOOD}, base_url="https://localhost")
    cookies = [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("__Host-wattward=")]
    (cookie,) = cookies  # A003-20, ASVS 3.3
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie


def test_every_answer_carries_the_security_headers(app: Flask, client: Client) -> None:
    browser = client("admin")
    for path in ("/", "/sign-in", "/nothing-here", "/live.json", "/static/admin.css"):
        headers = browser.get(path, base_url="https://localhost").headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))


@pytest.mark.parametrize("host", ["", "evil example", "a/b", "<script>", "x" * 300])
def test_a_host_that_is_no_name_is_refused(client: Client, host: str) -> None:
    assert client(None).get("/sign-in", headers={"Host": host}).status_code == 400


def test_a_form_that_is_too_large_is_refused(app: Flask, client: Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client("operator").post(
        "/configuration/user/local-users/new", data={"first_name": "x" * 70000}, base_url="https://localhost"
    )
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_defect_shows_a_sentence_and_no_traceback(app: Flask, client: Client) -> None:
    def broken() -> str:
        raise RuntimeError("a secret of the inside")

    app.add_url_rule("/broken", "broken", guard.needs("viewer")(broken))
    answer = client("viewer").get("/broken", base_url="https://localhost")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_store_that_fails_is_a_sentence_too(app: Flask, client: Client, opened: Opened) -> None:
    browser = client("viewer")
    opened.store.close()
    opened.home.store_db.rename(opened.home.store_db.with_name("away.db"))
    answer = browser.get("/", base_url="https://localhost")
    assert answer.status_code == 503
    opened.home.store_db.with_name("away.db").rename(opened.home.store_db)


def test_refusals_at_the_sign_in_page_never_say_what_was_wrong(app: Flask, client: Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    answers = [
        client(None).post("/sign-in", data={"name": name, "password": "wrong words"}, base_url="https://localhost")
        for name in ("the admin", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert len({re.findall(r'role="alert">(.*?)</p>', answer.text)[0] for answer in answers}) == 1


def test_wrong_passwords_make_the_page_ask_to_wait_and_a_new_program_remembers(
    app: Flask, client: Client, opened: Opened
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    form = {"name": "the admin", "password": GOOD}
    for number in range(5):
        client(None).post("/sign-in", data=form | {"password": str(number)}, base_url="https://localhost")
    assert "Wait one minute" in client(None).post("/sign-in", data=form, base_url="https://localhost").text
    again = create_app(opened)  # ASVS 6.3: kept across restarts
    again.config["WTF_CSRF_ENABLED"] = False
    answer = again.test_client().post("/sign-in", data=form, base_url="https://localhost")
    assert "Wait one minute" in answer.text
