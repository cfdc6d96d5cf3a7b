"""`wattward sessions`: what was charged, and the journal that proves it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from appliance import clock
from appliance.audit import CLI
from appliance.billing import chain, journal
from appliance.billing.chain import Entry, Verified
from appliance.billing.journal import Signer
from appliance.charging import sessions, users
from appliance.cli.local_time import local_text
from appliance.cli.output import as_json, say, table
from appliance.errors import N_, BadInput, Refused
from appliance.opened import Opened
from appliance.store import migrate


def register(parser: argparse.ArgumentParser) -> None:
    """Add the verbs; without one the sessions are listed."""
    parser.add_argument("--user", metavar="USER", help="of this user only")
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (default 100)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=_list)
    verbs = parser.add_subparsers(metavar="[VERB]", required=False)
    verify = verbs.add_parser("verify", help="recompute every hash and signature of the journal")
    verify.add_argument("file", nargs="?", metavar="FILE", help="an exported journal instead of this appliance's")
    verify.add_argument("--key", metavar="HEX", help="the public key the export must be signed with")
    verify.set_defaults(run=_verify)
    export = verbs.add_parser("export", help="write the whole journal, to be verified anywhere")
    export.add_argument("-o", "--output", required=True, metavar="FILE", help="where to; - for standard output")
    export.set_defaults(run=_export)
    correct = verbs.add_parser("correct", help="say what to think of an entry from now on; readings stay")
    correct.add_argument("number", type=int, metavar="NUMBER", help="of the entry, as reports show it")
    correct.add_argument("--note", required=True, metavar="TEXT", help="why")
    correct.add_argument("--user", dest="owner", metavar="USER", help="whose session it was")
    billed = correct.add_mutually_exclusive_group()
    billed.add_argument("--not-billed", dest="billed", action="store_false", default=None, help="leave it out of sums")
    billed.add_argument("--billed", dest="billed", action="store_true", help="put it into sums again")
    correct.set_defaults(run=_correct)


def _list(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    user_id = None if args.user is None else users.find(opened.store, args.user).id
    found = sessions.newest(opened.store, max(0, args.limit), user=user_id)
    if args.json:
        as_json([_as_keys(session) for session in found])
        return
    entries = journal.numbers(opened.store, [one.id for one in found])
    rows = [
        {
            "id": one.id,
            "entry": entries.get(one.id, ""),
            "begin": local_text(opened, one.began_at),
            "end": "running" if one.ended_at is None else local_text(opened, one.ended_at),
            "point": one.point,
            "user": one.user or "-",
            "kwh": "" if one.energy_wh is None else f"{one.energy_wh / 1000:.2f}",
            "end_reason": one.end_reason or "",
            "remark": one.remark,
        }
        for one in found
    ]
    table(
        rows,
        ["id", "entry", "begin", "end", "point", "user", "kwh", "end_reason", "remark"],
        empty="No charging sessions yet.",
    )


def _as_keys(session: sessions.Session) -> dict[str, object]:
    return {
        "id": session.id,
        "point": session.point,
        "user_id": session.user_id,
        "user": session.user,
        "identification": session.identification,
        "began_at": clock.utc_text(session.began_at),
        "ended_at": None if session.ended_at is None else clock.utc_text(session.ended_at),
        "begin_wh": session.begin_wh,
        "end_wh": session.end_wh,
        "energy_wh": session.energy_wh,
        "end_reason": session.end_reason,
        "remark": session.remark,
    }


def _verify(args: argparse.Namespace, opened: Opened) -> int:
    """Exit code 0: sound; 1: something does not fit."""
    if args.file is None:
        migrate.require_current(opened.store)
        found = journal.verify(opened, Signer.of(opened.key()))
    else:
        found = chain.verify(_entries_of(Path(args.file)), _public_key(args.key))
    _tell(found)
    return 0 if found.sound else 1


def _tell(found: Verified) -> None:
    for one in found.findings:
        say(one.message.format(number=one.number))
    state = "sound" if found.sound else f"NOT sound, {len(found.findings)} findings"
    say(f"{found.entries} entries, {found.sessions} sessions: {state}. Head {found.head}, key {found.key or '-'}.")


def _entries_of(path: Path) -> Iterator[Entry]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from (chain.from_line(line, number) for number, line in enumerate(file, 1))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(N_("{file} cannot be read as an exported journal."), field="file", file=path) from error


def _public_key(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInput(
            N_("A public key is 64 hexadecimal digits, as 'wattward sessions verify' shows it."), field="key"
        )
    return key


def _export(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    lines = (chain.to_line(entry) + "\n" for entry in journal.entries(opened.store))
    if args.output == "-":
        sys.stdout.writelines(lines)
        return
    try:
        with Path(args.output).open("w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise Refused(N_("{file} cannot be written: {reason}."), file=args.output, reason=error.strerror) from error
    say(f"The journal is in {args.output}. Anybody can verify it: wattward sessions verify {args.output}")


def _correct(args: argparse.Namespace, opened: Opened) -> None:
    migrate.require_current(opened.store)
    owner = None if args.owner is None else users.find(opened.store, args.owner).id
    made = journal.correct(
        opened, Signer.of(opened.key()), args.number, note=args.note, billed=args.billed, user_id=owner, actor=CLI
    )  # fmt: skip
    say(f"Entry {made.number} corrects entry {args.number}.")
