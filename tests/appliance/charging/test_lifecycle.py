"""When a permission ends and when a session begins: the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from appliance.charging import lifecycle
from appliance.charging.gauges import Gauge
from appliance.charging.granted import Grant
from appliance.charging.lifecycle import Limits, Moment, Standing
from appliance.charging.windows import OUTSIDE

LIMITS = Limits(300, 100, 1800, 10, 900, stop_blocked_at_once=False)
AT_ONCE = replace(LIMITS, stop_blocked_at_once=True)
NOW = Moment("boot-1", 1000.0)
PIN = Grant(1, 1, "pin", 1, 1, "boot-1", datetime(2026, 1, 1, tzinfo=UTC), until_s=1300.0)
FREE = replace(PIN, reason="free", user_id=None, identification_id=None, until_s=900.0)
BLOCKED, WITHDRAWN = replace(PIN, owner_blocked=True), replace(PIN, withdrawn=True)


@pytest.mark.parametrize(
    ("grant", "mode", "limits", "now_s", "reason"),
    [
        (PIN, "authorized", LIMITS, 1000.0, None),
        (PIN, "free", LIMITS, 1000.0, None),
        (PIN, "authorized", LIMITS, 1299.999, None),
        (PIN, "authorized", LIMITS, 1300.0, "unused"),
        (PIN, "locked", LIMITS, 1000.0, "locked"),
        (PIN, None, LIMITS, 1000.0, "locked"),
        (replace(PIN, boot_id="boot-0"), "authorized", LIMITS, 1000.0, "power_cut"),
        (BLOCKED, "authorized", LIMITS, 1000.0, "blocked"),
        (BLOCKED, "authorized", AT_ONCE, 1000.0, "blocked"),
        (WITHDRAWN, "authorized", LIMITS, 1000.0, "revoked"),
        (FREE, "free", LIMITS, 1000.0, None),
        (FREE, "authorized", LIMITS, 1000.0, "mode"),
        (FREE, "locked", LIMITS, 1000.0, "locked"),
    ],
)
def test_what_ends_a_grant_no_car_used(
    grant: Grant, mode: str | None, limits: Limits, now_s: float, reason: str | None
) -> None:
    moment = replace(NOW, now_s=now_s)
    assert lifecycle.why_end(
        grant, mode=mode, running=False, lease_until_s=None, idle_s=9999, limits=limits, moment=moment
    ) == reason  # fmt: skip


@pytest.mark.parametrize(
    ("grant", "mode", "limits", "lease_until_s", "idle_s", "reason"),
    [
        (PIN, "authorized", LIMITS, 1060.0, 0.0, None),
        (replace(PIN, until_s=1.0), "authorized", LIMITS, 1060.0, 0.0, None),
        (PIN, "authorized", LIMITS, 1060.0, 1799.9, None),
        (PIN, "authorized", LIMITS, 1060.0, 1800.0, "idle"),
        (PIN, "authorized", LIMITS, 1000.0, 0.0, "core_restart"),
        (PIN, "authorized", LIMITS, None, 0.0, "core_restart"),
        (PIN, "free", LIMITS, 1060.0, 0.0, None),
        (PIN, "locked", LIMITS, 1060.0, 0.0, "locked"),
        (PIN, None, LIMITS, 1060.0, 0.0, "locked"),
        (FREE, "authorized", LIMITS, 1060.0, 0.0, "mode"),
        (BLOCKED, "authorized", LIMITS, 1060.0, 0.0, None),
        (BLOCKED, "authorized", AT_ONCE, 1060.0, 0.0, "blocked"),
        (WITHDRAWN, "authorized", AT_ONCE, 1060.0, 0.0, None),
        (replace(PIN, boot_id="boot-0"), "authorized", LIMITS, 1060.0, 0.0, "power_cut"),
    ],
)
def test_what_ends_a_running_session(
    grant: Grant, mode: str | None, limits: Limits, lease_until_s: float | None, idle_s: float, reason: str | None
) -> None:
    assert lifecycle.why_end(
        grant, mode=mode, running=True, lease_until_s=lease_until_s, idle_s=idle_s, limits=limits, moment=NOW
    ) == reason  # fmt: skip


EXPIRED, OUT = Standing(expired=True), Standing(outside_hours=True)
OVER, USED, UNCOUNTED = Standing(over_allowance=True), Standing(used_up=True), Standing(uncounted=True)
EVERYTHING = Standing(expired=True, outside_hours=True, over_allowance=True, used_up=True, uncounted=True)
STRICT = replace(LIMITS, stop_expired_at_once=True, stop_outside_hours=True, stop_at_allowance=True)
LENIENT = replace(LIMITS, stop_at_allowance=False)


@pytest.mark.parametrize(
    ("standing", "mode", "limits", "unused", "running"),
    [
        (EXPIRED, "authorized", LIMITS, "expired", None),
        (EXPIRED, "authorized", STRICT, "expired", "expired"),
        (OUT, "authorized", LIMITS, "hours", None),
        (OUT, "authorized", STRICT, "hours", "hours"),
        (lifecycle.GOOD, OUTSIDE, LIMITS, "hours", None),
        (lifecycle.GOOD, OUTSIDE, STRICT, "hours", "hours"),
        (OVER, "authorized", LIMITS, "allowance", "allowance"),
        (OVER, "authorized", LENIENT, "allowance", None),
        (USED, "authorized", LENIENT, "limit", "limit"),
        (UNCOUNTED, "authorized", LENIENT, "uncounted", "uncounted"),
        (EVERYTHING, OUTSIDE, STRICT, "expired", "expired"),
        (EVERYTHING, "locked", STRICT, "locked", "locked"),
    ],
)
def test_what_speaks_against_a_grant_by_now_ends_it_as_the_settings_say(
    standing: Standing, mode: str, limits: Limits, unused: str, running: str | None
) -> None:
    for runs, reason in ((False, unused), (True, running)):
        assert lifecycle.why_end(
            PIN, mode=mode, running=runs, lease_until_s=1060.0, idle_s=0.0, limits=limits, moment=NOW,
            standing=standing,
        ) == reason  # fmt: skip


@pytest.mark.parametrize(("running", "reason"), [(True, "unplug"), (False, None)])
def test_unplugging_ends_what_runs_and_not_the_start_window(running: bool, reason: str | None) -> None:
    assert lifecycle.why_end(
        PIN, mode="authorized", running=running, lease_until_s=1060.0, idle_s=0.0, limits=LIMITS, moment=NOW,
        unplugged=True,
    ) == reason  # fmt: skip


# Every combination: the facts, what each is worth as a reason, and for whom -----------------------------------------

FLAGS = ("stop_blocked_at_once", "stop_expired_at_once", "stop_outside_hours", "stop_at_allowance")
SETTINGS = [dict.fromkeys(FLAGS, False), dict.fromkeys(FLAGS, True)]
SETTINGS += [dict.fromkeys(FLAGS, False) | {flag: True} for flag in FLAGS]
FACTS = ("unplugged", "blocked", "withdrawn", "expired", "outside", "over", "used_up", "uncounted", "late")
MODES_IN_FORCE = (None, "locked", "free", "authorized", OUTSIDE)


def expected(
    known: dict[str, bool], flags: dict[str, bool], mode: str | None, *, same_boot: bool, free: bool, lease: str | None
) -> str | None:
    """The first reason that applies, as docs/charging.md lists them. `lease`: None without a session."""
    running = lease is not None
    outside = known["outside"] or mode == OUTSIDE
    reasons = [
        ("power_cut", not same_boot),
        ("locked", mode in (None, "locked")),
        ("mode", free and mode != "free"),
        ("core_restart", lease == "over"),
        ("unplug", running and known["unplugged"]),
    ]
    if running:
        reasons += [
            ("blocked", known["blocked"] and flags["stop_blocked_at_once"]),
            ("expired", known["expired"] and flags["stop_expired_at_once"]),
            ("hours", outside and flags["stop_outside_hours"]),
            ("allowance", known["over"] and flags["stop_at_allowance"]),
            ("limit", known["used_up"]),
            ("uncounted", known["uncounted"]),
            ("idle", known["late"]),
        ]
    elif not free:
        reasons += [
            ("blocked", known["blocked"]), ("revoked", known["withdrawn"]), ("expired", known["expired"]),
            ("hours", outside), ("allowance", known["over"]), ("limit", known["used_up"]),
            ("uncounted", known["uncounted"]), ("unused", known["late"]),
        ]  # fmt: skip
    return next((reason for reason, applies in reasons if applies), None)


@pytest.mark.parametrize("flags", SETTINGS, ids=lambda flags: "+".join(name for name in flags if flags[name]) or "none")
@pytest.mark.parametrize("mode", MODES_IN_FORCE)
def test_the_first_reason_that_applies_ends_a_grant_in_every_combination(
    flags: dict[str, bool], mode: str | None
) -> None:  # part 2
    limits = replace(LIMITS, **flags)
    reasons = set()
    for same_boot, free, lease in product((True, False), (True, False), (None, "good", "over")):
        for values in product((False, True), repeat=len(FACTS)):
            known = dict(zip(FACTS, values, strict=True))
            grant = replace(
                FREE if free else PIN, boot_id="boot-1" if same_boot else "boot-0", owner_blocked=known["blocked"],
                withdrawn=known["withdrawn"], until_s=900.0 if known["late"] else 1300.0,
            )  # fmt: skip
            reason = lifecycle.why_end(
                grant, mode=mode, running=lease is not None,
                lease_until_s={None: None, "good": 1060.0, "over": 1000.0}[lease],
                idle_s=1800.0 if known["late"] else 0.0, limits=limits, moment=NOW, unplugged=known["unplugged"],
                standing=Standing(*(known[fact] for fact in ("expired", "outside", "over", "used_up", "uncounted"))),
            )  # fmt: skip
            assert reason == expected(known, flags, mode, same_boot=same_boot, free=free, lease=lease), known
            reasons.add(reason)
    assert "power_cut" in reasons and len(reasons) > 1


def gauge(power_w: float | None, at_s: float = 999.0, *, fresh: bool = True) -> Gauge:
    return Gauge(at_s=at_s, fresh=fresh, power_w=power_w, counter_wh=5000)


@pytest.mark.parametrize(
    ("seen", "has_meter", "closed_since_s", "begins"),
    [
        (None, False, 1000.0, True),  # nobody measures: at the closing
        (gauge(100.0), True, 998.0, True),
        (gauge(99.9), True, 998.0, False),
        (gauge(-500.0), True, 998.0, True),  # a meter that is wired the wrong way round
        (gauge(None), True, 990.0, False),  # its counter would tell
        (replace(gauge(None), counter_wh=None), True, 995.0, False),
        (replace(gauge(None), counter_wh=None), True, 990.0, True),  # it tells nothing: as if it were silent
        (gauge(11000.0, at_s=997.0), True, 998.0, False),  # measured before the closing
        (None, True, 998.0, False),
        (None, True, 990.0, True),  # silent for too long: the car may charge unseen
        (gauge(None, fresh=False), True, 995.0, False),
        (gauge(None, fresh=False), True, 990.0, True),
    ],
)
def test_a_session_begins_when_power_flows_or_nobody_can_tell(
    seen: Gauge | None, has_meter: bool, closed_since_s: float, begins: bool
) -> None:
    for plugged in (None, True, False):
        unseen = not has_meter or seen is None or not seen.fresh or (seen.power_w is None and seen.counter_wh is None)
        assert lifecycle.begins(
            seen, has_meter=has_meter, closed_since_s=closed_since_s, limits=LIMITS, moment=NOW, plugged=plugged
        ) is (begins and not (unseen and plugged is False))  # fmt: skip


@pytest.mark.parametrize(
    ("has_plug", "plugged", "waited_s", "begins"),
    [
        (False, None, 0.0, True),
        (True, True, 0.0, True),
        (True, False, 3600.0, False),
        (True, None, 0.0, False),  # the input was not looked at for long enough yet: nobody may be there
        (True, None, 9.9, False),
        (True, None, 10.0, True),  # it does not answer: a car may charge unseen
    ],
)
def test_without_a_meter_a_session_waits_for_what_a_plug_input_says(
    has_plug: bool, plugged: bool | None, waited_s: float, begins: bool
) -> None:
    found = lifecycle.begins(
        None, has_meter=False, closed_since_s=NOW.now_s - waited_s, limits=LIMITS, moment=NOW, has_plug=has_plug,
        plugged=plugged,
    )  # fmt: skip
    assert found is begins


@pytest.mark.parametrize(
    ("seen", "draws", "idle"),
    [
        (gauge(100.0), True, False),
        (gauge(99.0), False, True),
        (gauge(-100.0), True, False),
        (gauge(-99.0), False, True),
        (gauge(None, fresh=False), False, False),
        (None, False, False),
    ],
)
def test_a_silent_meter_says_neither_that_a_car_draws_nor_that_it_does_not(
    seen: Gauge | None, draws: bool, idle: bool
) -> None:
    assert (lifecycle.draws(seen, LIMITS), lifecycle.is_idle(seen, LIMITS)) == (draws, idle)
