"""Setting charging points up in the web admin: name, wiring, meter, out of use and back; and once in a real browser."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import expect

from appliance import audit
from appliance.charging import points, readers
from appliance.charging.points import Point
from appliance.metering import meters
from appliance.opened import Opened
from tests.ui.admin.conftest import HERE, Open, Served
from tests.ui.admin.test_pages import meter, wallbox

NEW, LIST = "/charging/points/new", "/charging"
FORM = {"name": "Carport", "relay": "gpio:18", "meter": "", "plug": "", "feedback": ""}
BOARD = "tcp://192.168.1.50/1"


def carport(opened: Opened) -> Point:
    return points.find(opened.store, "Carport")


def options(page: str, field: str) -> list[str]:
    """The values a field offers."""
    select = re.search(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
    assert select is not None
    return re.findall(r'<option value="([^"]*)"', select[0])


def chosen(page: str, field: str) -> str:
    select = re.search(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
    assert select is not None
    (value,) = re.findall(r'<option value="([^"]*)" selected', select[0])
    return str(value)


def value(page: str, field: str) -> str:
    found = re.search(rf'<input[^>]* name="{field}"[^>]*?value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def wrong(page: str) -> dict[str, str]:
    """What is said at which field."""
    return {name: html.unescape(text) for name, text in re.findall(r'id="(\w+)-wrong">([^<]*)<', page)}


def last_event(opened: Opened) -> tuple[str, str, str]:
    """Event, actor's surface and name."""
    newest = audit.newest(opened.store)[0]
    return newest.event, newest.actor.surface, newest.actor.name


def test_a_point_is_added_with_all_its_wires_and_its_meter(admin: FlaskClient, opened: Opened) -> None:
    meter(opened, "Carport meter", "charger", None)
    form = FORM | {"meter": "1", "plug": "gpio:23", "plug_opens": "yes", "feedback": "gpio:22"}
    answer = admin.post(NEW, data=form, base_url=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/charging/points/1")
    point = carport(opened)
    assert (point.relay, point.meter_id, point.plug, point.feedback) == ("gpio:18", 1, "gpio:23:nc", "gpio:22")
    assert (point.mode, point.archived) == ("authorized", False)
    assert last_event(opened) == ("point.add", "admin", "admin one")
    page = admin.get("/charging/points/1", base_url=HERE).text
    assert "Carport is set up. Try its contact before a car is there." in page
    for text in ("GPIO 18", "Carport meter", "GPIO 23, opens when a car is plugged in", "GPIO 22"):
        assert f"<dd>{text}</dd>" in page


def test_a_relay_and_a_plug_input_may_be_on_a_modbus_board(admin: FlaskClient, opened: Opened) -> None:
    form = FORM | {
        "relay": "board",
        "relay_board": f"PULSE:{BOARD}/0",
        "plug": "board",
        "plug_board": f"input:{BOARD}/4",
    }
    assert admin.post(NEW, data=form, base_url=HERE).status_code == 303
    assert (carport(opened).relay, carport(opened).plug) == (f"pulse:{BOARD}/0", f"input:{BOARD}/4")
    page = admin.get("/charging/points/1/edit", base_url=HERE).text
    assert (chosen(page, "relay"), value(page, "relay_board")) == ("board", f"pulse:{BOARD}/0")
    assert (chosen(page, "plug"), value(page, "plug_board")) == ("board", f"input:{BOARD}/4")
    assert "watchdog" not in admin.get("/charging/points/1", base_url=HERE).text
    coil = form | {"relay_board": f"coil:{BOARD}/0"}
    assert admin.post("/charging/points/1/edit", data=coil, base_url=HERE).status_code == 303
    assert "Switch on the board&#39;s own watchdog" in admin.get("/charging/points/1", base_url=HERE).text


def test_only_lines_and_meters_that_nothing_else_has_are_offered(admin: FlaskClient, opened: Opened) -> None:
    for name in ("Wallbox meter", "Spare", "Old"):
        meter(opened, name, "charger", None)
    meters.archive(opened.store, opened.clock, 3, actor=audit.CLI)
    other = points.add(opened.store, opened.clock, "Wallbox", "gpio:17", 1, feedback="gpio:22", actor=audit.CLI)
    readers.add(opened.store, opened.clock, "Door", "wiegand:gpio:20,gpio:21", [other.id], actor=audit.CLI)
    page = admin.get(NEW, base_url=HERE).text
    lines = [f"gpio:{number}" for number in (9, 10, 11, 12, 13, 16, 18, 19, 23, 24, 25, 26, 27)]
    assert options(page, "relay") == ["", *lines, "board"]
    assert options(page, "plug") == ["", *lines, "board"]
    assert options(page, "feedback") == ["", *lines]
    assert options(page, "meter") == ["", "2"]
    own = admin.get("/charging/points/1/edit", base_url=HERE).text
    assert {"gpio:17", "gpio:22"} <= set(options(own, "relay"))
    assert (chosen(own, "relay"), chosen(own, "feedback"), chosen(own, "meter")) == ("gpio:17", "gpio:22", "1")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"name": " "}, "name", "has a name of 1 to 80 characters"),
        ({"name": "wallbox"}, "name", "There is a charging point wallbox already"),
        ({"relay": ""}, "relay", "A relay is written gpio:NUMBER"),
        ({"relay": "gpio:8"}, "relay", "A relay is written gpio:NUMBER"),
        ({"relay": "gpio:17"}, "relay", "The pin gpio:17 belongs to Wallbox already"),
        ({"relay": "board", "relay_board": "192.168.1.50"}, "relay_board", "coil:ADDRESS/UNIT/NUMBER"),
        ({"relay": "board", "relay_board": "coil:tcp://192.168.1.50:99999/1/0"}, "relay_board", "address is tcp"),
        ({"relay": "board", "relay_board": f"pulse:{BOARD}/256"}, "relay_board", "from 0 to 255, not 256"),
        ({"relay": "board", "relay_board": ""}, "relay_board", "A relay is written"),
        ({"relay": "board", "relay_board": f"coil:{BOARD}/7"}, "relay_board", "belongs to Garage already"),
        ({"meter": "1"}, "meter", "Wallbox has this meter already"),
        ({"meter": "9"}, "meter", "There is no such meter any more"),
        ({"meter": "x"}, "meter", "There is no such meter any more"),
        ({"plug": "gpio:18"}, "plug", "The pin gpio:18 belongs to Carport already"),
        ({"plug": "board", "plug_board": f"coil:{BOARD}/1"}, "plug_board", "A plug input is written"),
        ({"feedback": "gpio:7"}, "feedback", "A feedback contact is written"),
        ({"feedback": f"input:{BOARD}/1"}, "feedback", "A feedback contact is written"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    admin: FlaskClient, opened: Opened, changes: dict[str, str], field: str, sentence: str
) -> None:
    meter(opened, "Wallbox meter", "charger", None)
    points.add(opened.store, opened.clock, "Wallbox", "gpio:17", 1, actor=audit.CLI)
    points.add(opened.store, opened.clock, "Garage", f"pulse:{BOARD}/7", actor=audit.CLI)
    before, typed = points.all(opened.store), FORM | changes
    answer = admin.post(NEW, data=typed, base_url=HERE)
    assert answer.status_code == 422
    said = wrong(answer.text)
    assert list(said) == [field] and sentence in said[field]
    assert points.all(opened.store) == before
    for name in ("name", "relay_board", "plug_board"):
        assert value(answer.text, name) == typed.get(name, ""), name
    for name in ("relay", "plug"):
        assert not re.fullmatch("board|gpio:.*", typed[name]) or chosen(answer.text, name) == typed[name]


