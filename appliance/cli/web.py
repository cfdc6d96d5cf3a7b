"""`wattward web` and `wattward pin`: the web admin's window and password, the touchscreen's settings PIN.

Whoever may run this stands at the appliance, so it also says the presence code
that the touchscreen shows while the default password is set.
"""

from __future__ import annotations

import argparse

from appliance import heartbeat
from appliance.access import certificate, display_pin, presence, throttle, web_accounts, web_window
from appliance.audit import CLI
from appliance.cli.output import as_json, say
from appliance.network import addresses
from appliance.opened import Opened
from appliance.store import migrate


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `web` or of `pin`."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    if parser.prog.endswith("pin"):
        _verb(verbs, "status", "whether a settings PIN is set, and the wait after wrong ones", _pin_status)
        _verb(verbs, "clear", "forget the settings PIN; the next entry into Settings sets a new one", _pin_clear)
        return
    _verb(verbs, "open", "open the web admin for ten minutes from now", _open)
    _verb(verbs, "close", "close it now; its sessions end", _close)
    _verb(verbs, "status", "whether it is open, for how long, and where", _status)
    _verb(verbs, "reset-password", "back to user admin, password admin; every session ends", _reset)


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, line: str, act: object) -> None:
    verb = verbs.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
    if name == "status":
        verb.add_argument("--json", action="store_true", help="for programs")
    verb.set_defaults(run=act)


def _open(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    web_window.enable(opened.store, opened.clock, CLI)
    _say(_facts(opened))
    beat = heartbeat.beats(opened.live, opened.clock).get("admin")
    if beat is None or beat.age_s > heartbeat.CORE_SILENT_S * opened.clock.speed:
        say("But its process does not run, so the port stays closed: start it with 'wattward admin'.")


def _close(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    was_open = web_window.close(opened.store, opened.clock, CLI)
    say("The web admin is closed." if was_open else "The web admin was closed already.")


def _status(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    facts = _facts(opened)
    if args.json:
        as_json(facts)
    else:
        _say(facts)


def _reset(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    web_accounts.reset_admin(opened, CLI)
    say("User admin has the password admin again, and every session has ended.")
    say("Signing in now also asks for the code that the touchscreen and 'wattward web open' show. Change it at once.")


def _facts(opened: Opened) -> dict[str, object]:
    """What there is to know about the window. `presence_code` only while it is open and the default password set."""
    window = web_window.state(opened.store, opened.clock)
    is_default = web_accounts.has_default_password(opened)
    return {
        "open": window.open,
        "remaining_s": round(window.remaining_s, 1),
        "url": addresses.admin_url(opened),
        "fingerprint_sha256": certificate.fingerprint(opened.home.tls) or None,
        "default_password": is_default,
        "presence_code": presence.code(opened.key(), window.opening) if window.open and is_default else None,
    }


def _say(facts: dict[str, object]) -> None:
    if not facts["open"]:
        say("The web admin is closed. 'wattward web open' or the touchscreen opens it for ten minutes.")
        return
    remaining_s = int(float(str(facts["remaining_s"])))
    say(f"The web admin is open for {remaining_s // 60}:{remaining_s % 60:02} more minutes.")
    say(f"Address: {facts['url'] or 'no network: connect a cable or set up the Wi-Fi'}")
    if facts["fingerprint_sha256"]:
        say(f"Certificate (SHA-256): {facts['fingerprint_sha256']}")
    if facts["presence_code"]:
        say(f"The default password is set: sign in as admin, password admin, code {facts['presence_code']}.")


def _pin_status(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    is_set = display_pin.is_set(opened.store)
    wait_s = throttle.waiting(opened.store, opened.clock, display_pin.NAME)
    if args.json:
        as_json({"set": is_set, "wait_s": round(wait_s, 1)})
        return
    say("A settings PIN is set." if is_set else "No settings PIN is set: the first entry into Settings sets one.")
    if wait_s:
        say(f"After wrong PINs the next one is looked at in {int(wait_s) + 1} seconds; 'wattward pin clear' ends that.")


def _pin_clear(_args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    display_pin.clear(opened, CLI)
    say("The settings PIN is cleared: the next entry into Settings sets a new one.")
