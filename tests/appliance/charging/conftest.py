"""A house with Anna and Ben for every test of charging."""

from __future__ import annotations

import pytest

from appliance.opened import Opened
from tests.appliance.charging.house import House
from tests.fake_clock import FakeClock


@pytest.fixture
def house(opened: Opened, clock: FakeClock) -> House:
    """Anna and Ben have PINs; no point yet, no core."""
    found = House(opened, clock)
    found.person("Anna")
    found.person("Ben")
    return found
