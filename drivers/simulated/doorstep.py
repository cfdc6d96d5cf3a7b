"""Who stands at the simulated house's readers.

The appliance's end (`visitor`) says `reader listen URL` and is sent a line for
everybody who comes: `rfid 04A1B2C3`, `pin 271828`, `ble AABBCCDDEEFF`, or
`garbage`. People say, on another connection:

    present card 04A1B2C3 [URL]     also `pin` and `tag`; without a URL at every reader
    reader                          which readers are listened to
    reader pull | plug | garbage    unplugged, plugged in again, or sending nonsense once
"""

from __future__ import annotations

import re
from asyncio import StreamWriter
from collections.abc import Hashable

KINDS = {"card": ("rfid", r"(?:[0-9A-F]{2}){3,10}"), "pin": ("pin", r"[0-9]{1,12}"), "tag": ("ble", r"[0-9A-F]{12,32}")}


class Doorstep:
    """All readers of the house."""

    def __init__(self) -> None:
        self._ears: dict[StreamWriter, str] = {}
        self._plugged = True

    def obey(self, speaker: Hashable, words: list[str]) -> str:
        """Do what a line says; return the answer."""
        match words:
            case ["reader"]:
                return " ".join(sorted(self._ears.values())) or "none"
            case ["reader", "listen", url] if isinstance(speaker, StreamWriter):
                if not self._plugged:
                    return "error unplugged"
                self._ears[speaker] = url
            case ["reader", "pull"]:
                self._plugged = False
                for ear in list(self._ears):
                    ear.close()
                self._ears.clear()
            case ["reader", "plug"]:
                self._plugged = True
            case ["reader", "garbage"]:
                self._tell("garbage", "")
            case ["present", kind, code, *at] if kind in KINDS and len(at) <= 1:
                return self._present(kind, code, "".join(at))
            case _:
                return f"error {' '.join(words)!r} is not understood"
        return "ok"

    def lose(self, speaker: StreamWriter) -> None:
        """A connection has ended."""
        self._ears.pop(speaker, None)

    def _present(self, kind: str, code: str, url: str) -> str:
        name, rule = KINDS[kind]
        if not re.fullmatch(rule, code):
            return f"error {code} is no {kind}"
        return "ok" if self._tell(f"{name} {code}", url) else "error nobody listens"

    def _tell(self, line: str, url: str) -> int:
        """Send a line to the readers at `url`, or to all; return how many there are."""
        ears = [ear for ear, at in self._ears.items() if url in ("", at)]
        for ear in ears:
            ear.write(f"{line}\n".encode())
        return len(ears)
