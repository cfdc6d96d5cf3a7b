"""Work that the core does for somebody: a page that follows it, survives a reload, and tells how it ended."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, render_template, send_file
from werkzeug.wrappers import Response

from appliance.errors import N_
from appliance.metering import exporting
from appliance.network import links
from appliance.system import factory, power, restoring, support, tasks, timekeeping
from appliance.system.tasks import Task
from ui.admin import guard, words
from ui.admin.words import gettext as _

pages = Blueprint("tasks", __name__, url_prefix="/system/tasks")
TITLES = {
    links.FIND: N_("Looking for Wi-Fis …"),
    links.JOIN: N_("Set up Wi-Fi"),
    links.FORGET: N_("Reset Wi-Fi"),
    links.ADDRESS: N_("Network address"),
    timekeeping.SET_TIME: N_("Set date and time"),
    timekeeping.SET_NTP: N_("Date and time"),
    timekeeping.SET_ZONE: N_("Time zone"),
    power.RESTART: N_("Restart"),
    power.OFF: N_("Switch off"),
    support.KIND: N_("Support bundle"),
    restoring.KIND: N_("Restore a backup"),
    factory.KIND: N_("Factory reset"),
    exporting.KIND: N_("History as a file"),
}
ENDS = {  # after these the core starts anew: the page waits for it
    restoring.KIND: N_("The backup is in place; the core starts anew."),
    power.RESTART: N_("The appliance is restarting."),
    power.OFF: N_("The appliance is switching off."),
    factory.KIND: N_("Everything is being forgotten; the appliance starts anew."),
}


@pages.get("/<int:task_id>")
@guard.needs("operator")
def follow(task_id: int) -> str:
    """How far it is."""
    task = _task(task_id)
    file = exporting.file(guard.appliance().home, task)
    size = "" if file is None else words.size(file.stat().st_size)
    title = _(TITLES.get(task.kind, "System"))
    return render_template("task.html", task=task, title=title, said=_said(task), file=file, size=size)


@pages.get("/<int:task_id>.json")
@guard.needs("operator")
def look(task_id: int) -> Response:
    """The same for the script that waits."""
    task = _task(task_id)
    return jsonify(over=task.over, said=_said(task), percent=task.percent)


@pages.get("/<int:task_id>/file")
@guard.needs("operator")
def made(task_id: int) -> Response:
    """What was made."""
    path = exporting.file(guard.appliance().home, _task(task_id))
    if path is None:
        abort(404)
    return send_file(path, as_attachment=True, download_name=path.name)


def _task(task_id: int) -> Task:
    found = tasks.look(guard.appliance().live, task_id)
    if found is None:
        abort(404)
    return found


def _said(task: Task) -> str:
    if task.state == "failed":
        return words.filled(task.message, task.values)
    if task.state == "done":
        return _(ENDS.get(task.kind, N_("It is finished.")))
    return _(task.stage) if task.stage else _("One moment …")
