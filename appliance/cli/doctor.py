"""`wattward doctor`: look whether everything is in order, and say what to do where it is not.

Each look is small, independent of the others and changes nothing. Exit code 1
when something fails; a warning alone is 0.
"""

from __future__ import annotations

import argparse
import grp
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509

from appliance import errors, faults, heartbeat, known_time
from appliance.access import certificate, device_key
from appliance.backup import catalog, key, targets
from appliance.charging import points, wiring
from appliance.cli.output import as_json, say
from appliance.metering import meters, readings
from appliance.opened import Opened
from appliance.store import database, migrate

OK, WARN, FAIL = "ok", "warn", "fail"
GROUP = "wattward"
FREE_WARN_BYTES, FREE_FAIL_BYTES = 500 * 1024 * 1024, 50 * 1024 * 1024
BACKUP_WARN_H, BACKUP_FAIL_H = 48, 24 * 7


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found. `sentence` says what to do unless the state is 'ok'."""

    name: str
    state: str
    sentence: str


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, opened: Opened) -> int:
    found = examine(opened)
    if args.json:
        as_json([asdict(one) for one in found])
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            say(f"{one.state:4}  {one.name:{width}}  {one.sentence}")
    return 1 if any(one.state == FAIL for one in found) else 0


def examine(opened: Opened) -> list[Finding]:
    """All findings, in the order in which to mend them."""
    found: list[Finding] = []
    for name, look in LOOKS.items():
        try:
            found.extend(Finding(name, state, sentence) for state, sentence in look(opened))
        except (errors.WattwardError, OSError) as error:
            found.append(Finding(name, FAIL, str(error)))
    return found


Look = Callable[[Opened], Iterator[tuple[str, str]]]


def _sqlite(_opened: Opened) -> Iterator[tuple[str, str]]:
    database.assert_sound_sqlite()
    yield OK, f"SQLite {database.SQLITE_VERSION}"


def _permissions(opened: Opened) -> Iterator[tuple[str, str]]:
    home = opened.home
    wrong = False
    for folder, wanted in ((home.root, 0o2770), (home.run, 0o2770), (home.bells, 0o2770), (home.keys, 0o2750),
                           (home.backups, 0o2770)):  # fmt: skip
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode != wanted:
            wrong = True
            yield WARN, f"{folder} has mode {mode:o}: sudo chmod {wanted:o} {folder}"
    group = home.root.stat().st_gid
    files = [home.store_db, home.live_db, *home.keys.glob("*.key")]
    for file in (file for file in files if file.exists() and file.stat().st_gid != group):
        wrong = True
        yield FAIL, f"{file} is of another group than {home.root}: sudo chgrp --reference={home.root} {file}"
    if not wrong:
        yield OK, f"folders and files of {home.root}"


def _groups(opened: Opened) -> Iterator[tuple[str, str]]:
    group = opened.home.root.stat().st_gid
    if os.geteuid() == 0 or group in {os.getegid(), *os.getgroups()}:
        yield OK, "this user may use the appliance"
    else:
        yield FAIL, f"this user is not in group {_group_name(group)}: sudo usermod -aG {_group_name(group)} $USER"


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return GROUP


def _store(opened: Opened) -> Iterator[tuple[str, str]]:
    database.check(opened.home.store_db)
    migrate.require_current(opened.store)
    yield OK, f"sound, version {migrate.SCHEMA}"


def _keys(opened: Opened) -> Iterator[tuple[str, str]]:
    device_key.load(opened.home.keys)
    yield OK, "the device key is there"


def _core(opened: Opened) -> Iterator[tuple[str, str]]:
    if heartbeat.core_runs(opened.live, opened.clock):
        beat = heartbeat.beats(opened.live, opened.clock)["core"]
        yield OK, f"runs as process {beat.pid}"
    else:
        yield FAIL, "does not run: sudo systemctl start wattward-core (or 'wattward demo')"


def _clock(opened: Opened) -> Iterator[tuple[str, str]]:
    if known_time.trusted(opened.store, opened.live, opened.clock):
        yield OK, f"{opened.clock.now():%Y-%m-%d %H:%M} UTC is believed"
    else:
        now = f"{opened.clock.now():%Y-%m-%d %H:%M} UTC"
        yield FAIL, f"{now} is not believed: set it, or connect a time server; if right: 'wattward clock confirm'"


def _meters(opened: Opened) -> Iterator[tuple[str, str]]:
    known = meters.all(opened.store)
    if not known:
        yield WARN, "there is no meter: 'wattward meters add' adds one"
    if not heartbeat.core_runs(opened.live, opened.clock):
        return
    newest = readings.newest(opened.live)
    for meter in known:
        reading = newest.get(meter.id)
        if reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s):
            yield OK, f"{meter.name} answers"
        else:
            yield FAIL, f"{meter.name} gives no data: check {meter.url} and 'wattward meters test {meter.name}'"


def _relays(opened: Opened) -> Iterator[tuple[str, str]]:
    known = points.all(opened.store)
    if not known:
        yield WARN, "there is no charging point: 'wattward points add' adds one"
    elif heartbeat.core_runs(opened.live, opened.clock):
        yield OK, "the core holds them; what it cannot do is a fault below"
    else:
        from appliance import core  # the composition root knows the hardware; nobody else needs it here

        for check in core.hardware_check(tuple(point.relay for point in known)):
            yield check.state, f"{check.name}: {check.sentence}"
    for point in known:
        if point.relay.startswith("coil:"):
            yield WARN, f"{point.name}: {wiring.WATCHDOG}"


def _space(opened: Opened) -> Iterator[tuple[str, str]]:
    home = opened.home
    disks = {folder.stat().st_dev: folder for folder in (home.backups, home.root)}
    for folder in disks.values():
        free = shutil.disk_usage(folder).free
        state = FAIL if free < FREE_FAIL_BYTES else WARN if free < FREE_WARN_BYTES else OK
        advice = "" if state == OK else ": remove old files, or use a larger card"
        yield state, f"{free // 1024**2} MiB free at {folder}{advice}"


def _backups(opened: Opened) -> Iterator[tuple[str, str]]:
    for target in targets.wanted(opened.home, opened.store):
        if not target.is_present():
            yield FAIL, "the USB stick labelled WATTWARD is missing: plug it in, or switch backup.usb off"
            continue
        newest = catalog.newest_good(opened.store, target.name, until=opened.clock.now())
        if newest is None:
            yield WARN, f"none at {target.folder} yet: 'wattward backup now' makes one"
            continue
        age_h = (opened.clock.now() - newest.made_at).total_seconds() / 3600
        state = FAIL if age_h > BACKUP_FAIL_H else WARN if age_h > BACKUP_WARN_H else OK
        advice = "" if state == OK else ": 'wattward backup now' makes one and says what is wrong"
        yield state, f"the newest at {target.folder} is {age_h:.0f} h old{advice}"
    known = key.load(opened.home.keys)
    if not key.confirmed(opened.store, known):
        yield WARN, "the recovery code was not confirmed: 'wattward backup key' shows it, write it down"


def _certificate(opened: Opened) -> Iterator[tuple[str, str]]:
    path: Path = opened.home.tls / certificate.CERTIFICATE
    if not path.exists():
        yield WARN, "none yet: it is made when the web admin opens for the first time"
        return
    try:
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except ValueError:
        yield FAIL, f"{path} is damaged: remove it, it is made again"
        return
    if until < opened.clock.now():
        yield FAIL, f"has ended on {until:%Y-%m-%d}: close and open the web admin, which makes a new one"
    else:
        yield OK, f"good until {until:%Y-%m-%d}, SHA-256 {certificate.fingerprint(opened.home.tls)[:23]}…"


def _faults(opened: Opened) -> Iterator[tuple[str, str]]:
    active = faults.active(opened.live)
    for fault in active:
        yield FAIL, f"{fault.sentence} ({fault.source})"
    if not active:
        yield OK, "none"


LOOKS: dict[str, Look] = {
    "sqlite": _sqlite,
    "permissions": _permissions,
    "group": _groups,
    "store": _store,
    "device key": _keys,
    "disk space": _space,
    "core": _core,
    "clock": _clock,
    "meters": _meters,
    "relays": _relays,
    "backups": _backups,
    "certificate": _certificate,
    "faults": _faults,
}
