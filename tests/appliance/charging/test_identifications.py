"""PIN codes: the rule, no two alike, kept so that a copied store gives none away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from appliance import audit, errors
from appliance.access.device_key import DeviceKey
from appliance.charging import identifications, users
from appliance.opened import Opened
from appliance.store import settings
from tests.appliance.charging.house import ACTOR, CODES, House


def add(house: House, code: str, who: str = "Anna", **more: object) -> identifications.Identification:
    fields: dict[str, object] = {"type": "pin", "active": True, "actor": ACTOR} | more
    return identifications.add(
        house.opened.store,
        house.opened.key(),
        house.clock,
        house.people[who].id,
        code=code,
        **fields,  # type: ignore[arg-type] # fields of several types
    )


@pytest.mark.parametrize("code", ["1234", "", "#", "12#34", "#123", "#123456789", "#12a4", "##1234", "#1234#", "#١٢٣٤"])
def test_a_code_that_breaks_the_rule_is_refused_naming_it(house: House, code: str) -> None:  # A001-18, A001-19
    before = identifications.all(house.opened.store)
    with pytest.raises(errors.BadInput, match="# and 4 to 8 digits") as refused:
        add(house, code)
    assert refused.value.field == "code"
    assert identifications.all(house.opened.store) == before


@pytest.mark.parametrize("code", ["#1234", "#00000000", " #4711 "])
def test_a_code_by_the_rule_is_kept(house: House, code: str) -> None:  # A001-18
    made = add(house, code)
    assert (
        identifications.show(house.opened.store, house.opened.key(), house.clock, made.id, actor=ACTOR) == code.strip()
    )


@pytest.mark.parametrize("typed", ["1234", "#1234", " 1234 "])
def test_a_code_is_typed_with_or_without_its_sign(typed: str) -> None:  # reading 2
    assert identifications.normalise(typed) == "#1234"


@pytest.mark.parametrize("typed", ["", "#", "123", "123456789", "12 34", "#12#34"])
def test_what_cannot_be_a_code_is_said_before_it_counts(typed: str) -> None:
    with pytest.raises(errors.BadInput, match="4 to 8 digits"):
        identifications.normalise(typed)


def test_only_known_types_can_be_added(house: House) -> None:  # A001-16
    with pytest.raises(errors.BadInput, match="one of: pin"):
        add(house, "#1234", type="retina")


@pytest.mark.parametrize("who", ["Anna", "Ben"])
def test_a_code_in_use_is_refused_without_telling_whose(house: House, who: str) -> None:  # A001-18
    with pytest.raises(errors.BadInput) as refused:
        add(house, CODES["Anna"], who)
    assert str(refused.value) == "This code is in use already: choose another."
    ben = identifications.all(house.opened.store, house.people["Ben"].id)[0]
    with pytest.raises(errors.BadInput, match="in use already"):
        identifications.edit(
            house.opened.store, house.opened.key(), house.clock, ben.id, code=CODES["Anna"], actor=ACTOR
        )


def test_a_code_in_use_by_an_archived_user_is_still_taken(house: House) -> None:
    users.archive(house.opened.store, house.clock, house.people["Anna"].id, actor=ACTOR)
    with pytest.raises(errors.BadInput, match="in use already"):
        add(house, CODES["Anna"], "Ben")


def test_a_removed_code_is_gone_and_may_be_given_again(house: House) -> None:
    made = add(house, "#4711")
    identifications.remove(house.opened.store, house.clock, made.id, actor=ACTOR)
    with pytest.raises(errors.NotFound):
        identifications.get(house.opened.store, made.id)
    with pytest.raises(errors.NotFound):
        identifications.show(house.opened.store, house.opened.key(), house.clock, made.id, actor=ACTOR)
    with house.opened.store.read() as db:
        row = db.execute("SELECT code_hash, code_sealed FROM identifications WHERE id=?", (made.id,)).fetchone()
    assert row == (None, None)
    assert add(house, "#4711", "Ben").id != made.id


def test_an_edit_changes_what_is_given_and_keeps_the_rest(house: House) -> None:  # A001-25
    made = add(house, "#4711", expires_on=date(2027, 1, 1))
    store, key = house.opened.store, house.opened.key()
    edited = identifications.edit(store, key, house.clock, made.id, active=False, actor=ACTOR)
    assert (edited.active, edited.expires_on) == (False, date(2027, 1, 1))
    assert identifications.edit(store, key, house.clock, made.id, expires_on=None, actor=ACTOR).expires_on is None
    identifications.edit(store, key, house.clock, made.id, code="#815815", actor=ACTOR)
    assert identifications.show(store, key, house.clock, made.id, actor=ACTOR) == "#815815"


def test_looking_at_a_code_is_written_down_without_it(house: House) -> None:  # A001-25, X-08
    made = add(house, "#4711")
    identifications.show(house.opened.store, house.opened.key(), house.clock, made.id, actor=ACTOR)
    event = audit.newest(house.opened.store, 1)[0]
    assert (event.event, event.detail) == ("identification.show", {"identification": made.id})
    assert all("4711" not in str(one) for one in audit.newest(house.opened.store, 100))


def test_a_sealed_code_opens_only_in_its_own_row(house: House) -> None:
    made = add(house, "#4711")
    with house.opened.store.write() as db:
        db.execute(
            "UPDATE identifications SET code_sealed=(SELECT code_sealed FROM identifications WHERE id=1) WHERE id=?",
            (made.id,),
        )
    with pytest.raises(errors.Refused, match="another appliance"):
        identifications.show(house.opened.store, house.opened.key(), house.clock, made.id, actor=ACTOR)


def test_a_copied_card_without_the_device_key_gives_no_pin_away(house: House) -> None:  # A003-36
    """Try every 4-digit PIN against the copy, with the key unknown to who tries (here: another one)."""
    add(house, "#4711")
    house.opened.store.close()
    copied = house.opened.home.store_db
    everything = copied.read_bytes() + b"".join(path.read_bytes() for path in (Path(f"{copied}-wal"),) if path.exists())
    for secret in ("271828", "314159", "4711"):
        assert f"#{secret}".encode() not in everything and secret.encode() not in everything
    thief = DeviceKey(bytes(32))
    with house.opened.store.read() as db:
        hashes = {bytes(row[0]) for row in db.execute("SELECT code_hash FROM identifications")}
        guesses = (f"#{number:04}" for number in range(10_000))
        assert [code for code in guesses if identifications.by_code(db, thief, code)] == []
    assert len(hashes) == 3
    assert house.opened.key().keyed_hash(identifications.HASHED, "#4711") in hashes


@pytest.mark.parametrize(("typed", "date_"), [("2026-12-31", date(2026, 12, 31)), ("31.12.2026", date(2026, 12, 31)),
                                               ("", None), ("  ", None)])  # fmt: skip
def test_a_date_is_typed_in_two_ways_or_left_empty(typed: str, date_: date | None) -> None:  # A001-20
    assert identifications.parse_date(typed) == date_


@pytest.mark.parametrize("typed", ["soon", "2026-13-01", "31.02.2026", "12/31/2026"])
def test_a_date_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(errors.BadInput, match="2026-12-31 or 31.12.2026"):
        identifications.parse_date(typed)


def test_a_past_date_is_worth_a_warning_by_the_local_calendar(house: House) -> None:  # A001-20
    house.clock.set(datetime(2026, 11, 21, 23, 30, tzinfo=UTC))  # 22 November in Berlin
    store, clock = house.opened.store, house.clock
    assert identifications.is_past(store, clock, date(2026, 11, 21))
    assert not identifications.is_past(store, clock, date(2026, 11, 22))
    assert not identifications.is_past(store, clock, None)
    settings.put(store, clock.now(), ACTOR, "site.timezone", "America/New_York")
    assert not identifications.is_past(store, clock, date(2026, 11, 21))


def test_a_masked_code_tells_not_even_its_length(house: House) -> None:
    assert add(house, "#4711").masked == add(house, "#47114711").masked == "PIN ••••"


def test_opened_for_tests_has_the_key_outside_the_store(opened: Opened) -> None:  # reading 5
    assert opened.home.keys not in opened.home.store_db.parents
