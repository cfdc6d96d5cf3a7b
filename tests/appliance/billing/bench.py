"""A bench for billing: ended sessions are put into the store as a core would have left them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from appliance import audit, clock
from appliance.billing import charged, journal, tariffs
from appliance.billing.charged import Charged
from appliance.billing.journal import Signer
from appliance.charging import identifications, points, users, vehicles
from appliance.charging.identifications import Extras, Identification
from appliance.metering import meters, slots
from appliance.metering.slots import Slot
from appliance.opened import Opened
from appliance.store import settings
from tests.fake_clock import FakeClock

ACTOR = audit.CLI
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Bench:
    """One point with a meter, Anna and Ben, and a counter that goes on from session to session."""

    opened: Opened
    clock: FakeClock
    counter_wh: int = 5_000_000

    def __post_init__(self) -> None:
        store = self.opened.store
        self.meter = meters.add(
            store, self.clock, name="Car", model="eastron-sdm630", url="tcp://127.0.0.1:5020", unit=2, role="charger",
            actor=ACTOR,
        )  # fmt: skip
        self.point = points.add(store, self.clock, "Wallbox", "gpio:17", self.meter.id, actor=ACTOR)
        self.anna = users.add(store, self.clock, "Anna", "Berger", actor=ACTOR)
        self.ben = users.add(store, self.clock, "Ben", "Berger", actor=ACTOR)

    @property
    def signer(self) -> Signer:
        return Signer.of(self.opened.key())

    def bill(self, per_kwh: str = "0.34", kind: str = "fixed") -> tariffs.Tariff:
        """The house has a usual tariff."""
        made = tariffs.add(self.opened.store, self.clock, "House", kind, basis="contract 2026", actor=ACTOR)
        made = tariffs.set_price(
            self.opened.store, self.clock, made.id, date(2026, 1, 1), Decimal(per_kwh), actor=ACTOR
        )
        settings.put(self.opened.store, self.clock.now(), ACTOR, "billing.tariff", "House")
        return made

    def session(
        self, user_id: int | None = None, *, began_at: datetime = NOON, hours: float = 1, wh: int | None = 7_000,
        remark: str = "", enter: bool = True, card: Identification | None = None,
    ) -> int:  # fmt: skip
        """An ended session of Anna or somebody, perhaps by a card; `wh` None: no reading at its end. Return its id."""
        user_id = self.anna.id if user_id is None else user_id
        begin_wh, end_wh = self.counter_wh, None if wh is None else self.counter_wh + wh
        self.counter_wh += wh or 0
        with self.opened.store.write() as db:
            db.execute(
                "INSERT INTO grants (point_id, reason, user_id, boot_id, granted_at, until_s, ended_at, end_reason)"
                " VALUES (?,'pin',?,'b',?,0,?,'stop')",
                (self.point.id, user_id, clock.utc_text(began_at), clock.utc_text(began_at)),
            )
            db.execute(
                "INSERT INTO sessions (point_id, grant_id, user_id, meter_id, boot_id, began_at, begin_wh, ended_at,"
                " end_wh, end_reason, remark, identification_id, vehicle_id) VALUES (?,?,?,?,'b',?,?,?,?,'stop',?,?,?)",
                (self.point.id, db.last_insert_rowid(), user_id, self.meter.id, clock.utc_text(began_at), begin_wh,
                 clock.utc_text(began_at + timedelta(hours=hours)), end_wh, remark, card and card.id,
                 card and card.extras.vehicle_id),
            )  # fmt: skip
            number = db.last_insert_rowid()
            if enter:
                journal.enter(db, self.clock.now(), self.signer, number)
        return number

    def card(self, code: str, car: str = "", plate: str = "") -> Identification:
        """A card of Anna's, perhaps of one of her cars."""
        store = self.opened.store
        made = vehicles.add(store, self.clock, self.anna.id, car, plate, actor=ACTOR) if car else None
        return identifications.add(
            store, self.opened.key(), self.clock, self.anna.id, type="rfid", code=code, active=True,
            extras=Extras(vehicle_id=None if made is None else made.id), actor=ACTOR,
        )  # fmt: skip

    def quarter(self, begins: datetime, counter_wh: int) -> None:
        """A quarter hour of the point's meter, with its counter at the end."""
        with self.opened.store.write() as db:
            start_s = slots.start_of(begins)
            slots.save(db, [Slot(self.meter.id, start_s, 0, None, counter_wh, None, 0, 0, 0, 900, False)])

    def entered(self, begin: datetime | None = None, end: datetime | None = None) -> list[Charged]:
        """The sessions in the journal."""
        with self.opened.store.read() as db:
            return charged.between(
                db, begin or datetime(2020, 1, 1, tzinfo=UTC), end or datetime(2040, 1, 1, tzinfo=UTC)
            )
