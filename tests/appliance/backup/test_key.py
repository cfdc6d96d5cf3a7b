"""The key of the backups and its recovery code."""

from __future__ import annotations

import io

import pytest

from appliance import audit, errors
from appliance.backup import key
from appliance.config import Home
from appliance.opened import Opened


def test_the_key_is_made_once_and_only_the_group_may_read_it(home: Home) -> None:
    made = key.make(home.keys)
    assert key.make(home.keys).public == made.public
    assert (home.keys / key.NAME).stat().st_mode & 0o777 == 0o640


def test_a_missing_or_damaged_key_is_a_sentence(home: Home) -> None:
    with pytest.raises(errors.Refused, match="start the core once"):
        key.load(home.keys)
    (home.keys / key.NAME).write_text("# public key: none\n")
    with pytest.raises(errors.Refused, match="cannot be read"):
        key.load(home.keys)


def test_the_recovery_code_is_the_key_however_it_is_typed(home: Home) -> None:
    made = key.make(home.keys)
    code = made.recovery_code
    assert all(len(block) == 4 for block in code.split()[:-1])
    for typed in (code, code.lower(), code.replace(" ", ""), code.replace(" ", "-"), made.secret(), f"  {code}\n"):
        assert key.from_code(typed).public == made.public


def test_each_wrong_letter_of_the_code_is_noticed_by_its_checksum(home: Home) -> None:
    code = key.make(home.keys).recovery_code.replace(" ", "")
    for place, letter in enumerate(code):
        wrong = code[:place] + ("Q" if letter != "Q" else "P") + code[place + 1 :]
        with pytest.raises(errors.BadInput, match="a letter is wrong"):
            key.from_code(wrong)


def test_the_secret_is_not_printed_by_accident(home: Home) -> None:
    made = key.make(home.keys)
    assert made.recovery_code.split()[0] not in repr(made) + str(made)


def test_the_code_is_shown_until_confirmed_and_then_only_again_on_demand(opened: Opened) -> None:
    made = key.make(opened.home.keys)
    assert key.show(opened, audit.CLI) == key.show(opened, audit.CLI) == made.recovery_code
    assert key.confirm(opened, audit.CLI) and not key.confirm(opened, audit.CLI)
    with pytest.raises(errors.Refused, match="--show-again"):
        key.show(opened, audit.CLI)
    assert key.show(opened, audit.CLI, again=True) == made.recovery_code
    events = [(event.event, event.detail.get("again")) for event in audit.newest(opened.store)]
    assert events[0] == ("backup_key.show", True)
    assert sum(event == "backup_key.confirm" for event, _ in events) == 1
    with opened.store.read() as db:
        assert made.recovery_code.split()[0] not in str(db.execute("SELECT * FROM audit").fetchall())


def test_what_cannot_be_written_arrives_as_an_oserror(home: Home) -> None:
    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        key.make(home.keys).encrypt(io.BytesIO(b"x" * 200_000), Full())
