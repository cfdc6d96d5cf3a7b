"""What hangs on which line or coil, so that none is given away twice: points and readers, archived ones too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from appliance.charging import wiring
from appliance.errors import N_, BadInput
from appliance.store import settings
from appliance.store.database import Db, Store

Holder = tuple[str, int]  # 'point' or 'reader', and its id
PIN = re.compile(r"(?:^wiegand:|[,=])gpio:([0-9]{1,2})(?![0-9])")  # of a reader's address, its options and its lamps
CONSOLE = {"gpio:14", "gpio:15"}  # the serial console chatters on them
SPI = {"gpio:9", "gpio:10", "gpio:11"}  # what every reader on SPI takes besides its chip select
BUTTONS = ("ui.button_up", "ui.button_down", "ui.button_ok")  # settings: where buttons are wired
TAKEN = {
    "point": N_("The pin {relay} belongs to {point} already: choose another."),
    "reader": N_("The pin {relay} belongs to the reader {reader} already: choose another."),
}


def pins(text: str) -> list[str]:
    """The lines a reader's address or its lamps take."""
    return [f"gpio:{int(number)}" for number in PIN.findall(text.strip())]


def require_free(db: Db, holder: Holder, name: str, wanted: Iterable[tuple[str, str]]) -> None:
    """Refuse a line or coil somebody else has, or that is wanted twice. `wanted`: field and line. Raises BadInput."""
    taken = {wiring.place(spec): (other, at) for other, at, spec in _held(db) if other != holder}
    for field, spec in wanted:
        if wiring.place(spec) in taken:
            (kind, _), other_name = taken[wiring.place(spec)]
            values = {"relay": spec, kind: other_name}
            raise BadInput(TAKEN[kind], field=field, **values)
        taken[wiring.place(spec)] = holder, name


def free_lines(store: Store, holder: Holder) -> list[str]:
    """The lines of the Pi to offer `holder` (a new one has the id 0): those that nobody else has, by number."""
    with store.read() as db:
        taken = {wiring.place(spec) for other, _, spec in _held(db) if other != holder}
        on_spi = any("+spi:" in url for (url,) in db.execute("SELECT url FROM readers"))
    taken |= CONSOLE | (SPI if on_spi else set()) | {settings.text(store, key) for key in BUTTONS}
    lines = (f"gpio:{number}" for number in range(wiring.FIRST_PIN, wiring.LAST_PIN + 1))
    return [line for line in lines if line not in taken]


def _held(db: Db) -> Iterator[tuple[Holder, str, str]]:
    """Who has what: holder, name, line."""
    for id, name, *specs in db.execute("SELECT id, name, relay, feedback, plug FROM points").fetchall():
        yield from ((("point", id), name, spec) for spec in specs if spec)
    for id, name, url, lamps in db.execute("SELECT id, name, url, lamps FROM readers").fetchall():
        yield from ((("reader", id), name, pin) for pin in [*pins(url), *pins(lamps)])
