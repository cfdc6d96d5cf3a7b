"""The list of access tokens by pages."""

from __future__ import annotations

import pytest

from appliance import audit
from appliance.access import tokens, tokens_pages
from appliance.opened import Opened


@pytest.fixture
def seven(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Tokens 1 to 7 on pages of three; 2 and 5 wait."""
    monkeypatch.setattr(tokens_pages, "PER_PAGE", 3)
    for number in range(1, 8):
        made, _secret = tokens.create(opened, audit.CLI, f"token {number}")
        if number not in (2, 5):
            tokens.confirm(opened, made.id, audit.CLI)
    return opened


def ids(it: Opened, number: int = 1, marked: int | None = None) -> list[int]:
    return [one.id for one in tokens_pages.page(it.store, it.clock.now(), number, marked).tokens]


def test_those_that_wait_come_first_then_the_newest(seven: Opened) -> None:
    assert [ids(seven, number) for number in (1, 2, 3)] == [[5, 2, 7], [6, 4, 3], [1]]
    assert [one for number in (1, 2, 3) for one in ids(seven, number)] == [one.id for one in tokens.all(seven.store)]


def test_a_marked_token_is_on_the_page_that_is_shown(seven: Opened) -> None:  # A000-21
    for marked in range(1, 8):
        assert marked in ids(seven, marked=marked)


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (-5, 1), (3, 3), (4, 3), (10**9, 3)])
def test_a_page_that_is_not_there_is_the_nearest(seven: Opened, asked: int, shown: int) -> None:
    found = tokens_pages.page(seven.store, seven.clock.now(), asked)
    assert (found.number, found.last) == (shown, 3)


def test_a_mark_nobody_has_is_the_first_page(seven: Opened) -> None:
    assert tokens_pages.page(seven.store, seven.clock.now(), 2, marked=99).number == 1


def test_without_tokens_there_is_one_empty_page(opened: Opened) -> None:
    assert tokens_pages.page(opened.store, opened.clock.now()) == tokens_pages.Page([], 1, 1)


def test_what_is_over_is_called_expired(seven: Opened) -> None:
    later = seven.clock.now() + tokens.PENDING
    assert {one.state for one in tokens_pages.page(seven.store, later).tokens if one.id in (2, 5)} == {"expired"}
