"""A person's data can go; what was charged and its proof stay."""

from __future__ import annotations

import pytest

from appliance import audit, errors
from appliance.billing import journal
from appliance.billing.journal import Signer
from appliance.charging import grants, identifications, learning, privacy, sessions, users, vehicles
from appliance.store import settings
from appliance.store.database import Store
from tests.appliance.charging.house import ACTOR, House


@pytest.fixture
def charged(house: House) -> House:
    """Anna charged once with a PIN, has a car, was renamed, and is archived."""
    point = house.point(metered=True)
    house.start()
    wh = house.charge(point)
    grants.stop(house.opened, point.id, ACTOR)
    house.turn()
    house.drive(point, 2, 0.0, wh)
    anna = house.people["Anna"].id
    vehicles.add(house.opened.store, house.clock, anna, "Annas Golf", "B-AB 1", actor=ACTOR)
    users.edit(house.opened.store, house.clock, anna, last_name="Zimmermann", actor=ACTOR)
    users.archive(house.opened.store, house.clock, anna, actor=ACTOR)
    return house


def everything(store: Store) -> str:
    """All text in the store."""
    with store.read() as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        return repr([db.execute(f"SELECT * FROM {table}").fetchall() for table in tables])


def test_nothing_of_the_person_is_left_and_the_journal_is_sound(charged: House) -> None:
    store, anna = charged.opened.store, charged.people["Anna"].id
    assert "Zimmermann" in everything(store)
    former = privacy.anonymise(store, charged.clock, anna, actor=ACTOR)
    assert (former.name, former.anonymised) == (f"Former user {anna}", True)
    left = everything(store)
    for secret in ("Anna", "Zimmermann", "B-AB 1", "Annas Golf"):
        assert secret not in left, secret
    assert "Ben" in left
    (session,) = sessions.newest(store)
    assert (session.user_id, session.user) == (anna, former.name) and session.energy_wh is not None
    assert journal.verify(charged.opened, Signer.of(charged.opened.key())).sound
    assert identifications.all(store, anna) == []


def test_only_an_archived_user_who_does_not_charge_can_be_made_anonymous(house: House) -> None:
    store, anna = house.opened.store, house.people["Anna"].id
    with pytest.raises(errors.Refused, match="archive this user first"):
        privacy.anonymise(store, house.clock, anna, actor=ACTOR)
    point = house.point(metered=True)
    house.start()
    house.charge(point)
    users.archive(store, house.clock, anna, actor=ACTOR)
    with pytest.raises(errors.Refused, match="stop that session first"):
        privacy.anonymise(store, house.clock, anna, actor=ACTOR)


def test_it_happens_by_itself_after_the_setting(charged: House) -> None:
    charged.clock.advance(400 * 86400.0)
    users.archive(charged.opened.store, charged.clock, charged.people["Anna"].id, actor=ACTOR)  # once more
    assert privacy.keep(charged.opened) == 0, "never, as it stands"
    settings.put(charged.opened.store, charged.clock.now(), ACTOR, "users.forget_after_days", "365")
    assert privacy.keep(charged.opened) == 1
    assert privacy.keep(charged.opened) == 0
    assert users.get(charged.opened.store, charged.people["Anna"].id).anonymised
    assert not users.get(charged.opened.store, charged.people["Ben"].id).anonymised


def test_the_audit_gives_up_names_and_nothing_else(house: House) -> None:
    with house.opened.store.read() as db:
        number = db.execute("SELECT id FROM audit LIMIT 1").get
    for change in ("subject='Mallory'", "event='x', subject='former user 1'", "actor='x', subject='former user 1'"):
        with pytest.raises(errors.StoreConflict, match="append-only"), house.opened.store.write() as db:
            db.execute(f"UPDATE audit SET {change} WHERE id=?", (number,))
    assert audit.newest(house.opened.store) != []


def test_a_user_nobody_saw_is_deleted_and_one_with_a_session_is_not(charged: House) -> None:
    store = charged.opened.store
    ben = charged.people["Ben"].id
    vehicles.add(store, charged.clock, ben, "Bus", actor=ACTOR)
    learning.ask(store, charged.clock, "reader:Hall", ben, "blue", actor=ACTOR)  # no card came
    users.remove(store, charged.clock, ben, actor=ACTOR)
    with pytest.raises(errors.NotFound):
        users.get(store, ben)
    with pytest.raises(errors.Refused, match="archive them instead"):
        users.remove(store, charged.clock, charged.people["Anna"].id, actor=ACTOR)
    assert users.get(store, charged.people["Anna"].id).archived
