"""The chain: one changed byte anywhere is found, and named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from appliance.billing import chain
from appliance.billing.chain import Entry
from appliance.errors import BadInput

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def a_chain(length: int) -> list[Entry]:
    """The first entry and so many sessions."""
    made = [chain.seal(KEY, None, "2026-11-21T12:00:00.000Z", "begin", None, {"public_key": PUBLIC.hex()})]
    for number in range(1, length + 1):
        body = {"begin_wh": number * 1000, "end_wh": number * 1000 + 900, "point": "Einfahrt – Süd"}
        made.append(chain.seal(KEY, made[-1], f"2026-11-21T12:{number:02}:00.000Z", "session", number, body))
    return made


def sentences(entries: list[Entry], key: bytes | None = PUBLIC) -> list[str]:
    return [one.message.format(number=one.number) for one in chain.verify(entries, key).findings]


def test_an_untouched_chain_is_sound_and_its_head_names_the_newest_entry() -> None:
    entries = a_chain(3)
    found = chain.verify(entries)
    assert found.sound and (found.entries, found.sessions) == (4, 3)
    assert found.head == f"4-{entries[-1].hash.hex()[:16]}" and found.key == PUBLIC.hex()


def test_no_entry_at_all_is_sound_and_has_no_head() -> None:
    assert chain.verify([]).sound and chain.verify([]).head == "-"


@pytest.mark.parametrize(
    "change",
    [
        {"body": '{"begin_wh":2000,"end_wh":2901,"point":"Einfahrt – Süd"}'},
        {"at": "2026-11-21T12:02:00.001Z"},
        {"kind": "correction"},
        {"session_id": 3},
        {"session_id": None},
    ],
)
def test_a_changed_entry_is_named(change: dict[str, object]) -> None:
    entries = a_chain(3)
    entries[2] = replace(entries[2], **change)  # type: ignore[arg-type]
    assert sentences(entries) == ["Entry 3 was changed after it was written."]


def test_who_changes_an_entry_and_its_hash_lacks_the_signature() -> None:
    entries = a_chain(3)
    body = entries[2].body.replace("900", "901").replace("2900", "2901")
    forged = chain.hash_of(entries[2].previous, 3, entries[2].at, "session", 2, body)
    entries[2] = replace(entries[2], body=body, hash=forged)
    assert sentences(entries) == [
        "Entry 3 was not signed by this appliance.",
        "Entry 4 does not follow the one before it.",
    ]


def test_who_forges_the_whole_chain_with_a_key_of_their_own_is_found_by_the_appliances_key() -> None:
    other = Ed25519PrivateKey.generate()
    body = {"public_key": other.public_key().public_bytes_raw().hex()}
    first = chain.seal(other, None, "2026-11-21T12:00:00.000Z", "begin", None, body)
    assert chain.verify([first]).sound, "it is a chain"
    assert sentences([first]) == ["Entry 1 was not signed by this appliance."]


def test_a_missing_entry_is_named_and_what_follows_is_still_looked_at() -> None:
    entries = a_chain(4)
    entries[4] = replace(entries[4], kind="correction")
    assert sentences(entries[:2] + entries[3:]) == ["Entry 3 is missing.", "Entry 5 was changed after it was written."]


def test_two_entries_cannot_change_places() -> None:
    entries = a_chain(3)
    entries[1], entries[2] = entries[2], entries[1]
    assert "Entry 2 is missing." in sentences(entries)


def test_a_chain_without_its_first_entry_is_not_sound() -> None:
    assert sentences(a_chain(2)[1:])


@given(st.integers(0, 3), st.sampled_from(["body", "at", "previous", "hash", "signature"]), st.integers(0, 10_000))
def test_any_flipped_bit_is_found(which: int, field: str, bit: int) -> None:
    entries = a_chain(3)
    value = getattr(entries[which], field)
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[bit // 8 % len(raw)] ^= 1 << bit % 7
    changed = raw.decode("utf-8", "replace") if isinstance(value, str) else bytes(raw)
    entries[which] = replace(entries[which], **{field: changed})  # type: ignore[arg-type]
    assert not chain.verify(entries, PUBLIC).sound


def test_an_exported_line_is_the_entry_again() -> None:
    for entry in a_chain(2):
        assert chain.from_line(chain.to_line(entry), 1) == entry


DEEP = "[" * 100_000
NO_TEXT = chain.to_line(a_chain(0)[0]).replace('"kind":"begin"', r'"kind":"\ud800"')  # half of a character


@pytest.mark.parametrize("line", ["", "{", "[]", '{"number": 1}', '{"number":"x"}', '{"number":1e999}', DEEP, NO_TEXT])
def test_a_line_that_is_no_entry_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(BadInput, match="Line 7 is not an entry"):
        chain.from_line(line, 7)


@pytest.mark.parametrize("body", ["", "[]", "7", "{}", DEEP, '{"public_key":"no key"}', '{"public_key":"00"}'])
def test_an_export_whose_first_entry_names_no_key_is_not_sound(body: str) -> None:
    first, second = a_chain(1)
    assert "Entry 2 was not signed by this appliance." in sentences([replace(first, body=body), second], key=None)
