"""Sentences in the language of whoever reads them.

The key of a translation is the English sentence itself, wherever it is written;
so an untranslated sentence is still a sentence. The touchscreen has one
language at a time (`use`, `_`), the web one for each request (`Texts`).
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = {"en": "English", "de": "Deutsch"}
LOCALES = {"en": "en_GB", "de": "de_DE"}  # numbers and dates
DOMAIN = "wattward"


@cache
def _translations(language: str) -> gettext.NullTranslations:
    """The compiled catalog; a fresh checkout without one reads the source of it."""
    folder = resources.files("ui.text") / "locale" / language / "LC_MESSAGES"
    compiled = folder / f"{DOMAIN}.mo"
    if compiled.is_file():
        return gettext.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    source = folder / f"{DOMAIN}.po"
    if not source.is_file():
        return gettext.NullTranslations()
    from babel.messages import mofile, pofile

    compiled_here = io.BytesIO()
    mofile.write_mo(compiled_here, pofile.read_po(io.BytesIO(source.read_bytes())))
    return gettext.GNUTranslations(io.BytesIO(compiled_here.getvalue()))


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._translations = _translations(self.language)

    def gettext(self, message: str) -> str:
        """The sentence in this language; placeholders stay."""
        return self._translations.gettext(message) if message else ""

    def filled(self, message: str, **values: Any) -> str:  # noqa: ANN401 - whatever a sentence names
        """The sentence with its placeholders filled."""
        return self.gettext(message).format(**values)


_current = Texts("en")


def use(language: str) -> None:
    """Choose the language of this process."""
    global _current
    _current = Texts(language)


def current() -> Texts:
    """The language of this process."""
    return _current


def _(message: str) -> str:
    """One sentence in the language of this process."""
    return _current.gettext(message)
