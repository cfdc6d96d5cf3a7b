"""A bench for every test of billing."""

from __future__ import annotations

import pytest

from appliance.opened import Opened
from tests.appliance.billing.bench import Bench
from tests.fake_clock import FakeClock


@pytest.fixture
def bench(opened: Opened, clock: FakeClock) -> Bench:
    """One point with a meter, Anna and Ben."""
    clock.set(clock.now())
    return Bench(opened, clock)
