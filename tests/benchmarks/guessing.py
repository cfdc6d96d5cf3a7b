"""Let a virtual attacker guess PINs for years at a keypad, and print how far it gets.

    python -m tests.benchmarks.guessing [--years 10] [--victims 9]

The gate is the real one on a real store; only the clock is a fake. The attacker
types without naming anybody as long as the keypad lets it, then names every
victim in turn as soon as each may be guessed at again, pulls the plug after
every third guess, and never tires. Meanwhile one member whom nobody attacks
charges once a week; measured is how long they were kept out. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from appliance import audit
from appliance.access import display_pin, throttle
from appliance.charging import grants, identifications, points, users
from appliance.charging.grants import Decision
from appliance.charging.points import Point
from appliance.config import Home
from appliance.opened import Opened
from tests import first_start
from tests.fake_clock import FakeClock

PLUG_PULLED_EVERY = 3  # guesses
VISIT_EVERY = timedelta(days=7)
LOOK_EVERY_S = 20.0  # how often who is kept out tries again


@dataclass
class Figures:
    """What came of it."""

    years: float
    named: dict[int, int] = field(default_factory=dict)  # user -> guesses that were looked at
    unnamed: int = 0
    visits: int = 0
    kept_out_s: float = 0.0  # the longest time the member was kept out

    @property
    def most_named(self) -> int:
        """Guesses at the credential that was guessed at most."""
        return max(self.named.values(), default=0)

    def hit_a_year(self, people: int, digits: int = 6) -> float:
        """The chance that PINs typed without a name hit any of so many people in a year."""
        return float(self.unnamed / self.years * people / 10**digits)


class Attack:
    """An attacker, the victims, and one member whom nobody attacks."""

    def __init__(self, opened: Opened, clock: FakeClock, victims: int, point: Point) -> None:
        self.opened, self.clock, self.point = opened, clock, point
        self.member = self._person("Ben", "#141421")
        self.victims = [self._person(f"Victim{number}", f"#{100000 + number}") for number in range(victims)]
        self.may_guess_at = {victim: clock.now() for victim in (*self.victims, None)}
        self.guesses = 0

    def _person(self, first: str, code: str) -> int:
        user = users.add(self.opened.store, self.clock, first, "Berger", actor=audit.CLI)
        identifications.add(
            self.opened.store, self.opened.key(), self.clock, user.id, type="pin", code=code, active=True,
            actor=audit.CLI,
        )  # fmt: skip
        return user.id

    def type(self, code: str, named: int | None = None) -> Decision:
        """Type at the touchscreen."""
        return grants.authorize(self.opened, code, self.point, "touch", named, actor=audit.TOUCH)

    def run(self, years: float) -> Figures:
        """Years of it."""
        found = Figures(years)
        end, visit = self.clock.now() + timedelta(days=365 * years), self.clock.now() + VISIT_EVERY
        while self.clock.now() < end:
            if self.clock.now() >= visit:
                self.visit(found)
                visit += VISIT_EVERY
            for victim in self.may_guess_at:
                self.guess(victim, found)
            pause_s = (min(*self.may_guess_at.values(), visit) - self.clock.now()).total_seconds()
            self.clock.advance(max(1.0, pause_s))
        return found

    def guess(self, victim: int | None, found: Figures) -> None:
        """One guess, if one may be made."""
        if self.clock.now() < self.may_guess_at[victim]:
            return
        decision = self.type(f"#{500000 + self.guesses}", victim)
        wait_s = decision.wait_s
        if decision.result == "name_needed":
            wait_s = 86400.0
        elif decision.result != "locked_out":
            self.guesses += 1
            if victim is None:
                found.unnamed += 1
            else:
                found.named[victim] = found.named.get(victim, 0) + 1
            if self.guesses % PLUG_PULLED_EVERY == 0:
                self.clock.reboot()
        self.may_guess_at[victim] = self.clock.now() + timedelta(seconds=wait_s)

    def visit(self, found: Figures) -> None:
        """The member comes to charge, and waits until it goes."""
        since = self.clock.now()
        while self.type("#141421", self.member).result != "accepted":
            for victim in self.may_guess_at:
                self.guess(victim, found)
            self.clock.advance(LOOK_EVERY_S)
        found.visits += 1
        found.kept_out_s = max(found.kept_out_s, (self.clock.now() - since).total_seconds())
        grants.stop(self.opened, self.point.id, audit.TOUCH)


def at_settings_pin(opened: Opened, clock: FakeClock, years: float, *, patient: bool) -> tuple[int, int]:
    """Guess at the settings PIN while the household comes in each week; guesses looked at, and times they came in.

    Who is patient stops at a wait of a quarter of an hour, until the right PIN was typed: so nobody notices anything.
    """
    display_pin.clear(opened, audit.CLI)
    display_pin.set_first(opened, "7391", "7391")
    longest_s, waited_s = 900.0 if patient else throttle.NEVER_S, 0.0
    end, visit, guesses, visits = clock.now() + timedelta(days=365 * years), clock.now() + VISIT_EVERY, 0, 0
    while clock.now() < end:
        if clock.now() >= visit:
            came_in = display_pin.check(opened, "7391").ok
            visits += came_in
            waited_s = 0.0 if came_in else waited_s
            visit += VISIT_EVERY
        elif waited_s < longest_s and not display_pin.look(opened.store, clock).wait_s:
            waited_s = display_pin.check(opened, f"{guesses:04}").wait_s
            guesses += 1
            if guesses % PLUG_PULLED_EVERY == 0:
                clock.reboot()
        wait_s = display_pin.look(opened.store, clock).wait_s if waited_s < longest_s else throttle.NEVER_S
        clock.advance(max(1.0, min(wait_s, (visit - clock.now()).total_seconds())))
    return guesses, visits


def main() -> None:
    """Run it on a store in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=float, default=10)
    parser.add_argument("--victims", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wattward-guessing-") as folder:
        clock = FakeClock()
        home = Home(root=Path(folder) / "home", run=Path(folder) / "run")
        opened = first_start.of(home, clock)
        point = points.add(opened.store, clock, "Wallbox", "gpio:17", actor=audit.CLI)
        found = Attack(opened, clock, args.victims, point).run(args.years)
        sys.stdout.write(
            f"{args.years:g} years, {args.victims} people attacked:\n"
            f"  guesses at one person: at most {found.most_named}\n"
            f"  guesses without a name: {found.unnamed}, {found.unnamed / args.years:.0f} a year\n"
            f"  chance to hit any of 10 people with 6 digits: {found.hit_a_year(10):.4%} a year\n"
            f"  {found.visits} visits of somebody else: kept out for at most {found.kept_out_s:.0f} s\n"
        )
        for patient in (False, True):
            guesses, visits = at_settings_pin(opened, clock, args.years, patient=patient)
            sys.stdout.write(
                f"  guesses at the settings PIN, {'patiently' if patient else 'at once'}: {guesses};"
                f" the household came in {visits} of {int(args.years * 365 // 7)} times\n"
            )


if __name__ == "__main__":
    main()
