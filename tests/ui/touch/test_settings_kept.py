"""What outlives a dark display, other colours and a silent core in the settings, and what must not: the open lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from appliance.charging import users
from appliance.network import links
from tests.patience import PATIENCE_S
from tests.ui.touch.looks import DAY
from tests.ui.touch.looks_measurement import KNOWN_POINT, LOOKING, PLANNED
from tests.ui.touch.looks_settings import HOUSE, OFFERED, _task, seen
from tests.ui.touch.staged import Painted
from ui.touch import rest
from ui.touch.app import PIN_IDLE_S
from ui.touch.gather import CORE_SILENT
from ui.touch.screens.settings import task, text_entry
from ui.touch.screens.settings.measurement_data import SearchSeen
from ui.touch.screens.settings.task import Followed
from ui.touch.screens.settings.weekly_plan_data import Span
from ui.touch.status import Status

WITH_PIN = replace(DAY, pin_set=True)


@pytest.fixture
def painted() -> Iterator[Painted]:
    """A house with a settings PIN, which was given; who comes next finds no page that is about something."""
    found = Painted("system", WITH_PIN)
    yield found
    found.app._set_dimness(0.0)
    found.app.go("energy")
    found.app._show(DAY)
    manager = found.app.root.manager
    for page in [one for one in manager.screens if one is not manager.current_screen]:
        manager.remove_widget(page)
    manager.know({})


def follow(painted: Painted) -> None:
    """Long work that was asked for on the page *System*."""
    painted.app.root.manager.get_screen("task").begin(
        task.Wanted("Support bundle", "system", lambda: 7, lambda _task: "It is written.", "Collecting")
    )
    painted.app.root.go("task")


# The lock ------------------------------------------------------------------------------------------


def test_work_that_is_still_followed_keeps_no_settings_open(painted: Painted) -> None:  # A003-07
    follow(painted)
    painted.app._leave(PIN_IDLE_S - 1)
    assert painted.app.unlocked
    painted.app._leave(PIN_IDLE_S + 1)
    assert (painted.app.root.screen, painted.app.unlocked) == ("task", False)
    painted.app.go("system")
    assert painted.app.root.screen == "pin"


@pytest.mark.parametrize(("dimness", "seen"), [(rest.DIM, "system"), (rest.DARK, "energy")])
def test_the_settings_are_left_in_the_dark(painted: Painted, dimness: float, seen: str) -> None:  # A003-07
    painted.app._set_dimness(dimness)
    painted.app._leave(100.0)
    assert (painted.app.root.screen, painted.app.unlocked) == (seen, seen == "system")


# What is typed -------------------------------------------------------------------------------------


def in_light(status: Status) -> Status:
    """The same in other colours and another language."""
    return replace(status, language="de", display=replace(status.display, theme="light"))


def in_the_dark(painted: Painted, status: Status) -> None:
    """Nobody was there for a while; meanwhile colours and language changed."""
    painted.app._set_dimness(rest.DIM)
    painted.again(in_light(status))
    painted.app._set_dimness(0.0)


def test_a_text_half_typed_outlives_other_colours_another_language_and_a_silent_core(painted: Painted) -> None:
    done: list[str] = []
    text_entry.ask(painted.app, text_entry.Wanted("Name", "system", done.append))
    page = painted.page
    page.ids.entry.ids.board.text = "Carpo"
    painted.again(in_light(WITH_PIN))
    painted.again(replace(in_light(WITH_PIN), problem=CORE_SILENT))
    assert painted.says("The core is not running")
    painted.again(in_light(WITH_PIN))
    assert painted.page is page and painted.says("Carpo", "Name")
    page.ids.entry.ids.board.type("r")
    page.ids.entry.ids.board.finish()
    painted.again(in_light(WITH_PIN))
    assert done == ["Carpor"] and painted.app.language == "de" and painted.says("Support-Paket")


def test_a_draft_is_there_after_the_dark_in_other_colours(painted: Painted) -> None:
    at_form = replace(WITH_PIN, page=KNOWN_POINT)
    form = painted.app.root.manager.get_screen("point_form")
    form.begin(KNOWN_POINT.point_id)
    painted.app.root.go("point_form")
    painted.again(at_form)
    form._change("name", "Carport")
    in_the_dark(painted, at_form)
    assert painted.page is not form
    assert (painted.page.point_id, painted.page.point_name, painted.page.new) == (1, "Carport", False)


def test_an_address_is_still_that_of_the_same_link_with_what_was_typed(painted: Painted) -> None:
    page = painted.app.root.manager.get_screen("address")
    page.prepare(links.WIFI)
    painted.app.root.go("address")
    page.change(automatic=False, address="192.168.178.77")
    in_the_dark(painted, seen(HOUSE))
    assert painted.page is not page
    assert (painted.page.kind, painted.page.changed, painted.page.wanted.address) == (
        links.WIFI, True, "192.168.178.77",
    )  # fmt: skip


def test_an_address_that_cannot_be_stays_to_be_corrected(painted: Painted) -> None:
    page = painted.app.root.manager.get_screen("address")
    page.prepare(links.WIRED)
    painted.app.root.go("address")
    page.change(automatic=False, address="192.168.178.500", gateway="192.168.178.1")
    page.save()
    assert painted.look().says("192.168.178.500 is not an address")
    painted.again(seen(HOUSE))
    assert (painted.page.changed, painted.page.wanted.gateway) == (True, "192.168.178.1")


def test_hours_that_are_changed_stay_a_change(painted: Painted) -> None:
    at_plan = replace(WITH_PIN, page=PLANNED)
    page = painted.app.root.manager.get_screen("plan_hours")
    page.point_id, page.day, page.wanted = 1, 0, Span(480, 600, "free")
    painted.app.root.go("plan_hours")
    in_the_dark(painted, at_plan)
    assert painted.page is not page and not painted.page.is_new
    assert (painted.page.begin_min, painted.page.end_min, painted.page.mode) == (480, 600, "free")


def test_a_backup_that_is_to_be_put_back_is_still_the_same(painted: Painted) -> None:
    one = OFFERED.all[0]
    painted.app.root.manager.get_screen("restore_one").prepare(one, "")
    painted.app.root.go("restore_one")
    in_the_dark(painted, WITH_PIN)
    assert painted.page._one == one and painted.page.title


def test_a_recovery_code_with_a_wrong_letter_stays_to_be_corrected(painted: Painted) -> None:
    typed = " ".join(["ABCD"] * 14 + ["EF"])
    painted.app.root.go("restore")
    painted.page._ask_code(OFFERED.all[2])
    painted.page.ids.entry.ids.board.text = typed
    painted.page.ids.entry.ids.board.finish()
    assert painted.app.root.screen == "text_entry" and painted.page.ids.entry.text == typed
    assert painted.look().says("a letter is wrong")


def test_an_address_in_the_network_is_there_to_be_corrected(painted: Painted) -> None:
    painted.app.root.go("measurement_search")
    page = painted.page
    page.ask_address()
    painted.page.ids.entry.ids.board.text = "192.168.1.300"
    painted.page.ids.entry.ids.board.finish()
    assert painted.page is page
    page.ask_address()
    assert painted.page.ids.entry.text == "192.168.1.300"


def test_a_plan_is_never_that_of_another_point_when_its_own_is_gone(painted: Painted) -> None:
    page = painted.app.root.manager.get_screen("plan_hours")
    page.point_id, page.day, page.wanted = 9, 0, None
    painted.app.root.go("plan_hours")
    painted.again(replace(WITH_PIN, page=PLANNED))
    assert (page.point_id, page._week) == (9, None)
    point = painted.app.root.manager.get_screen("charging_settings_point")
    point.point_id = 9
    painted.app.root.go("charging_settings_point")
    painted.again(replace(WITH_PIN, page=PLANNED))
    assert (point.point_id, point._seen) == (9, None)


# What goes on --------------------------------------------------------------------------------------


def test_work_is_followed_on_in_the_language_of_the_backup_that_was_put_back(painted: Painted) -> None:
    follow(painted)
    painted.page.begun(7, None)
    painted.again(replace(in_light(WITH_PIN), page=Followed(_task("support", "running"))))
    assert painted.says("Support bundle", "Collecting")
    painted.again(replace(in_light(WITH_PIN), page=Followed(_task("support", "done"))))
    assert painted.says("It is written.") and painted.page.over


def test_a_wait_that_is_over_is_not_told_any_more(painted: Painted) -> None:
    painted.app.root.go("change_pin")
    painted.again(replace(WITH_PIN, pin_wait_s=1.0))
    assert painted.says("Wait 0:01")
    painted.again(WITH_PIN)
    assert not painted.says("Wait 0:01") and not painted.page.ids.pad.locked


def test_a_search_is_found_again_after_many_other_pages(painted: Painted) -> None:
    painted.app.root.go("measurement_search")
    page = painted.page
    page._begun(5, None)
    for name in ("measurement", "settings", "display", "about", "system", "security"):
        painted.app.root.go(name)
    painted.app.root.go("measurement_search")
    painted.again(replace(WITH_PIN, page=SearchSeen(LOOKING, (None, None))))
    assert painted.page is not page and painted.page._number == 5
    assert painted.says("Looking for meters …")
    painted.page.begin_anew()
    page.begin_anew()


def test_two_taps_make_one_code_for_a_guest(painted: Painted) -> None:
    painted.app.root.go("guest_code")
    before = len(users.all(painted.app.it.store))
    painted.page.make()
    painted.page.make()
    painted.app._worker._pool.submit(lambda: None).result(PATIENCE_S)
    assert painted.look().page.code and len(users.all(painted.app.it.store)) == before + 1
