"""What an access token looks like: `ww_`, 27 random letters and digits, and 6 that prove them.

The prefix lets people and leak scanners recognise one; the last six are the
CRC-32 of what stands before, so that a token that was mistyped or cut off is
told from one nobody knows without a look into the store. Pure, but for chance.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "ww_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM = 27  # 27 x log2(62) = 160.8 bit
PROOF = 6  # 62^6 > 2^32
SHAPE = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{RANDOM}}})([0-9A-Za-z]{{{PROOF}}})")


def make() -> str:
    """A new token."""
    body = "".join(secrets.choice(DIGITS) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_proof(body)}"


def is_whole(text: str) -> bool:
    """Tell whether this is a token without a typo, known to anybody or not."""
    found = SHAPE.fullmatch(text)
    return found is not None and _proof(found[1]) == found[2]


def hashed(token: str) -> bytes:
    """What is kept of it. A fast hash will do: nobody tries 160 bits."""
    return hashlib.sha256(token.encode()).digest()


def _proof(body: str) -> str:
    rest, found = zlib.crc32(f"{PREFIX}{body}".encode()), ""
    for _ in range(PROOF):
        rest, digit = divmod(rest, len(DIGITS))
        found = DIGITS[digit] + found
    return found
