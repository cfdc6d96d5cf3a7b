"""What the touchscreen can set can be set here, and the reverse; what cannot is listed here with its reason.

Orders are read from the source: calls of `appliance` that say who gave them.
Each list may name only orders that are really given at one surface alone.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from flask.testing import FlaskClient

from appliance.store import settings
from tests.ui.admin.conftest import HERE

ROOT = Path(__file__).parents[3]
TOUCH, ADMIN = "ui/touch", "ui/admin"
SIGNED = {TOUCH: {"audit.TOUCH"}, ADMIN: {"guard.who().actor", "actor", "guard.who()"}}

ONLY_AT_THE_TOUCHSCREEN = {
    "access.display_pin.clear": "the way back for whoever stands before it, never from afar",
    "access.web_accounts.reset_admin": "the way back for who cannot sign in here; signed in there is Change password",
    "access.web_window.close": "here it would close itself; signing out everywhere is under Signed-in browsers",
    "access.web_window.enable": "being present opens the window, nothing from the network does",
    "backup.key.confirm": "follows seeing it",
    "backup.key.show": "the recovery code opens what this page lets download; both must not go one way",
}
ONLY_HERE = {
    "access.totp.turn_off": "a second factor is a web account's",
    "access.web_accounts.add": "web accounts are made here",
    "access.web_accounts.give_role": "web accounts are made here",
    "access.web_accounts.remove": "web accounts are made here",
    "access.web_accounts.set_password": "web accounts are made here",
    "access.web_sessions.end_all": "the touchscreen ends each browser, and all by closing the window",
    "access.web_sign_in.change_password": "of whoever is signed in",
    "access.web_sign_in.confirm": "of whoever is signed in",
    "access.web_sign_in.sign_out": "of whoever is signed in",
    "audit.record": "a download or an upload, which a touchscreen has none of",
    "billing.tariffs.add": "prices are typed at a keyboard",
    "billing.tariffs.archive": "prices are typed at a keyboard",
    "billing.tariffs.give": "prices are typed at a keyboard",
    "billing.tariffs.set_price": "prices are typed at a keyboard",
    "charging.allowances.put": "a person's rules are an office's work",
    "charging.identifications.add": "codes are typed by who administers; a card is learned at both",
    "charging.identifications.edit": "codes are typed by who administers",
    "charging.identifications.remove": "codes are typed by who administers",
    "charging.identifications.show": "a display on the wall shows no code",
    "charging.user_import.run": "a file comes from a computer",
    "charging.users.add": "people are added by who administers; guests at both",
    "charging.users.edit": "people are edited by who administers",
    "charging.vehicles.add": "a person's rules are an office's work",
    "charging.vehicles.archive": "a person's rules are an office's work",
    "metering.exporting.ask": "a file is for a computer",
    "metering.meters.remove": "for good; the touchscreen takes a meter out of use, which can be undone",
}


def orders(folder: str, text: str | None = None) -> set[str]:
    """`room.module.function` of each call that hands over who gave the order."""
    files = [path.read_text() for path in sorted((ROOT / folder).rglob("*.py"))] if text is None else [text]
    found: set[str] = set()
    for source in files:
        tree = ast.parse(source)
        names = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("appliance")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and SIGNED[folder] & _handed_over(node):
                root, _, rest = ast.unparse(node.func).partition(".")
                if root in names:
                    found.add(f"{names[root]}.{rest}".removeprefix("appliance.").rstrip("."))
    return found


def _handed_over(call: ast.Call) -> set[str]:
    return {ast.unparse(one) for one in (*call.args, *(word.value for word in call.keywords))}


def test_the_search_sees_orders() -> None:
    text = "from appliance.system import power\npower.ask(it, audit.TOUCH, kind)\npower.look(it)\n"
    assert orders(TOUCH, text) == {"system.power.ask"}
    assert {"system.power.ask", "network.links.join_wifi", "store.settings.put"} <= orders(TOUCH) & orders(ADMIN)


def test_what_the_touchscreen_orders_can_be_ordered_here() -> None:
    assert sorted(orders(TOUCH) - orders(ADMIN)) == sorted(ONLY_AT_THE_TOUCHSCREEN)


def test_what_is_ordered_here_can_be_ordered_at_the_touchscreen() -> None:
    given_otherwise = {"charging.users.block", "charging.users.unblock"}  # there they stand in a table of acts
    assert sorted(orders(ADMIN) - orders(TOUCH) - given_otherwise) == sorted(ONLY_HERE)
    assert "users.block" in (ROOT / TOUCH / "screens/settings/users.py").read_text()


SET_ONLY_HERE = {  # first part of a key, or all of it -> why the touchscreen has no page for it
    "ui.button_": "where buttons are wired; set once, with the wiring",
    "charging.": "limits and times of an installation; nobody passing by may loosen them",
    "identification.": "which identifications count is Charging authorization, a page of its own here",
    "users.forget_after_days": "an office's rule",
    "billing.tariff": "names a tariff, and tariffs are typed here",
    "billing.feed_in_tariff": "names a tariff, and tariffs are typed here",
    "report.": "letterheads and addresses are typed at a keyboard",
    "faults.mail_to": "addresses are typed at a keyboard",
    "history.": "how long curves are kept: set once",
    "service.sunspec_port": "ports are set once, together with what connects to them",
    "service.phone_port": "ports are set once, together with what connects to them",
    "web.port": "ports are set once, together with what connects to them",
    "tokens.idle_days": "an office's rule",
    "backup.daily_at": "set once",
    "backup.keep_": "set once",
}


def settable_at_the_touchscreen() -> set[str]:
    """Keys that its pages name; the switches of services come from the table."""
    text = "".join(path.read_text() for kind in ("py", "kv") for path in sorted((ROOT / TOUCH).rglob(f"*.{kind}")))
    named = {one.key for one in settings.TABLE if f'"{one.key}"' in text or f"'{one.key}'" in text}
    return named | {one.key for one in settings.TABLE if one.key.startswith("service.") and one.type is bool}


def test_every_setting_has_its_field_here_with_its_words(admin: FlaskClient) -> None:
    page = admin.get("/configuration/settings", base_url=HERE).text
    for one in settings.TABLE:
        assert f'name="{one.key}"' in page, one.key
        assert re.search(rf'<label[^>]* for="{re.escape(one.key)}">', page), one.key


def test_a_setting_the_touchscreen_lacks_has_its_reason() -> None:
    lacking = {one.key for one in settings.TABLE} - settable_at_the_touchscreen()
    assert sorted(key for key in lacking if not key.startswith(tuple(SET_ONLY_HERE))) == []
    assert sorted(one for one in SET_ONLY_HERE if not any(key.startswith(one) for key in lacking)) == []
