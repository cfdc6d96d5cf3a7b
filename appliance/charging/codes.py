"""What a code looks like: PINs, cards, tags and apps, each in its one spelling.

A PIN is `#` and 4 to 8 digits. A card's number is hex digits in capitals, two a
byte, as every reader driver tells it. A tag is an address of 12 or a UUID of 32
hex digits. An app's code is what it was given when it was paired. Of everything
but a PIN the last characters may be shown, of a PIN nothing. Pure.
"""

from __future__ import annotations

import re

from appliance.errors import N_, BadInput

TYPES = ("pin", "rfid", "ble", "app")
CARDS = ("rfid", "ble")  # what is held to a reader, and can be learned there
PIN = re.compile(r"#[0-9]{4,8}")
TYPED_PIN = re.compile(r"#?([0-9]{4,8})")
APP = re.compile(r"[A-Za-z0-9_-]{16,128}")
CARD_BYTES = range(3, 11)  # from 24-bit Wiegand to the longest UID (ISO/IEC 14443-3)
TAG_DIGITS = (12, 32)
TAIL = 4
TAG = N_("A tag is its address as in AA:BB:CC:DD:EE:FF, or a UUID.")


def check_type(type: str) -> str:
    """One of TYPES. Raises BadInput naming them."""
    if type not in TYPES:
        raise BadInput(N_("A type of identification is one of: {types}."), field="type", types=", ".join(TYPES))
    return type


def check(type: str, code: str) -> str:
    """A code as it is set, in its one spelling. Raises BadInput naming the rule."""
    if check_type(type) == "pin":
        return check_pin(code)
    if type == "app":
        if not APP.fullmatch(code.strip()):
            raise BadInput(N_("An app's code has 16 to 128 letters, digits, - or _."), field="code")
        return code.strip()
    digits = re.sub(r"[\s:\-]", "", code).upper()
    is_hex = re.fullmatch(r"[0-9A-F]+", digits) is not None and len(digits) % 2 == 0
    if type == "ble":
        if not is_hex or len(digits) not in TAG_DIGITS:
            raise BadInput(TAG, field="code")
        return digits
    if not is_hex or len(digits) // 2 not in CARD_BYTES or len(set(digits)) == 1:
        raise BadInput(
            N_("A card's number is 3 to 10 bytes in hex, for example 04A2B31C, as its reader shows it."), field="code"
        )
    return digits


def check_pin(code: str) -> str:
    """A PIN code as it is set. Raises BadInput naming the rule."""
    code = code.strip()
    if not PIN.fullmatch(code):
        raise BadInput(N_("A PIN code is # and 4 to 8 digits, for example #271828."), field="code")
    return code


def normalise(code: str) -> str:
    """A PIN as it is typed, with or without its #. Raises BadInput for what cannot be one."""
    found = TYPED_PIN.fullmatch(code.strip())
    if not found:
        raise BadInput(N_("A PIN has 4 to 8 digits."), field="code")
    return f"#{found[1]}"


def turned(code: str) -> str:
    """A card's number with its bytes the other way round, as another kind of reader says it."""
    return bytes.fromhex(check("rfid", code))[::-1].hex().upper()


def is_random(type: str, code: str) -> bool:
    """Tell whether a card invents its number anew each time, as phones do: it cannot be learned.

    ISO/IEC 14443-3, 6.4.4: a number of four bytes whose first is 08 is a random one.
    """
    return type == "rfid" and len(code) == 8 and code.startswith("08")


def found_by(type: str, code: str) -> str:
    """The text whose keyed hash finds a code: the same number as a card and as a tag are two."""
    return code if type == "pin" else f"{type}:{code}"


def length(type: str, code: str) -> int:
    """Digits of a PIN, characters of anything else."""
    return len(code) - 1 if type == "pin" else len(code)


def tail(type: str, code: str) -> str:
    """What may be shown of a code."""
    return "" if type == "pin" else code[-TAIL:]


def masked(type: str, tail: str = "") -> str:
    """How an identification is named where everybody may read: nothing of a PIN is shown, not even its length."""
    return f"{type.upper()} ••••{tail}"


def near(code: str) -> set[str]:
    """What a person may type who means this PIN: itself, and one digit wrong, missing, doubled, more, or swapped."""
    digits = code.removeprefix("#")
    found = {digits}
    for place in range(len(digits) + 1):
        before, after = digits[:place], digits[place:]
        found |= {f"{before}{digit}{after}" for digit in "0123456789"}
        if after:
            found |= {f"{before}{digit}{after[1:]}" for digit in "0123456789"} | {before + after[1:]}
        if len(after) > 1:
            found.add(f"{before}{after[1]}{after[0]}{after[2:]}")
    return {f"#{one}" for one in found if TYPED_PIN.fullmatch(one)}
