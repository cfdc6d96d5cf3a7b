"""The second factor of a web account: a code of an authenticator app, which changes every 30 seconds (RFC 6238).

SHA-1, 6 digits, one step of tolerance to each side, as every such app does it.
Each code is taken once. The secret lies sealed with the device key; of the ten
recovery codes only keyed hashes are kept, and each works once. Codes of the app
need the date and time: while those are not believed, only recovery codes work.
"""

from __future__ import annotations

import hmac
import re
import secrets

from appliance import audit, clock, known_time
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store.database import Db

STEP_S = 30
TOLERANCE = 1  # steps before and after the present one
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
HALF = 5  # a recovery code is two halves of five: 49 bits
SEALED = "totp"
CODE = re.compile(r"\d{6}")

NO_TIME = N_(
    "Codes of the app need the right date and time, and the appliance does not trust its own: use a recovery code,"
    " or set date and time at the touchscreen."
)
WRONG = N_("This code is wrong or too old: type the one that the app shows now.")


def new_secret() -> str:
    """32 letters (160 bits). Nothing is kept until `turn_on` was given a code of them."""
    import pyotp  # here, because only the web admin needs it

    return str(pyotp.random_base32())


def link(secret: str, site: str, account: str) -> str:
    """The same as a link (otpauth://) for the QR code that authenticator apps scan."""
    import pyotp  # as above

    return str(pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=site))


def is_on(opened: Opened, account_id: int) -> bool:
    """Tell whether the account asks for a second factor."""
    with opened.store.read() as db:
        return is_on_in(db, account_id)


def is_on_in(db: Db, account_id: int) -> bool:
    """`is_on` inside somebody's transaction."""
    return db.execute("SELECT 1 FROM web_totp WHERE account_id=?", (account_id,)).get is not None


def codes_left(opened: Opened, account_id: int) -> int:
    """Recovery codes not used yet."""
    with opened.store.read() as db:
        return int(db.execute("SELECT count(*) FROM web_recovery_codes WHERE account_id=?", (account_id,)).get)


def turn_on(opened: Opened, account_id: int, name: str, actor: audit.Actor, secret: str, code: str) -> list[str]:
    """Ask for codes of `secret` from now on; return the recovery codes, told once. Raises BadInput, Refused."""
    require_time(opened, code)
    step = _step_of(opened, secret, code, after=0)
    if step is None:
        raise BadInput(WRONG, field="code")
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    now = opened.clock.now()
    with opened.store.write() as db:
        db.execute("DELETE FROM web_totp WHERE account_id=?", (account_id,))
        db.execute(
            "INSERT INTO web_totp (account_id, secret, last_step, set_up_at) VALUES (?,?,?,?)",
            (account_id, opened.key().seal(SEALED, secret, bound_to=str(account_id)), step, clock.utc_text(now)),
        )
        for one in codes:
            db.execute(
                "INSERT INTO web_recovery_codes (account_id, code_hash) VALUES (?,?)",
                (account_id, _hash(opened, account_id, one)),
            )
        audit.record(db, now, actor, "web_account.second_factor_on", name)
    return codes


def turn_off(opened: Opened, account_id: int, name: str, actor: audit.Actor) -> bool:
    """Ask for the password alone again; tell whether it was on. Also how an administrator helps who lost the phone."""
    with opened.store.write() as db:
        was_on = is_on_in(db, account_id)
        if was_on:
            db.execute("DELETE FROM web_totp WHERE account_id=?", (account_id,))
            audit.record(db, opened.clock.now(), actor, "web_account.second_factor_off", name)
        return was_on


def require_time(opened: Opened, typed: str) -> None:
    """Raise Refused for a code of the app while date and time are not believed; asked before `take`."""
    if CODE.fullmatch("".join(typed.split())) and not known_time.trusted(opened.store, opened.live, opened.clock):
        raise Refused(NO_TIME)


def take(opened: Opened, db: Db, account_id: int, typed: str) -> bool:
    """Use a code up, inside the caller's transaction; tell whether it was right."""
    typed = "".join(typed.split()).lower()
    if not CODE.fullmatch(typed):
        db.execute(
            "DELETE FROM web_recovery_codes WHERE account_id=? AND code_hash=?",
            (account_id, _hash(opened, account_id, typed)),
        )
        return bool(db.changes())
    row = db.execute("SELECT secret, last_step FROM web_totp WHERE account_id=?", (account_id,)).fetchone()
    if row is None:
        return False
    secret = opened.key().unseal(SEALED, row[0], bound_to=str(account_id))
    step = _step_of(opened, secret, typed, after=row[1])
    if step is not None:
        db.execute("UPDATE web_totp SET last_step=? WHERE account_id=?", (step, account_id))
    return step is not None


def _step_of(opened: Opened, secret: str, typed: str, *, after: int) -> int | None:
    """The time step that `typed` is the code of, later than `after`; None when there is none."""
    import pyotp  # as above

    now = int(opened.clock.now().timestamp()) // STEP_S
    codes = pyotp.TOTP(secret)
    typed = "".join(typed.split())
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if step > after and hmac.compare_digest(codes.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _recovery_code() -> str:
    letters = "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(2 * HALF))
    return f"{letters[:HALF]}-{letters[HALF:]}"


def _hash(opened: Opened, account_id: int, code: str) -> bytes:
    return opened.key().keyed_hash("recovery code", f"{account_id}\0{code.replace('-', '')}")
