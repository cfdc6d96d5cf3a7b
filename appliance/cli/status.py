"""`wattward status`: the whole appliance at a glance, for people and for programs.

The keys of `--json` are documented with their units in docs/status.md.
"""

from __future__ import annotations

import argparse
from typing import Any

from appliance import clock, errors, faults, heartbeat, known_time
from appliance.access import web_window
from appliance.charging import overview
from appliance.cli.counters import as_keys
from appliance.cli.output import as_json, say, table
from appliance.errors import N_
from appliance.metering import household, meters, readings, totals
from appliance.opened import Opened
from appliance.store import migrate


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of `status`."""
    parser.add_argument("--json", action="store_true", help="for programs; keys in docs/status.md")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, opened: Opened) -> int:
    status = collect(opened)
    if args.json:
        as_json(status)
    else:
        _show(status)
    return 0


def collect(opened: Opened) -> dict[str, Any]:
    """Everything `status` tells. Raises StoreMissing, StoreVersion."""
    migrate.require_current(opened.store)
    window = web_window.state(opened.store, opened.clock)
    return {
        "at": clock.utc_text(opened.clock.now()),
        "clock_trusted": known_time.trusted(opened.store, opened.live, opened.clock) if _is_live(opened) else None,
        "version": heartbeat.version(),
        "core": {"running": heartbeat.core_runs(opened.live, opened.clock)},
        "processes": [
            {"name": beat.name, "pid": beat.pid, "version": beat.version, "age_s": round(beat.age_s, 1)}
            for beat in heartbeat.beats(opened.live, opened.clock).values()
        ],
        "meters": _meters(opened),
        "house": _house(opened),
        "points": _points(opened),
        "web": {"open": window.open, "remaining_s": round(window.remaining_s)},
        "faults": [
            {
                "source": fault.source,
                "code": fault.code,
                "sentence": fault.sentence,
                "since": clock.utc_text(fault.since),
            }
            for fault in _faults(opened)
        ],
    }


def _is_live(opened: Opened) -> bool:
    try:
        with opened.live.read():
            return True
    except errors.StoreError:
        return False


def _faults(opened: Opened) -> list[faults.Fault]:
    """Active faults; a core that is not running is one of them."""
    if heartbeat.core_runs(opened.live, opened.clock):
        return faults.active(opened.live)
    message = N_("The core is not running: nothing is measured and no relay closes. Start it with 'wattward core'.")
    return [faults.Fault("core", "not_running", message, {}, opened.clock.now())]


def _meters(opened: Opened) -> list[dict[str, Any]]:
    is_live = _is_live(opened)
    newest = readings.newest(opened.live) if is_live else {}
    rows = []
    for meter in meters.all(opened.store):
        reading = newest.get(meter.id)
        fresh = reading is not None and readings.is_fresh(reading, opened.clock, meter.interval_s)
        rows.append(
            {
                "name": meter.name,
                "model": meter.model,
                "role": meter.role,
                "url": meter.url,
                "unit": meter.unit,
                "fresh": fresh,
                "age_s": None if reading is None else round(readings.age_s(reading, opened.clock), 1),
                "values": dict(reading.values) if reading is not None and fresh else {},
                **as_keys(totals.shown(opened.store, opened.live, opened.clock, meter) if is_live else totals.UNKNOWN),
            }
        )
    return rows


def _house(opened: Opened) -> dict[str, Any] | None:
    """The household's balance, and why a figure is not known."""
    if not _is_live(opened):
        return None
    now = household.now(opened)
    return {
        "grid_w": now.balance.grid_w,
        "pv_w": now.balance.pv_w,
        "battery_w": now.balance.battery_w,
        "car_w": now.balance.car_w,
        "house_w": now.balance.house_w,
        "missing": [{"meter": one.meter, "role": one.role, "unknown": list(one.unknown)} for one in now.missing],
    }


def _points(opened: Opened) -> list[dict[str, Any]]:
    """One row a point: what is wanted, what is seen, who charges."""
    if not _is_live(opened):
        return []
    return [
        {
            "name": now.point.name,
            "relay": now.point.relay,
            "mode": now.point.mode,
            "state": now.state,
            "wanted_closed": now.wanted,
            "relay_closed": now.closed,
            "user": now.user,
            "grant_left_s": None if now.grant_until_s_left is None else round(now.grant_until_s_left),
            "session_id": None if now.session is None else now.session.id,
            "session_energy_wh": now.session_energy_wh,
            "power_w": now.power_w,
            "notes": [note.sentence for note in now.notes],
        }
        for now in overview.points_now(opened)
    ]


def _show_house(house: dict[str, Any] | None) -> None:
    """One line of power, and one for each meter without data."""
    if house is None:
        return
    known = {name: house[f"{name}_w"] for name in ("grid", "pv", "battery", "car", "house")}
    parts = [f"{name} {watts:.0f} W" for name, watts in known.items() if watts is not None]
    if parts:
        say("")
        say(", ".join(parts))
    for one in house["missing"]:
        unknown = f"; not known: {', '.join(one['unknown'])}" if one["unknown"] else ""
        say(f"{one['meter']} has no data{unknown}")


def _show(status: dict[str, Any]) -> None:
    running = "running" if status["core"]["running"] else "NOT RUNNING"
    say(f"Wattward {status['version']}, core {running}")
    for row in status["meters"]:
        power = row["values"].get("power_w")
        row["power"] = "no data" if power is None else f"{power:.0f} W"
        row["age"] = "" if row["age_s"] is None else f"{row['age_s']} s"
    say("")
    table(
        status["meters"], ["name", "role", "model", "power", "age"], empty="No meters: 'wattward meters add' adds one."
    )
    _show_house(status["house"])
    for row in status["points"]:
        row["relay_is"] = {None: "unknown", True: "closed", False: "open"}[row["relay_closed"]]
        row["wanted"] = "closed" if row["wanted_closed"] else "open"
    say("")
    columns = ["name", "state", "wanted", "relay_is", "user", "session_energy_wh"]
    table(status["points"], columns, empty="No charging points: 'wattward points add' adds one.")
    for row in status["points"]:
        for note in row["notes"]:
            say(f"{row['name']}: {note}")
    say("")
    web = status["web"]
    say(f"Web admin: open for {web['remaining_s']} s" if web["open"] else "Web admin: closed")
    noted = {note for row in status["points"] for note in row["notes"]}
    for fault in (one for one in status["faults"] if one["sentence"] not in noted):
        say(f"! {fault['sentence']} ({fault['source']}, since {fault['since']})")
