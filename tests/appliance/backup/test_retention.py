"""Which backups go: a table of cases, and what must hold for every case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.backup.retention import to_prune

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
EARLIEST, LATEST = datetime(2020, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001 - the strategy adds the zone
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
SUNDAY = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)


def _daily(days: int) -> dict[int, datetime]:
    """One backup a day; id = how many days ago."""
    return {ago: SUNDAY - ago * DAY for ago in range(days)}


@pytest.mark.parametrize(
    ("made_at", "keep_daily", "keep_weekly", "kept"),
    [
        pytest.param({}, 7, 8, set(), id="nothing is kept of nothing"),
        pytest.param(_daily(1), 1, 0, {0}, id="the only one"),
        pytest.param(_daily(7), 7, 0, set(range(7)), id="as many days as asked for"),
        pytest.param(_daily(10), 7, 0, set(range(7)), id="older days go"),
        pytest.param(_daily(30), 3, 3, {0, 1, 2, 7, 14}, id="the newest of each week, here each Sunday's"),
        pytest.param({1: SUNDAY, 2: SUNDAY - timedelta(hours=1)}, 7, 8, {1}, id="the newest of a day stands for it"),
        pytest.param({1: SUNDAY, 2: SUNDAY}, 7, 0, {2}, id="of two in one second the later row"),
        pytest.param({1: SUNDAY, 2: SUNDAY - 400 * DAY}, 7, 0, {1, 2}, id="a year off loses nothing"),
        pytest.param({1: SUNDAY, 2: SUNDAY - 400 * DAY}, 1, 0, {1}, id="one day means one"),
        pytest.param(
            {1: datetime(2026, 11, 21, 22, 30, tzinfo=UTC), 2: datetime(2026, 11, 21, 23, 30, tzinfo=UTC)},
            7, 0, {1, 2}, id="days are those of the house: 23:30 and 00:30 in Berlin",
        ),
    ],
)  # fmt: skip
def test_kept(made_at: dict[int, datetime], keep_daily: int, keep_weekly: int, kept: set[int]) -> None:
    assert set(made_at) - to_prune(made_at, keep_daily, keep_weekly, BERLIN) == kept


@given(
    st.dictionaries(st.integers(1, 999), MOMENTS),
    st.integers(1, 20),
    st.integers(0, 20),
)  # fmt: skip
def test_the_newest_always_stays_and_a_second_pruning_takes_nothing(
    made_at: dict[int, datetime], keep_daily: int, keep_weekly: int
) -> None:
    gone = to_prune(made_at, keep_daily, keep_weekly, BERLIN)
    left = {one: moment for one, moment in made_at.items() if one not in gone}
    assert not made_at or max(made_at.values()) in left.values()
    assert len(left) <= keep_daily + keep_weekly
    assert to_prune(left, keep_daily, keep_weekly, BERLIN) == set()
