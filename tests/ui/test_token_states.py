"""An access token has the same states wherever it is seen (X-01)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from appliance.access import tokens, tokens_check
from appliance.opened import Opened
from ui.admin.pages import access_tokens
from ui.phone import guard, wording
from ui.phone.api import schemas

ROOT = Path(__file__).parents[2]


def test_states_are_the_same_in_the_store_the_api_the_web_admin_and_at_the_touchscreen(opened: Opened) -> None:
    states = set(tokens.STATES)
    with opened.store.read() as db:
        made = db.execute("SELECT sql FROM sqlite_schema WHERE name='access_tokens'").get
    checked = re.search(r"CHECK \(state IN \(([^)]+)\)\)", made)
    assert checked is not None and set(re.findall(r"'(\w+)'", checked[1])) == states
    [shown] = schemas.TokenRow().fields["state"].validators
    assert set(shown.choices) == states  # type: ignore[attr-defined]  # of OneOf
    assert set(access_tokens.STATES) == states
    assert at_the_touchscreen() == states
    assert set(tokens_check.OF_STATE) == states


def at_the_touchscreen() -> set[str]:
    """The states its list has words for, read from the source: a screen needs a display."""
    source = ast.parse((ROOT / "ui/touch/screens/settings/tokens.py").read_text())
    [told] = [one for one in ast.walk(source) if isinstance(one, ast.FunctionDef) and one.name == "state_of"]
    tables = [one for one in ast.walk(told) if isinstance(one, ast.Dict)]
    return {str(key.value) for table in tables for key in table.keys if isinstance(key, ast.Constant)}


def test_the_phone_page_has_words_for_every_answer() -> None:  # A000-14
    words = set(wording.WORDS)
    assert {f"token_{answer}" for answer in tokens_check.Answer} | {"token_none", "token_unreachable"} <= words
    ended = set(tokens_check.Answer) - {tokens_check.Answer.VALID, tokens_check.Answer.NOT_CONFIRMED}
    assert {f"lost_{answer}" for answer in ended} <= words
    assert {answer for answer in tokens_check.Answer if answer not in guard.SENTENCES} == {tokens_check.Answer.VALID}
