"""The end of the help page: links to what charging with a PIN or a card hangs together with, none of them dead."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.ui.admin.conftest import HERE


def links(page: str) -> dict[str, str]:
    """The links of the last section of a page: name by path."""
    last = page[page.rindex("<section") : page.rindex("</section>")]
    return dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', last))


@pytest.mark.parametrize(("role", "known"), [("viewer", 2), ("operator", 5), ("admin", 6)])
def test_the_help_page_ends_with_local_links_of_which_none_is_dead(
    client: Callable[[str], FlaskClient], role: str, known: int
) -> None:  # A001-27
    browser = client(role)
    found = links(browser.get("/help", base_url=HERE).text)
    assert len(found) == known and all(path.startswith("/") for path in found)
    assert {path: browser.get(path, base_url=HERE).status_code for path in found} == dict.fromkeys(found, 200)


def test_they_tell_of_cards_roles_and_modes(client: Callable[[str], FlaskClient]) -> None:  # A001-27
    names = " ".join(links(client("admin").get("/help", base_url=HERE).text).values())
    assert all(word in names for word in ("RFID", "Roles", "Modes"))


def test_charging_authorization_leads_there(client: Callable[[str], FlaskClient]) -> None:  # A001-27
    browser = client("admin")
    page = browser.get("/configuration/user/charging-authorization", base_url=HERE)
    (path,) = re.findall(r'<a href="(/help#[^"]+)"', page.text)
    assert f'id="{path.partition("#")[2]}"' in browser.get("/help", base_url=HERE).text
