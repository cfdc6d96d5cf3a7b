"""What most identifications do without: a name, hours, a car, caps, and that they only stop."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from appliance.charging import windows
from appliance.charging.windows import Window
from appliance.errors import N_, BadInput
from appliance.store.database import Db

NAME_MAX = 40
WH_MAX, CENTS_MAX, S_MAX = 10_000_000, 1_000_000, 366 * 86400


@dataclass(frozen=True, slots=True)
class Extras:
    """What most identifications do without. Caps are over all sessions of the code together."""

    name: str = ""  # 'blue key ring'
    hours: tuple[Window, ...] = ()  # when it works; none: always
    stop_only: bool = False  # ends what runs, starts nothing
    vehicle_id: int | None = None
    cap_wh: int | None = None
    cap_cents: int | None = None
    cap_s: int | None = None

    @property
    def capped(self) -> bool:
        """Whether it is used up some day."""
        return self.cap_wh is not None or self.cap_cents is not None or self.cap_s is not None

    @property
    def counted(self) -> bool:
        """Whether that depends on a meter."""
        return self.cap_wh is not None or self.cap_cents is not None


PLAIN = Extras()


def check(db: Db, user_id: int, extras: Extras) -> Extras:
    """Extras that may be. Raises BadInput naming the rule."""
    name = " ".join(extras.name.split())
    if len(name) > NAME_MAX or not name.isprintable():
        raise BadInput(N_("The name of an identification has at most {most} characters."), field="name", most=NAME_MAX)
    for cap, most, field in (
        (extras.cap_wh, WH_MAX, "cap_wh"), (extras.cap_cents, CENTS_MAX, "cap_cents"), (extras.cap_s, S_MAX, "cap_s"),
    ):  # fmt: skip
        if cap is not None and not 1 <= cap <= most:
            raise BadInput(N_("A cap is above zero and at most 10000 kWh, 10000 in money or 366 days."), field=field)
    if extras.vehicle_id is not None:
        owner = db.execute("SELECT user_id FROM vehicles WHERE id=?", (extras.vehicle_id,)).get
        if owner != user_id:
            raise BadInput(N_("This vehicle belongs to somebody else."), field="vehicle")
    return dataclasses.replace(extras, name=name)


def write(db: Db, identification_id: int, extras: Extras) -> None:
    """Keep the extras of an identification."""
    db.execute(
        "UPDATE identifications SET name=?, hours=?, stop_only=?, vehicle_id=?, cap_wh=?, cap_cents=?, cap_s=?"
        " WHERE id=?",
        (extras.name, windows.to_json(extras.hours), extras.stop_only, extras.vehicle_id, extras.cap_wh,
         extras.cap_cents, extras.cap_s, identification_id),
    )  # fmt: skip


def told(extras: Extras) -> dict[str, object]:
    """What the audit says of extras: those that were set."""
    told = dataclasses.asdict(extras) | {"hours": windows.to_json(extras.hours)}
    plain = dataclasses.asdict(PLAIN) | {"hours": "[]"}
    return {name: value for name, value in told.items() if value != plain[name]}
