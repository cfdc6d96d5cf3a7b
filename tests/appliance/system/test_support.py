"""The support bundle: it tells what is wrong, and opens nothing (a canary in every secret place)."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path

import pytest

from appliance import audit, faults
from appliance.access import certificate, display_pin, tokens, web_accounts
from appliance.backup import key as backup_key
from appliance.charging import identifications, users
from appliance.opened import Opened
from appliance.store import settings
from appliance.system import support

TEXT_CANARY, BYTES_CANARY = "CanaryInText", b"\xc0CanaryInBytes\xff"


@pytest.fixture
def furnished(opened: Opened) -> Opened:
    """A home with secrets, made by the rooms that own them."""
    backup_key.make(opened.home.keys)
    certificate.ensure(opened.home.tls, ["192.0.2.7"], opened.clock.now())
    web_accounts.ensure_default(opened)
    display_pin.set_first(opened, "2580", "2580")
    anna = users.add(opened.store, opened.clock, "Anneliese", "Bergmann", actor=audit.CLI)
    identifications.add(
        opened.store, opened.key(), opened.clock, anna.id, type="pin", code="#271828", active=True, actor=audit.CLI
    )
    settings.put(opened.store, opened.clock.now(), audit.CLI, "report.mail_to", "anneliese@example.org")
    settings.put(opened.store, opened.clock.now(), audit.CLI, "site.name", "Bergmann's house")
    faults.report(
        opened.live, opened.clock.now(), "meter:1", "unreachable", "Nothing answers at {address}.", address="a"
    )
    return opened


def plain(path: Path) -> bytes:
    """All that is in a bundle."""
    with zipfile.ZipFile(path) as bundle:
        return b"".join(bundle.read(name) for name in bundle.namelist())


def as_written(secret: bytes) -> list[bytes]:
    """A secret in every guise it might have."""
    return [secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret).rstrip(b"=")]


def test_no_secret_gets_in(furnished: Opened) -> None:
    _, token = tokens.create(furnished, audit.CLI, "Phone of Anneliese")
    secrets = [furnished.key().export(), token.encode(), b"271828", b"2580", b"Anneliese", b"Bergmann", b"example.org"]
    secrets += [path.read_bytes().strip() for path in furnished.home.keys.iterdir()]
    secrets += (
        [line for line in (furnished.home.tls / "key.pem").read_bytes().splitlines() if len(line) > 20]
        if (furnished.home.tls / "key.pem").exists()
        else []
    )
    with furnished.store.read() as db:
        secrets += [row[0] for row in db.execute("SELECT code_hash FROM identifications")]
        secrets += [row[0] for row in db.execute("SELECT code_sealed FROM identifications")]
        secrets += [row[0].encode() for row in db.execute("SELECT verifier FROM display_pin")]
        secrets += [row[0].encode() for row in db.execute("SELECT password_hash FROM web_accounts")]
        secrets += [row[0] for row in db.execute("SELECT token_hash FROM access_tokens")]
    found = plain(support.make(furnished).path)
    assert [secret for secret in secrets if any(one in found for one in as_written(secret))] == []


def test_a_canary_in_any_column_that_is_not_named_stays_out(furnished: Opened) -> None:
    """Every text and blob of every table is replaced; what gets in must be named in QUERIES."""
    marked = 0
    with furnished.store.write() as db:
        tables = [
            row[0]
            for row in db.execute(
                "SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE '%WITHOUT ROWID%'"
            )
        ]
        db.execute("PRAGMA defer_foreign_keys=ON; PRAGMA ignore_check_constraints=ON")
        for table in set(tables) - {"migrations", "settings", "audit"}:
            for column, kind in [(row[1], row[2]) for row in db.execute(f'PRAGMA table_info("{table}")')]:
                if kind in ("TEXT", "BLOB") and column not in support.QUERIES.get(table, ""):
                    canary = TEXT_CANARY if kind == "TEXT" else BYTES_CANARY
                    where = f'WHERE rowid=(SELECT min(rowid) FROM "{table}")'  # one row: columns may be unique
                    db.execute(f'UPDATE OR IGNORE "{table}" SET "{column}"=? {where}', (canary,))
                    marked += db.changes()
    assert marked > 20
    found = plain(support.make(furnished).path)
    assert TEXT_CANARY.encode() not in found
    assert all(one not in found for one in as_written(BYTES_CANARY))


def test_it_tells_what_one_needs(furnished: Opened) -> None:
    with zipfile.ZipFile(support.make(furnished).path) as bundle:
        files = {Path(name).name: bundle.read(name) for name in bundle.namelist()}
    assert json.loads(files["faults.json"])[0]["sentence"] == "Nothing answers at a."
    assert json.loads(files["settings.json"])["site.timezone"] == "Europe/Berlin"
    assert json.loads(files["counts.json"])["users"] == 1
    assert {"version", "board", "kernel", "disk_free_bytes"} <= set(json.loads(files["machine.json"]))
    assert b"no code, password, key or token" in files["README.txt"]


def test_three_bundles_are_kept_on_the_card(furnished: Opened) -> None:
    clock = furnished.clock
    for _ in range(5):
        made = support.make(furnished)
        clock.advance(60)  # type: ignore[attr-defined]  # a FakeClock
    assert len(list(support.folder(furnished.home).iterdir())) == support.KEPT
    assert made.path.exists()


def test_a_stick_is_taken_first(furnished: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setenv("WATTWARD_USB", str(stick))
    made = support.make(furnished)
    assert (made.where, made.path.parent) == ("usb", stick)


def test_a_place_that_cannot_be_written_says_so(furnished: Opened) -> None:
    support.folder(furnished.home).write_text("a file where the folder should be")
    with pytest.raises(support.SupportFailed, match="cannot be written"):
        support.make(furnished)
