"""The gate with real processes: at the same moment, and killed between the guess and the answer."""

from __future__ import annotations

import json
import subprocess
import sys

from appliance.charging import attempts, grants
from tests.appliance.charging.house import ACTOR, House
from tests.appliance.store import processes

HOME = """
from appliance import audit, config, opened
from appliance.charging import grants, points
it = opened.open_home(config.Home(PATH.parent, BELLS.parent), FakeClock())
point = points.all(it.store)[0]
"""
AUTHORIZE = """
sys.stdin.readline()
decision = grants.authorize(it, sys.argv[3], point, "cli", actor=audit.CLI)
say(decision.result, decision.grant_id)
"""
# Imports once, then forks a guesser at a time and kills it at a random moment. A guesser types a wrong code at a
# terminal of its own each time and says so only after the answer came. Prints the terminals that got an answer.
NURSERY = """
dice = random.Random(4)
answered = []
patience_s = 0.02
for kill in range(120):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        it.store.close()
        number = 0
        while True:
            number += 1
            grants.authorize(it, "#999999", point, f"{kill}/{number}", actor=audit.CLI)
            os.write(write, f"{kill}/{number}\\n".encode())
    os.close(write)
    time.sleep(dice.uniform(0.001, patience_s))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(read) as heard:
        now = heard.read().split()
    answered += now
    patience_s = patience_s * 0.9 if len(now) > 1 else min(patience_s * 1.2, 2.0)  # as fast as this machine is today
say(json.dumps(answered))
"""


def start(house: House, work: str, *words: str) -> subprocess.Popen[str]:
    """Another process on the house's store."""
    home = house.opened.home
    assert home.bells.parent == home.run
    code = processes.PROLOGUE + HOME + work
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home.store_db), str(home.bells), *words],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_processes_authorizing_at_once_give_one_grant(house: House) -> None:
    point = house.point()
    both = [start(house, AUTHORIZE, "#271828") for _ in range(2)]
    for process in both:
        processes.tell(process, "go")
    answers = {processes.line(process) for process in both}
    for process in both:
        processes.end(process)
    assert answers == {"accepted 1"}
    assert house.grant_ends() == [None]
    assert [one.result for one in attempts.newest(house.opened.store)] == ["accepted", "accepted"]
    assert grants.stop(house.opened, point.id, ACTOR)


def test_two_people_at_once_leave_one_open_grant(house: House) -> None:
    house.point()
    both = [start(house, AUTHORIZE, code) for code in ("#271828", "#314159")]
    for process in both:
        processes.tell(process, "go")
    assert all(processes.line(process).startswith("accepted") for process in both)
    for process in both:
        processes.end(process)
    assert sorted(map(str, house.grant_ends())) == ["None", "replaced"]


def test_a_process_killed_between_guess_and_answer_gives_no_free_guess(house: House) -> None:  # X-12, reading 17
    house.point()
    answered = set(json.loads(processes.end(start(house, NURSERY))))
    with house.opened.store.read() as db:
        written = {row[0] for row in db.execute("SELECT terminal FROM attempts WHERE counted=1")}
        throttled = {
            row[0].removeprefix("keypad:") for row in db.execute("SELECT name FROM throttles WHERE failures=1")
        }
        assert db.execute("PRAGMA integrity_check").get == "ok"
    assert len(answered) > 20, "the guessers came to guess"
    assert answered <= written == throttled
