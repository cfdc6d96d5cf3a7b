"""`wattward meters models|scan|check`: which models there are, what is on a line, and is a meter wired right?

While a core runs it does the talking, because a line has one master; without
one the command talks itself. Ctrl-C ends a scan at once, and what was found so
far is still shown.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from typing import Any

from appliance import heartbeat
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, Refused, WattwardError
from appliance.metering import checks, direction, health, inspections, meters, scans
from appliance.metering.meters import Meter
from appliance.metering.scans import Scan
from appliance.opened import Opened
from appliance.store import migrate
from drivers.interfaces import Found, Inspection, MeterModel, ScanStep, ScanWanted

POLL_S = 0.2
SURE = {"identified": "", "likely": ", likely", "possible": ", possibly"}
UNTESTED = ", untested"
SIGNS = {"good": "ok  ", "look": "look", "bad": "BAD "}
NOTHING = (
    "Nothing answers. Check that the meter has power, A and B (swap them once), the termination, and that Modbus is"
    " switched on in the meter; over the network also address and port."
)
NOISE = (
    "Something is heard that cannot be understood: another master on the line, another speed (--baud, --parity),"
    " two meters with the same unit id, or a line without termination."
)


def register(verbs: Any) -> None:  # noqa: ANN401 - argparse's sub-parsers have no public type
    """Add the verbs."""
    models = verbs.add_parser("models", help="models that can be read")
    models.add_argument("words", nargs="*", metavar="WORD", help="only models with these words")
    models.add_argument("--vendor", metavar="NAME", help="only models of this vendor")
    models.add_argument("--json", action="store_true", help="for programs")
    models.set_defaults(run=_models)
    scan = verbs.add_parser("scan", help="look which meters are on a line; only reads, Ctrl-C ends it")
    scan.add_argument("url", metavar="URL", help="tcp://HOST, udp://HOST, rtutcp://HOST:PORT or rtu:///dev/ttyUSB0")
    scan.add_argument("--units", default="", metavar="N-M", help="unit ids, like 1-10,33 (default: all)")
    scan.add_argument("--baud", default="", metavar="N,N", help="baud rates to try (default: all, usual ones first)")
    scan.add_argument("--parity", default="", metavar="N,E,O", help="parities to try (default: all)")
    scan.add_argument("--timeout", type=float, default=0.0, metavar="SECONDS", help="how long to wait for a unit")
    scan.add_argument("--json", action="store_true", help="for programs, when it has ended")
    scan.set_defaults(run=_scan)
    check = verbs.add_parser("check", help="everything a meter says, and what it shows about the wiring")
    check.add_argument("name", metavar="NAME")
    check.add_argument("--json", action="store_true", help="for programs")
    check.set_defaults(run=_check)


def _models(args: argparse.Namespace, _opened: Opened) -> None:
    from appliance import core

    rows = [
        {
            "model": model.name, "vendor": model.vendor, "title": model.title, "transports": " ".join(model.transports),
            "unit": model.unit, "baud": model.baud, "parity": model.parity, "tested": model.tested,
        }
        for model in core.meter_models()
        if _is_asked_for(model, args.vendor or "", args.words)
    ]  # fmt: skip
    if args.json:
        as_json(rows)
        return
    shown = [{**row, "state": "" if row["tested"] else "untested"} for row in rows]
    table(
        shown, ["model", "vendor", "title", "transports", "unit", "baud", "parity", "state"],
        empty="No such model; any SunSpec meter is read as 'sunspec', and 'wattward meters scan' recognises more.",
    )  # fmt: skip


def _is_asked_for(model: MeterModel, vendor: str, words: list[str]) -> bool:
    text = f"{model.name} {model}".casefold()
    return vendor.casefold() in model.vendor.casefold() and all(word.casefold() in text for word in words)


# Scan ------------------------------------------------------------------------------------------


class _Teller:
    """Tells a person how far a scan is, on one line that is wiped at the end."""

    def __init__(self, quiet: bool) -> None:
        self._shows = not quiet and sys.stderr.isatty()
        self._quiet = quiet

    def step(self, step: ScanStep) -> None:
        """Say where it is, and what was found there."""
        if step.found is not None and not self._quiet:
            self.wipe()
            say(f"{step.found.url} unit {step.found.unit}: {_named(step.found)}")
        self.progress(step)

    def progress(self, step: ScanStep) -> None:
        """Only where it is."""
        if self._shows:
            place = step.url.partition("?")[2].replace("&", " ") or step.url
            sys.stderr.write(f"\r\x1b[K{place} unit {step.unit} ({step.done} of {step.total})")
            sys.stderr.flush()

    def wipe(self) -> None:
        """Leave the line as it was."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _named(found: Found) -> str:
    if not found.candidates:
        return f"{found.identity or 'something'}, no meter that is known here"
    best = found.candidates[0]
    return f"{best.title}{SURE[best.sure]}{'' if best.tested else UNTESTED}"


def _scan(args: argparse.Namespace, opened: Opened) -> int:
    wanted = scans.wanted(args.url, args.units, args.baud, args.parity, args.timeout)
    teller = _Teller(args.json)
    scan, interrupted = Scan("running"), False

    def told(step: ScanStep) -> None:
        nonlocal scan
        scan = scan.after(step)
        teller.step(step)

    number = scans.begin(opened, wanted) if heartbeat.core_runs(opened.live, opened.clock) else None
    try:
        if number is None:
            _directly(wanted, told)
        else:
            scan = _through_core(opened, number, teller)
    except KeyboardInterrupt:
        interrupted = True
        if number is not None:
            scans.stop(opened, number)
            scan = scans.look(opened, number, want_on=False)
    finally:
        teller.wipe()
    if args.json:
        as_json([dataclasses.asdict(found) for found in scan.found])
    else:
        _show_found(scan, _known(opened), interrupted)
    return 130 if interrupted else 0 if scan.found else 1


