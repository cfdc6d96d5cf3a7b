"""What the charging pages look at, without a display: one point closely, its story, sessions by month, the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from appliance import audit, errors
from appliance.billing import tariffs
from appliance.charging import grants, identifications, learning, points, readers, sessions, users, why
from appliance.charging.rules import Result
from appliance.charging.why import Told
from appliance.store import settings
from tests.ui.touch.house import ZONE, House
from ui.text import catalog
from ui.touch import gather
from ui.touch.screens.charging import now, session_data, telling
from ui.touch.screens.settings import charging_settings_data
from ui.touch.status import Status

CARD, NOBODYS = "04A2B31C", "04AABB7766"
CORE = audit.Actor("core", "reader:Hall")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences as they are written."""
    catalog.use("en")
    yield
    catalog.use("en")


def status(house: House) -> Status:
    return gather.collect(house.it)


def look(house: House, point_id: int = 1) -> now.ChargingNow:
    return now.Look(house.clock.boottime_s).look(house.it, status(house), point_id)


def price(house: House, per_kwh: str = "0.50") -> None:
    tariff = tariffs.add(house.it.store, house.clock, "Home", "fixed", actor=audit.CLI)
    tariffs.set_price(house.it.store, house.clock, tariff.id, date(2026, 1, 1), Decimal(per_kwh), actor=audit.CLI)
    settings.put(house.it.store, house.clock.now(), audit.CLI, "billing.tariff", "Home")


def begin(house: House, code: str = "#271828") -> None:
    point = points.get(house.it.store, 1)
    assert grants.authorize(house.it, code, point, "touch", actor=audit.TOUCH).result is Result.ACCEPTED
    house.live(1)
    house.measure(Wallbox_meter=11_000.0)
    house.live(61)


def end(house: House) -> None:
    grants.stop(house.it, 1, audit.TOUCH)
    house.measure(Wallbox_meter=0.0)
    house.live(3)


# One point ----------------------------------------------------------------------------------------


def test_an_idle_point_waits_and_knows_its_readers(house: House) -> None:
    readers.add(house.it.store, house.clock, "Hall", "serial:/dev/ttyUSB0", [1], actor=audit.CLI)
    near = readers.add(house.it.store, house.clock, "Carport", "ble-tag:AA:BB:CC:DD:EE:FF", [1], actor=audit.CLI)
    found = look(house)
    assert found.why == Told(why.NOW["idle"]) and (found.cost, found.curve, found.last) == (None, (), None)
    assert [(one.name, one.near, one.listens_s) for one in found.readers] == [("Carport", True, 0), ("Hall", False, 0)]
    now.ask_near(house.it, 1)
    assert [one.listens_s > 0 for one in look(house).readers] == [True, False]
    readers.edit(house.it.store, house.clock, near.id, enabled=False, actor=audit.CLI)
    assert [one.name for one in look(house).readers] == ["Hall"]


def test_a_running_session_has_its_cost_so_far_and_without_a_tariff_none(house: House) -> None:
    begin(house)
    assert look(house).cost is None
    price(house)
    (running,) = sessions.running(house.it.store)
    (point,) = status(house).points
    assert point.energy_wh is not None and running.begin_wh is not None
    assert look(house).cost == (Decimal(point.energy_wh) / 2000).quantize(Decimal("0.01"))


def test_a_card_that_was_good_awaits_its_pin_for_a_minute(house: House) -> None:
    points.set_rules(house.it.store, house.clock, 1, second_factor=True, actor=audit.CLI)
    identifications.add(
        house.it.store, house.it.key(), house.clock, 2, type="rfid", code=CARD, active=True, actor=audit.CLI
    )
    assert look(house).card_and_pin and look(house).pin_left == ""
    grants.present(house.it, "rfid", CARD, [points.get(house.it.store, 1)], "Hall", actor=CORE)
    assert look(house).pin_left == "1:00"
    house.live(61)
    assert look(house).pin_left == ""


def test_the_story_tells_no_energy_where_that_is_private(house: House) -> None:
    begin(house)
    end(house)
    everything = now.steps(house.it, status(house), 1, reasons=False, private=False)
    quiet = now.steps(house.it, status(house), 1, reasons=False, private=True)
    assert why.ENDED in {step.told.message for step in everything.steps}
    assert {step.told.message for step in everything.steps} - {step.told.message for step in quiet.steps} == {why.ENDED}
    assert not any("Anna" in str(step.told) for step in everything.steps)
    named = now.steps(house.it, status(house), 1, reasons=True, private=False)
    assert any("Anna Berger" in str(step.told) for step in named.steps)
    with pytest.raises(errors.NotFound):
        now.steps(house.it, status(house), 99, reasons=False, private=False)


# Sentences ----------------------------------------------------------------------------------------


def test_places_times_and_energies_are_said_in_the_language_of_the_house(house: House) -> None:
    catalog.use("de")
    at = house.clock.now().astimezone(ZONE)
    began = Told(why.NOW["charging"], {"since": house.clock.now() - timedelta(minutes=5)})
    assert f"{at - timedelta(minutes=5):%H:%M}" in telling.told(began, at, "de")
    assert "12,34" in telling.told(Told(why.ENDED, {"kwh": "12.34"}), at, "de")
    stopped = telling.told(Told(why.STOPPED, {"place": "at the touchscreen"}), at, "de")
    assert "at the touchscreen" not in stopped and "{" not in stopped
    shown = telling.told(Told(why.STOPPED, {"place": why.place("reader:Hall")}), at, "de")
    assert "Hall" in shown and "at the reader" not in shown


