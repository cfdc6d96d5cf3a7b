"""The meters of a house: names, rules, and what is never removed."""

from __future__ import annotations

from typing import Any

import pytest

from appliance import audit
from appliance.errors import BadInput, NotFound, Refused
from appliance.metering import meters
from appliance.metering.meters import Meter
from appliance.metering.slots import Slot, save
from appliance.opened import Opened

GRID: dict[str, Any] = {
    "name": "Grid", "model": "kostal-ksem-g2", "url": "tcp://127.0.0.1:502", "unit": 1, "role": "grid",
}  # fmt: skip


def add(opened: Opened, **other: Any) -> Meter:  # noqa: ANN401 - columns of several types
    return meters.add(opened.store, opened.clock, **(GRID | other), actor=audit.CLI)


def test_a_meter_is_found_by_name_in_any_case_or_number(opened: Opened) -> None:
    grid = add(opened)
    assert meters.find(opened.store, "grid") == meters.find(opened.store, str(grid.id)) == grid
    assert meters.all(opened.store) == [grid]


def test_an_unknown_name_lists_those_there_are(opened: Opened) -> None:
    with pytest.raises(NotFound, match="meters add"):
        meters.find(opened.store, "Roof")
    add(opened)
    with pytest.raises(NotFound, match="there are: Grid"):
        meters.find(opened.store, "Roof")


def test_two_meters_cannot_share_a_name(opened: Opened) -> None:
    add(opened)
    with pytest.raises(BadInput, match="already a meter called GRID"):
        add(opened, name="GRID")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "1 to 40 characters"),
        ({"name": "x" * 41}, "1 to 40 characters"),
        ({"role": "roof"}, "grid, pv, charger, battery, submeter"),
        ({"interval_s": 0.1}, "every 0.2 to 3600 seconds"),
    ],
)
def test_what_breaks_a_rule_is_refused_naming_it(opened: Opened, change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        add(opened, **change)
    assert meters.all(opened.store) == []


def test_an_edit_keeps_the_number_and_is_audited(opened: Opened) -> None:
    grid = add(opened)
    edited = meters.edit(opened.store, opened.clock, grid.id, url="tcp://10.0.0.1:502", actor=audit.CLI)
    assert (edited.id, edited.url) == (grid.id, "tcp://10.0.0.1:502")
    assert [event.event for event in audit.newest(opened.store)] == ["meter.edit", "meter.add"]


def test_an_archived_meter_is_kept_and_can_come_back(opened: Opened) -> None:
    grid = add(opened)
    meters.archive(opened.store, opened.clock, grid.id, actor=audit.CLI)
    assert meters.all(opened.store) == [] and len(meters.all(opened.store, archived=True)) == 1
    assert not meters.activate(opened.store, opened.clock, grid.id, actor=audit.CLI).archived


def test_a_meter_with_history_is_never_removed(opened: Opened) -> None:
    grid = add(opened)
    with opened.store.write() as db:
        save(db, [Slot(grid.id, 900, 1, 0, 1, 0, 1, 1, 1, 1, False)])
    with pytest.raises(Refused, match="archive it instead"):
        meters.remove(opened.store, opened.clock, grid.id, actor=audit.CLI)


def test_a_meter_nothing_names_can_be_removed(opened: Opened) -> None:
    meters.remove(opened.store, opened.clock, add(opened).id, actor=audit.CLI)
    assert meters.all(opened.store, archived=True) == []
