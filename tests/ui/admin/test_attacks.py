"""What somebody tries who is in the network: forms from elsewhere, planted sessions, addresses written strangely."""

from __future__ import annotations

import contextlib
import gzip
import re
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from appliance import audit
from appliance.access import web_accounts
from appliance.opened import Opened
from tests.ui.admin.conftest import GOOD, HERE, Served
from tests.ui.admin.test_guard import EXAMPLES
from tests.ui.serving.visitor import Visitor
from ui.admin import guard
from ui.admin.app import create_app


def changing(app: Flask) -> list[tuple[str, Rule]]:
    """Every address that changes something."""
    with app.test_request_context(base_url=HERE):
        builder = app.url_map.bind("localhost")
        return [
            (builder.build(rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments}), rule)
            for rule in app.url_map.iter_rules()
            if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        ]


def events(opened: Opened) -> int:
    with opened.store.read() as db:
        return int(db.execute("SELECT count(*) FROM audit").get)


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The app with its forms' keys in force, which conftest switches off."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def key_of(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/password", base_url=HERE).text)
    assert found is not None
    return found[1]


def test_no_form_counts_without_its_key_or_with_a_strangers(
    guarded: Flask, client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    browser, strangers_key = client("admin"), key_of(client("operator"))
    mine, before, tried = key_of(browser), events(opened), 0
    for path, rule in changing(guarded):
        for key in (None, "", strangers_key, mine[:-4] + "AAAA"):
            answer = browser.post(path, data={} if key is None else {"csrf_token": key}, base_url=HERE)
            assert answer.status_code == 400, (rule, key)
            tried += 1
    assert tried > 150
    assert events(opened) == before


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_no_form_counts_that_another_page_sends_even_with_the_key(
    guarded: Flask, client: Callable[[str], FlaskClient], opened: Opened, site: str
) -> None:
    browser = client("admin")
    key, before = key_of(browser), events(opened)
    for path, rule in changing(guarded):
        answer = browser.post(path, data={"csrf_token": key}, base_url=HERE, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403, rule
    assert events(opened) == before


def test_nothing_is_changed_by_methods_nobody_thought_of(
    app: Flask, client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    browser, before = client("admin"), events(opened)
    for path, rule in changing(app):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = browser.open(path, method=method, base_url=HERE, headers={"X-HTTP-Method-Override": "POST"})
            assert answer.status_code in (400, 404, 405), (rule, method)
        assert browser.get(path, base_url=HERE, query_string={"_method": "POST"}).status_code in (200, 302, 404, 405)
    assert events(opened) == before


# Over the network -------------------------------------------------------------------------------


@pytest.fixture
def open_admin(served: Served) -> Iterator[Served]:
    served.set_password()
    served.enable()
    yield served


def session_of(visitor: Visitor) -> str:
    return visitor.cookies.get(guard.COOKIE, "")


def test_a_session_that_was_planted_is_not_the_one_signed_in_with(open_admin: Served) -> None:
    """Session fixation: whoever signs in gets a session that nobody knew before, and a new key for forms."""
    attacker, victim = Visitor(open_admin.port), Visitor(open_admin.port)
    attacker.get("/sign-in")
    victim.cookies = dict(attacker.cookies) | {guard.COOKIE: "planted-by-an-attacker"}
    assert victim.post("/sign-in", name="admin", password=GOOD).status == 303
    assert session_of(victim) not in ("", "planted-by-an-attacker")
    assert attacker.get("/").location == "/sign-in"
    for known in ("planted-by-an-attacker", *attacker.cookies.values()):
        attacker.cookies[guard.COOKIE] = known
        assert attacker.get("/").location == "/sign-in"
    old = session_of(victim)
    assert victim.post("/password", current=GOOD, password=GOOD + "x", again=GOOD + "x").status == 303
    assert session_of(victim) != old  # a new password, a new session
    attacker.cookies[guard.COOKIE] = old
    assert attacker.get("/").location == "/sign-in"


def test_a_session_in_the_address_is_none(open_admin: Served) -> None:
    visitor = Visitor(open_admin.port)
    visitor.post("/sign-in", name="admin", password=GOOD)
    token, stranger = session_of(visitor), Visitor(open_admin.port)
    for path in (f"/?{guard.COOKIE}={token}", f"/;{guard.COOKIE}={token}", f"/?session={token}"):
        assert stranger.get(path).status in (302, 404)


TRICKS: tuple[Callable[[str], str], ...] = (
    lambda path: "/" + path,
    lambda path: path.replace("/", "//"),
    lambda path: "/." + path,
    lambda path: "/%2e" + path,
    lambda path: "/static/.." + path,
    lambda path: "/static/%2e%2e" + path,
    lambda path: "/static/..;" + path,
    lambda path: "/sign-in/.." + path,
    lambda path: "/sign-in%2f..%2f" + path.lstrip("/"),
    lambda path: path + "/",
    lambda path: path + "/.",
    lambda path: path + "%00",
    lambda path: path + ";.css",
    lambda path: path + "%3f.css",
    lambda path: path + "/..;/static/admin.css",
    lambda path: path.upper(),
    lambda path: path.replace("e", "%65"),
    lambda path: path.replace("/", "%5c"),
    lambda path: "https://localhost" + path,
)


@pytest.mark.slow
def test_no_way_to_write_an_address_opens_a_page_to_who_is_not_signed_in(open_admin: Served) -> None:  # CVE-2023-27482
    app = create_app(open_admin.opened)
    with app.test_request_context(base_url=HERE):
        builder = app.url_map.bind("localhost")
        paths = [
            builder.build(rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and guard.needed_role(app, rule.endpoint) != guard.ANYONE
        ]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tried = 0
    for path in paths:
        with contextlib.closing(HTTPSConnection("127.0.0.1", open_admin.port, context=context, timeout=30)) as asking:
            for trick in TRICKS:
                asking.putrequest("GET", trick(path), skip_host=True)  # as it stands, not tidied
                asking.putheader("Host", "localhost")
                asking.endheaders()
                answer = asking.getresponse()
                body, place = answer.read(), answer.headers.get("Location", "")
                if answer.status == 200:
                    assert b"/sign-in" in body or trick(path).endswith(".css"), (trick(path), body[:200])
                    assert b"menu-who" not in body
                else:
                    assert answer.status in (302, 308, 400, 401, 404, 405), (trick(path), answer.status)
                    assert not place.startswith("//") and (place.startswith("/") or "localhost" in place or not place)
                tried += 1
                if answer.will_close:
                    asking.close()
    assert tried > 500


def test_roles_are_not_read_from_the_request(open_admin: Served) -> None:
    web_accounts.add(open_admin.opened, audit.CLI, "second", "viewer", GOOD)
    visitor = Visitor(open_admin.port)
    visitor.post("/sign-in", name="second", password=GOOD)
    for headers in ({"X-Role": "admin"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Original-URL": "/"}, {"Role": "admin"}):
        assert visitor.ask("GET", "/system/accounts", None, **headers).status == 403
    assert visitor.get("/system/accounts?role=admin").status == 403


def test_a_file_is_packed_once_however_its_address_is_written(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []

    def compress(body: bytes) -> bytes:
        packed.append(body)
        return gzip.compress(body)

    monkeypatch.setattr("ui.serving.answers.gzip", SimpleNamespace(compress=compress))
    browser = app.test_client()
    plain = browser.get("/static/admin.css", base_url=HERE).data
    for written in ("admin.css", "admin.css?v=1", "admin.css?v=2", "./admin.css", "x1/../admin.css", "x2/../admin.css"):
        answer = browser.get(f"/static/{written}", base_url=HERE, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(answer.data) == plain, written
    assert packed == [plain], "what is kept would grow with every address a stranger thinks of"
