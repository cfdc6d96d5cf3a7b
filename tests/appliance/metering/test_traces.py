"""Traces come back as they were and stay small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.metering import traces


@given(st.lists(st.one_of(st.none(), st.integers(-(10**7), 10**7)), min_size=traces.BINS, max_size=traces.BINS))
def test_a_trace_comes_back_as_it_was(bins: list[int | None]) -> None:
    assert traces.unpack(traces.pack(bins)) == bins


def test_a_quiet_quarter_hour_costs_little_over_a_hundred_bytes() -> None:
    bins: list[int | None] = [250 + (i * 7919) % 23 for i in range(traces.BINS)]
    packed = traces.pack(bins)
    assert packed is not None and len(packed) < 160


def test_an_unchanging_quarter_hour_costs_a_handful_of_bytes() -> None:
    packed = traces.pack([0] * traces.BINS)
    assert packed is not None and len(packed) < 20


def test_a_trace_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 9"):
        traces.unpack(b"\x09\x00")


def test_nothing_measured_is_no_trace() -> None:
    assert traces.pack([None] * traces.BINS) is None
    assert traces.unpack(None) == [None] * traces.BINS
