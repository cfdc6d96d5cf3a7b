"""Figures for Prometheus, in its text format; off unless switched on in the settings.

Names end with their unit. What has no data is left out, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response

from appliance import faults, heartbeat
from appliance.charging import overview
from appliance.errors import N_
from appliance.metering import meters, readings
from appliance.opened import Opened
from appliance.store import settings
from ui.phone import guard
from ui.phone.api.operations import Subject
from ui.phone.guard import Denied

subject = Subject("metrics")
OFF = N_("Figures for Prometheus are switched off: an admin switches them on in the settings.")
TEXT = "text/plain; version=0.0.4; charset=utf-8"
UNITS = {"w": "watts", "v": "volts", "a": "amperes", "hz": "hertz", "wh": "watthours", "va": "voltamperes",
         "var": "voltamperes_reactive"}  # fmt: skip
Sample = tuple[Mapping[str, object], float]


@subject.operation(
    "GET", "/metrics", needs="read", content="text/plain", refusals={404: "Switched off in the settings."}
)
def metrics() -> Response:
    """Readings of all meters and states of the charging points, for Prometheus."""
    it = guard.appliance()
    if not settings.flag(it.store, "service.metrics"):
        raise Denied(404, "off", OFF)
    return Response(text(it), content_type=TEXT)


def text(it: Opened) -> str:
    """All figures."""
    families: dict[str, list[Sample]] = {"wattward_core_up": [({}, float(heartbeat.core_runs(it.live, it.clock)))]}
    families["wattward_faults"] = [({}, float(len(faults.active(it.live))))]
    known = readings.newest(it.live)
    for meter in meters.all(it.store):
        reading, labels = known.get(meter.id), {"meter": meter.name, "role": meter.role}
        if reading is None or not readings.is_fresh(reading, it.clock, meter.interval_s):
            continue
        for quantity, value in reading.values.items():
            families.setdefault(_name(quantity), []).append((labels, value))
    for one in overview.points_now(it):
        labels = {"point": one.point.name}
        families.setdefault("wattward_point_charging", []).append((labels, float(one.state == "charging")))
        if one.closed is not None:
            families.setdefault("wattward_point_relay_closed", []).append((labels, float(one.closed)))
    return "".join(_family(name, samples) for name, samples in families.items())


def _name(quantity: str) -> str:
    stem, _, unit = quantity.rpartition("_")
    name = f"wattward_meter_{stem}_{UNITS.get(unit, unit)}" if stem else f"wattward_meter_{quantity}"
    return f"{name}_total" if unit == "wh" else name


def _family(name: str, samples: Iterable[Sample]) -> str:
    kind = "counter" if name.endswith("_total") else "gauge"
    lines = [f"{name}{_labels(labels)} {value:.10g}\n" for labels, value in samples]
    return f"# TYPE {name} {kind}\n" + "".join(lines)


def _labels(labels: Mapping[str, object]) -> str:
    pairs = [f'{key}="{_escaped(str(value))}"' for key, value in labels.items()]
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
