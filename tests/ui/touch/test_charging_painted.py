"""What the charging pages say in every state: without a meter or tariff, in private, over the hour that comes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from appliance.charging import why
from appliance.charging.asked import Decision
from appliance.charging.rules import Result
from appliance.charging.why import Told
from tests.ui.touch.looks import CHARGING, DAY, EMPTY, NOW, POINT, WAITING
from tests.ui.touch.looks_charging import CLOSELY, LAST, MONTH, QUIET, REASONS, RUNS, STORY
from tests.ui.touch.screen import plain
from tests.ui.touch.staged import Painted
from ui.touch import face
from ui.touch.screens.charging import telling
from ui.touch.screens.charging.asking import NAME_S
from ui.touch.screens.charging.now import ChargingNow, ReaderNow
from ui.touch.screens.charging.session_data import Line, Month
from ui.touch.status import PointNow, Status
from ui.touch.widgets import growing

LONG = "Maximiliane von Hohenstein-Waldburg zu Zeil und Trauch"
ZONE = NOW.tzinfo
UTC_NOW = NOW.astimezone(UTC)


def at(point: PointNow, page: object = QUIET, **fields: object) -> Status:
    """A house with this point, and what was looked at beside it."""
    return replace(DAY, points=(point,), page=page, **fields)  # type: ignore[arg-type]  # fields of Status


def running(**fields: object) -> PointNow:
    return replace(CHARGING.points[0], **fields)  # type: ignore[arg-type]  # fields of PointNow


# The pane ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(face.ICONS))
def test_every_state_has_a_sentence_and_an_icon(state: str) -> None:
    painted = Painted("charging", at(replace(POINT, state=state), None))
    assert painted.page.ids.pane.title
    assert face.ICONS[state] in painted.icons


def test_a_point_that_charges_without_a_meter_shows_no_number_it_does_not_know() -> None:
    painted = Painted("charging", at(running(energy_wh=None, power_w=None), replace(RUNS, cost=None, curve=())))
    pane = painted.page.ids.pane
    assert (pane.big, pane.power, pane.cost) == ("", "–", "–")
    assert painted.says("Anna Berger", "0:42:10", "Stop charging")


def test_who_charges_may_be_nobody_in_particular_or_have_a_long_name() -> None:
    assert Painted("charging", at(running(user=None), RUNS)).says("Without authorization")
    assert Painted("charging", at(running(user=LONG), RUNS)).says(LONG)


def test_time_and_cost_of_a_charge_over_the_hour_that_comes_twice() -> None:
    began = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer
    now = datetime(2026, 10, 25, 2, 15, tzinfo=UTC).astimezone(ZONE)  # 03:15 in winter
    painted = Painted("charging", replace(at(running(began_at=began), RUNS), now=now))
    assert painted.page.ids.pane.duration == "1:45:00"
    assert painted.page.ids.pane.begin == "02:30"


def test_the_start_window_counts_down_and_offers_to_cancel() -> None:
    painted = Painted("charging", replace(WAITING, page=QUIET))
    assert painted.says("4:12", "Cancel") and not painted.says("Stop charging")


def test_in_private_neither_name_nor_value_is_seen_but_the_way_to_stop() -> None:
    painted = Painted("charging", at(running(), RUNS, private=True))
    assert painted.says("Hidden", "Names and values are hidden here.", "Stop charging")
    assert not painted.says("Anna") and not painted.says("kWh") and not painted.says("€")


def test_what_was_looked_at_for_another_point_is_not_shown_here() -> None:
    painted = Painted("charging", at(running(), replace(RUNS, point_id=99)))
    assert painted.page.ids.pane.cost == "–" and painted.page.ids.pane.why == ""


def test_a_free_point_asks_for_nothing_and_a_faulty_one_does_not_say_free() -> None:
    free = Painted("charging", at(replace(POINT, mode="free", state="idle"), replace(QUIET, why=Told(why.NOW["free"]))))
    assert free.says("No PIN is needed.") and not free.says("OK")
    broken = Painted("charging", at(replace(POINT, mode="free", state="fault")))
    assert not broken.says("No PIN is needed.") and broken.says("see the fault above")


def test_the_pad_is_off_while_one_has_to_wait_except_for_the_pin_after_a_card() -> None:
    waits = Painted("charging", at(POINT, QUIET, keypad_wait_s=58.0))
    assert waits.says("Too many wrong codes. Wait 0:58.") and not waits.target("5")["enabled"]
    card = replace(QUIET, why=Told(why.NOW["pin"], {"left": "0:41"}), pin_left="0:41")
    after = Painted("charging", at(POINT, card, keypad_wait_s=58.0))
    assert after.says("Now the PIN", "0:41 left") and after.target("5")["enabled"]


def test_a_wait_that_is_over_gives_the_pad_back() -> None:
    painted = Painted("charging", at(POINT, QUIET, keypad_wait_s=1.0))
    painted.again(at(POINT, QUIET))
    assert painted.target("5")["enabled"] and not painted.says("Too many wrong codes.")


def test_readers_are_named_by_what_they_want() -> None:
    hall, carport = ReaderNow(1, "Hall", near=False), ReaderNow(2, "Carport", near=True)
    assert Painted("charging", at(POINT, replace(QUIET, readers=(hall,)))).says("Hold your card to the reader.")
    assert Painted("charging", at(POINT, replace(QUIET, readers=(carport,)))).says("My phone or tag is here")
    listens = replace(carport, listens_s=12.0)
    assert Painted("charging", at(POINT, replace(QUIET, readers=(listens,)))).says("Looking for your phone … 0:12")
    nothing = Painted("charging", at(POINT, replace(QUIET, readers=())))
    assert not nothing.says("reader") and not nothing.says("phone")


def test_the_last_charge_is_told_at_an_idle_point_only_where_that_is_not_private() -> None:
    yesterday = replace(LAST, ended_at=UTC_NOW - timedelta(hours=23))
    seen = replace(QUIET, last=yesterday)
    assert Painted("charging", at(POINT, seen)).says("Last charge: 12.3 kWh, Fri 19 Jun 16:24")
    assert not Painted("charging", at(POINT, seen, private=True)).says("Last charge")
    assert Painted("charging", at(POINT, replace(QUIET, last=None))).says("What happened here")


def test_a_session_that_runs_on_is_no_last_charge_without_its_end() -> None:
    lost = replace(LAST, ended_at=None, end_wh=None)
    assert Painted("charging", at(POINT, replace(QUIET, last=lost))).says("Last charge: –")


# Several points ------------------------------------------------------------------------------------


def test_twelve_points_with_long_names_have_a_card_each() -> None:
    points = tuple(replace(POINT, id=number, name=f"{LONG} {number}") for number in range(12))
    painted = Painted("charging", replace(DAY, points=points))
    assert len(painted.page.ids.cards.children) == 12
    assert not painted.says("OK")  # the pane of a single point is out of sight


def test_a_point_that_comes_or_goes_changes_overview_into_pane_and_back() -> None:
    second = replace(POINT, id=2, name="Carport")
    painted = Painted("charging", at(POINT))
    painted.again(replace(DAY, points=(POINT, second)))
    assert painted.says("Carport", "Wallbox") and not painted.says("OK")
    painted.again(at(second))
    assert painted.says("OK") and painted.page.point_id == 2
    painted.again(EMPTY)
    assert painted.says("No charging point is set up.") and not painted.says("OK")


def test_cards_say_who_and_how_much_and_in_private_neither() -> None:
    points = (POINT, replace(running(), id=2, name="Garage"))
    open_ = Painted("charging", replace(DAY, points=points))
    assert open_.says("Anna Berger", "3.30 kWh", "11.0 kW")
    private = Painted("charging", replace(DAY, points=points, private=True))
    assert not private.says("Anna") and not private.says("kWh")
    assert private.says("Charging")


def test_the_page_of_a_point_that_is_gone_shows_another() -> None:
    painted = Painted("charge_point", replace(DAY, points=(POINT, replace(POINT, id=2, name="Carport"))))
    painted.page.point_id = 7
    painted.again(replace(DAY, points=(replace(POINT, id=2, name="Carport"),)))
    assert painted.says("Carport") and painted.page.point_id == 2


# Sessions ------------------------------------------------------------------------------------------


def line(**fields: object) -> Line:
    whole = Line(1, "Anna Berger", "Wallbox", NOW - timedelta(hours=5), NOW - timedelta(hours=3), 12_345, None, "stop")
    return replace(whole, **fields)  # type: ignore[arg-type]  # fields of Line


def month(*lines: Line, **fields: object) -> Status:
    found = Month(date(2026, 6, 1), lines, "EUR", has_earlier=False, has_later=False)
    return replace(DAY, page=replace(found, **fields))  # type: ignore[arg-type]  # fields of Month


def test_the_sums_of_a_month_leave_out_what_is_not_known() -> None:
    painted = Painted(
        "sessions", month(line(), line(id=2, energy_wh=None), line(id=3, energy_wh=500, cost=Decimal("0.17")))
    )
    assert painted.says("3 sessions · 12.8 kWh · 0.17 €")
    assert Painted("sessions", month(line(energy_wh=None))).says("1 session")
    assert not Painted("sessions", month(line(energy_wh=None))).says("kWh")


def test_money_that_comes_back_has_its_sign() -> None:
    painted = Painted("sessions", month(line(cost=Decimal("-1.20"))))
    assert any(text.endswith("1.20 €") and text[0] in "-−" for text in painted.texts)


def test_a_month_of_nothing_says_whether_there_was_ever_something() -> None:
    assert Painted("sessions", month()).says("No session yet. Tap Charging and enter a PIN.")
    assert Painted("sessions", month(has_earlier=True)).says("No session in this month.")


def test_a_session_that_runs_has_no_end_yet_and_is_counted() -> None:
    painted = Painted("sessions", month(line(ended_at=None, energy_wh=None, end_reason=None)))
    assert painted.says("…", "charging", "1 session", "– now")


def test_of_five_hundred_sessions_all_are_counted_and_the_first_are_made() -> None:
    painted = Painted("sessions", month(*(line(id=number) for number in range(500))))
    assert painted.says("500 sessions")
    assert len(painted.page.ids.rows.children) == growing.FIRST  # the rest follows the finger


def test_private_sessions_are_cleared_from_the_page_at_once() -> None:
    painted = Painted("sessions", replace(DAY, page=MONTH))
    assert painted.says("Anna Berger")
    painted.again(replace(DAY, page=MONTH, private=True))
    assert painted.says("Names and values are hidden") and not painted.says("Anna")
    assert painted.page.ids.rows.children == []
    assert painted.page.sight() is None  # nobody even looks


def test_all_sessions_have_a_title_and_a_way_back() -> None:
    painted = Painted("all_sessions", replace(DAY, page=MONTH, private=True))
    assert painted.says("All sessions", "June 2026", "Ben Maier")
    assert [one["labels"] for one in [painted.target("icon:back")]] == [["icon:back"]]


# One session ---------------------------------------------------------------------------------------


def facts(painted: Painted) -> dict[str, str]:
    return {fact.title: plain(fact.text) for fact in painted.page.ids.facts.children}


@pytest.mark.parametrize(
    ("began", "ended", "shown"),
    [
        ("2026-10-24T23:30", "2026-10-25T02:30", ("25/10/2026, 01:30", "25/10/2026, 03:30", "3:00:00")),  # winter comes
        ("2026-03-29T00:30", "2026-03-29T02:30", ("29/03/2026, 01:30", "29/03/2026, 04:30", "2:00:00")),  # summer comes
        ("2026-06-20T10:00", "2026-06-20T10:00", ("20/06/2026, 12:00", "20/06/2026, 12:00", "0:00:00")),
    ],
)
def test_the_time_of_a_session_is_what_passed_not_what_clocks_show(
    began: str, ended: str, shown: tuple[str, str, str]
) -> None:
    session = replace(
        LAST, began_at=datetime.fromisoformat(began).replace(tzinfo=UTC),
        ended_at=datetime.fromisoformat(ended).replace(tzinfo=UTC),
    )  # fmt: skip
    found = facts(Painted("session", replace(DAY, page=replace(CLOSELY, session=session))))
    assert (found["Begin"], found["End"], found["Time"]) == shown


def test_a_running_session_has_no_end_and_its_time_goes_on() -> None:
    session = replace(LAST, ended_at=None, end_wh=None, end_reason=None)
    painted = Painted("session", replace(DAY, page=replace(CLOSELY, session=session, energy_wh=None, cost=None)))
    found = facts(painted)
    assert (found["End"], found["Meter, end"], found["Ended by"]) == ("–", "–", "charging")
    assert found["Time"] == "26:00:00"


def test_a_session_without_meter_card_or_price_has_dashes() -> None:
    bare = replace(LAST, user=None, identification=None, begin_wh=None, end_wh=None, remark_codes=())
    painted = Painted("session", replace(DAY, page=replace(CLOSELY, session=bare, cost=None, per_kwh=(), curve=())))
    found = facts(painted)
    assert {found[name] for name in ("Card or PIN", "Meter, begin", "Meter, end", "Price per kWh")} == {"–"}
    assert painted.says("Without authorization", "No curve is kept of this session.")


def test_prices_that_changed_on_the_way_are_all_named() -> None:
    closely = replace(CLOSELY, per_kwh=("0.34", "0.2855", "0.3000", "-0.05"))
    painted = Painted("session", replace(DAY, page=closely))
    assert facts(painted)["Price per kWh"].replace("−", "-") == "0.34 € / 0.2855 € / 0.30 € / -0.05 €"
    german = Painted("session", replace(DAY, page=closely), language="de")
    assert "0,2855 €" in plain(" ".join(fact.text for fact in german.page.ids.facts.children))


def test_a_code_does_not_wait_for_a_name_for_ever() -> None:
    painted = Painted("charging", at(POINT))
    pane = painted.page.ids.pane
    assert not pane._nobody.is_triggered
    pane.mode, pane._code = "busy", "2718"
    pane._answered(pane._question, Decision(Result.NAME_NEEDED), None)
    assert (pane.mode, pane._code, pane._nobody.is_triggered) == ("who", "2718", True)
    pane._nobody.get_callback()(NAME_S)
    assert (pane.mode, pane._code, pane._nobody.is_triggered) == ("keypad", "", False)


def test_in_private_a_session_is_not_even_looked_at() -> None:
    painted = Painted("session", replace(DAY, page=CLOSELY))
    assert painted.says("Anna Berger")
    painted.again(replace(DAY, page=CLOSELY, private=True))  # since a moment ago
    assert painted.app.root.screen == "sessions" and not painted.says("Anna Berger")
    assert painted.page.sight() is None
    behind = Painted("session_behind_pin", replace(DAY, page=CLOSELY, private=True))
    assert behind.says("Anna Berger", "12.3 kWh")


# Why -----------------------------------------------------------------------------------------------


def test_the_story_offers_reasons_only_where_they_are_hidden() -> None:
    assert Painted("why", replace(DAY, page=STORY)).says("Show reasons", "Refused.")
    behind = Painted("why_all", replace(DAY, page=REASONS))
    assert not behind.says("Show reasons") and behind.says("Ben Maier")


def test_a_step_of_another_day_has_its_day() -> None:
    assert plain(telling.when(NOW, NOW, "en")) == "15:24"
    assert plain(telling.when(NOW - timedelta(days=1), NOW, "en")) == "Fri 19 Jun 15:24"
    midnight = NOW.replace(hour=0, minute=0)
    assert plain(telling.when(midnight - timedelta(minutes=1), NOW, "de")) == "Fr., 19. Juni 23:59"


def test_a_sentence_lacks_nothing_when_a_value_is_missing() -> None:
    quiet = ChargingNow(1, Told(why.NOW["waiting"], {"left": "4:12"}), "authorized", "authorized")
    assert Painted("charging", at(replace(POINT, state="waiting", window_left_s=252.0), quiet)).says(
        "Waiting for the car"
    )
