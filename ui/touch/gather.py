"""Look at the appliance and put all of it into one Status. The only place of the touchscreen that reads the store.

A look never raises for a store that cannot be read: that is a `problem`.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from appliance import errors, faults, heartbeat, notices, start
from appliance.access import certificate, display_pin, presence, throttle, tokens, web_accounts, web_window
from appliance.backup import catalog as backups
from appliance.backup import wishes
from appliance.charging import attempts, overview, sessions, users
from appliance.errors import N_
from appliance.metering import balance, history, meters, readings
from appliance.metering.meters import Meter
from appliance.network import addresses
from appliance.opened import Opened
from appliance.store import migrate, settings
from appliance.store.database import Store
from appliance.system import buttons, tasks
from ui.touch import works
from ui.touch.status import TERMINAL, Curve, Display, MeterNow, PointNow, SessionRow, Status, TaskNow, Today, Web

CORE_SILENT = N_("The core is not running: nothing is measured and no relay closes.")
SHOWN_SESSIONS = 30
SHOWN_NOTICES = 50
KEYPAD = f"keypad:{TERMINAL}"  # where the wrong codes typed here are counted


def collect(it: Opened, curve: Curve | None = None, before: Status | None = None) -> Status:
    """Look at everything. Never raises for a store that cannot be read: that is a `problem`, said as `before` was."""
    utc = it.clock.now()
    try:
        migrate.require_current(it.store)
        zone = ZoneInfo(settings.text(it.store, "site.timezone"))
        return _collect(it, utc.astimezone(zone), curve)
    except errors.WattwardError as error:
        found = Status(now=utc.astimezone(), problem=error.message, problem_fields=error.values)
        return found if before is None else replace(found, language=before.language, display=before.display)


def _collect(it: Opened, now: datetime, curve: Curve | None) -> Status:
    chosen = _chosen(it.store)
    basics = {
        "now": now,
        **chosen,
        "pin_set": display_pin.is_set(it.store),
        "pin_wait_s": display_pin.look(it.store, it.clock).wait_s,
        "keypad_wait_s": throttle.waiting(it.store, it.clock, KEYPAD),
        "version": heartbeat.version(),
        "tasks": _tasks(it),
        "setup": start.assistant_step(it.store),
        "pressed": _pressed(it),
    }
    if not heartbeat.core_runs(it.live, it.clock):
        return Status(problem=CORE_SILENT, **basics)  # type: ignore[arg-type]  # the fields named above
    known = meters.all(it.store)
    newest = readings.newest(it.live)
    now_by_meter = [_meter(it, meter, newest.get(meter.id)) for meter in known]
    by_role: dict[str, list[float | None]] = {}
    for meter in now_by_meter:
        by_role.setdefault(meter.role, []).append(meter.power_w)
    powers = balance.balance(by_role)
    ages = [meter.age_s for meter in now_by_meter if meter.age_s is not None]
    return Status(
        **basics,  # type: ignore[arg-type]  # the fields named above
        age_s=max(ages) if ages else None,
        roles=frozenset(by_role),
        grid_w=powers.grid_w,
        pv_w=powers.pv_w,
        car_w=powers.car_w,
        house_w=powers.house_w,
        battery_w=powers.battery_w,
        today=_today(it, known, now),
        curve=curve or Curve(),
        meters=tuple(now_by_meter),
        points=tuple(_points(it)),
        sessions=tuple(_sessions(it, now)),
        people=tuple((user.id, f"{user.first_name} {user.last_name[:1]}.") for user in users.all(it.store)),
        faults=tuple(faults.active(it.live)),
        notices=tuple(notices.newest(it.store, SHOWN_NOTICES)),
        calls=_calls(it),
        web=_web(it),
        **_backup(it, now),  # type: ignore[arg-type]  # the fields named there
    )


def _chosen(store: Store) -> dict[str, object]:
    """What is set, read anew only when somebody wrote: of all that is looked at each second it changes least."""
    key = (threading.get_ident(), store.version(), store.connection().total_changes())
    known = _settled.get(store)
    if known is None or known[0] != key:
        known = _settled[store] = (key, _settings(store))
    return known[1]


def _settings(store: Store) -> dict[str, object]:
    return {
        "language": settings.text(store, "ui.language"),
        "site": settings.text(store, "site.name"),
        "dim_after_s": settings.number(store, "ui.dim_after_s"),
        "off_after_s": settings.number(store, "ui.off_after_s"),
        "private": settings.flag(store, "ui.privacy"),
        "reduced_motion": settings.flag(store, "ui.reduced_motion"),
        "display": _display(store),
    }


_settled: WeakKeyDictionary[Store, tuple[object, dict[str, object]]] = WeakKeyDictionary()


def _display(store: Store) -> Display:
    return Display(
        theme=settings.text(store, "ui.theme"),
        large_text=settings.flag(store, "ui.large_text"),
        brightness=settings.number(store, "ui.brightness") / 100,
        night_brightness=settings.number(store, "ui.night_brightness") / 100,
        night_from=settings.text(store, "ui.night_from"),
        night_to=settings.text(store, "ui.night_to"),
        start_page=settings.text(store, "ui.start_page"),
        start_page_after_s=settings.number(store, "ui.start_page_after_s"),
        idle_page=settings.text(store, "ui.idle_page"),
    )


def _tasks(it: Opened) -> tuple[TaskNow, ...]:
    try:
        under_way = tasks.under_way(it)
    except errors.StoreError:  # no live file: no core, and nothing under way
        under_way = []
    found = [
        TaskNow(task.id, task.kind, task.stage, tasks.age_s(it, task), task.percent)
        for task in under_way
        if task.kind in works.NAMES
    ]
    backup = wishes.find(it.store, wishes.BACKUP)
    if backup is not None and not backup.done:
        found.append(TaskNow(0, wishes.BACKUP, age_s=max(0.0, (it.clock.now() - backup.wanted_at).total_seconds())))
    return tuple(found)


def _pressed(it: Opened) -> buttons.Pressed:
    """The board's buttons; without a live file nobody reads them."""
    try:
        return buttons.look(it)
    except errors.StoreError:
        return buttons.Pressed()


