"""A fault lasts as long as its cause, is written when it changes, and says what to do."""

from __future__ import annotations

from appliance import faults
from appliance.opened import Opened
from appliance.store import changes
from tests.fake_clock import FakeClock

GONE = "The meter {name} does not answer: check its cable."


def _report(opened: Opened, code: str = "silent", name: str = "Grid") -> bool:
    return faults.report(opened.live, opened.clock.now(), "meter:3", code, GONE, name=name)


def test_a_fault_has_its_sentence_and_since_when(opened: Opened, clock: FakeClock) -> None:
    assert _report(opened)
    (fault,) = faults.active(opened.live)
    assert fault.sentence == "The meter Grid does not answer: check its cable."
    assert (fault.source, fault.code, fault.since) == ("meter:3", "silent", clock.now())


def test_saying_it_again_is_no_news_writes_nothing_and_keeps_since(opened: Opened, clock: FakeClock) -> None:
    _report(opened)
    since, version = clock.now(), opened.live.connection().execute("PRAGMA data_version").get
    bell = changes.Bell(opened.home.bells, "touch")
    clock.advance(60)
    assert not _report(opened)
    assert not bell.wait(0), "nothing was written"
    assert faults.active(opened.live)[0].since == since
    assert opened.live.connection().execute("PRAGMA data_version").get == version
    bell.close()


def test_other_words_for_the_same_fault_are_no_news_but_are_shown(opened: Opened, clock: FakeClock) -> None:
    _report(opened)
    since = clock.now()
    clock.advance(60)
    assert not _report(opened, name="Solar roof")
    (fault,) = faults.active(opened.live)
    assert "Solar roof" in fault.sentence and fault.since == since


def test_another_fault_of_the_same_source_takes_its_place(opened: Opened) -> None:
    _report(opened)
    assert _report(opened, code="garbage")
    assert [fault.code for fault in faults.active(opened.live)] == ["garbage"]


def test_a_fault_ends_with_its_cause_and_rings(opened: Opened) -> None:
    _report(opened)
    faults.report(opened.live, opened.clock.now(), "relay:1", "stuck", "The relay sticks.")
    bell = changes.Bell(opened.home.bells, "touch")
    assert faults.clear(opened.live, "meter:3") and bell.wait(1.0)
    assert not faults.clear(opened.live, "meter:3"), "no news"
    assert [fault.source for fault in faults.active(opened.live)] == ["relay:1"]
    bell.close()


def test_a_sentence_that_does_not_say_which_meter_is_preceded_by_its_name(opened: Opened) -> None:
    now = opened.clock.now()
    faults.report(opened.live, now, "meter:1", "silent", "Unit {unit} does not answer.", unit=7, meter="Roof")
    faults.report(opened.live, now, "meter:2", "odd", "{meter} is odd.", meter="Car")
    faults.report(opened.live, now, "relay:1", "stuck", "The relay sticks.")
    assert [fault.sentence for fault in faults.active(opened.live)] == [
        "Roof – Unit 7 does not answer.",
        "Car is odd.",
        "The relay sticks.",
    ]
