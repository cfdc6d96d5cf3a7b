"""Kill -9 of writers at random moments, and many writers at once: nothing acknowledged is lost, nothing is damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path

from appliance.opened import Opened
from appliance.store import database
from tests.appliance.store import processes

# A nursery: imports once, then forks two writers at a time and kills both at a random moment. A writer says a
# number through its pipe only after its commit returned. The nursery prints what was acknowledged.
NURSERY = """
dice = random.Random(int(sys.stdin.readline()))
acknowledged, kills = [], 0

def writer(name, pipe):
    store, number = Store(PATH, bells=BELLS), 0
    while True:
        number += 1
        with store.write() as db:
            for part in range(3):
                db.execute("INSERT INTO settings VALUES (?,?,'t','t')", (f"{name}/{number}/{part}", "v" * 300))
            if number % 7 == 0:
                db.execute("DELETE FROM settings WHERE key LIKE ? || '/%'", (f"{name}/{number - 3}",))
        os.write(pipe, f"{number}\\n".encode())

while kills < 300 or sum(count for _, count in acknowledged) <= 1000:  # however busy the machine
    children = []
    for lane in "ab":
        read, write = os.pipe()
        name = f"{kills}{lane}"
        pid = os.fork()
        if pid == 0:
            os.close(read)
            try:
                writer(name, write)
            finally:
                os._exit(1)
        os.close(write)
        children.append((name, pid, read))
    time.sleep(dice.uniform(0.001, 0.045 if kills < 300 else 0.3))
    for _, pid, _ in children:
        os.kill(pid, signal.SIGKILL)
    for name, pid, read in children:
        os.waitpid(pid, 0)
        with os.fdopen(read) as answers:
            acknowledged.append((name, len(answers.read().split())))
        kills += 1
    if kills % 50 == 0:
        database.check(PATH, thorough=True)
say(json.dumps(acknowledged))
"""


def _parts(opened: Opened, name: str) -> dict[int, int]:
    """How many rows each of a writer's transactions left."""
    found: dict[int, int] = {}
    with opened.store.read() as db:
        for (key,) in db.execute("SELECT key FROM settings WHERE key LIKE ? || '/%'", (name,)):
            number = int(key.split("/")[1])
            found[number] = found.get(number, 0) + 1
    return found


def test_300_killed_writers_lose_no_acknowledged_commit_and_damage_nothing(opened: Opened) -> None:  # goal 21
    opened.store.close()
    nursery = processes.start(opened.home.store_db, opened.home.bells, NURSERY)
    processes.tell(nursery, "21")
    acknowledged = json.loads(processes.end(nursery))
    database.check(opened.home.store_db, thorough=True)
    assert len(acknowledged) >= 300 and sum(count for _, count in acknowledged) > 1000
    for name, count in acknowledged:
        found = _parts(opened, name)
        removed = {number - 3 for number in range(7, count + 2, 7)}
        missing = set(range(1, count + 1)) - set(found) - removed
        assert not missing, f"writer {name} was told {count} commits; {missing} are gone"
        assert set(found.values()) <= {3}, "whole transactions only"
        assert max(found, default=0) <= count + 1, "at most the one whose answer was cut off"


def test_several_processes_writing_at_once_lose_no_update(opened: Opened) -> None:  # goal 22
    with opened.store.write() as db:
        db.execute("INSERT INTO settings VALUES ('counter','0','t','t')")
    work = """
store = Store(PATH, bells=BELLS)
say("ready"); sys.stdin.readline()
done = 0
while done < 250:
    try:
        with store.write() as db:
            value = int(db.execute("SELECT value FROM settings WHERE key='counter'").get)
            db.execute("UPDATE settings SET value=? WHERE key='counter'", (str(value + 1),))
        done += 1
    except errors.StoreBusy:  # waited for its turn in vain: nothing was done
        continue
    if dice.random() < 0.02:
        store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
say("done")
"""
    workers = [
        processes.start(opened.home.store_db, opened.home.bells, f"dice = random.Random({number})\n{work}")
        for number in range(4)
    ]
    assert [processes.line(one) for one in workers] == ["ready"] * 4
    for one in workers:
        processes.tell(one, "go")
    assert [processes.end(one) for one in workers] == ["done"] * 4
    with opened.store.read() as db:
        assert db.execute("SELECT value FROM settings WHERE key='counter'").get == "1000"
    database.check(opened.home.store_db, thorough=True)


def test_the_wal_does_not_grow_for_ever(opened: Opened) -> None:
    for number in range(3000):
        with opened.store.write() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES ('a',?,'t','t')", (str(number) * 500,))
    wal = Path(f"{opened.home.store_db}-wal")
    assert os.stat(wal).st_size <= database.WAL_LIMIT_BYTES + 1024 * 1024  # noqa: PTH116 - one call, as the kernel says
