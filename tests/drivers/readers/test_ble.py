"""Bluetooth: tags only near and only when asked for, and a radio that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.interfaces import DriverError
from drivers.readers import ble_radio
from drivers.readers.address import parse_url
from drivers.readers.ble_radio import Advert
from drivers.readers.ble_reader import BleReader
from drivers.readers.ble_tag import Nearness, TagReader
from tests.drivers.readers import bluez
from tests.drivers.readers.bluez import Bluez, Device

ANNAS, OTHER = "C0:FF:EE:00:00:01", "C0:FF:EE:00:00:02"
PHONE = "12345678-1234-1234-1234-123456789abc"
TAG, PHONE_TAG = "C0FFEE000001", PHONE.replace("-", "").upper()


def on_air(
    case: Callable[[Bluez, TagReader], Awaitable[None]], folder: Path, monkeypatch: pytest.MonkeyPatch,
    url: str = f"ble-tag:{ANNAS}?rssi=-60",
) -> None:  # fmt: skip
    """Run a case on the private bus with a stand-in for BlueZ."""

    async def whole() -> None:
        daemon = Bluez()
        await daemon.start()
        reader = TagReader(parse_url(url))
        await reader.open()
        async with asyncio.timeout(10):
            await case(daemon, reader)
        await reader.close()
        daemon.stop()

    with bluez.private_bus(folder, monkeypatch):
        asyncio.run(whole())


async def listening(daemon: Bluez) -> None:
    """Until the reader listens."""
    while not daemon.scanning:
        await asyncio.sleep(0.005)


def advert(rssi: int, *names: str) -> Advert:
    """One advert."""
    return Advert(frozenset(names), rssi)


def test_near_is_three_strong_adverts_in_a_row_within_a_while() -> None:
    nearness = Nearness((TAG,), -60)
    strong, weak = advert(-55, TAG), advert(-61, TAG)
    assert [nearness.hear(strong, at_s) for at_s in (0, 1, 2)] == [None, None, TAG]
    assert nearness.hear(weak, 3) is None
    assert [nearness.hear(strong, at_s) for at_s in (3, 4)] == [None, None]
    assert nearness.hear(strong, 9.1) is None, "the first of the three is too long ago"
    assert nearness.hear(strong, 9.2) is None
    assert nearness.hear(strong, 9.3) == TAG


def test_each_tag_is_near_by_itself_and_others_are_nobody() -> None:
    nearness = Nearness((TAG, PHONE_TAG), -60)
    said = [
        nearness.hear(one, place / 2)
        for place, one in enumerate([advert(-50, TAG), advert(-50, PHONE_TAG), advert(-50, "C0FFEE000002")] * 3)
    ]
    assert said == [None] * 6 + [TAG, PHONE_TAG, None]


def test_nothing_is_listened_to_until_somebody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        tag = daemon.add(Device(ANNAS))
        coming = asyncio.create_task(reader.next())
        adverts = asyncio.create_task(daemon.keep_advertising(tag))
        await asyncio.sleep(0.2)
        assert daemon.scans == 0 and not coming.done()
        reader.ask(5)
        found = await coming
        assert (found.code, found.kind) == (TAG, "ble")
        assert (daemon.scans, daemon.scanning) == (1, False), "listening ended with the answer"
        adverts.cancel()

    on_air(case, tmp_path, monkeypatch)


def test_one_question_lets_one_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        adverts = asyncio.create_task(daemon.keep_advertising(daemon.add(Device(ANNAS))))
        reader.ask(5)
        await reader.next()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.next()
        assert daemon.scans == 1
        reader.ask(5)
        assert (await reader.next()).code == TAG
        adverts.cancel()

    on_air(case, tmp_path, monkeypatch)


def test_far_tags_and_strangers_are_nobody_and_listening_ends_with_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        far = asyncio.create_task(daemon.keep_advertising(daemon.add(Device(ANNAS)), -75))
        stranger = asyncio.create_task(daemon.keep_advertising(daemon.add(Device(OTHER)), -40))
        coming = asyncio.create_task(reader.next())
        reader.ask(0.4)
        await listening(daemon)
        while daemon.scanning:
            await asyncio.sleep(0.01)
        assert not coming.done()
        for one in (far, stranger, coming):
            one.cancel()

    on_air(case, tmp_path, monkeypatch)


def test_who_takes_the_question_back_ends_the_listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        coming = asyncio.create_task(reader.next())
        reader.ask(60)
        await listening(daemon)
        reader.ask(0)
        while daemon.scanning:
            await asyncio.sleep(0.01)
        assert not coming.done()
        coming.cancel()

    on_air(case, tmp_path, monkeypatch)


def test_who_asks_again_lengthens_the_listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        coming = asyncio.create_task(reader.next())
        reader.ask(0.2)
        await listening(daemon)
        reader.ask(60)
        await asyncio.sleep(0.4)
        assert daemon.scanning and daemon.scans == 1
        coming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await coming
        assert not daemon.scanning, "who stops waiting stops listening"

    on_air(case, tmp_path, monkeypatch)


@pytest.mark.parametrize("form", ["service", "beacon"])
def test_a_phone_is_known_by_its_uuid_whatever_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        beacon = b"\x02\x15" + bytes.fromhex(PHONE_TAG) + b"\0\1\0\2\xc5"
        phone = Device("55:44:33:22:11:00", uuids=(PHONE,)) if form == "service" else Device(OTHER, beacon=beacon)
        adverts = asyncio.create_task(daemon.keep_advertising(daemon.add(phone)))
        reader.ask(5)
        assert (await reader.next()).code == PHONE_TAG
        adverts.cancel()

    on_air(case, tmp_path, monkeypatch, f"ble-tag:{PHONE}")


@pytest.mark.parametrize("state", ["no bus", "no daemon", "switched off"])
def test_a_radio_that_is_not_there_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    async def whole() -> None:
        daemon = Bluez()
        daemon.powered = False
        if state == "switched off":
            await daemon.start()
        for reader in (TagReader(parse_url(f"ble-tag:{ANNAS}")), BleReader(parse_url("ble-reader:Door"))):
            with pytest.raises(DriverError, match="Bluetooth does not work \\(.+\\): check") as caught:
                await reader.open()
            assert caught.value.code == "unavailable"
            await reader.close()
        if state == "switched off":
            daemon.stop()

    if state == "no bus":
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'gone'}")
        asyncio.run(whole())
    else:
        with bluez.private_bus(tmp_path, monkeypatch):
            asyncio.run(whole())


def test_a_radio_that_goes_while_nobody_asked_is_told_when_somebody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def case(daemon: Bluez, reader: TagReader) -> None:
        daemon.stop()
        await asyncio.sleep(0.05)
        reader.ask(5)
        with pytest.raises(DriverError) as caught:
            await reader.next()
        assert caught.value.code == "unavailable"

    on_air(case, tmp_path, monkeypatch)


def test_a_reader_that_nobody_hears_is_unplugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ble_radio, "CONNECT_S", 0.1)

    async def whole() -> None:
        daemon = Bluez()
        await daemon.start()
        daemon.add(Device(OTHER, "Door two"))
        with pytest.raises(DriverError) as caught:
            await BleReader(parse_url("ble-reader:Door")).open()
        assert caught.value.code == "unplugged"
        daemon.stop()

    with bluez.private_bus(tmp_path, monkeypatch):
        asyncio.run(whole())


def test_a_reader_is_found_by_its_address_too_and_numbers_may_come_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def whole() -> None:
        daemon = Bluez()
        await daemon.start()
        device = daemon.add(Device(ANNAS, "Door"))
        adverts = asyncio.create_task(daemon.keep_advertising(device))
        reader = BleReader(parse_url(f"ble-reader:{ANNAS.lower()}"))
        async with asyncio.timeout(10):
            await reader.open()
            for piece in (b"04A1", b"B2C3\r", b"\n"):
                daemon.notify(device, piece)
            assert (await reader.next()).code == "04A1B2C3"
            daemon.notify(device, b"7B6E5D4C")
            assert (await reader.next()).code == "7B6E5D4C"
        await reader.close()
        adverts.cancel()
        daemon.stop()

    with bluez.private_bus(tmp_path, monkeypatch):
        asyncio.run(whole())
