"""People from a file: every line looked at, all saved or none, nothing kept of what was refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from appliance import audit
from appliance.charging import identifications, users
from appliance.opened import Opened
from tests.ui.admin.conftest import HERE, Open, Served
from tests.ui.admin.test_pages import person
from ui.admin.pages import user_import

PAGE = "/configuration/user/import"
HEAD = "first name,last name,type,code,expiry\r\n"
GOOD = HEAD + "Anna,Berger,pin,#271828,2027-12-31\r\nAnna,Berger,rfid,04A2B3C4,\r\nBen,Castillo,,,\r\n"
BAD = "Anna;Berger;pin;#27;\nBen;;pin;#314159;\nCleo;Dahl;pin;#161803;2027-01-01\n"


def look(browser: FlaskClient, content: str | bytes, name: str = "people.csv") -> tuple[int, str]:
    """Send a file to be looked at."""
    data = content.encode() if isinstance(content, str) else content
    answer = browser.post(PAGE, data={"order": "look", "file": (io.BytesIO(data), name)}, base_url=HERE)
    return answer.status_code, answer.text


def kept(opened: Opened) -> list[str]:
    return [user.name for user in users.all(opened.store)]


def test_good_lines_are_shown_first_and_saved_only_then(admin: FlaskClient, opened: Opened) -> None:
    status, page = look(admin, GOOD)
    assert status == 200 and "All 3 lines are right: 2 people." in page
    assert kept(opened) == []
    text = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert text is not None
    answer = admin.post(PAGE, data={"order": "save", "text": text[1]}, base_url=HERE)
    assert answer.status_code == 303
    assert kept(opened) == ["Anna Berger", "Ben Castillo"]
    assert [one.type for one in identifications.all(opened.store, 1)] == ["pin", "rfid"]
    assert "user.add" in [event.event for event in audit.newest(opened.store)]


def test_no_code_is_shown_on_the_page_of_lines(admin: FlaskClient) -> None:
    _status, page = look(admin, GOOD)
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "271828" not in table and "•••••••" in table


def test_each_wrong_line_says_what_is_wrong_and_nothing_is_saved(admin: FlaskClient, opened: Opened) -> None:
    status, page = look(admin, BAD)
    assert status == 422
    assert "Lines that cannot be saved: 2 of 3." in page
    assert page.count("notice-danger m-0") == 2
    assert "Save all" not in page and 'name="text"' not in page
    assert kept(opened) == []
    answer = admin.post(PAGE, data={"order": "save", "text": BAD}, base_url=HERE)  # asked for all the same
    assert answer.status_code == 422 and kept(opened) == []


def test_somebody_who_came_meanwhile_stops_the_saving(admin: FlaskClient, opened: Opened) -> None:
    look(admin, GOOD)
    person(opened)
    answer = admin.post(PAGE, data={"order": "save", "text": GOOD}, base_url=HERE)
    assert answer.status_code == 422 and "There is a user Anna Berger already" in answer.text
    assert kept(opened) == ["Anna Berger"]


def test_whose_pin_a_taken_one_is_stays_untold(client: Callable[[str], FlaskClient], opened: Opened) -> None:
    person(opened, "Secret")
    status, page = look(client("operator"), "Cleo,Dahl,pin,#271828,\n")
    assert status == 422 and "This code is in use already" in page and "Secret" not in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file has no rows"),
        (HEAD, "The file has no rows"),
        (b"PK\x03\x04\x00\x00", "This is no CSV file"),
        ("A,B,C,D,E,F\n", "A row has 5 columns"),
    ],
)
def test_what_is_no_list_is_refused(admin: FlaskClient, opened: Opened, content: str | bytes, sentence: str) -> None:
    status, page = look(admin, content)
    assert (status, sentence in page, kept(opened)) == (422, True, [])


def test_no_file_is_said_at_its_field(admin: FlaskClient) -> None:
    answer = admin.post(PAGE, data={"order": "look"}, base_url=HERE)
    assert answer.status_code == 422 and "Choose a file." in answer.text


def test_what_was_looked_at_can_be_saved_however_long_its_lines_became(admin: FlaskClient, opened: Opened) -> None:
    lines = "".join(f"A{number:x},B{'c' * 22}\n" for number in range(14_000))
    lines = lines[: user_import.MOST_BYTES].rpartition("\n")[0] + "\n"
    assert len(lines) > user_import.MOST_BYTES - 1000
    assert look(admin, lines)[0] == 200
    answer = admin.post(PAGE, data={"order": "save", "text": lines.replace("\n", "\r\n")}, base_url=HERE)
    assert answer.status_code == 303
    assert len(kept(opened)) == lines.count("\n")


def test_too_large_a_file_is_refused(admin: FlaskClient, opened: Opened) -> None:
    status, page = look(admin, "x" * (user_import.MOST_BYTES + 1))
    assert (status, 'id="file-wrong">What was sent is too large.' in page, kept(opened)) == (422, True, [])
    status, _page = look(admin, "x" * (2 * user_import.MOST_BYTES + 1))
    assert status == 413 and kept(opened) == []


def test_hostile_names_stay_text(admin: FlaskClient) -> None:
    status, page = look(admin, '"<script>alert(1)</script>",Berger,,,\n"</textarea><img src=x>",B,,,\n')
    assert status == 200
    assert "<script>alert" not in page and "<img src=x" not in page


def test_a_viewer_may_not(client: Callable[[str], FlaskClient]) -> None:
    assert client("viewer").get(PAGE, base_url=HERE).status_code == 403


def test_in_a_browser_a_file_of_windows_is_read_looked_at_and_saved(served: Served, visit: Open) -> None:
    served.set_password()
    served.enable()
    it = visit()
    it.sign_in()
    it.go("/configuration/user/local-users")
    it.page.get_by_role("link", name="Import").click()
    content = "Vorname;Nachname;Typ;Code;Ablauf\r\nJürgen;Großmann;pin;#271828;31.12.2027\r\n".encode("cp1252")
    it.page.set_input_files("#file", {"name": "leute.csv", "mimeType": "text/csv", "buffer": content})
    it.page.get_by_role("button", name="Look at it").click()
    it.page.get_by_role("button", name="Save all").click()
    it.page.get_by_role("link", name="Jürgen Großmann", exact=True).wait_for()
    assert kept(served.opened) == ["Jürgen Großmann"]
