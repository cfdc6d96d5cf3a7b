"""Readers in the core's loop: attended, supervised, answered; with the drivers' own supervision."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from time import CLOCK_BOOTTIME, clock_gettime

import pytest

from appliance import errors, faults
from appliance.charging import attempts, grants, identifications, learning, points, readers, users
from appliance.charging.points import Point
from appliance.charging.readers import Reader
from appliance.charging.terminals import Equipment, Terminals
from drivers.interfaces import DriverError, Presented, SignalName
from drivers.readers import watched
from tests.appliance.charging.house import ACTOR, House

CARD = "04A2B31C"
QUICK = watched.Limits(pauses_s=(0.001,), held_s=0.0)


class Doorbell:
    """A reader that says what a test puts into it, and lamps that remember what they showed."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[Presented | DriverError] = asyncio.Queue()
        self.opened = 0
        self.asked_s: list[float] = []
        self.missing = False

    async def open(self) -> None:
        if self.missing:
            raise DriverError("unplugged", "The reader {reader} is not there.", reader="doorbell")
        self.opened += 1

    async def next(self) -> Presented:
        told = await self.told.get()
        if isinstance(told, DriverError):
            raise told
        return told

    async def close(self) -> None:
        pass

    def ask(self, for_s: float) -> None:
        self.asked_s.append(for_s)

    def show(self, code: str, kind: str = "rfid") -> None:
        """Somebody is there."""
        self.told.put_nowait(Presented(code, kind, clock_gettime(CLOCK_BOOTTIME)))


@dataclass
class Lamps:
    """Feedback that remembers."""

    shown: list[SignalName] = field(default_factory=list)
    closed: bool = False
    broken: bool = False

    def show(self, signal: SignalName) -> None:
        if self.broken:
            raise DriverError("unavailable", "The lamps do not light.")
        self.shown.append(signal)

    def close(self) -> None:
        self.closed = True


