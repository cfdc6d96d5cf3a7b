"""Collect all sentences and bring the catalogs up to date: `python -m ui.text.update`.

New sentences come in untranslated, gone ones go. The English catalog stays
empty: English sentences are the keys.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages import Catalog, extract, pofile

from ui.text.catalog import DOMAIN

ROOT = Path(__file__).parent.parent.parent
LOCALE = Path(__file__).parent / "locale"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "DriverError": (2,), "_error": (2,)}
METHODS = [("**.py", "python"), ("**.kv", "python"), ("**.html", "jinja2")]  # Kivy's rules are Python enough
VOLATILE = (
    b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Last-Translator', b'"Language-Team', b'"Report-',
)  # fmt: skip


def collect() -> Catalog:
    """All sentences of the program."""
    found = Catalog(domain=DOMAIN, project="Wattward", charset="utf-8")
    for folder in ("appliance", "drivers", "ui"):
        for path, _line, message, comments, context in extract.extract_from_dir(
            str(ROOT / folder), METHODS, keywords=KEYWORDS, strip_comment_tags=True
        ):
            found.add(message, None, [(f"{folder}/{path}", 0)], auto_comments=comments, context=context)
    return found


def updated(language: str) -> bytes:
    """The catalog of one language as it should be."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if path.exists():
        with path.open("rb") as file:
            catalog = pofile.read_po(file, locale=language)
    else:
        catalog = Catalog(locale=language, domain=DOMAIN, project="Wattward")
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = (
        "# Wattward's sentences in another language; `python -m ui.text.update` keeps them complete."
    )
    catalog.fuzzy = False
    written = io.BytesIO()
    pofile.write_po(written, catalog, omit_header=False, sort_output=True, no_location=True, width=120)
    stable = [line for line in written.getvalue().splitlines(keepends=True) if not line.startswith(VOLATILE)]
    return b"".join(stable)


def main() -> int:
    """Write the catalogs; say what is untranslated."""
    for language in ("de",):
        path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(language))
        with path.open("rb") as file:
            missing = [message.id for message in pofile.read_po(file) if message.id and not message.string]
        sys.stdout.write(f"{language}: {len(missing)} untranslated\n")
        for message in missing:
            sys.stdout.write(f"  {message}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
