"""Which meters can be read: what the core knows from the drivers, for those who may not ask drivers.

The core writes the list into `live.db` when it starts; the web admin and the
touchscreen choose from it, and refuse here what the drivers would refuse later.
A test holds the rule for addresses against the drivers' own.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, urlsplit

from appliance.errors import N_, BadInput
from appliance.store.database import Store
from drivers.interfaces import MeterModel

BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
PARITIES = ("N", "E", "O")
ADDRESS = N_(
    "A meter's address is tcp://HOST:PORT, udp://HOST:PORT, rtutcp://HOST:PORT"
    " or rtu:///dev/ttyUSB0?baud=9600&parity=N, not {url}."
)
OPTION = N_("A serial address takes baud ({bauds}) and parity (N, E or O), not {option}.")


def publish(live: Store, known: Iterable[MeterModel]) -> None:
    """Say which models can be read. Core only."""
    rows = [(number, model.name, json.dumps(dataclasses.asdict(model))) for number, model in enumerate(known)]
    with live.write() as db:
        db.execute("DELETE FROM meter_models")
        db.executemany("INSERT INTO meter_models VALUES (?,?,?)", rows)


def all(live: Store) -> list[MeterModel]:  # noqa: A001 - read as models.all()
    """The models, by vendor and title."""
    with live.read() as db:
        texts = db.execute("SELECT model FROM meter_models ORDER BY number").fetchall()
    found = [_model(json.loads(text)) for (text,) in texts]
    return sorted(found, key=lambda model: (model.vendor.casefold(), model.title.casefold(), model.name))


def titles(live: Store) -> dict[str, str]:
    """What people call each model, by its name: vendor and title."""
    return {model.name: f"{model.vendor} {model.title}".strip() for model in all(live)}


def _model(entry: dict[str, object]) -> MeterModel:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return MeterModel(**{**entry, **lists})  # type: ignore[arg-type]  # written by `publish` from the same fields


def by_vendor(known: Iterable[MeterModel]) -> dict[str, list[MeterModel]]:
    """The models of each vendor; SunSpec first, because it fits so many."""
    found: dict[str, list[MeterModel]] = {}
    for model in sorted(known, key=lambda model: model.vendor != "SunSpec"):
        found.setdefault(model.vendor, []).append(model)
    return found


def check(known: Sequence[MeterModel], name: str, url: str, unit: int | None) -> int:
    """Look whether such a meter can be; return the unit id to use. Raises BadInput at its field."""
    model = next((model for model in known if model.name == name), None)
    if model is None:
        raise BadInput(
            N_("There is no meter model {model}; 'wattward meters models' lists them."), field="model", model=name
        )
    transport = transport_of(url)
    if transport not in model.transports:
        raise BadInput(
            N_("{model} is not read over {transport}; use one of: {transports}."),
            field="url", model=name, transport=transport, transports=", ".join(model.transports),
        )  # fmt: skip
    chosen = model.unit if unit is None else unit
    first, last = (0, 255) if transport in ("tcp", "udp") else (1, 247)
    if not first <= chosen <= last:
        raise BadInput(
            N_("A unit id on {url} is {first} to {last}, not {unit}."),
            field="unit", url=url, first=first, last=last, unit=chosen,
        )  # fmt: skip
    return chosen


def transport_of(url: str) -> str:
    """The transport a meter's address names. Raises BadInput for what is none."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadInput(ADDRESS, field="url", url=url) from error
    if parts.scheme in ("tcp", "udp", "rtutcp"):
        plain = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in parts.netloc
        if plain and port != 0 and re.fullmatch(r"[\w.:%-]+", parts.hostname or ""):
            return parts.scheme
    elif parts.scheme == "rtu" and not parts.netloc and re.fullmatch(r"/[^\0]*[^\0/]", parts.path):
        _check_options(parts.query)
        return "rtu"
    raise BadInput(ADDRESS, field="url", url=url)


def _check_options(query: str) -> None:
    for key, value in parse_qsl(query, keep_blank_values=True):
        is_baud = key == "baud" and value.isascii() and value.isdecimal() and int(value) in BAUDS
        if not is_baud and not (key == "parity" and value.upper() in PARITIES):
            raise BadInput(OPTION, field="url", bauds=", ".join(map(str, BAUDS)), option=f"{key}={value}")
