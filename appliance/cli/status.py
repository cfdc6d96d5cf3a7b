"""`wattward status`: the whole appliance at a glance, for people and for programs.

The keys of `--json` are documented with their units in docs/status.md.
"""

from __future__ import annotations

import argparse
from typing import Any

from appliance import clock, errors, faults, heartbeat, known_time
from appliance.access import web_window
from appliance.charging import overview
from appliance.cli.output import as_json, say, table
from appliance.errors import N_
from appliance.metering import meters, readings
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
    newest = readings.newest(opened.live) if _is_live(opened) else {}
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
            }
        )
    return rows


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
        }
        for now in overview.points_now(opened)
    ]


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
    for row in status["points"]:
        row["relay_is"] = {None: "unknown", True: "closed", False: "open"}[row["relay_closed"]]
        row["wanted"] = "closed" if row["wanted_closed"] else "open"
    say("")
    columns = ["name", "state", "wanted", "relay_is", "user", "session_energy_wh"]
    table(status["points"], columns, empty="No charging points: 'wattward points add' adds one.")
    say("")
    web = status["web"]
    say(f"Web admin: open for {web['remaining_s']} s" if web["open"] else "Web admin: closed")
    for fault in status["faults"]:
        say(f"! {fault['sentence']} ({fault['source']}, since {fault['since']})")
