"""What tests of Modbus lines share."""

from __future__ import annotations

import pytest

from drivers.modbus import bus, pace


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter time-outs and pauses, where a test waits for many of them and not for their length."""
    monkeypatch.setattr(pace, "FIRST_ANSWER_S", 0.15)
    monkeypatch.setattr(pace, "LONGEST_ANSWER_S", 0.3)
    monkeypatch.setattr(pace, "PAUSES_S", (0.0,))
    monkeypatch.setattr(pace, "SETTLE_S", 0.5)
    for transport in pace.ANSWER_S:
        monkeypatch.setitem(pace.ANSWER_S, transport, 0.15)
    monkeypatch.setattr(bus, "LATE_S", 0.15)
    monkeypatch.setattr(bus, "CONNECT_PAUSES_S", (0.0,))