def _directly(wanted: ScanWanted, told: Any) -> None:  # noqa: ANN401 - a function of one step
    from appliance import core

    core.scan_directly(wanted, told)


def _through_core(opened: Opened, number: int, teller: _Teller) -> Scan:
    """Wait for the core's scan. Raises WattwardError."""
    shown = 0
    while True:
        scan = scans.look(opened, number)
        for found in scan.found[shown:]:
            if scan.step is not None:
                teller.step(dataclasses.replace(scan.step, found=found))
        shown = len(scan.found)
        if scan.state == "failed":
            raise WattwardError(scan.message, **scan.values)
        if scan.over:
            return scan
        if scan.step is not None:
            teller.progress(scan.step)
        if not heartbeat.core_runs(opened.live, opened.clock):
            raise Refused(N_("The core has stopped meanwhile; look at 'wattward status' and try again."))
        time.sleep(POLL_S)


def _known(opened: Opened) -> list[Meter]:
    """The meters of this house; none where there is no store yet."""
    try:
        return meters.all(opened.store)
    except WattwardError:
        return []


def _show_found(scan: Scan, known: list[Meter], interrupted: bool) -> None:
    if not scan.found:
        say("Stopped; nothing has answered so far." if interrupted else NOISE if scan.noise else NOTHING)
        return
    for found in scan.found:
        say("")
        mine = scans.known(found, known)
        already = f" – set up already as {mine.name}" if mine is not None else ""
        say(f"{found.url} unit {found.unit}: {found.identity or 'says nothing about itself'}{already}")
        for candidate in found.candidates:
            shown = ", ".join(f"{name} {_figure(value)}" for name, value in _telling(candidate.values))
            state = f"{candidate.sure}{'' if candidate.tested else UNTESTED}"
            say(f"  {candidate.model} ({candidate.title}; {state}): {shown}")
            if mine is None:
                say(f"    {scans.command(found, candidate)}")


def _telling(values: Any) -> list[tuple[str, float]]:  # noqa: ANN401 - a mapping of values
    names = ("power_w", "voltage_l1_v", "frequency_hz", "import_wh")
    return [(name, values[name]) for name in names if name in values]


# Check -----------------------------------------------------------------------------------------


def _check(args: argparse.Namespace, opened: Opened) -> int:
    migrate.require_current(opened.store)
    meter = meters.find(opened.store, args.name)
    seen = _inspect(opened, meter)
    values = {point.quantity: point.value for point in seen.points if point.value is not None}
    house = {one.role for one in meters.all(opened.store)}
    found = checks.findings(direction.turned(values) if meter.inverted else values, meter.role, house)
    if args.json:
        as_json({
            "name": meter.name, "identity": seen.identity, "took_s": round(seen.took_s, 3), "requests": seen.requests,
            "points": [dataclasses.asdict(point) for point in seen.points],
            "findings": [{"severity": one.severity, "about": one.about, "sentence": one.sentence} for one in found],
        })  # fmt: skip
    else:
        _show_check(opened, meter, seen, found)
    return 1 if any(one.severity == "bad" for one in found) else 0


def _inspect(opened: Opened, meter: Meter) -> Inspection:
    """Everything the meter says now. Raises WattwardError, DriverError."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        from appliance import core

        return core.inspect_directly(meter)
    number = inspections.begin(opened, meter)
    while True:
        errand, seen = inspections.look(opened, number)
        if seen is not None:
            return seen
        if errand is None or errand.over or not heartbeat.core_runs(opened.live, opened.clock):
            message = errand.message if errand is not None and errand.message else ""
            raise WattwardError(
                message or N_("The meter was not read; try again."), **(errand.values if errand and message else {})
            )
        time.sleep(POLL_S)


def _show_check(opened: Opened, meter: Meter, seen: Inspection, found: list[checks.Finding]) -> None:
    identity = f", {seen.identity}" if seen.identity else ""
    say(f"{meter.name} ({meter.model}{identity}) at {meter.url} unit {meter.unit}, role {meter.role}")
    say(f"read in {seen.took_s * 1000:.0f} ms with {seen.requests} requests{_hour(opened, meter)}")
    say("")
    for one in found:
        say(f"{SIGNS[one.severity]}  {one.sentence}")
    say("")
    rows = [
        {
            "quantity": point.quantity,
            "value": "refused" if not point.registers else "-" if point.value is None else _figure(point.value),
            "function": point.function, "address": point.address,
            "registers": " ".join(f"{word:04X}" for word in point.registers),
        }
        for point in seen.points
    ]  # fmt: skip
    table(rows, ["quantity", "value", "function", "address", "registers"], empty="The meter has no values.")


def _hour(opened: Opened, meter: Meter) -> str:
    """How the last hour went, as far as a core has counted."""
    if not heartbeat.core_runs(opened.live, opened.clock):
        return ""
    pulse = health.all(opened.live).get(meter.id)
    if pulse is None or not pulse.readings + pulse.errors:
        return ""
    share = 100 * pulse.errors / (pulse.readings + pulse.errors)
    every = f", every {pulse.interval_s:.2f} s" if pulse.interval_s is not None else ""
    return f"; in the last hour {pulse.readings} readings{every}, {share:.1f} % errors"


def _figure(value: float) -> str:
    """A value to the thousandth, without zeros nobody needs: 8423590, 50.006."""
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".")
