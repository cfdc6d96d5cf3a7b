"""A home with keys and something in its store that a restore must bring back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit, clock
from appliance.backup import catalog, key, make, targets
from appliance.config import Home
from appliance.opened import Opened
from tests import first_start
from tests.fake_clock import FakeClock

PIN_PURPOSE = "identification"


@pytest.fixture
def backup_key(home: Home) -> key.Key:
    return key.make(home.keys)


def furnish(opened: Opened) -> None:
    """A meter, a point, a user with a PIN, a running session, a web sign-in, a wait."""
    now = clock.utc_text(opened.clock.now())
    secret = opened.key()
    with opened.store.write() as db:
        db.execute(
            "INSERT INTO meters (id,name,model,url,unit,role,created_at)"
            " VALUES (1,'Wallbox meter','eastron-sdm630','tcp://h:1',2,'charger',:now);"
            "INSERT INTO points (id,name,relay,meter_id,created_at) VALUES (1,'Wallbox','gpio:17',1,:now);"
            "INSERT INTO users (id,first_name,last_name,created_at) "
            " VALUES (1,'Anna','Berger',:now), (2,'Ben','Maier',:now)",
            {"now": now},
        )
        for number, code in ((1, "#271828"), (2, "#4711")):
            db.execute(
                "INSERT INTO identifications (id,user_id,type,active,code_hash,code_sealed,code_length,created_at)"
                " VALUES (?1,?1,'pin',1,?2,?3,?4,?5)",
                (number, secret.keyed_hash(PIN_PURPOSE, code),
                 secret.seal(PIN_PURPOSE, code, bound_to=str(number)), len(code) - 1, now),
            )  # fmt: skip
        db.execute(
            "INSERT INTO grants (id,point_id,reason,user_id,identification_id,boot_id,granted_at,until_s)"
            " VALUES (1,1,'pin',1,1,'boot-1',:now,1300.0);"
            "INSERT INTO sessions (id,point_id,grant_id,user_id,identification_id,meter_id,boot_id,began_at,begin_wh)"
            " VALUES (1,1,1,1,1,1,'boot-1',:now,5000);"
            "INSERT INTO web_accounts (id,name,role,password_hash,changed_at)"
            " VALUES (1,'admin','admin','of-backup',:now);"
            "INSERT INTO web_sessions (token_hash,account_id,opening,created_at,address,browser)"
            " VALUES (x'00',1,3,:now,'192.0.2.1','Firefox');"
            "INSERT INTO web_window (id,opening,boot_id,open_until_s,changed_at,changed_by)"
            " VALUES (1,3,'boot-1',1600.0,:now,'touch:household');"
            "INSERT INTO throttles (name,failures,last_at,wait_s,wait_boot_id,wait_until_s)"
            " VALUES ('display_pin',2,:now,0,'boot-1',0)",
            {"now": now},
        )


def column(opened: Opened, query: str) -> list[object]:
    """The first column of a query."""
    with opened.store.read() as db:
        return [row[0] for row in db.execute(query)]


def change(opened: Opened, sql: str) -> None:
    """Do something to the store; `:now` is the moment."""
    with opened.store.write() as db:
        db.execute(sql, {"now": clock.utc_text(opened.clock.now())})


@pytest.fixture
def furnished(opened: Opened, backup_key: key.Key) -> Opened:
    furnish(opened)
    return opened


@pytest.fixture
def made(furnished: Opened) -> Path:
    """One good backup of the furnished home."""
    target = targets.of(furnished.home)["folder"]
    backup = make.make(furnished, target, audit.CLI)
    assert backup.good
    return target.folder / backup.file


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Callable[[], Opened]]:
    """A second appliance: fresh, with keys of its own, as its core made it."""
    opened: list[Opened] = []

    def build() -> Opened:
        home = Home(root=tmp_path / f"other{len(opened)}", run=tmp_path / f"other-run{len(opened)}")
        opened.append(first_start.of(home, FakeClock(boot_id="other-boot")))
        key.make(home.keys)
        return opened[-1]

    yield build
    for one in opened:
        one.store.close()
        one.live.close()


def good_files(opened: Opened) -> list[str]:
    """Names of the good backups in the folder, newest first."""
    return [one.file for one in catalog.all(opened.store) if one.good and one.target == "folder"]
