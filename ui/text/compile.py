"""Compile the catalogs: `python -m ui.text.compile`. Set-up calls it; programs read the result faster."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages import mofile, pofile

from ui.text.catalog import DOMAIN

LOCALE = Path(__file__).parent / "locale"


def main() -> int:
    """Write a .mo beside each .po."""
    for source in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        with source.open("rb") as file:
            catalog = pofile.read_po(file)
        with source.with_suffix(".mo").open("wb") as file:
            mofile.write_mo(file, catalog)
    return 0


if __name__ == "__main__":
    sys.exit(main())
