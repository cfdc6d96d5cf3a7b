"""The phone page over hours: a network that falls silent, a charging point that comes and goes, lists that fill."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from playwright.sync_api import Page, Request, Route, expect

from appliance.access import web_window
from appliance.charging import points
from appliance.opened import Opened
from tests.ui.phone.browsing import Phone, Phones, with_running_session, with_sessions
from tests.ui.phone.house import ADMIN, Served, eventually

STREAM = "**/api/v1/stream"
HIDDEN = """hidden => { Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
 document.dispatchEvent(new Event('visibilitychange')); }"""


@contextmanager
def silent(served: Served) -> Iterator[None]:
    """The appliance takes connections and says nothing, as behind a Wi-Fi that is gone."""
    assert served.process is not None
    programs = psutil.Process(served.process.pid).children(recursive=True)
    for one in programs:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in programs:
            os.kill(one.pid, signal.SIGCONT)


def grid(page: Page) -> str:
    """What the grid shows."""
    return page.locator(".node.c-grid .figure").text_content() or ""


def test_old_values_never_look_new_and_are_dashes_after_a_minute(
    phones: Phones, alive: Opened, served: Served
) -> None:  # A000-32, UX check 14
    phone = phones()
    phone.page.clock.install()
    phone.connect()
    expect(phone.page.locator(".node.c-grid .figure")).to_have_text("820W")
    with silent(served):
        expect(phone.page.locator("#fresh")).to_contain_text("As of ")
        expect(phone.page.locator("#away")).to_have_text("The appliance does not answer. Trying again …")
        assert grid(phone.page) == "820W"
        phone.picture("away")
        phone.page.clock.fast_forward(60_000)
        expect(phone.page.locator(".node.c-grid .note")).to_have_text("no data")
        assert grid(phone.page) == "–"
    phone.page.clock.fast_forward(15_000)  # the longest pause between two tries
    expect(phone.page.locator(".node.c-grid .figure")).to_have_text("820W")
    expect(phone.page.locator("#away")).to_be_empty()
    expect(phone.page.locator("#fresh")).not_to_contain_text("As of")


def test_charging_that_nobody_sees_any_more_shows_no_state(phones: Phones, alive: Opened, served: Served) -> None:
    phone = phones()
    phone.page.clock.install()
    phone.connect()
    phone.tab("charging")
    expect(phone.page.locator(".point .state")).to_have_text("Ready")
    with silent(served):
        expect(phone.page.locator("#away")).not_to_be_empty()
        phone.page.clock.fast_forward(60_000)
        expect(phone.page.locator(".point .state")).to_have_text("no data")
        expect(phone.page.locator(".point button:visible")).to_have_count(0)


def running_streams(phone: Phone) -> list[Request]:
    """Those that go on now; keeps itself up to date."""
    running: list[Request] = []
    page = phone.page

    def gone(request: Request) -> None:
        if request in running:
            running.remove(request)

    page.on("request", lambda request: running.append(request) if request.url.endswith("/stream") else None)
    page.on("requestfinished", gone)
    page.on("requestfailed", gone)
    return running


def test_looking_away_and_back_leaves_one_stream(phones: Phones, alive: Opened, served: Served) -> None:
    phone = phones()
    running = running_streams(phone)
    phone.connect()
    served.switch(on=False)
    expect(phone.page.locator("#away")).not_to_be_empty()
    for _ in range(4):
        phone.page.evaluate(HIDDEN, True)
        phone.page.evaluate(HIDDEN, False)
    served.switch(on=True)
    expect(phone.page.locator("#away")).to_be_empty()
    tries = len([url for url in phone.asked if url.endswith("/stream")])
    with phone.page.expect_response("**/api/v1/energy"):  # asked again when the page is seen again
        phone.page.evaluate(HIDDEN, False)
    expect(phone.page.locator("#away")).to_be_empty()
    assert len([url for url in phone.asked if url.endswith("/stream")]) == tries + 1
    eventually(lambda: _waited(phone) and len(running) == 1, f"{len(running)} streams run")


def _waited(phone: Phone) -> bool:
    phone.page.wait_for_timeout(50)  # lets Playwright hear what the browser did
    return True


def test_figures_come_also_when_all_places_of_the_stream_are_taken(phones: Phones, alive: Opened) -> None:
    def full(route: Route) -> None:
        route.fulfill(status=503, json={"error": "full", "message": "Too many streams"})

    phone = phones()
    phone.page.route(STREAM, full)
    phone.connect()
    expect(phone.page.locator(".node.c-grid .figure")).to_have_text("820W")
    assert any(url.endswith("/live") for url in phone.asked)
    expect(phone.page.locator("#away")).to_be_empty()


def test_the_charger_comes_and_goes_on_an_open_page(phones: Phones, alive: Opened) -> None:  # A000-29
    phone = phones()
    phone.connect()
    charger = phone.page.locator("#tabs a[href='#charging']")
    expect(charger).to_be_visible()
    points.archive(alive.store, alive.clock, 1, actor=ADMIN)
    expect(charger).to_have_count(0)
    points.add(alive.store, alive.clock, "Yard", "gpio:27", actor=ADMIN)
    expect(charger).to_be_visible()


def test_charging_points_come_and_go_in_their_list(phones: Phones, alive: Opened) -> None:
    phone = phones()
    phone.connect()
    phone.tab("charging")
    expect(phone.page.locator(".point h2")).to_have_text("Garage")
    points.archive(alive.store, alive.clock, 1, actor=ADMIN)
    expect(phone.page.locator(".points .empty")).to_have_text("There is no charging point.")
    points.add(alive.store, alive.clock, "Yard", "gpio:27", actor=ADMIN)
    expect(phone.page.locator(".points > *")).to_have_count(1)
    expect(phone.page.locator(".point h2")).to_have_text("Yard")


def test_a_session_that_runs_shows_whose_it_is_since_when_and_how_much(phones: Phones, alive: Opened) -> None:
    with_running_session(alive)
    phone = phones()
    phone.connect()
    phone.tab("charging")
    point = phone.page.locator(".point")
    expect(point).to_contain_text("Anna Berger · since ")
    expect(point).to_contain_text(re.compile(r"· 1:2[3-5]"))
    expect(point.locator("dd").last).to_have_text("4.00\u202fkWh")
    expect(point.locator(".danger")).to_be_visible()
    expect(point.locator(".primary")).to_be_hidden()
    phone.picture("running")
    phone.tab("sessions")
    expect(phone.page.locator(".running")).to_contain_text("running")


def test_an_empty_list_of_sessions_fills_and_each_month_has_its_sum(phones: Phones, alive: Opened) -> None:
    phone = phones()  # UX check 31
    phone.connect()
    phone.tab("sessions")
    expect(phone.page.locator(".empty")).to_have_text("No charging sessions yet.")
    phone.picture("no-sessions")
    with_sessions(alive)
    phone.page.evaluate(HIDDEN, False)
    expect(phone.page.locator(".list li")).to_have_count(3)
    figures = phone.page.locator(".month strong").all_text_contents()
    sums = [float(text.removesuffix("kWh").strip()) for text in figures]
    assert abs(sum(sums) - (11.24 + 4.8 + 23.51)) < 0.15, figures  # rounded for people


def test_a_list_of_sessions_that_does_not_come_says_why(phones: Phones, alive: Opened, served: Served) -> None:
    phone = phones()
    phone.page.clock.install()
    phone.connect()
    served.stop()
    phone.tab("sessions")
    expect(phone.page.locator("#away")).to_have_text("The appliance does not answer. Trying again …")
    phone.picture("no-answer")
    served.start()
    eventually(served.answers, "the service does not answer")
    phone.page.clock.fast_forward(30_000)
    expect(phone.page.locator(".empty")).to_have_text("No charging sessions yet.")
    expect(phone.page.locator("#away")).to_be_empty()


def test_what_could_not_be_fetched_comes_soon_after_the_network_is_back(phones: Phones, alive: Opened) -> None:
    phone = phones()
    page = phone.page
    phone.connect()
    lost = re.compile(r"/api/v1/(energy|history|sessions|token)")
    page.route(lost, lambda route: route.abort())
    phone.tab("charging")
    with page.expect_request("**/api/v1/history*"), page.expect_request("**/api/v1/energy"):
        phone.tab("latest")
    expect(page.locator(".tiles .tile")).to_have_count(0)
    page.unroute(lost)
    expect(page.locator(".tiles .tile").first).to_be_visible()
    expect(page.locator(".drawn h2")).to_be_visible()
    page.route(lost, lambda route: route.abort())
    phone.tab("charging")
    phone.tab("sessions")
    expect(page.locator("#away")).not_to_be_empty()
    page.unroute(lost)
    expect(page.locator("#away")).to_be_empty()
    page.route(lost, lambda route: route.abort())
    with page.expect_request(lost):
        phone.tab("charging")
    expect(page.locator(".whose")).to_be_empty()
    page.unroute(lost)
    expect(page.locator(".whose")).to_have_text("Charges for Anna Berger")


def test_a_restart_of_the_service_asks_nobody_anything(phones: Phones, alive: Opened, served: Served) -> None:
    """Access outlives restarts, and both ways in need no password (A000-06, -31)."""
    phone = phones()
    phone.connect()
    served.stop()
    expect(phone.page.locator("#away")).not_to_be_empty()
    served.start()
    expect(phone.page.locator("#away")).to_be_empty()
    for entry in ("latest", "charging"):
        phone.go(f"/#{entry}")
        expect(phone.page.locator("#fresh")).not_to_be_empty()
        assert phone.page.locator("input").count() == 0
    assert not web_window.state(alive.store, alive.clock).open, "nobody signed in anywhere"
