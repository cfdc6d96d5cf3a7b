"""The account for e-mail: its password is nowhere in clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance import audit
from appliance.billing import mail_account
from appliance.billing.mail_account import Account
from appliance.errors import BadInput, Refused
from tests.appliance.billing.bench import ACTOR, Bench

GOOD = Account("smtp.example.org", 465, "tls", "house", "house@example.org", "canary-4711-secret")


def put(bench: Bench, account: Account) -> None:
    mail_account.put(bench.opened.store, bench.opened.key(), bench.clock, account, actor=ACTOR)


def test_an_account_comes_back_as_it_was_set(bench: Bench) -> None:
    put(bench, GOOD)
    assert mail_account.get(bench.opened.store, bench.opened.key()) == GOOD


def test_its_password_is_neither_in_the_store_nor_in_the_audit(bench: Bench) -> None:
    put(bench, GOOD)
    with bench.opened.store.write() as db:
        assert db.execute("SELECT count(*) FROM audit WHERE detail LIKE '%canary%'").get == 0
    bench.opened.store.close()
    for file in bench.opened.home.root.glob("store.db*"):
        assert b"canary" not in file.read_bytes()


def test_without_an_account_it_says_how_to_make_one(bench: Bench) -> None:
    with pytest.raises(Refused, match="mail-account"):
        mail_account.get(bench.opened.store, bench.opened.key())
    put(bench, GOOD)
    mail_account.forget(bench.opened.store, bench.clock, actor=ACTOR)
    with pytest.raises(Refused):
        mail_account.get(bench.opened.store, bench.opened.key())
    assert audit.newest(bench.opened.store)[0].event == "mail.forget"


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "a b"},
        {"host": "-x"},
        {"port": 0},
        {"port": 65536},
        {"security": "plain"},
        {"sender": "house"},
        {"user": ""},
    ],
)
def test_what_is_no_account_is_refused_and_nothing_is_kept(bench: Bench, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        put(bench, replace(GOOD, **wrong))  # type: ignore[arg-type]
    with pytest.raises(Refused):
        mail_account.get(bench.opened.store, bench.opened.key())
