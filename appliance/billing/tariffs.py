"""Tariffs: named sets of prices, and whose they are.

A tariff never loses a price: one that was wrong is followed by another from a
later day, or replaced on its own day. What a session cost was written into the
journal when it ended, so nothing here changes what was billed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from appliance import audit, clock
from appliance.billing import prices
from appliance.billing.prices import Band, Price
from appliance.charging import users
from appliance.errors import N_, BadInput, NotFound, StoreConflict
from appliance.store import settings
from appliance.store.database import Db, Store

KINDS = ("fixed", "by_time", "employer")
LONGEST_NAME, LONGEST_BASIS = 40, 120
NAMED_BY = ("billing.tariff", "billing.feed_in_tariff")  # settings that are a tariff's name, or empty


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a kWh costs, over the years."""

    id: int
    name: str
    kind: str  # of KINDS
    basis: str  # where the price comes from, as reports say it
    archived: bool
    prices: tuple[Price, ...]  # in order of their first day

    @property
    def one_year(self) -> bool:
        """An employer's flat rate holds for one calendar year and is not carried on."""
        return self.kind == "employer"


def all(store: Store, archived: bool = False) -> list[Tariff]:
    """The tariffs in use, or with `archived` all, by name."""
    which = "" if archived else " WHERE archived_at IS NULL"
    with store.read() as db:
        numbers = [row[0] for row in db.execute(f"SELECT id FROM tariffs{which} ORDER BY name COLLATE NOCASE")]  # noqa: S608 - fixed texts
        return [row(db, number) for number in numbers]


def find(store: Store, name: str, *, archived: bool = True) -> Tariff:
    """The tariff of that name, also one out of use unless not `archived`. Raises NotFound naming those there are."""
    known = all(store, archived)
    for tariff in known:
        if tariff.name.casefold() == name.strip().casefold():
            return tariff
    raise NotFound(
        N_("There is no tariff {name}; there are: {names}."), field="tariff", name=name,
        names=", ".join(tariff.name for tariff in known) or "-",
    )  # fmt: skip


def row(db: Db, tariff_id: int) -> Tariff:
    """One tariff with its prices. Raises NotFound."""
    found = db.execute("SELECT name, kind, basis, archived_at FROM tariffs WHERE id=?", (tariff_id,)).fetchone()
    if found is None:
        raise NotFound(N_("There is no tariff number {number}."), field="tariff", number=tariff_id)
    name, kind, basis, archived_at = found
    listed = db.execute(
        "SELECT valid_from, per_kwh, bands FROM prices WHERE tariff_id=? ORDER BY valid_from", (tariff_id,)
    )
    known = tuple(
        Price(date.fromisoformat(valid_from), Decimal(per_kwh), prices.from_json(bands))
        for valid_from, per_kwh, bands in listed
    )
    return Tariff(tariff_id, name, kind, basis, archived_at is not None, known)


