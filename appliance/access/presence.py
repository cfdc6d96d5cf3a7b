"""The presence code: six digits on the touchscreen that prove somebody stands before it.

While the web password is the well-known default, sign-in asks for it too. It
follows from the device key and the number of the opening (RFC 4226), so no
process has to tell it to another, it is never stored, and it dies with the opening.
"""

from __future__ import annotations

import base64
import hmac

from appliance.access.device_key import DeviceKey


def code(key: DeviceKey, opening: int) -> str:
    """The code of one opening of the web admin's window."""
    import pyotp  # here, because the core never shows a code and its memory is counted

    secret = base64.b32encode(key.derive("presence")).decode()
    return str(pyotp.HOTP(secret, digits=6).at(opening))


def is_right(key: DeviceKey, opening: int, typed: str) -> bool:
    """Compare in constant time; blanks in what was typed do not matter."""
    return hmac.compare_digest(code(key, opening).encode(), "".join(typed.split()).encode())
