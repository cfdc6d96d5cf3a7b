"""Counters that were reset stay reset, whichever backup is restored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from appliance import audit
from appliance.backup import key, make, restore, targets
from appliance.metering import meters, readings, totals
from appliance.opened import Opened
from drivers.interfaces import Reading
from tests.appliance.backup.conftest import change, column

COUNTED = {"import_wh": 8_000_000.0, "import_l1_wh": 8_000_000.0}
NOTED = (
    "INSERT INTO counter_baselines VALUES (1,'import_wh',0,8000000,:now,NULL),(1,'import_l1_wh',50,8000000,:now,NULL)"
)


def _backup(opened: Opened) -> Path:
    target = targets.of(opened.home)["folder"]
    return target.folder / make.make(opened, target, audit.CLI).file


def _shown(opened: Opened) -> dict[str, int | None]:
    opened.home.run.mkdir(exist_ok=True)
    with opened.store.read() as db:
        return dict(totals.since(totals.baselines(db, 1), COUNTED, believed=True).values_wh)


def test_an_older_backup_does_not_bring_counters_back(
    furnished: Opened, backup_key: key.Key, actor: audit.Actor
) -> None:  # A003-28, reading 27
    change(furnished, NOTED)
    backup = _backup(furnished)
    assert _shown(furnished) == {"import_wh": 8_000_000, "import_l1_wh": 7_999_950}
    readings.put(furnished.live, furnished.clock, 1, Reading(COUNTED))
    totals.reset(furnished.store, furnished.live, furnished.clock, meters.all(furnished.store)[0], actor=actor)
    restore.restore(furnished.home, furnished.clock, backup, None)
    assert _shown(furnished) == {"import_wh": 0, "import_l1_wh": 0}
    assert column(furnished, "SELECT count(*) FROM audit WHERE event='counters.reset'") == [1]


def test_on_another_appliance_the_counters_of_the_backup_go_on(
    furnished: Opened, backup_key: key.Key, other_home: Callable[[], Opened]
) -> None:  # A002-22
    change(furnished, NOTED)
    backup, new = _backup(furnished), other_home()
    restore.restore(new.home, new.clock, backup, backup_key.recovery_code)
    assert _shown(new) == {"import_wh": 8_000_000, "import_l1_wh": 7_999_950}


def test_a_meter_set_up_since_does_not_hand_its_baseline_to_an_older_one(
    furnished: Opened, backup_key: key.Key
) -> None:
    """The backup's meter 1 is not the present's meter 1: each keeps its own."""
    change(furnished, NOTED)
    backup = _backup(furnished)
    change(furnished, "UPDATE meters SET created_at='2027-01-01'; UPDATE counter_baselines SET baseline_wh=7")
    restore.restore(furnished.home, furnished.clock, backup, None)
    assert column(furnished, "SELECT baseline_wh FROM counter_baselines ORDER BY quantity DESC") == [0, 50]
