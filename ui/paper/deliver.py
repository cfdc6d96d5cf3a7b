"""Deliver the monthly reports that are due, and the faults that somebody wants to hear of.

A process of its own, started by the core when something is due, so that the
core never holds what making a PDF takes. Each month and target is one attempt;
what became of it is written down before the next, and nothing here raises.
"""

from __future__ import annotations

import logging
import ssl
from datetime import date
from typing import NamedTuple

from appliance import errors
from appliance.access.device_key import DeviceKey
from appliance.billing import deliveries, mail_account, mailings, statement
from appliance.billing.statement import Statement
from appliance.errors import N_
from appliance.opened import Opened
from appliance.store import settings
from ui.paper import files, mail
from ui.paper.wording import TITLE, Words
from ui.text.catalog import Texts
from ui.text.sentences import fault as fault_sentence

log = logging.getLogger("wattward.paper")

FOLDER = "reports"  # below the appliance's home


class Record(NamedTuple):
    """A month's charging record and the files made of it, by name."""

    made: Statement
    language: str
    files: dict[str, bytes]


def due(opened: Opened, trust: ssl.SSLContext | None = None) -> dict[tuple[str, str], str]:
    """Deliver what is due; return month and target -> outcome. Raises StoreError."""
    found: dict[tuple[str, str], str] = {}
    records: dict[str, Record] = {}  # of each month: folder and mail get the very same files
    for month, target in deliveries.due(opened):
        made_at = opened.clock.now()
        found[month, target], reached = _attempt(opened, month, target, records, trust)
        deliveries.note(opened, month, target, found[month, target], made_at, reached=reached)
    return found


def _attempt(
    opened: Opened, month: str, target: str, records: dict[str, Record], trust: ssl.SSLContext | None
) -> tuple[str, bool]:  # fmt: skip
    """'ok', or the sentence of what went wrong; and whether it went out, be it to some only."""
    try:
        deliveries.wait(opened, month)
        if month not in records:
            records[month] = _record(opened, month)
        if target == "folder":
            files.write(opened.home.root / FOLDER / month, records[month].files)
        else:
            _send(opened, records[month], trust)
    except errors.WattwardError as error:
        log.warning("report of %s, %s: %s", month, target, error)
        return str(error), isinstance(error, mail.PartlyRefused)
    return deliveries.OK, True


def _record(opened: Opened, month: str) -> Record:
    made = statement.make(opened, statement.month(date.fromisoformat(f"{month}-01")), "appliance")
    language = settings.text(opened.store, "ui.language")
    formats = settings.text(opened.store, "report.formats").split()
    return Record(made, language, files.make(made, language, formats))


def _send(opened: Opened, record: Record, trust: ssl.SSLContext | None) -> None:
    made, words = record.made, Words(Texts(record.language), record.made)
    account = mail_account.get(opened.store, opened.key())
    to = [one.strip() for one in settings.text(opened.store, "report.mail_to").split(",")]
    name = settings.text(opened.store, "site.name")
    text = words(
        N_("The charging record of {name} for {period} is attached: {count} sessions, {kwh} kWh, {amount} {currency}."),
        name=name, period=words.period(), kwh=words.kwh(made.total.energy_wh), count=made.total.sessions,
        amount=words.money(made.total.cost), currency=made.currency,
    )  # fmt: skip
    mail.send(account, mail.compose(account, to, f"{name}: {words(TITLE)} {words.period()}", text, record.files), trust)


def tell_faults(opened: Opened, key: DeviceKey, trust: ssl.SSLContext | None = None) -> int:
    """Send the faults that are old enough and were not told yet; return how many. Raises Refused, StoreError."""
    wanted = mailings.due(opened)
    if not wanted:
        return 0
    account = mail_account.get(opened.store, key)
    texts = Texts(settings.text(opened.store, "ui.language"))
    to = [one.strip() for one in settings.text(opened.store, "faults.mail_to").split(",")]
    name = settings.text(opened.store, "site.name")
    body = "\n\n".join(fault_sentence(texts, one) for one in wanted)
    message = mail.compose(account, to, f"{name}: {texts.filled(N_('something needs attention'))}", body)
    try:
        mail.send(account, message, trust)
    except mail.PartlyRefused:
        mailings.told(opened, wanted)  # those who got it are not told every ten minutes
        raise
    mailings.told(opened, wanted)
    return len(wanted)