def add(
    store: Store, when: clock.Clock, name: str, kind: str, *, basis: str = "", actor: audit.Actor
) -> Tariff:  # fmt: skip
    """Make a tariff without a price. Raises BadInput."""
    name, basis = " ".join(name.split()), " ".join(basis.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput(N_("A tariff needs a name of 1 to {longest} characters."), field="name", longest=LONGEST_NAME)
    if len(basis) > LONGEST_BASIS or not basis.isprintable():
        raise BadInput(
            N_("The basis of a price has at most {longest} characters."), field="basis", longest=LONGEST_BASIS
        )
    if kind not in KINDS:
        raise BadInput(N_("The kind of a tariff is one of: {kinds}."), field="kind", kinds=", ".join(KINDS))
    try:
        with store.write() as db:
            db.execute(
                "INSERT INTO tariffs (name, kind, basis, created_at) VALUES (?,?,?,?)",
                (name, kind, basis, clock.utc_text(when.now())),
            )
            tariff = row(db, db.last_insert_rowid())
            audit.record(db, when.now(), actor, "tariff.add", name, kind=kind, basis=basis)
    except StoreConflict as error:
        raise BadInput(N_("There is already a tariff called {name}."), field="name", name=name) from error
    return tariff


def check_price(kind: str, valid_from: date, bands: Sequence[Band]) -> None:
    """Refuse a price that a tariff of this kind cannot have. Raises BadInput."""
    if bands and kind != "by_time":
        raise BadInput(N_("Only a tariff by time of day has bands."), field="bands")
    if kind == "employer" and (valid_from.month, valid_from.day) != (1, 1):
        raise BadInput(
            N_("An employer's flat rate holds for a calendar year: it begins on 1 January."), field="valid_from"
        )


def set_price(
    store: Store, when: clock.Clock, tariff_id: int, valid_from: date, per_kwh: Decimal,
    bands: Sequence[Band] = (), *, actor: audit.Actor,
) -> Tariff:  # fmt: skip
    """Let a price hold from a day on; one of the same day is replaced. Raises BadInput, NotFound."""
    with store.write() as db:
        tariff = row(db, tariff_id)
        check_price(tariff.kind, valid_from, bands)
        db.execute(
            "INSERT INTO prices (tariff_id, valid_from, per_kwh, bands, created_at) VALUES (?1,?2,?3,?4,?5)"
            " ON CONFLICT (tariff_id, valid_from) DO UPDATE SET per_kwh=?3, bands=?4, created_at=?5",
            (tariff_id, valid_from.isoformat(), str(per_kwh), prices.to_json(bands), clock.utc_text(when.now())),
        )
        audit.record(
            db, when.now(), actor, "tariff.price", tariff.name, valid_from=valid_from.isoformat(),
            per_kwh=str(per_kwh), bands=[prices.band_text(one) for one in bands],
        )  # fmt: skip
        return row(db, tariff_id)


def archive(store: Store, when: clock.Clock, tariff_id: int, *, actor: audit.Actor) -> None:
    """Take a tariff out of use; whoever had it has the usual one again. Raises BadInput while it is the usual one."""
    with store.write() as db:
        tariff = row(db, tariff_id)
        if str(settings.in_force(db, "billing.tariff")).casefold() == tariff.name.casefold():
            raise BadInput(
                N_("{name} is the usual tariff: set billing.tariff to another one first."),
                field="name",
                name=tariff.name,
            )
        db.execute("UPDATE tariffs SET archived_at=? WHERE id=?", (clock.utc_text(when.now()), tariff_id))
        db.execute("DELETE FROM user_tariffs WHERE tariff_id=?", (tariff_id,))
        audit.record(db, when.now(), actor, "tariff.archive", tariff.name)


def give(store: Store, when: clock.Clock, user_id: int, tariff_id: int | None, *, actor: audit.Actor) -> None:
    """Let a user pay by a tariff of their own; None: by the usual one. Raises NotFound."""
    with store.write() as db:
        user = users.row(db, user_id)
        name = "" if tariff_id is None else row(db, tariff_id).name
        if tariff_id is None:
            db.execute("DELETE FROM user_tariffs WHERE user_id=?", (user_id,))
        else:
            db.execute("INSERT OR REPLACE INTO user_tariffs VALUES (?,?)", (user_id, tariff_id))
        audit.record(db, when.now(), actor, "user.tariff", user.name, user=user_id, tariff=name)


def own(store: Store, user_id: int) -> int | None:
    """The tariff a user was given; None: they pay by the usual one."""
    with store.read() as db:
        found: int | None = db.execute("SELECT tariff_id FROM user_tariffs WHERE user_id=?", (user_id,)).get
    return found


def of_user(db: Db, user_id: int | None) -> Tariff | None:
    """The tariff somebody pays by: their own, or the usual one (setting billing.tariff); None: nothing is billed."""
    own = db.execute("SELECT tariff_id FROM user_tariffs WHERE user_id=?", (user_id,)).get
    if own is None:
        usual = str(settings.in_force(db, "billing.tariff"))
        own = db.execute("SELECT id FROM tariffs WHERE name=? COLLATE NOCASE AND archived_at IS NULL", (usual,)).get
    return None if own is None else row(db, own)
