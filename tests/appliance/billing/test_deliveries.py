"""Monthly reports: what is due when, and that nothing is delivered twice or forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance import faults
from appliance.billing import deliveries, mailings, press
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, Bench


def put(bench: Bench, key: str, text: str) -> None:
    settings.put(bench.opened.store, bench.clock.now(), ACTOR, key, text)


def sources(bench: Bench) -> list[str]:
    return [fault.source for fault in faults.active(bench.opened.live)]


@pytest.fixture
def monthly(bench: Bench) -> Bench:
    """Delivery was switched on in September."""
    bench.clock.set(datetime(2026, 9, 10, 12, tzinfo=UTC))
    put(bench, "report.monthly", "on")
    bench.clock.set(datetime(2026, 11, 21, 12, tzinfo=UTC))
    return bench


def test_nothing_is_due_until_somebody_switches_it_on(bench: Bench) -> None:
    assert deliveries.due(bench.opened) == []
    put(bench, "report.monthly", "on")
    assert deliveries.due(bench.opened) == [], "October was over before"


def test_the_months_since_then_are_due_newest_first(monthly: Bench) -> None:
    assert deliveries.due(monthly.opened) == [("2026-10", "folder"), ("2026-09", "folder")]
    put(monthly, "report.mail_to", "anna@example.org")
    assert deliveries.due(monthly.opened)[:2] == [("2026-10", "folder"), ("2026-10", "mail")]


@pytest.mark.parametrize(
    ("moment", "newest"), [("2026-12-01T12:00:00+00:00", "2026-10"), ("2026-12-01T23:00:00+00:00", "2026-11")]
)
def test_a_month_waits_for_the_second_local_day_of_the_next(monthly: Bench, moment: str, newest: str) -> None:
    monthly.clock.set(datetime.fromisoformat(moment))
    assert deliveries.due(monthly.opened)[0] == (newest, "folder")


def test_who_switches_it_on_once_more_loses_no_month(monthly: Bench) -> None:
    put(monthly, "report.monthly", "yes")
    assert deliveries.due(monthly.opened) == [("2026-10", "folder"), ("2026-09", "folder")]
    put(monthly, "report.monthly", "off")
    put(monthly, "report.monthly", "on")
    assert deliveries.due(monthly.opened) == []


def test_what_was_delivered_is_not_due_again(monthly: Bench) -> None:
    deliveries.note(monthly.opened, "2026-10", "folder", "ok")
    assert deliveries.due(monthly.opened) == [("2026-09", "folder")]


def test_a_failure_is_tried_after_an_hour_and_then_every_six(monthly: Bench) -> None:
    deliveries.note(monthly.opened, "2026-09", "folder", "ok")
    for minutes in (60, 360, 360):
        deliveries.note(monthly.opened, "2026-10", "folder", "The disk is full.")
        monthly.clock.advance(minutes * 60 - 60)
        assert deliveries.due(monthly.opened) == []
        monthly.clock.advance(120)
        assert deliveries.due(monthly.opened) == [("2026-10", "folder")]
    (last,) = [one for one in deliveries.all(monthly.opened.store) if one.month == "2026-10"]
    assert (last.attempts, last.outcome, last.delivered_at) == (3, "The disk is full.", None)


def test_a_failure_is_a_fault_until_it_is_made_good(monthly: Bench) -> None:
    put(monthly, "report.mail_to", "anna@example.org")
    deliveries.note(monthly.opened, "2026-10", "mail", "The mail server mx cannot be reached.")
    (fault,) = [one for one in faults.active(monthly.opened.live) if one.source == "report"]
    assert "2026-10" in fault.sentence and "cannot be reached" in fault.sentence
    deliveries.note(monthly.opened, "2026-10", "mail", "ok")
    assert not [one for one in faults.active(monthly.opened.live) if one.source == "report"]


@pytest.mark.parametrize(("key", "text"), [("report.mail_to", ""), ("report.monthly", "off")])
def test_a_failure_of_what_nobody_wants_any_more_is_no_fault(monthly: Bench, key: str, text: str) -> None:
    put(monthly, "report.mail_to", "anna@example.org")
    deliveries.note(monthly.opened, "2026-10", "mail", "The mail server mx cannot be reached.")
    assert sources(monthly) == ["report"]
    put(monthly, key, text)
    press.wish_if_due(monthly.opened)
    assert sources(monthly) == []
    deliveries.note(monthly.opened, "2026-10", "folder", "ok")
    assert sources(monthly) == []


def test_nothing_is_delivered_by_a_calendar_that_cannot_be_believed(monthly: Bench) -> None:
    monthly.clock.set(datetime(2019, 1, 1, tzinfo=UTC))
    assert deliveries.due(monthly.opened) == []


def test_a_fault_is_told_once_and_only_when_it_lasts(bench: Bench) -> None:
    put(bench, "faults.mail_to", "anna@example.org")
    faults.report(bench.opened.live, bench.clock.now(), "meter:1", "silent", "The meter is silent.")
    assert mailings.due(bench.opened) == []
    bench.clock.advance(mailings.LASTED / timedelta(seconds=1))
    (found,) = mailings.due(bench.opened)
    mailings.told(bench.opened, [found])
    assert mailings.due(bench.opened) == []
    faults.clear(bench.opened.live, "meter:1")
    bench.clock.advance(60)
    faults.report(bench.opened.live, bench.clock.now(), "meter:1", "silent", "The meter is silent.")
    bench.clock.advance(600)
    assert len(mailings.due(bench.opened)) == 1, "it came back"


def test_nobody_is_told_who_did_not_ask(bench: Bench) -> None:
    faults.report(bench.opened.live, bench.clock.now(), "meter:1", "silent", "The meter is silent.")
    bench.clock.advance(3600)
    assert mailings.due(bench.opened) == []
