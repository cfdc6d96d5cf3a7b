"""Walk over every look of every part and print what breaks a rule: `python -m tests.ui.touch.walk [--size 1280x720]`.

A look is seen in each dress: English, German and a language 40 % longer; dark and
light; normal and large. One line of JSON: [dress, look, rule, flaws].
"""

from __future__ import annotations

import argparse
import gettext
import json
import os
import re
import sys
import tempfile
from pathlib import Path

LONGER = "longer"
DRESSES = {  # name -> language, light, large
    "english": ("en", False, False),
    "english-light": ("en", True, False),
    "english-large": ("en", False, True),
    "german": ("de", False, False),
    "german-light-large": ("de", True, True),
    LONGER: ("en", False, False),
}


class Longer(gettext.NullTranslations):
    """English with every word 40 % longer; placeholders stay."""

    def gettext(self, message: str) -> str:
        return lengthen(message)


def lengthen(message: str) -> str:
    """`Settings` -> `Settingsngs`."""
    parts = re.split(r"(\{[^}]*\})", message)
    return "".join(part if part.startswith("{") else re.sub(r"[A-Za-z]{3,}", _longer, part) for part in parts)


def _longer(word: re.Match[str]) -> str:
    more = round(len(word[0]) * 0.4)
    return word[0] + word[0][-more:].lower()


def main() -> int:
    """Walk."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="800x480")
    parser.add_argument("--only", default="", help="looks whose name begins so (a regular expression)")
    parser.add_argument("--dress", choices=list(DRESSES), action="append")
    args = parser.parse_args()
    os.environ["WATTWARD_STAGE_SIZE"] = args.size
    from tests.ui.touch import looks, rules
    from tests.ui.touch.pictures import a_home, dressed
    from tests.ui.touch.stage import Stage
    from ui.text import catalog
    from ui.touch.screens import SCREENS

    stage = Stage(a_home(Path(tempfile.mkdtemp(prefix="wattward-walk-"))), looks.DAY)
    found, seen_screens, count = [], set(), 0
    real = catalog._translations
    for dress in args.dress or DRESSES:
        language, light, large = DRESSES[dress]
        catalog._translations = (lambda _language: Longer()) if dress == LONGER else real  # type: ignore[assignment]
        stage.app._ready = False  # made anew, with these words
        for name, (screen, status) in looks.every().items():
            if not re.match(args.only, name):
                continue
            stage.turn_to(screen, dressed(status, language=language, light=light, large=large))
            seen = stage.seen()
            seen_screens.add(screen)
            count += 1
            for rule in rules.RULES:
                if flaws := sorted(set(rule(seen))):
                    found.append([dress, name, rule.__name__, flaws])
    stage.close()
    print(json.dumps({"looks": count, "screens": sorted(seen_screens), "pages": list(SCREENS), "flaws": found}))  # noqa: T201 - its answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
