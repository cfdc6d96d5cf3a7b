"""A bench with some sessions, for every test of paper."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.billing import journal
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.billing.bench import ACTOR, NOON, Bench
from tests.fake_clock import FakeClock


@pytest.fixture
def bench(opened: Opened, clock: FakeClock) -> Bench:
    """Anna charged twice, Ben once; one meter reading is missing, one session is not billed."""
    found = Bench(opened, clock)
    for key, text in (
        ("report.title", "Familie Berger & Söhne <GmbH>"), ("report.reference", "Fuhrpark 4711"),
        ("report.meter_status", "mid"), ("report.meter", "SDM630 No. 22041733"),
    ):  # fmt: skip
        settings.put(opened.store, clock.now(), ACTOR, key, text)
    found.bill("0.34")
    found.session(wh=7_311)
    found.session(found.ben.id, began_at=NOON + timedelta(hours=2), wh=1_000)
    found.session(began_at=NOON + timedelta(hours=4), wh=None, remark="no_reading")
    found.session(began_at=NOON + timedelta(hours=6), wh=2_689, remark="interrupted clock")
    found.session(began_at=NOON + timedelta(hours=8), wh=500)
    journal.correct(opened, found.signer, found.entered()[-1].number, note="=1+1", billed=False, actor=ACTOR)
    return found
