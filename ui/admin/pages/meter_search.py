"""Look for meters on a line: say where, watch, take over what was found. The core does the looking."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance import heartbeat
from appliance.metering import meters, scans
from appliance.metering.scans import Scan
from ui.admin import forms, guard, words

pages = Blueprint("meter_search", __name__, url_prefix="/configuration/meters/search")
FIELDS = ("url", "units", "bauds")


@pages.route("", methods=["GET", "POST"])
@guard.needs("admin")
def begin() -> Response | str | tuple[str, int]:
    """Where to look."""
    opened = guard.appliance()
    form = forms.sent() if request.method == "POST" else forms.blank()
    if request.method == "POST":
        with forms.checked(form, FIELDS):
            wanted = scans.wanted(form.get("url"), form.get("units"), form.get("bauds"))
            return redirect(url_for("meter_search.watch", scan_id=scans.begin(opened, wanted)), 303)
    core_runs = heartbeat.core_runs(opened.live, opened.clock)
    page = render_template("meter_search.html", form=form, scan=None, core_runs=core_runs)
    return (page, 422) if form.wrong else page


@pages.get("/<int:scan_id>")
@guard.needs("admin")
def watch(scan_id: int) -> str:
    """How far it is and what was found; looking keeps it going."""
    opened = guard.appliance()
    scan = scans.look(opened, scan_id)
    known = meters.all(opened.store, archived=True)
    return render_template(
        "meter_search.html",
        form=forms.blank(), scan=scan, scan_id=scan_id, percent=_percent(scan), core_runs=True,
        found=[(one, scans.known(one, known)) for one in scan.found],
        failed=words.filled(scan.message, scan.values) if scan.message else "",
    )  # fmt: skip


@pages.get("/<int:scan_id>/progress.json")
@guard.needs("admin")
def progress(scan_id: int) -> Response:
    """The same for the page's script."""
    scan = scans.look(guard.appliance(), scan_id)
    at = f"{scan.step.url} · {scan.step.unit}" if scan.step is not None else ""
    return jsonify(over=scan.over, found=len(scan.found), percent=_percent(scan), at=at)


@pages.post("/<int:scan_id>/stop")
@guard.needs("admin")
def stop(scan_id: int) -> Response:
    """Look no further."""
    scans.stop(guard.appliance(), scan_id)
    return redirect(url_for("meter_search.watch", scan_id=scan_id), 303)


def _percent(scan: Scan) -> int:
    if scan.state == "done":
        return 100
    return 0 if scan.step is None or not scan.step.total else 100 * scan.step.done // scan.step.total