def _calls(it: Opened) -> tuple[int, ...]:
    """Numbers that change when somebody showed a card or typed a code, or an app asks to be let in."""
    return (attempts.newest_id(it.store), tokens.counts(it.store).get("pending", 0))


def _meter(it: Opened, meter: Meter, reading: readings.Live | None) -> MeterNow:
    fresh = reading is not None and readings.is_fresh(reading, it.clock, meter.interval_s)
    return MeterNow(
        id=meter.id,
        name=meter.name,
        role=meter.role,
        model=meter.model,
        power_w=reading.values.get("power_w") if reading is not None and fresh else None,
        age_s=None if reading is None else readings.age_s(reading, it.clock),
    )


def _today(it: Opened, known: list[Meter], now: datetime) -> Today:
    sums: dict[str, list[history.Energy]] = {}
    for meter in known:
        sums.setdefault(meter.role, []).append(history.today(it.store, it.live, meter.id, now, _zone(now)))

    def total(role: str, direction: str) -> int | None:
        values = [getattr(energy, direction) for energy in sums.get(role, [])]
        measured = [value for value in values if value is not None]
        return sum(measured) if measured else None

    return Today(
        import_wh=total("grid", "import_wh"),
        export_wh=total("grid", "export_wh"),
        pv_wh=total("pv", "export_wh"),
        car_wh=total("charger", "import_wh"),
        charged_wh=total("battery", "import_wh"),
        given_wh=total("battery", "export_wh"),
    )


def _zone(now: datetime) -> ZoneInfo:
    assert isinstance(now.tzinfo, ZoneInfo)  # noqa: S101 - made so in `collect`
    return now.tzinfo


def today_curve(it: Opened) -> Curve:
    """Today's quarter hours; dearer than the rest, so it is looked at once a minute. Raises StoreError."""
    zone = ZoneInfo(settings.text(it.store, "site.timezone"))
    today = it.clock.now().astimezone(zone).date()
    by_role: dict[str, list[list[history.Point]]] = {}
    for meter in meters.all(it.store):
        by_role.setdefault(meter.role, []).append(history.day(it.store, it.live, meter.id, today, zone))
    length = max((len(points) for lists in by_role.values() for points in lists), default=0)
    at_each = [
        balance.balance({role: [points[i].mean_w for points in lists] for role, lists in by_role.items()})
        for i in range(length)
    ]
    return Curve(
        house=tuple(one.house_w for one in at_each),
        pv=tuple(one.pv_w for one in at_each) if "pv" in by_role else (),
        car=tuple(one.car_w for one in at_each) if "charger" in by_role else (),
        ends_at=datetime.combine(today + timedelta(days=1), time.min, zone),
    )


def _points(it: Opened) -> list[PointNow]:
    return [
        PointNow(
            id=now.point.id,
            name=now.point.name,
            mode=now.mode,
            state=now.state,
            user=now.user,
            window_left_s=now.grant_until_s_left,
            began_at=None if now.session is None else now.session.began_at,
            energy_wh=now.session_energy_wh,
            power_w=now.power_w,
            closed=now.closed,
        )
        for now in overview.points_now(it)
    ]


def _sessions(it: Opened, now: datetime) -> list[SessionRow]:
    return [
        SessionRow(
            id=one.id,
            user=one.user,
            point=one.point,
            began_at=one.began_at.astimezone(now.tzinfo),
            ended_at=None if one.ended_at is None else one.ended_at.astimezone(now.tzinfo),
            energy_wh=one.energy_wh,
            end_reason=one.end_reason,
        )
        for one in sessions.newest(it.store, SHOWN_SESSIONS)
    ]


def _web(it: Opened) -> Web:
    window = web_window.state(it.store, it.clock)
    default = web_accounts.has_default_password(it)
    if not window.open:
        return Web(default_password=default)
    return Web(
        open=True,
        remaining_s=window.remaining_s,
        url=addresses.admin_url(it),
        fingerprint=_fingerprint(it),
        presence_code=presence.code(it.key(), window.opening) if default else "",
        default_password=default,
    )


def _fingerprint(it: Opened) -> str:
    """The certificate's fingerprint; empty until the web admin made one."""
    try:
        return certificate.fingerprint(it.home.tls)
    except (OSError, ValueError):
        return ""


def _backup(it: Opened, now: datetime) -> dict[str, object]:
    due = wishes.due(it.store, wishes.BACKUP)
    newest = backups.newest_attempt(it.store, "folder")
    if newest is None:
        return {"backup_due": due}
    return {"backup_at": newest.made_at.astimezone(now.tzinfo), "backup_ok": newest.good, "backup_due": due}
