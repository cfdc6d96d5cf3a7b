"""The rules of a web password, each with its sentence."""

from __future__ import annotations

import pytest

from appliance.access import passwords
from appliance.errors import BadInput


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "at least 10"),
        ("shortpass", "at least 10"),
        ("x" * 201, "at least 10"),
        ("my-Anna-secret", "user name"),
        ("Passwort123", "anybody tries"),
        ("aaaaaaaaaaaa", "anybody tries"),
        ("1212121212", "anybody tries"),
    ],
)
def test_a_poor_password_is_refused_with_its_reason(password: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        passwords.require_good(password, password, "anna")
    assert caught.value.field == "password"


def test_a_mistyped_repeat_is_refused_at_its_own_field() -> None:
    with pytest.raises(BadInput, match="not the same") as caught:
        passwords.require_good("kettle orbit 9", "kettle orbit 8", "anna")
    assert caught.value.field == "again"


@pytest.mark.parametrize("password", ["kettle orbit 9", "grün-und-leise", "正しい馬の電池ホッチキス", "joblue ocean"])
def test_long_passwords_of_any_letters_are_welcome(password: str) -> None:
    passwords.require_good(password, password, "jo")
    with pytest.raises(BadInput):
        passwords.require_good(password, password + "x", "jo")
