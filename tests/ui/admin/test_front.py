"""What set-up fetched for browsers: served for a year under a name of its content, or not there at all."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance.opened import Opened
from tests.ui.admin import household
from tests.ui.admin.conftest import GOOD, HERE, Open, Served
from tests.ui.admin.test_pages import meter
from ui.admin import front
from ui.admin.app import create_app


@pytest.fixture
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as set-up fills it."""
    folder = tmp_path / "front"
    folder.mkdir()
    (folder / "uPlot.iife.min.js").write_text("var uPlot = 1; // " + "x" * 2000)
    (folder / "uPlot.min.css").write_text(".uplot {}")
    monkeypatch.setattr(front, "FOLDER", folder)
    return folder


def page(opened: Opened) -> FlaskClient:
    return create_app(opened).test_client()


def test_set_up_has_fetched_it_here() -> None:
    assert set(front.read(front.FOLDER)) == set(front.FILES), "./setup.sh test fetches what browsers get"


def test_a_name_changes_with_the_content_and_may_be_kept_for_a_year(fetched: Path, app: object, opened: Opened) -> None:
    before = front.read(fetched)["uPlot.iife.min.js"].address
    assert re.fullmatch(r"uPlot-[0-9a-f]{12}\.iife\.min\.js", before)
    answer = page(opened).get(f"/front/{before}", base_url=HERE, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip" and answer.mimetype == "text/javascript"
    assert gzip.decompress(answer.data).startswith(b"var uPlot")
    (fetched / "uPlot.iife.min.js").write_text("var uPlot = 2;")
    assert front.read(fetched)["uPlot.iife.min.js"].address != before


def test_a_browser_that_cannot_unpack_gets_it_as_it_is(fetched: Path, app: object, opened: Opened) -> None:
    name = front.read(fetched)["uPlot.min.css"].address
    answer = page(opened).get(f"/front/{name}", base_url=HERE)
    assert answer.data == b".uplot {}" and "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("name", ["uPlot.iife.min.js", "uPlot-000000000000.iife.min.js", "stamp", "..%2fstamp"])
def test_no_other_name_answers(fetched: Path, app: object, opened: Opened, name: str) -> None:
    answer = page(opened).get(f"/front/{name}", base_url=HERE)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_half_of_it_is_none_of_it(fetched: Path) -> None:
    (fetched / "uPlot.min.css").unlink()
    assert front.read(fetched) == {}


def test_without_it_the_page_asks_for_none_and_shows_the_servers_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, admin: FlaskClient, opened: Opened
) -> None:
    monkeypatch.setattr(front, "FOLDER", tmp_path / "nothing")
    for name, role in (("Grid", "grid"), ("Box", "charger"), ("Roof", "pv")):
        meter(opened, name, role, 100.0)
    household.live_through(opened)
    front.install(admin.application)
    shown = admin.get("/", base_url=HERE).text
    assert "/front/" not in shown and "curves.js" in shown
    assert re.search(r'data-line="house" d="M[\d. L]+', shown)


@pytest.mark.parametrize("has_it", [True, False])
def test_a_browser_sees_one_curve_with_and_without_it(served: Served, visit: Open, has_it: bool) -> None:
    served.set_password()
    for name, role in (("Grid", "grid"), ("Box", "charger"), ("Roof", "pv")):
        meter(served.opened, name, role, 100.0)
    household.live_through(served.opened)
    served.enable()
    it = visit()
    if not has_it:
        it.page.route("**/front/*.js", lambda route: route.abort())
    it.sign_in("admin", GOOD)
    it.page.wait_for_load_state()  # its scripts have begun
    assert it.page.evaluate("window.putChart !== undefined")
    drawn, still = it.page.locator("#today canvas"), it.page.locator("#today svg.curve")
    expect(drawn).to_have_count(1 if has_it else 0)
    expect(still).to_be_hidden() if has_it else expect(still).to_be_visible()
    fresh = it.page.evaluate("fetch('/curve.json').then((answer) => answer.json())")
    it.page.evaluate("(now) => window.putChart(document.querySelector('[data-chart]'), now)", fresh)
    expect(drawn).to_have_count(1 if has_it else 0)
    if has_it:
        it.page.locator("#today .u-over").hover()
        expect(it.page.locator(".readout")).to_contain_text("kW")
    assert [line for line in it.complaints if "ERR_FAILED" not in line] == []