@dataclass
class Hall:
    """What a test of a running core's terminals has."""

    house: House
    terminals: Terminals
    doorbells: dict[str, Doorbell]
    lamps: dict[str, Lamps]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Turn the loop until something holds."""
        async with asyncio.timeout(10):
            while not holds():
                self.terminals.wake()
                await asyncio.sleep(0.005)


def in_hall(house: House, case: Callable[[Hall], Awaitable[None]]) -> None:
    """Run a case while the terminals are attended."""

    async def whole() -> None:
        doorbells: dict[str, Doorbell] = {}
        lamps: dict[str, Lamps] = {}

        def reader(url: str) -> Doorbell:
            if url.startswith("broken"):
                raise DriverError("unavailable", "No such hardware here.")
            return doorbells.setdefault(url, Doorbell())

        equipment = Equipment(
            reader=reader,
            feedback=lambda spec: lamps.setdefault(spec, Lamps()),
            let_go=lambda _address: None,
            supervise=lambda name, driver, on_presented, on_fault: watched.supervise(
                name, driver, on_presented, on_fault, QUICK
            ),
        )
        hall = Hall(house, Terminals(house.opened, equipment), doorbells, lamps)
        task = asyncio.create_task(hall.terminals.run())
        try:
            await case(hall)
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(whole())


@pytest.fixture
def point(house: House) -> Point:
    identifications.add(
        house.opened.store, house.opened.key(), house.clock, house.people["Anna"].id, type="rfid", code=CARD,
        active=True, actor=ACTOR,
    )  # fmt: skip
    return house.point()


def add(house: House, point: Point, name: str = "Hall", url: str = "bell:1", lamps: str = "") -> Reader:
    return readers.add(house.opened.store, house.clock, name, url, [point.id], lamps, actor=ACTOR)


def sources(house: House) -> list[tuple[str, str]]:
    return [(fault.source, fault.code) for fault in faults.active(house.opened.live)]


def results(house: House) -> list[str]:
    return [one.result.value for one in attempts.newest(house.opened.store)]


def test_a_card_at_a_reader_is_let_in_and_the_lamps_say_so(house: House, point: Point) -> None:
    add(house, point, lamps="green")

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        hall.doorbells["bell:1"].show(CARD)
        await hall.until(lambda: "accepted" in hall.lamps["green"].shown)
        await hall.until(lambda: hall.lamps["green"].shown[-1] == "waiting")
        hall.doorbells["bell:1"].show("04DDCCBB")
        hall.doorbells["bell:1"].show("123456789", kind="pin")
        await hall.until(lambda: hall.lamps["green"].shown.count("refused") == 2)

    in_hall(house, case)
    assert results(house) == ["unknown", "accepted"], "what can be no PIN counts for nothing"


def test_a_short_pin_is_typed_after_ones_number(house: House, point: Point) -> None:  # reading 17
    add(house, point, lamps="green")
    ben = house.people["Ben"].id

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        bell, shown = hall.doorbells["bell:1"], hall.lamps["green"].shown
        bell.show(str(ben), kind="pin")
        await hall.until(lambda: "deciding" in shown)
        bell.show("314159", kind="pin")
        await hall.until(lambda: "accepted" in shown)

    in_hall(house, case)
    (attempt,) = attempts.newest(house.opened.store)
    assert (attempt.result, attempt.user, attempt.named) == ("accepted", "Ben Berger", "Ben Berger")


def test_the_lamps_wait_for_the_pin_and_then_no_more(
    house: House, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.charging.keypad.FORGET_S", 0.3)
    add(house, point, lamps="green")

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        hall.doorbells["bell:1"].show("12", kind="pin")
        await hall.until(lambda: "deciding" in hall.lamps["green"].shown)
        await hall.until(lambda: hall.lamps["green"].shown[-1] == "ready")

    in_hall(house, case)


def test_the_lamps_wait_for_the_pin_of_a_card_as_long_as_the_gate_does(
    house: House, point: Point, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.charging.keypad.FORGET_S", 0.0)
    users.edit(house.opened.store, house.clock, house.people["Anna"].id, second_factor=True, actor=ACTOR)
    add(house, point, lamps="green")

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        bell, shown, looks = hall.doorbells["bell:1"], hall.lamps["green"].shown, count()
        bell.show(CARD)
        await hall.until(lambda: "deciding" in shown)
        await hall.until(lambda: next(looks) > 20)
        assert shown[-1] == "deciding"
        bell.show("271828", kind="pin")
        await hall.until(lambda: "accepted" in shown)

    in_hall(house, case)


def test_the_number_of_nobody_or_of_somebody_else_lets_nobody_in(house: House, point: Point) -> None:
    add(house, point, lamps="green")
    anna = house.people["Anna"].id

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        bell, shown = hall.doorbells["bell:1"], hall.lamps["green"].shown
        for number in (99_999, anna):
            bell.show(str(number), kind="pin")
            bell.show("314159", kind="pin")
        await hall.until(lambda: shown.count("refused") == 2)

    in_hall(house, case)
    (attempt,) = attempts.newest(house.opened.store)
    assert (attempt.result, attempt.named) == ("unknown", "Anna Berger"), "nobody's number is not even written down"


def test_lamps_that_fail_are_a_fault_until_they_light_again(house: House, point: Point) -> None:
    reader = add(house, point, lamps="green")
    fault = (f"lamps:{reader.id}", "unavailable")

    async def case(hall: Hall) -> None:
        await hall.until(lambda: hall.lamps.get("green") is not None and "ready" in hall.lamps["green"].shown)
        hall.lamps["green"].broken = True
        hall.doorbells["bell:1"].show("04DDCCBB")
        await hall.until(lambda: fault in sources(house))
        hall.lamps["green"].broken = False
        hall.lamps["green"].shown.clear()
        await hall.until(lambda: hall.lamps["green"].shown == ["ready"])
        assert fault not in sources(house)

    in_hall(house, case)


def test_the_lamps_go_out_with_the_reader(house: House, point: Point) -> None:
    add(house, point, lamps="green")
    kept: list[Lamps] = []

    async def case(hall: Hall) -> None:
        await hall.until(lambda: "green" in hall.lamps)
        kept.append(hall.lamps["green"])

    in_hall(house, case)
    assert kept[0].closed


def test_an_unplugged_reader_is_a_fault_that_ends_by_itself(house: House, point: Point) -> None:  # part 3
    reader = add(house, point)

    async def case(hall: Hall) -> None:
        await hall.until(lambda: "bell:1" in hall.doorbells and hall.doorbells["bell:1"].opened == 1)
        bell = hall.doorbells["bell:1"]
        bell.missing = True
        bell.told.put_nowait(DriverError("unplugged", "The reader {reader} is not there.", reader="doorbell"))
        await hall.until(lambda: sources(house) == [(f"reader:{reader.id}", "unplugged")])
        assert house.authorize(point, "Ben").result == "accepted", "a PIN at the touchscreen works meanwhile"
        bell.missing = False
        await hall.until(lambda: sources(house) == [])
        bell.show(CARD)
        await hall.until(lambda: "accepted" in results(house))

    in_hall(house, case)


def test_hardware_that_is_not_there_is_a_fault_and_keeps_no_other_reader_waiting(house: House, point: Point) -> None:
    broken, good = add(house, point, "Broken", "broken:1"), add(house, point, "Good", "bell:2")

    async def case(hall: Hall) -> None:
        await hall.until(lambda: sources(house) == [(f"reader:{broken.id}", "unavailable")])
        await hall.until(lambda: "bell:2" in hall.doorbells)
        hall.doorbells["bell:2"].show(CARD)
        await hall.until(lambda: results(house) == ["accepted"])
        readers.archive(house.opened.store, house.clock, broken.id, actor=ACTOR)
        await hall.until(lambda: sources(house) == [])

    in_hall(house, case)
    assert attempts.newest(house.opened.store)[0].terminal == good.terminal


def test_readers_come_change_and_go_without_a_restart(house: House, point: Point) -> None:
    async def case(hall: Hall) -> None:
        reader = add(house, point)
        await hall.until(lambda: "bell:1" in hall.doorbells)
        readers.edit(house.opened.store, house.clock, reader.id, url="bell:9", actor=ACTOR)
        await hall.until(lambda: "bell:9" in hall.doorbells and hall.doorbells["bell:9"].opened == 1)
        hall.doorbells["bell:1"].show(CARD)
        readers.edit(house.opened.store, house.clock, reader.id, enabled=False, actor=ACTOR)
        hall.terminals.wake()
        await asyncio.sleep(0.05)
        hall.doorbells["bell:9"].show(CARD)
        await asyncio.sleep(0.05)
        assert results(house) == [], "neither the old address nor a reader that is off is heard"
        readers.edit(house.opened.store, house.clock, reader.id, enabled=True, actor=ACTOR)
        await hall.until(lambda: results(house) == ["accepted"])

    in_hall(house, case)


def test_one_that_listens_on_demand_is_asked_by_another_process(house: House, point: Point) -> None:
    reader = add(house, point)

    async def case(hall: Hall) -> None:
        await hall.until(lambda: "bell:1" in hall.doorbells and hall.doorbells["bell:1"].opened == 1)
        readers.ask(house.opened.store, house.clock, reader.id, 30.0)
        await hall.until(lambda: hall.doorbells["bell:1"].asked_s == [30.0])
        house.clock.advance(10)
        hall.terminals.wake()
        await asyncio.sleep(0.05)
        assert hall.doorbells["bell:1"].asked_s == [30.0], "asked once"
        readers.ask(house.opened.store, house.clock, reader.id, 0.0)
        await hall.until(lambda: hall.doorbells["bell:1"].asked_s == [30.0, 0.0])

    in_hall(house, case)


def test_a_card_that_is_waited_for_is_learned_at_its_reader(house: House, point: Point) -> None:
    reader = add(house, point, lamps="green")
    number = learning.ask(
        house.opened.store, house.clock, reader.terminal, house.people["Ben"].id, actor=ACTOR
    )  # fmt: skip

    async def case(hall: Hall) -> None:
        await hall.until(lambda: "bell:1" in hall.doorbells and "green" in hall.lamps)
        hall.doorbells["bell:1"].show("04DDCCBB")
        await hall.until(lambda: "learned" in hall.lamps["green"].shown)

    in_hall(house, case)
    assert learning.get(house.opened.store, house.clock, number).outcome == "learned"


# The table ------------------------------------------------------------------------------------


def test_a_reader_stands_at_points_that_exist_under_a_name_and_address_of_its_own(house: House, point: Point) -> None:
    other = house.point("Garage", 18)
    reader = readers.add(house.opened.store, house.clock, "Hall", "bell:1", [other.id, point.id], actor=ACTOR)
    assert reader.point_ids == (other.id, point.id), "in the order that was given"
    with pytest.raises(errors.BadInput, match="reader HALL already"):
        add(house, point, "HALL", "bell:2")
    with pytest.raises(errors.BadInput, match="belongs to the reader Hall"):
        add(house, point, "Garage", "bell:1")
    with pytest.raises(errors.BadInput, match="say which"):
        readers.edit(house.opened.store, house.clock, reader.id, point_ids=[], actor=ACTOR)
    with pytest.raises(errors.NotFound):
        readers.edit(house.opened.store, house.clock, reader.id, point_ids=[99], actor=ACTOR)
    assert readers.find(house.opened.store, "hall") == reader


def test_a_reader_that_was_used_can_be_removed_and_the_log_keeps_its_name(house: House, point: Point) -> None:
    reader = add(house, point)
    grants.present(house.opened, "rfid", CARD, [point], reader.name, actor=ACTOR)
    readers.remove(house.opened.store, house.clock, reader.id, actor=ACTOR)
    assert readers.all(house.opened.store, archived=True) == []
    assert attempts.newest(house.opened.store)[0].terminal == "reader:Hall"


def test_a_point_with_a_reader_can_be_removed_and_the_reader_stands_nowhere(house: House) -> None:
    point = house.point("Spare", 18)
    reader = add(house, point)
    points.remove(house.opened.store, house.clock, point.id, actor=ACTOR)
    assert readers.find(house.opened.store, reader.name).point_ids == ()
