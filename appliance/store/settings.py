"""Every setting: key, type, default, bounds and what it means, in one table.

Only values that differ from the default are stored. An unknown key or a value
out of bounds is refused with a sentence that names what is allowed.
"""

from __future__ import annotations

import contextlib
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from appliance import audit, clock
from appliance.errors import N_, BadInput, NotFound
from appliance.store.database import Db, Store

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `low` and `high` bound numbers, `choices` or `rule` texts; `hint` says `rule` in words."""

    key: str
    default: Value
    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    rule: Callable[[str], bool] | None = None
    hint: str = ""

    @property
    def type(self) -> type[Value]:
        return type(self.default)


def _is_short_name(text: str) -> bool:
    return 0 < len(text) <= 40 and text.isprintable()


def _is_line(text: str) -> bool:
    return len(text) <= 120 and text.isprintable()


def _is_currency(text: str) -> bool:
    return re.fullmatch(r"[A-Z]{3}", text) is not None


def _is_mail_list(text: str) -> bool:
    return all(re.fullmatch(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+", one.strip()) for one in text.split(",")) if text else True


def _is_time_zone(text: str) -> bool:
    try:
        return bool(zoneinfo.ZoneInfo(text).key)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_time_of_day(text: str) -> bool:
    return re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text) is not None


def _is_time_or_none(text: str) -> bool:
    return text == "" or _is_time_of_day(text)


def _is_line_or_none(text: str) -> bool:
    return re.fullmatch(r"(gpio:[0-9]{1,2})?", text) is not None


TABLE: tuple[Setting, ...] = (
    Setting("ui.language", "en", N_("Language"), choices=("en", "de")),
    Setting("ui.dim_after_s", 60, N_("Dim the display after"), "s", 10, 3600),
    Setting("ui.off_after_s", 600, N_("Switch the display off after"), "s", 30, 36000),
    Setting("ui.privacy", False, N_("Charging shows no names and no values before a PIN")),
    Setting("ui.theme", "dark", N_("Colours of the display"), choices=("dark", "light", "auto")),
    Setting("ui.large_text", False, N_("Larger text on the display")),
    Setting("ui.reduced_motion", False, N_("No moving pictures on the display")),
    Setting("ui.brightness", 100, N_("Brightness of the display"), "%", 10, 100),
    Setting(
        "ui.night_from",
        "22:00",
        N_("Dark display at night, from"),
        rule=_is_time_or_none,
        hint=N_("a time like 22:00, or nothing"),
    ),
    Setting(
        "ui.night_to",
        "06:00",
        N_("Dark display at night, until"),
        rule=_is_time_or_none,
        hint=N_("a time like 06:00, or nothing"),
    ),
    Setting("ui.night_brightness", 10, N_("Brightness of the display at night"), "%", 1, 100),
    Setting("ui.start_page", "energy", N_("First page of the display"), choices=("energy", "flow", "charging")),
    Setting(
        "ui.start_page_after_s",
        300,
        N_("Back to the first page after so long without a touch (0: never)"),
        "s",
        0,
        7200,
    ),
    Setting("ui.idle_page", "clock", N_("What the display shows while nobody uses it"), choices=("clock", "off")),
    Setting("ui.rotation", "auto", N_("Turn the picture by"), "°", choices=("auto", "0", "90", "180", "270")),
    Setting("ui.button_up", "", N_("Button UP at"), rule=_is_line_or_none, hint=N_("a line like gpio:5, or nothing")),
    Setting(
        "ui.button_down", "", N_("Button DOWN at"), rule=_is_line_or_none, hint=N_("a line like gpio:5, or nothing")
    ),
    Setting("ui.button_ok", "", N_("Button OK at"), rule=_is_line_or_none, hint=N_("a line like gpio:5, or nothing")),
    Setting("site.name", "Wattward", N_("Name of this appliance"), rule=_is_short_name, hint=N_("1 to 40 characters")),
    Setting(
        "site.timezone", "Europe/Berlin", N_("Time zone"), rule=_is_time_zone, hint=N_("a name like Europe/Berlin")
    ),
    Setting("charging.start_window_s", 300, N_("Time for the car to start after an authorization"), "s", 30, 3600),
    Setting("charging.idle_power_w", 100, N_("Below this power the car is not charging"), "W", 10, 1000),
    Setting("charging.idle_end_s", 1800, N_("End the session after so long without charging"), "s", 60, 86400),
    Setting("charging.unseen_end_s", 3600, N_("End the session after the meter was silent so long"), "s", 300, 86400),
    Setting(
        "charging.unmetered_end_s",
        43200,
        N_("End the session after so long at a point without a meter"),
        "s",
        300,
        604800,
    ),
    Setting("charging.min_pause_s", 10, N_("Shortest pause between two closings of a relay"), "s", 1, 600),
    Setting("charging.grid_limit_a", 0, N_("Open all relays above this current per phase (0: off)"), "A", 0, 400),
    Setting(
        "charging.resume_within_s",
        900,
        N_("Go on with a session after an outage shorter than this (0: never)"),
        "s",
        0,
        86400,
    ),
    Setting(
        "charging.return_within_s",
        900,
        N_("Go on with a session after a power cut shorter than this (0: never)"),
        "s",
        0,
        86400,
    ),
    Setting("charging.pause_after_s", 120, N_("Call a session paused after so long without charging"), "s", 0, 3600),
    Setting("charging.stop_blocked_at_once", False, N_("Blocking a user ends the running session at once")),
    Setting("charging.stop_expired_at_once", False, N_("A code that expires ends the running session")),
    Setting("charging.stop_outside_hours", False, N_("The end of the allowed hours ends the running session")),
    Setting("charging.stop_at_allowance", True, N_("An allowance that is used up ends the running session")),
    Setting("charging.same_card_stops", True, N_("The same card or PIN again ends the session at a reader")),
    Setting("identification.pin.enabled", True, N_("Charging with a PIN code")),
    Setting("identification.rfid.enabled", True, N_("Charging with a card")),
    Setting("identification.ble.enabled", True, N_("Charging with a tag or phone nearby")),
    Setting("identification.app.enabled", False, N_("Charging with an app")),
    Setting(
        "identification.keep_unknown_h", 24, N_("Remember unknown cards, to give them to somebody, for"), "h", 1, 720
    ),
    Setting("users.forget_after_days", 0, N_("Take names out of archived users after (0: never)"), "d", 0, 36500),
    Setting("billing.currency", "EUR", N_("Currency"), rule=_is_currency, hint=N_("three letters like EUR")),
    Setting("billing.tariff", "", N_("Usual tariff"), rule=_is_line, hint=N_("the name of a tariff, or nothing")),
    Setting(
        "billing.feed_in_tariff",
        "",
        N_("Tariff paid for feed-in"),
        rule=_is_line,
        hint=N_("the name of a tariff, or nothing"),
    ),
    Setting("report.title", "", N_("Letterhead: name"), rule=_is_line, hint=N_("at most 120 characters")),
    Setting("report.address", "", N_("Letterhead: address"), rule=_is_line, hint=N_("at most 120 characters")),
    Setting("report.reference", "", N_("Employer's reference"), rule=_is_line, hint=N_("at most 120 characters")),
    Setting(
        "report.meter", "", N_("Make and serial number of the meter"), rule=_is_line, hint=N_("at most 120 characters")
    ),
    Setting(
        "report.meter_status", "none", N_("Legal status of the meter in reports"), choices=("none", "mid", "eichrecht")
    ),
    Setting("report.monthly", False, N_("Make reports every month")),
    Setting("report.formats", "pdf csv", N_("Formats of monthly reports"), choices=("pdf", "pdf csv", "pdf csv xlsx")),
    Setting(
        "report.mail_to",
        "",
        N_("Send monthly reports to"),
        rule=_is_mail_list,
        hint=N_("e-mail addresses, with commas"),
    ),
    Setting("faults.mail_to", "", N_("Send faults to"), rule=_is_mail_list, hint=N_("e-mail addresses, with commas")),
    Setting("history.seconds_days", 30, N_("Keep curves second by second for"), "d", 1, 400),
    Setting("history.minutes_days", 731, N_("Keep curves minute by minute for"), "d", 7, 4000),
    Setting("service.sunspec", False, N_("Other programs may read the meters (Modbus TCP, SunSpec)")),
    Setting("service.sunspec_port", 5021, N_("Port at which other programs read the meters"), low=1, high=65535),
    Setting("service.phone", False, N_("Apps and phones may connect with an access token")),
    Setting("service.phone_port", 9443, N_("Port for apps and phones"), low=1024, high=65535),
    Setting("service.metrics", False, N_("Other programs may read figures with an access token (Prometheus)")),
    Setting("service.mdns", False, N_("Answer to the name wattward.local in the local network")),
    Setting("tokens.idle_days", 180, N_("Access tokens expire when not used for (0: never)"), "d", 0, 3650),
    Setting("web.port", 443, N_("Port of the web admin"), low=1, high=65535),
    Setting(
        "backup.daily_at",
        "03:15",
        N_("Daily backup at (local time)"),
        rule=_is_time_of_day,
        hint=N_("a time like 03:15"),
    ),
    Setting("backup.keep_daily", 7, N_("Daily backups to keep"), low=1, high=365),
    Setting("backup.keep_weekly", 8, N_("Weekly backups to keep"), low=0, high=520),
    Setting("backup.usb", False, N_("Also back up to the USB stick labelled WATTWARD")),
)
KEYS = {setting.key: setting for setting in TABLE}


def describe(key: str) -> Setting:
    """The setting called `key`. Raises NotFound."""
    try:
        return KEYS[key]
    except KeyError:
        raise NotFound(N_("There is no setting {key}; see 'wattward settings list'."), field="key", key=key) from None


def parse(setting: Setting, text: str) -> Value:
    """The value a person typed. Raises BadInput naming what is allowed."""
    text = text.strip()
    if setting.type is bool:
        words = {
            "on": True,
            "true": True,
            "yes": True,
            "1": True,
            "off": False,
            "false": False,
            "no": False,
            "0": False,
        }
        if text.lower() not in words:
            raise BadInput(N_("{key} is either on or off."), field=setting.key, key=setting.key)
        return words[text.lower()]
    if setting.type is str:
        if setting.choices and text not in setting.choices:
            raise BadInput(
                N_("{key} is one of: {choices}."),
                field=setting.key,
                key=setting.key,
                choices=", ".join(setting.choices),
            )
        if setting.rule is not None and not setting.rule(text):
            raise BadInput(N_("{key} is {hint}."), field=setting.key, key=setting.key, hint=setting.hint)
        return text
    try:
        number = int(text) if setting.type is int else float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    low, high = setting.low, setting.high
    if not ((low is None or number >= low) and (high is None or number <= high)):
        raise BadInput(
            N_("{key} is a number from {low} to {high} {unit}.")
            if setting.unit
            else N_("{key} is a number from {low} to {high}."),
            field=setting.key,
            key=setting.key,
            low=f"{low or 0:g}",
            high=f"{high or 0:g}",
            unit=setting.unit,
        )
    return number


def in_force(db: Db, key: str) -> Value:
    """The value in force, as a transaction sees it; the default when what is stored is not allowed any more."""
    setting = describe(key)
    text = db.execute("SELECT value FROM settings WHERE key=?", (key,)).get
    with contextlib.suppress(BadInput):
        return setting.default if text is None else parse(setting, text)
    return setting.default


def get(store: Store, key: str) -> Value:
    """The value in force. Raises NotFound, StoreError."""
    with store.read() as db:
        return in_force(db, key)


def number(store: Store, key: str) -> float:
    """A numeric setting."""
    return float(get(store, key))


def flag(store: Store, key: str) -> bool:
    """An on/off setting."""
    return bool(get(store, key))


def text(store: Store, key: str) -> str:
    """A text setting."""
    return str(get(store, key))


def put(store: Store, now: datetime, actor: audit.Actor, key: str, typed: str) -> Value:
    """Set a value as typed; return it. Raises NotFound, BadInput."""
    setting = describe(key)
    value = parse(setting, typed)
    stored = ("on" if value else "off") if setting.type is bool else str(value)
    with store.write() as db:
        before = db.execute("SELECT value FROM settings WHERE key=?", (key,)).get
        if stored == before:
            return value  # it has been so since it was changed
        db.execute(
            "INSERT OR REPLACE INTO settings VALUES (?,?,?,?)",
            (key, stored, clock.utc_text(now), f"{actor.surface}:{actor.name}"),
        )
        audit.record(
            db, now, actor, "setting.change", key, old=str(setting.default) if before is None else before, new=stored
        )
    return value