def test_a_point_is_edited_and_only_what_was_typed_changes(admin: FlaskClient, opened: Opened) -> None:
    wallbox(opened)
    points.set_mode(opened.store, opened.clock, 1, "free", actor=audit.CLI)
    form = FORM | {"relay": "gpio:27", "feedback": "gpio:22"}
    answer = admin.post("/charging/points/1/edit", data=form, base_url=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/charging/points/1")
    point = carport(opened)
    assert (point.relay, point.feedback, point.plug, point.mode) == ("gpio:27", "gpio:22", "", "free")
    assert last_event(opened) == ("point.edit", "admin", "admin one")
    cleared = admin.post("/charging/points/1/edit", data=form | {"feedback": ""}, base_url=HERE)
    assert cleared.status_code == 303 and carport(opened).feedback == ""


def test_a_form_sent_as_it_came_changes_nothing(admin: FlaskClient, opened: Opened) -> None:
    meter(opened, "Carport meter", "charger", None)
    points.add(
        opened.store, opened.clock, "Carport", f"coil:{BOARD}/3", 1, plug=f"input:{BOARD}/4:nc", feedback="gpio:15",
        actor=audit.CLI,
    )  # fmt: skip
    page = admin.get("/charging/points/1/edit", base_url=HERE).text
    form = {name: chosen(page, name) for name in ("relay", "plug", "feedback", "meter")}
    form |= {name: value(page, name) for name in ("name", "relay_board", "plug_board")}
    assert 'name="plug_opens" value="yes" checked' in page
    before = carport(opened)
    assert admin.post("/charging/points/1/edit", data=form | {"plug_opens": "yes"}, base_url=HERE).status_code == 303
    assert carport(opened) == before


def test_a_point_goes_out_of_use_and_comes_back(client: Callable[[str], FlaskClient], opened: Opened) -> None:
    admin = client("admin")
    wallbox(opened)
    page = admin.get("/charging/points/1", base_url=HERE).text
    assert 'data-confirm="Put Wallbox out of use? Who charges there is stopped; its sessions stay."' in page
    assert admin.post("/charging/points/1/archive", base_url=HERE).headers["Location"] == "/charging"
    assert points.all(opened.store) == [] and last_event(opened) == ("point.archive", "admin", "admin one")
    for role, listed in (("viewer", False), ("operator", True), ("admin", True)):
        page = client(role).get(LIST, base_url=HERE).text
        assert ("Out of use" in page) is listed and "There is no charging point in use." in page
    page = admin.get("/charging/points/1", base_url=HERE).text
    assert 'class="badge-state">Archived<' in page
    assert 'data-confirm="Use Wallbox again? Its contact may close then."' in page
    assert admin.post("/charging/points/1/activate", base_url=HERE).headers["Location"] == "/charging/points/1"
    assert [point.name for point in points.all(opened.store)] == ["Wallbox"]
    assert last_event(opened) == ("point.activate", "admin", "admin one")


def test_a_point_whose_meter_went_to_another_is_used_again_with_another(admin: FlaskClient, opened: Opened) -> None:
    meter(opened, "Wallbox meter", "charger", None)
    for name, relay in (("Carport", "gpio:18"), ("Wallbox", "gpio:17")):
        points.add(opened.store, opened.clock, name, relay, 1, actor=audit.CLI)
        if name == "Carport":
            points.archive(opened.store, opened.clock, 1, actor=audit.CLI)
    answer = admin.post("/charging/points/1/activate", base_url=HERE)
    assert answer.status_code == 422
    assert "Wallbox has this meter already" in wrong(answer.text)["meter"]
    assert 'action="/charging/points/1/edit"' in answer.text
    assert carport(opened).archived
    assert admin.post("/charging/points/1/edit", data=FORM, base_url=HERE).status_code == 303
    assert admin.post("/charging/points/1/activate", base_url=HERE).status_code == 303
    assert not carport(opened).archived


def test_who_may_not_change_a_point_sees_how_it_is_wired_and_no_way_to_change_it(
    client: Callable[[str], FlaskClient], opened: Opened
) -> None:
    wallbox(opened)
    operator = client("operator")
    page = operator.get("/charging/points/1", base_url=HERE).text
    assert "<dd>GPIO 17</dd>" in page
    for act in ("edit", "archive", "activate"):
        assert f"/charging/points/1/{act}" not in page
        assert operator.post(f"/charging/points/1/{act}", data=FORM, base_url=HERE).status_code == 403
    assert NEW not in operator.get(LIST, base_url=HERE).text
    assert NEW in client("admin").get(LIST, base_url=HERE).text
    assert [point.name for point in points.all(opened.store)] == ["Wallbox"]


def test_the_form_says_how_the_contact_is_wired_and_leads_there(admin: FlaskClient, opened: Opened) -> None:
    page = admin.get(NEW, base_url=HERE).text
    assert "Wire a normally-open contact (COM and NO) to the release input of the charging station" in page
    (path,) = re.findall(r'<a href="(/help#[^"]+)"', page)
    assert f'id="{path.partition("#")[2]}"' in admin.get("/help", base_url=HERE).text


def test_a_point_there_is_none_of_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/charging/points/7/edit", base_url=HERE).status_code == 404
    for act in ("edit", "archive", "activate"):
        assert admin.post(f"/charging/points/7/{act}", data=FORM, base_url=HERE).status_code == 404


def test_in_a_browser_a_point_is_set_up_in_a_hand_put_out_of_use_and_back(served: Served, visit: Open) -> None:
    served.set_password()
    served.enable()
    it = visit(360, 640)
    it.answer_dialogs()
    it.sign_in()
    expect(it.page.locator("#time-left")).to_be_visible()
    it.go(LIST)
    it.page.get_by_role("link", name="Add a charging point").click()
    page = it.page
    expect(page.locator("#relay_board")).to_be_hidden()
    page.fill("#name", "Carport")
    page.get_by_label("Relay", exact=True).select_option("on a Modbus board")
    page.get_by_label("Relay on a Modbus board").fill("192.168.1.50")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#relay_board-wrong")).to_contain_text("A relay is written")
    expect(page.locator("#relay_board")).to_have_value("192.168.1.50")
    it.picture("point-refused")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_label("Relay", exact=True).select_option("GPIO 17")
    expect(page.locator("#relay_board")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Carport is set up.")).to_be_visible()
    page.get_by_role("button", name="Put out of use").click()
    expect(page.get_by_text("Carport is out of use: nobody can charge there.")).to_be_visible()
    page.get_by_role("link", name="Carport").click()
    page.get_by_role("button", name="Use it again").click()
    expect(page.get_by_text("Carport is in use again.")).to_be_visible()
    assert it.dialogs == ["confirm", "confirm"]
    (point,) = points.all(served.opened.store)
    assert (point.name, point.relay, point.mode) == ("Carport", "gpio:17", "authorized")