def test_each_kind_of_decision_has_its_icon() -> None:
    assert telling.icon(Told(why.REFUSED)) == telling.icon(Told(why.WHY[Result.BLOCKED])) == "refused"
    assert telling.icon(Told(why.DONE[Result.ACCEPTED][0])) == "unlock"
    assert telling.icon(Told(why.BEGAN)) == "bolt" and telling.icon(Told(why.ENDED)) == "check"
    assert telling.icon(Told(why.DONE[Result.LEARNED][1])) == "card" and telling.icon(Told(why.ENDS["stop"])) == "stop"


def test_a_plan_is_said_with_its_next_change(house: House) -> None:
    at = house.clock.now().astimezone(ZONE)
    assert telling.planned("free", at + timedelta(hours=2), at, "en") == f"Free for everybody until {at.hour + 2}:00"
    tomorrow = telling.planned("outside", at + timedelta(hours=20), at, "en")
    assert tomorrow.startswith("Locked by the weekly plan until Sun")
    assert telling.planned("outside", None, at, "en") == "Locked by the weekly plan"
    assert telling.planned("free", None, at, "en") == "By the weekly plan"


# Sessions -----------------------------------------------------------------------------------------


def test_a_month_has_its_sessions_and_what_they_come_to(house: House) -> None:
    price(house)
    first = status(house).now.date().replace(day=1)
    empty = session_data.month(house.it, status(house), first)
    assert (empty.lines, empty.energy_wh, empty.cost, empty.has_earlier, empty.has_later) == (
        (),
        None,
        None,
        False,
        False,
    )
    begin(house)
    end(house)
    begin(house, "#314159")
    found = session_data.month(house.it, status(house), first)
    assert [line.user for line in found.lines] == ["Jörg Öztürk", "Anna Berger"]
    running, ended = found.lines
    assert (running.ended_at, running.energy_wh) == (None, None)
    assert found.energy_wh == ended.energy_wh and ended.energy_wh and ended.energy_wh > 180
    assert found.cost == ended.cost == (Decimal(ended.energy_wh) / 2000).quantize(Decimal("0.01"))
    assert ended.began_at.tzinfo == ZONE and found.currency == "EUR"
    before = session_data.month(house.it, status(house), session_data.earlier(first))
    assert (before.lines, before.has_later, before.has_earlier) == ((), True, False)


@pytest.mark.parametrize(
    ("first", "before", "after"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 2, 1)),
        (date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1)),
        (date(2028, 2, 1), date(2028, 1, 1), date(2028, 3, 1)),
    ],
)
def test_months_follow_each_other(first: date, before: date, after: date) -> None:
    assert (session_data.earlier(first), session_data.later(first)) == (before, after)


def test_a_session_closely_is_what_the_journal_says_once_it_has_ended(house: House) -> None:
    price(house)
    begin(house)
    (running,) = sessions.running(house.it.store)
    now_seen = session_data.closely(house.it, status(house), running.id)
    assert now_seen.session == running and now_seen.energy_wh and now_seen.cost
    end(house)
    (ended,) = sessions.newest(house.it.store)
    seen = session_data.closely(house.it, status(house), running.id)
    assert (seen.session, seen.energy_wh, seen.per_kwh, seen.currency) == (ended, ended.energy_wh, ("0.50",), "EUR")
    with pytest.raises(errors.NotFound):
        session_data.closely(house.it, status(house), 99)


# Settings -----------------------------------------------------------------------------------------


def test_users_are_seen_with_their_codes_and_whether_one_of_them_is_good(house: House) -> None:
    store = house.it.store
    identifications.add(store, house.it.key(), house.clock, 2, type="rfid", code=CARD, active=True, actor=audit.CLI)
    (jorg,) = identifications.all(store, 3)
    identifications.edit(store, house.it.key(), house.clock, jorg.id, expires_on=date(2026, 1, 1), actor=audit.CLI)
    users.block(store, house.clock, 1, actor=audit.CLI)
    seen = {user.id: user for user in charging_settings_data.look(house.it, status(house)).users}
    assert [(seen[i].pins, seen[i].cards, seen[i].blocked, seen[i].good) for i in (1, 2, 3)] == [
        (1, 0, True, True), (1, 1, False, True), (1, 0, False, False),
    ]  # fmt: skip


def test_a_card_that_is_waited_for_is_followed(house: House) -> None:
    readers.add(house.it.store, house.clock, "Hall", "serial:/dev/ttyUSB0", [1], actor=audit.CLI)
    identifications.add(
        house.it.store, house.it.key(), house.clock, 2, type="rfid", code=CARD, active=True, actor=audit.CLI
    )
    number = learning.ask(house.it.store, house.clock, "reader:Hall", 1, actor=audit.TOUCH)
    seen = charging_settings_data.look(house.it, status(house), number)
    assert seen.request is not None and (seen.request.left_s, seen.holder) == (60.0, "")
    grants.present(house.it, "rfid", CARD, [points.get(house.it.store, 1)], "Hall", actor=CORE)
    seen = charging_settings_data.look(house.it, status(house), number)
    assert seen.request is not None and (seen.request.outcome, seen.holder) == ("taken", "Ben Maier")
    grants.present(house.it, "rfid", NOBODYS, [points.get(house.it.store, 1)], "Hall", actor=CORE)
    (card,) = charging_settings_data.look(house.it, status(house)).unknown
    assert (card.tail, card.terminal) == ("7766", "reader:Hall")


def test_nothing_private_is_told_before_it_is_asked_for(house: House) -> None:
    assert not status(house).private
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.privacy", "on")
    assert status(house).private
    assert replace(status(house), private=False) != status(house)
