"""Help: what is where, how meters and the contact are wired, and a support bundle to take along."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, send_file

from appliance import audit
from appliance.backup import targets
from appliance.errors import N_
from appliance.system import support
from ui.admin import guard
from ui.admin.words import gettext as _

pages = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True, slots=True)
class Place:
    """A page, who may open it, and what one does there."""

    endpoint: str
    role: str
    name: str
    does: str


PLACES = (
    Place("overview.overview", "viewer", N_("Overview"), N_("what flows now, today's curves, charging points, faults")),
    Place("history.history", "viewer", N_("History"), N_("any day, week, month or year; costs; files of every meter")),
    Place(
        "charging.charging",
        "viewer",
        N_("Charging"),
        N_("start and stop, modes and weekly plan, guests, attempts, tariffs"),
    ),
    Place(
        "sessions.sessions",
        "viewer",
        N_("Sessions"),
        N_("who charged how much; records as PDF, CSV, workbook; the journal"),
    ),
    Place(
        "users.users",
        "operator",
        N_("Local users"),
        N_("people, their PINs and cards, hours and allowances; import of a list"),
    ),
    Place("charging_authorization.show", "operator", N_("Charging authorization"), N_("which identifications count")),
    Place(
        "meters.meters",
        "operator",
        N_("Meters"),
        N_("add, search, look whether they are wired right, registers, counters"),
    ),
    Place("backups.backups", "operator", N_("Backups"), N_("make one, take one along, restore")),
    Place("preferences.preferences", "admin", N_("Settings"), N_("everything that can be set, by subject")),
    Place("access_tokens.access_tokens", "admin", N_("Access authorisation"), N_("apps and phones: confirm, revoke")),
    Place("accounts.accounts", "admin", N_("Web accounts"), N_("who may sign in here, and how much they may do")),
    Place("machine.machine", "admin", N_("This machine"), N_("network, date and time, restart, factory reset")),
    Place("security.security", "operator", N_("Security"), N_("what is locked, what is open, what is weak")),
    Place("trail.trail", "operator", N_("Events"), N_("who did what")),
)
MORE = (  # what charging authorization hangs together with, A001-27
    Place("charging_authorization.show", "operator", N_("Which identifications count, and the rules"), ""),
    Place("users.users", "operator", N_("PINs, cards (RFID), hours and allowances of people"), ""),
    Place("attempts.attempts", "operator", N_("Why a code was refused"), ""),
    Place("charging.charging", "viewer", N_("Modes and weekly plan of the charging points"), ""),
    Place("sessions.sessions", "viewer", N_("What was charged, and its records"), ""),
    Place("accounts.accounts", "admin", N_("Roles: who may do what in this web admin"), ""),
)


@pages.get("", endpoint="help")
@guard.needs("viewer")
def show() -> str:
    """The page."""
    who = guard.who()
    return render_template(
        "help.html",
        places=[(one.endpoint, _(one.name), _(one.does)) for one in PLACES if who.may(one.role)],
        more=[(one.endpoint, _(one.name)) for one in MORE if who.may(one.role)],
        bundles=[(path.name, path.stat().st_size) for path in bundles()] if who.may("admin") else [],
    )


@pages.get("/support/<filename>")
@guard.needs("admin")
def bundle(filename: str) -> Response:
    """A support bundle that was made; no other file."""
    opened = guard.appliance()
    path = next((one for one in bundles() if one.name == filename), None)
    if path is None:
        abort(404)
    with opened.store.write() as db:
        audit.record(db, opened.clock.now(), guard.who().actor, "support.download", path.name)
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=path.name)


def bundles() -> list[Path]:
    """The bundles on the card and on the stick, newest first."""
    home = guard.appliance().home
    folders = [support.folder(home), targets.of(home)["usb"].folder]
    found = [path for folder in folders for path in folder.glob("wattward-support-*.zip") if path.is_file()]
    return sorted(found, key=lambda path: path.name, reverse=True)
