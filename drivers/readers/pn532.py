"""A PN532 that looks for an ISO 14443 A card ten times a second (NXP UM0701-02, 7).

Every look is answered, with a card or without, so a chip that is unplugged or
hung is noticed within a second. Frames and check sums are in `pn532_frames`,
the wires in `pn532_links`. The packages that know this chip bring a whole
hardware layer or block the program while they wait; the few commands needed
are spoken here.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from drivers.interfaces import Presented
from drivers.readers import codes, faults
from drivers.readers import pn532_frames as frames
from drivers.readers.address import Address
from drivers.readers.arrivals import boottime_s
from drivers.readers.pn532_frames import Sign
from drivers.readers.pn532_links import Link

GET_FIRMWARE_VERSION, SAM_CONFIGURATION, RF_CONFIGURATION, IN_LIST_PASSIVE_TARGET = 0x02, 0x14, 0x32, 0x4A
IC_PN532 = 0x32
NORMAL_MODE = (0x01, 0x00, 0x00)  # no secure module, no time-out, no interrupt line
FEW_RETRIES = (0x05, 0xFF, 0x01, 0x02)  # MaxRetries: give up after three tries instead of never
ONE_CARD_A = (0x01, 0x00)  # one target, 106 kbit/s type A
ACK_S = 0.1  # UM0701-02, 6.2.1.5: 15 ms at most; the rest is this machine's
ANSWER_S = 0.5
LOOK_S = 0.1
WAKING_TRIES = 3  # the first frame after power-up may be lost


class Pn532Reader:
    """One chip on one link (drivers.interfaces.Reader)."""

    def __init__(self, address: Address, link: Link) -> None:
        self._at = address
        self._link = link
        self._parser = frames.Parser()
        self._answers: list[bytes | Sign] = []
        self._look_at_s = 0.0

    async def open(self) -> None:
        """Wake the chip and set it up. Raises DriverError(`unplugged`, `silent`, `garbled`, `unavailable`)."""
        await self.close()
        self._link.open()
        for left in reversed(range(WAKING_TRIES)):
            try:
                await self._command(SAM_CONFIGURATION, *NORMAL_MODE)
                break
            except TimeoutError as error:
                if not left:
                    raise faults.silent(self._at) from error
        version = await self._ask(GET_FIRMWARE_VERSION)
        if version[:1] != bytes([IC_PN532]):
            raise faults.garbled(self._at, "no PN532")
        await self._ask(RF_CONFIGURATION, *FEW_RETRIES)

    async def next(self) -> Presented:
        """Look until there is a card. Raises DriverError(`unplugged`, `silent`, `garbled`)."""
        while True:
            await asyncio.sleep(max(0.0, self._look_at_s - monotonic()))
            answer = await self._ask(IN_LIST_PASSIVE_TARGET, *ONE_CARD_A)
            self._look_at_s = monotonic() + LOOK_S
            if answer[:1] not in (b"", b"\0"):
                return Presented(self._number(answer), "rfid", boottime_s())

    async def close(self) -> None:
        """Let go of the wire. The chip sleeps by itself or goes on looking for nobody."""
        self._link.close()

    def _number(self, answer: bytes) -> str:
        """NbTg, then Tg, SENS_RES (2), SEL_RES, NFCIDLength, NFCID (UM0701-02, 7.3.5)."""
        length = answer[5] if len(answer) > 5 else 0
        try:
            if len(answer) < 6 + length:
                raise codes.Unreadable("a number cut short")
            return codes.canonical(answer[6 : 6 + length], self._at.order)
        except codes.Unreadable as error:
            raise faults.garbled(self._at, error) from error

    async def _ask(self, code: int, *parameters: int) -> bytes:
        """A command and its answer. Raises DriverError."""
        try:
            return await self._command(code, *parameters)
        except TimeoutError as error:
            raise faults.silent(self._at) from error

    async def _command(self, code: int, *parameters: int) -> bytes:
        """As `_ask`, but raises TimeoutError for silence. What gets broken on the way is sent once more."""
        request = frames.build(bytes([code, *parameters]))
        self._link.forget()
        self._parser, self._answers = frames.Parser(), []
        await self._link.write(request)
        if await self._acknowledged() is not Sign.ACK:
            await self._link.write(request)
            if await self._acknowledged() is not Sign.ACK:
                raise faults.garbled(self._at, "no ACK")
        answer = await self._next(frames.ANSWER_MAX, ANSWER_S)
        if answer is Sign.BROKEN:
            await self._link.write(frames.NACK_FRAME)
            answer = await self._next(frames.ANSWER_MAX, ANSWER_S)
        if isinstance(answer, Sign) or answer[:1] != bytes([code + 1]):
            raise faults.garbled(self._at, "no answer to the question")
        return answer[1:]

    async def _acknowledged(self) -> Sign:
        """ACK, NACK or broken; the rest of an older answer is passed over."""
        while not isinstance(sign := await self._next(len(frames.ACK_FRAME), ACK_S), Sign):
            pass
        return sign

    async def _next(self, most: int, within_s: float) -> bytes | Sign:
        """The next answer. Raises TimeoutError."""
        deadline = monotonic() + within_s
        while not self._answers:
            self._answers = self._parser.feed(await self._link.read(most, within_s))
            if not self._answers and monotonic() > deadline:
                raise TimeoutError  # noise without end
        return self._answers.pop(0)
