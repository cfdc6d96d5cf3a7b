"""The catalog is complete, honest about placeholders, and what the program really says."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import mofile, pofile
from babel.messages.catalog import Message

from ui.text import catalog, compile, update

LANGUAGES = [name for name in catalog.LANGUAGES if name != "en"]
PATHS = {name: update.LOCALE / name / "LC_MESSAGES" / f"{catalog.DOMAIN}.po" for name in LANGUAGES}


def messages(language: str) -> Iterator[Message]:
    with PATHS[language].open("rb") as file:
        yield from (message for message in pofile.read_po(file, locale=language) if message.id)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_doubtful(language: str) -> None:
    assert [message.id for message in messages(language) if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_sentence(language: str) -> None:
    wrong = [one.id for one in messages(language) if placeholders(str(one.id)) != placeholders(str(one.string))]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_ends_like_its_sentence(language: str) -> None:
    def ending(text: str) -> str:
        found = re.search(r"[.:!?…]$", text)
        return found[0] if found else ""

    assert [one.id for one in messages(language) if ending(str(one.id)) != ending(str(one.string))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_is_what_update_would_write(language: str) -> None:
    assert update.updated(language) == PATHS[language].read_bytes()


def test_sentences_of_python_kv_and_html_are_all_collected() -> None:
    found = {str(message.id) for message in update.collect() if message.id}
    assert "Enter your PIN to charge." in found  # ui/touch, .py or .kv
    assert "There is no store in {folder}; start the core first." in found  # appliance, N_
    assert "Sign in" in found  # ui/admin, Jinja


def test_german_says_the_plain_words() -> None:
    german = catalog.Texts("de")
    words = {"Grid": "Netz", "House": "Haus", "Car": "Auto", "Charging": "Laden", "Meters": "Zähler", "Fault": "Fehler",
             "Settings": "Einstellungen", "Web admin": "Web-Verwaltung", "Solar": "Solar"}  # fmt: skip
    assert {word: german.gettext(word) for word in words} == words


def test_an_unknown_language_speaks_english() -> None:
    assert catalog.Texts("fr").language == "en"
    assert catalog.Texts("fr").gettext("Grid") == "Grid"


def test_an_unknown_sentence_and_an_empty_one_stay_as_they_are() -> None:
    assert catalog.Texts("de").gettext("Nobody translated this.") == "Nobody translated this."
    assert catalog.Texts("de").gettext("") == ""


def test_the_process_speaks_the_language_it_was_told() -> None:
    try:
        catalog.use("de")
        assert catalog._("Grid") == "Netz"
        assert catalog.current().filled("today {energy}", energy="8,4 kWh") == "heute 8,4 kWh"
    finally:
        catalog.use("en")


def test_compile_writes_what_programs_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "wattward.po").write_bytes(PATHS["de"].read_bytes())
    monkeypatch.setattr(compile, "LOCALE", tmp_path)
    assert compile.main() == 0
    with (folder / "wattward.mo").open("rb") as file:
        compiled = {message.id: message.string for message in mofile.read_mo(file)}
    assert compiled["Grid"] == "Netz"


def test_update_says_what_is_untranslated_and_keeps_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "de" / "LC_MESSAGES" / "wattward.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(PATHS["de"].read_bytes().replace(b'msgstr "Netz"', b'msgstr ""'))
    monkeypatch.setattr(update, "LOCALE", tmp_path)
    assert update.main() == 0
    assert "de: 1 untranslated\n  Grid\n" in capsys.readouterr().out
    path.write_bytes(PATHS["de"].read_bytes())
    assert update.main() == 0
    assert "de: 0 untranslated" in capsys.readouterr().out
    assert path.read_bytes() == PATHS["de"].read_bytes()
