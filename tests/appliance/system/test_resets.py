"""What each reset takes away, and that it takes nothing else: PIN, web password, Wi-Fi, counters, factory (X-07)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance import audit
from appliance.access import certificate, device_key, display_pin, tokens, web_accounts
from appliance.backup import key as backup_key
from appliance.backup import make, targets
from appliance.charging import identifications, points, users
from appliance.config import Home
from appliance.core import prepare
from appliance.errors import BadInput
from appliance.metering import meters, readings, totals
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import factory, support, tasks
from drivers.interfaces import Reading
from tests.appliance.system.conftest import Running
from tests.appliance.system.stand_in import OperatingSystem
from tests.fake_clock import FakeClock

Rows = dict[str, list[tuple[object, ...]]]
PIN, CODE = "2580", "#271828"


def rows(it: Opened) -> Rows:
    """Every row of every table."""
    with it.store.read() as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        return {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def changed(it: Opened, reset: Callable[[], object]) -> set[str]:
    """The tables in which a reset changes something."""
    before = rows(it)
    reset()
    after = rows(it)
    assert set(before) == set(after)
    return {name for name in after if after[name] != before[name]}


@pytest.fixture
def lived_in(opened: Opened) -> Iterator[Opened]:
    """A home with everything a household puts into one."""
    it, when = opened, opened.clock
    backup_key.make(it.home.keys)
    certificate.ensure(it.home.tls, ["192.0.2.7"], when.now())
    web_accounts.ensure_default(it)
    display_pin.set_first(it, PIN, PIN)
    display_pin.check(it, "1357")
    meter = meters.add(
        it.store, when, name="Grid", model="kostal-ksem-g2", url="tcp://192.0.2.10:502", unit=1, role="grid",
        actor=audit.CLI,
    )  # fmt: skip
    readings.put(it.live, when, meter.id, Reading({"power_w": 5.0, "import_wh": 1000.0, "export_wh": 5.0}, 0.01))
    points.add(it.store, when, "Wallbox", "gpio:17", None, actor=audit.CLI)
    anna = users.add(it.store, when, "Anna", "Berger", actor=audit.CLI)
    identifications.add(it.store, it.key(), when, anna.id, type="pin", code=CODE, active=True, actor=audit.CLI)
    tokens.create(it, audit.CLI, "Phone")
    settings.put(it.store, when.now(), audit.CLI, "site.name", "Hill Road 7")
    with it.store.write() as db:
        db.execute("UPDATE web_accounts SET is_default=0")
    make.make(it, targets.of(it.home)["folder"], audit.CLI)
    yield it


# Each touches only its own --------------------------------------------------------------------


def test_the_pin_reset_touches_the_pin(lived_in: Opened) -> None:  # A003-15
    assert changed(lived_in, lambda: display_pin.clear(lived_in, audit.TOUCH)) == {"display_pin", "throttles", "audit"}


def test_the_web_password_reset_touches_the_web_account(lived_in: Opened) -> None:  # A003-23
    found = changed(lived_in, lambda: web_accounts.reset_admin(lived_in, audit.TOUCH))
    allowed = {"web_accounts", "web_sessions", "web_totp", "web_recovery_codes", "throttles", "audit"}
    assert {"web_accounts", "audit"} <= found <= allowed


def test_the_counters_reset_touches_where_counting_begins(lived_in: Opened) -> None:  # A003-27
    it, meter = lived_in, meters.find(lived_in.store, "Grid")
    found = changed(it, lambda: totals.reset(it.store, it.live, it.clock, meter, actor=audit.TOUCH))
    assert found == {"counter_baselines", "audit", "wishes"}  # wishes: a backup that knows of it


# Factory --------------------------------------------------------------------------------------


def files(home: Home) -> set[str]:
    """What lies in a home, below run nothing."""
    return {str(path.relative_to(home.root)) for path in home.root.rglob("*") if path.is_file()}


def secrets_of(it: Opened) -> list[bytes]:
    """What must not be found afterwards."""
    return [it.key().export(), b"Anna", b"Berger", b"Hill Road", (it.home.keys / "backup.key").read_bytes()]


def test_a_wrong_word_resets_nothing(lived_in: Opened) -> None:
    def refused() -> None:
        with pytest.raises(BadInput):
            factory.ask(lived_in, audit.TOUCH, "RESTE")

    assert changed(lived_in, refused) == set()
    assert tasks.newest(lived_in.live, factory.KIND) is None


def test_the_word_is_that_of_the_screens_language(lived_in: Opened) -> None:
    factory.ask(lived_in, audit.TOUCH, " zurück ", "ZURÜCK")
    assert tasks.newest(lived_in.live, factory.KIND) is not None


def test_a_factory_reset_forgets_everything_but_the_program(
    lived_in: Opened, system: OperatingSystem, clock: FakeClock
) -> None:
    it = lived_in
    system.add_profile("Heimnetz", {"802-11-wireless": {"ssid": b"Heimnetz"}, "802-11-wireless-security": {"psk": "x"}})
    secrets, key_before = secrets_of(it), it.key().export()
    support.make(it)
    machine = Running(it)
    factory.ask(it, audit.TOUCH, "RESET")
    task = tasks.newest(it.live, factory.KIND)
    assert task is not None
    assert machine.done(task.id).state == "done"
    assert machine.ended
    machine.stop()
    assert [one["connection"]["id"] for one in system.profiles.values()] == ["Wired connection 1"]
    it.store.close()
    it.live.close()
    folders = {path: path.stat().st_ino for path in (it.home.keys, it.home.tls, it.home.backups)}
    prepare(it)  # the next core's start
    assert folders == {path: path.stat().st_ino for path in folders}  # the installation's owner and mode
    left = b"".join(path.read_bytes() for path in it.home.root.rglob("*") if path.is_file())
    assert [one for one in secrets if one in left] == []
    assert it.key().export() != key_before
    assert not display_pin.is_set(it.store)
    assert users.all(it.store) == []
    assert tokens.all(it.store) == []
    assert web_accounts.has_default_password(it)
    assert list(it.home.backups.iterdir()) == []
    assert settings.text(it.store, "site.name") == "Wattward"
    events = [(one.event, one.actor) for one in audit.newest(it.store)]
    assert ("machine.factory_reset", audit.TOUCH) in events
    assert len(events) <= 3  # of the new life
    assert files(it.home).isdisjoint({factory.MARK, f".{factory.MARK}.new"})


@pytest.mark.parametrize("crash_after", range(8))
def test_a_power_cut_in_the_middle_is_finished_at_the_next_start(
    lived_in: Opened, monkeypatch: pytest.MonkeyPatch, crash_after: int
) -> None:
    it = lived_in
    it.store.close()
    factory.decide(it.home, audit.TOUCH)
    real, count = factory._remove, iter(range(100))

    def cut(path: Path) -> None:
        if next(count) == crash_after:
            raise KeyboardInterrupt  # the power goes
        real(path)

    monkeypatch.setattr(factory, "_remove", cut)
    try:
        factory.finish_decided(it.home)
    except KeyboardInterrupt:
        monkeypatch.setattr(factory, "_remove", real)
        assert (it.home.root / factory.MARK).exists()
        assert factory.finish_decided(it.home) == audit.TOUCH
    assert files(it.home) == set()
    assert factory.finish_decided(it.home) is None


def test_without_a_mark_nothing_is_deleted(lived_in: Opened) -> None:
    before = files(lived_in.home)
    assert factory.finish_decided(lived_in.home) is None
    assert files(lived_in.home) == before


def test_a_new_device_key_is_made_and_old_codes_mean_nothing(lived_in: Opened) -> None:
    old = device_key.load(lived_in.home.keys).keyed_hash("identification", CODE)
    lived_in.store.close()
    lived_in.live.close()
    factory.decide(lived_in.home, audit.TOUCH)
    prepare(lived_in)
    assert device_key.load(lived_in.home.keys).keyed_hash("identification", CODE) != old
