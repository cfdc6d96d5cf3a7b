"""Whatever people, meters, cards, tokens, cars and points are called, no page runs a word of it: real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from appliance import audit, faults
from appliance.access import tokens, web_accounts
from appliance.billing import tariffs
from appliance.charging import grants, guests, identifications, learning, points, readers, users, vehicles
from appliance.metering import meters, readings
from appliance.network import links
from appliance.network.links import Link, Network
from appliance.store import settings
from drivers.interfaces import Reading
from tests.ui.admin.conftest import GOOD, Open, Served, Visit
from tests.ui.admin.test_guard import EXAMPLES
from ui.admin.app import create_app

NAMES = (
    "<script>hit()</script>",
    '"><img src=x onerror=hit()>',
    "'-hit()-'",
    "</textarea><svg onload=hit()>",
    "javascript:hit()",
    "{{7*7}}${hit()}",
    "<a href=javascript:hit()>x</a>",
    '" autofocus onfocus=hit() x="',
)
HITS = "window.hits = 0; window.hit = () => { window.hits += 1; };"
INJECTED = """() => [...document.querySelectorAll('*')].filter(one =>
    [...one.attributes].some(at => at.name.startsWith('on') || /^\\s*javascript:/i.test(at.value) && at.name !== 'value'
        && at.name !== 'title' && !at.name.startsWith('aria') && !at.name.startsWith('data')) ||
    (one.tagName === 'SCRIPT' && !one.src && one.type !== 'application/json') ||
    (one.tagName === 'IMG' && one.getAttribute('src') === 'x')
  ).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture
def hostile(served: Served) -> Served:
    """An appliance where everything bears such a name."""
    served.set_password()
    it = served.opened
    for number, name in enumerate(NAMES, 1):
        user = users.add(it.store, it.clock, name, name, actor=audit.CLI)
        identifications.add(
            it.store, it.key(), it.clock, user.id, type="pin", code=f"#27{number:04}", active=True,
            extras=identifications.Extras(name=name),
            actor=audit.CLI,
        )  # fmt: skip
        vehicles.add(it.store, it.clock, user.id, name, actor=audit.CLI)
        meter = meters.add(
            it.store, it.clock, name=name, model="sunspec", url=f"tcp://192.0.2.{number}", unit=1, actor=audit.CLI,
            role="charger" if number > 2 else ("grid", "pv")[number - 1],
        )  # fmt: skip
        readings.put(it.live, it.clock, meter.id, Reading({"power_w": 5.0}, 0.01))
        point = points.add(it.store, it.clock, name=name, relay=f"gpio:{number + 8}", actor=audit.CLI)
        readers.add(it.store, it.clock, name, f"hid:event{number}", [point.id], actor=audit.CLI)
        made, _secret = tokens.create(it, audit.CLI, name, app=name)
        if number % 2:
            tokens.confirm(it, made.id, audit.CLI)
        tariff = tariffs.add(it.store, it.clock, name, "fixed", basis=name, actor=audit.CLI)
        tariffs.set_price(it.store, it.clock, tariff.id, date(2026, 1, 1), Decimal("0.3"), [], actor=audit.CLI)
        grants.authorize(it, f"#9{number:05}", point, "touch", user.id, actor=audit.Actor("touch", name))
        faults.report(it.live, it.clock.now(), f"meter:{number}", "silent", "{name} does not answer.", name=name)
    guests.make(it, identifications.Extras(cap_wh=9), first_name=NAMES[0], last_name=NAMES[1], actor=audit.CLI)
    web_accounts.add(it, audit.CLI, "viewer", "viewer", GOOD)
    learning.ask(it.store, it.clock, f"reader:{NAMES[1]}", 1, NAMES[0], actor=audit.CLI)
    links.put(it, Network(True, (Link("wifi", "wlan0", "connected", NAMES[1], 82),)))
    settings.put(it.store, it.clock.now(), audit.CLI, "site.name", NAMES[1])
    served.enable()
    return served


@pytest.fixture
def admin(hostile: Served, visit: Open) -> Iterator[Visit]:
    it = visit()
    it.page.context.add_init_script(HITS)
    it.answer_dialogs()
    it.sign_in()
    expect(it.page.locator("#time-left")).to_be_visible()
    yield it


def pages(app: Flask) -> list[str]:
    """The address of every page there is."""
    found = []
    with app.test_request_context(base_url="https://localhost"):
        builder = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.rule.endswith(".json") and rule.endpoint != "sign_in.sign_in":
                found.append(builder.build(rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments}))
    return sorted(set(found))


def is_html(page: Page, url: str) -> bool:
    answer = page.context.request.get(url)
    return answer.headers.get("content-type", "").startswith("text/html")


@pytest.mark.slow
def test_no_name_runs_on_any_page(hostile: Served, admin: Visit) -> None:  # SECURITY.md 15
    page, app = admin.page, create_app(hostile.opened)
    looked_at, with_a_name = [], 0
    for path in pages(app):
        if not is_html(page, hostile.url + path):
            continue
        admin.go(path)
        page.wait_for_load_state("load")
        assert page.evaluate("window.hits") == 0, path
        assert page.evaluate(INJECTED) == [], path
        looked_at.append(path)
        with_a_name += "hit()" in (page.locator("body").text_content() or "")
    assert len(looked_at) > 30 and with_a_name > 15
    assert [line for line in admin.complaints if "Content Security Policy" in line] == []
    assert [kind for kind in admin.dialogs if kind != "beforeunload"] == []
    assert admin.foreign() == []


def test_values_that_scripts_put_in_are_text_too(hostile: Served, admin: Visit) -> None:
    admin.go("/")
    page = admin.page
    expect(page.locator("#faults")).to_contain_text("does not answer")
    faults.report(
        hostile.opened.live, hostile.opened.clock.now(), "meter:1", "silent", "{name} is new.", name=NAMES[1]
    )  # fmt: skip
    expect(page.locator("#faults")).to_contain_text(f"{NAMES[1]} is new.")
    assert page.evaluate("window.hits") == 0
    assert page.evaluate(INJECTED) == []


def test_the_check_sees_what_was_put_in(admin: Visit) -> None:
    """A check that cannot fail is none."""
    admin.page.goto("about:blank")  # our own pages would refuse it twice: policy, and trusted types
    admin.page.set_content("<script>hit()</script><img src=x onerror=hit()><a href='javascript:hit()'>x</a>")
    assert len(admin.page.evaluate(INJECTED)) == 3
    assert admin.page.evaluate("window.hits") >= 1
