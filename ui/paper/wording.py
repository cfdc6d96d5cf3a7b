"""What stands on a report, in the language of its reader: cells and sentences, without any layout.

Energies have three decimals, because a report shows what the meter shows.
Times carry their offset from UTC, so the hour that comes twice in autumn is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from appliance.billing.statement import Continuity, Line, Statement
from appliance.charging.sessions import REMARKS
from appliance.errors import N_
from ui.text import numbers
from ui.text.catalog import Texts
from ui.text.sentences import ENDS

WAYS = {
    "pin": N_("PIN"),
    "rfid": N_("Card"),
    "ble": N_("Tag"),
    "app": N_("App"),
    "free": N_("free"),
    "resume": N_("resumed"),
    "power_return": N_("resumed"),
}
METER_STATUS = {
    "none": N_("No statement is made about the meter's conformity (MID) or calibration law."),
    "mid": N_("According to its operator, the meter conforms to the Measuring Instruments Directive (MID)."),
    "eichrecht": N_("According to its operator, the charging point complies with calibration law (Eichrecht)."),
}
TITLE = N_("Charging record")
NOT_BILLED = N_("not billed")
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one report."""

    texts: Texts
    of: Statement

    def __call__(self, message: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return self.texts.filled(message, **values)

    @property
    def language(self) -> str:
        return self.texts.language

    def period(self) -> str:
        """First and last day."""
        first, last = (numbers.day(day, self.language) for day in (self.of.wanted.begin, self.of.wanted.end))
        return f"{first} {UNKNOWN} {last}"

    def moment(self, at: datetime) -> str:
        """Local day and time with the offset from UTC: 21.11.2026 14:05 +01:00."""
        local = at.astimezone(self.of.zone)
        offset = local.strftime("%z")
        return f"{numbers.day(local.date(), self.language)} {local:%H:%M} {offset[:3]}:{offset[3:]}"

    def kwh(self, wh: int | None) -> str:
        """kWh to the Wh; a dash for not known."""
        return UNKNOWN if wh is None else numbers.decimal(wh / 1000, 3, self.language)

    def money(self, amount: Decimal | None) -> str:
        """An amount to the cent, without its currency; a dash for not known."""
        return UNKNOWN if amount is None else numbers.decimal(float(amount), 2, self.language)

    def price(self, line: Line) -> str:
        """Prices per kWh the session met, in order."""
        found = [
            numbers.decimal(float(one), max(2, -int(Decimal(one).as_tuple().exponent)), self.language)
            for one in line.session.per_kwh
        ]
        return " / ".join(found) or UNKNOWN

    def identification(self, line: Line) -> str:
        """By what somebody was let in: of a card its last digits, never a code."""
        way = line.session.identification or line.session.reason
        named = self(WAYS.get(way, way))
        return f"{named} …{line.tail}" if line.tail else named

    def vehicles(self) -> list[str]:
        """The cars of the report, each once."""
        return list(dict.fromkeys(line.vehicle for line in self.of.lines if line.vehicle))

    def end(self, line: Line) -> str:
        """Why the session ended."""
        return self(ENDS.get(line.session.end_reason, line.session.end_reason))

    def remarks(self, line: Line) -> list[str]:
        """What to know about the session, as sentences."""
        found = [self(REMARKS[code]) for code in line.session.remarks if code in REMARKS]
        if not line.session.billed:
            found.insert(0, self(NOT_BILLED) + ".")
        return [*found, *(f"„{note}“" if self.language == "de" else f"“{note}”" for note in line.session.notes)]

    def meter_status(self) -> str:
        """What may be said about the meter, always."""
        return self(METER_STATUS[self.of.letterhead.meter_status])

    def continuity(self, one: Continuity) -> str:
        """What a meter's counter did."""
        return self(
            N_(
                "Meter {meter}: from {first} to {last} kWh. On this record {here} kWh, charged by others {others} kWh,"
                " in no session {unassigned} kWh."
            ),
            meter=one.meter, first=self.kwh(one.first_wh), last=self.kwh(one.last_wh), here=self.kwh(one.here_wh),
            others=self.kwh(one.others_wh), unassigned=self.kwh(one.unassigned_wh),
        )  # fmt: skip

    def bases(self) -> list[str]:
        """Where the prices come from: each tariff of the report once."""
        priced = (line.session for line in self.of.lines if line.session.per_kwh)
        found = dict.fromkeys((one.tariff, one.basis) for one in priced)
        return [f"{name} ({basis})" if basis else str(name) for name, basis in found]

    def gaps(self) -> list[str]:
        """What the sums do not contain, as sentences."""
        total, found = self.of.total, []
        if total.not_billed:
            found.append(self(N_("Not billed and not in the sums: {count}."), count=total.not_billed))
        if total.without_energy:
            found.append(
                self(
                    N_("Without energy, because the meter could not be read: {count}."),
                    count=total.without_energy,
                )
            )
        if total.without_cost:
            found.append(
                self(
                    N_("Without amount, because no price was set for their time: {count}."),
                    count=total.without_cost,
                )
            )
        return found
