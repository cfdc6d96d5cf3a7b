"""The machine: its network, date and time, restart, support bundle. The core does it; a page follows the work."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.charging import sessions
from appliance.errors import N_, BadInput
from appliance.network import links
from appliance.network.links import Address
from appliance.store import settings
from appliance.system import board, power, support, tasks, timekeeping
from ui.admin import forms, guard, words
from ui.admin.words import gettext as _

pages = Blueprint("machine", __name__, url_prefix="/system/machine")
STATES = {
    "connected": N_("connected"),
    "connecting": N_("connecting"),
    "off": N_("off"),
    "unplugged": N_("no cable"),
    "not_configured": N_("not configured"),
    "failed": N_("not connected"),
    "absent": N_("not there"),
}
DATE = "%Y-%m-%dT%H:%M"  # as browsers send it


@pages.get("", endpoint="machine")
@guard.needs("admin")
def show() -> str:
    """All of it as it is."""
    opened = guard.appliance()
    return render_template(
        "machine.html",
        network=links.now(opened),
        states={key: _(name) for key, name in STATES.items()},
        time=timekeeping.now(opened),
        now=opened.clock.now().astimezone(words.zone()),
        zone=settings.text(opened.store, "site.timezone"),
        model=board.model(),
        serial=board.serial(),
        support_until=board.SUPPORTED_UNTIL,
        charging=[one.user or one.point for one in sessions.running(opened.store)],
        under_way=tasks.under_way(opened),
    )


@pages.post("/find-wifi")
@guard.needs("admin")
def find_wifi() -> Response:
    """Look which Wi-Fis are in reach."""
    return _follow(links.find_wifi(guard.appliance(), guard.who().actor))


@pages.route("/wifi", methods=["GET", "POST"])
@guard.needs("admin")
def wifi() -> Response | str | tuple[str, int]:
    """Join a Wi-Fi."""
    form = forms.sent() if request.method == "POST" else forms.Form(request.args.to_dict())
    if request.method == "POST":
        with forms.checked(form, ("name", "password")):
            number = links.join_wifi(
                guard.appliance(), guard.who().actor, form.get("name"), form.typed.get("password", ""),
                sae=form.ticked("sae"), hidden=form.ticked("hidden"),
            )  # fmt: skip
            return _follow(number)
    page = render_template("wifi.html", form=form)
    return (page, 422) if form.wrong else page


@pages.post("/forget-wifi")
@guard.needs("admin")
def forget_wifi() -> Response:
    """Name and password erased (A003-25)."""
    return _follow(links.forget_wifi(guard.appliance(), guard.who().actor))


@pages.route("/address/<any(wired, wifi):way>", methods=["GET", "POST"])
@guard.needs("admin")
def address(way: str) -> Response | str | tuple[str, int]:
    """By DHCP, or written down here."""
    opened = guard.appliance()
    network = links.now(opened)
    before = network.link(way).wanted if network else Address()
    form = forms.blank(
        automatic=before.automatic, address=before.address, prefix=before.prefix, gateway=before.gateway,
        dns=", ".join(before.dns),
    )  # fmt: skip
    if request.method == "POST":
        form = forms.sent()
        with forms.checked(form, ("address", "prefix", "gateway", "dns")):
            return _follow(links.set_address(opened, guard.who().actor, way, _address(form)))
    page = render_template("address.html", form=form, way=way)
    return (page, 422) if form.wrong else page


@pages.route("/time", methods=["GET", "POST"])
@guard.needs("admin")
def time() -> Response | str | tuple[str, int]:
    """Set date and time by hand."""
    opened = guard.appliance()
    now = opened.clock.now().astimezone(words.zone())
    form = forms.sent() if request.method == "POST" else forms.blank(local=now.strftime(DATE))
    if request.method == "POST":
        with forms.checked(form, ("local",)):
            return _follow(timekeeping.set_time(opened, guard.who().actor, _moment(form)))
    page = render_template("set_time.html", form=form)
    return (page, 422) if form.wrong else page


@pages.post("/time-server/<any(on, off):state>")
@guard.needs("admin")
def time_server(state: str) -> Response:
    """Ask a time server, or do not."""
    return _follow(timekeeping.set_server(guard.appliance(), guard.who().actor, on=state == "on"))


@pages.post("/power/<any(restart, off):order>")
@guard.needs("admin")
def power_now(order: str) -> Response:
    """Restart or switch off; a running charge is named before. Raises Refused."""
    kind = power.RESTART if order == "restart" else power.OFF
    return _follow(power.ask(guard.appliance(), guard.who().actor, kind, even_charging=forms.sent().ticked("charging")))


@pages.post("/support")
@guard.needs("admin")
def make_support() -> Response:
    """A support bundle without secrets."""
    return _follow(support.ask(guard.appliance(), guard.who().actor))


def _follow(number: int) -> Response:
    return redirect(url_for("tasks.follow", task_id=number), 303)


def _address(form: forms.Form) -> Address:
    """What the form says. Raises BadInput."""
    if form.ticked("automatic"):
        return Address()
    prefix = form.get("prefix")
    if not prefix.isdecimal():
        raise BadInput(N_("The length of the network is a number from 1 to 30, usually 24."), field="prefix")
    servers = tuple(form.get("dns").replace(",", " ").split())
    return Address(False, form.get("address"), int(prefix[:4]), form.get("gateway"), servers)


def _moment(form: forms.Form) -> datetime:
    try:
        return datetime.strptime(form.get("local"), DATE)  # noqa: DTZ007 - in the zone of the appliance
    except ValueError:
        raise BadInput(N_("Write date and time as 2026-12-31T14:05."), field="local") from None
