"""About: version, model, serial number, support end; licences; help with the wiring."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance.system import board
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.icons import FONTS
from ui.touch.screens.base import Page
from ui.touch.status import Status

PROGRAMS = (  # what this program is built with and on
    "apscheduler", "apsw", "argon2-cffi", "babel", "bleak", "cryptography", "dbus-fast", "flask", "kivy", "lgpio",
    "pymodbus", "pyotp", "pyrage", "pyserial", "reportlab", "rpi-lgpio", "segno", "tzdata", "xlsxwriter",
)  # fmt: skip


class AboutScreen(Page):
    """What it is."""

    name_of_site = StringProperty("")
    version = StringProperty("")
    rows = StringProperty("")
    names = StringProperty("")

    def show(self, status: Status) -> None:
        """Paint names and numbers."""
        until = board.SUPPORTED_UNTIL
        self.name_of_site = status.site
        pairs = (
            (_("Model"), board.DESIGNATION),
            (_("Version"), status.version),
            (_("Board"), board.model() or "–"),
            (_("Serial number"), board.serial() or "–"),
            (_("Support until"), numbers.day(until, status.language)),
        )
        self.names = "\n".join(name for name, _value in pairs)
        self.rows = "\n".join(value for _name, value in pairs)


class LicencesScreen(Page):
    """Whose work is in it."""

    text = StringProperty("")

    def enter(self) -> None:
        """Read what the installed packages say of themselves."""
        if not self.text:
            self.text = "\n\n".join([*(_licence(name) for name in PROGRAMS), *_fonts()])


def _licence(name: str) -> str:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return name
    terms = ", ".join(told.get_all("License-Expression") or [])
    terms = terms or _classified(told.get_all("Classifier") or []) or ", ".join(told.get_all("License") or ["?"])
    return f"{told['Name']} {told['Version']}\n{terms.splitlines()[0][:90]}"


def _classified(classifiers: list[str]) -> str:
    terms = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License ::")]
    return ", ".join(terms)


def _fonts() -> list[str]:
    """The first words of the licences of our letters and icons."""
    found = []
    for path in sorted(Path(FONTS).glob("*-LICENSE.txt")):
        found.append(f"{path.stem.removesuffix('-LICENSE')}\n" + path.read_text("utf-8").strip().splitlines()[0][:90])
    return found


class WiringScreen(Page):
    """The most common mistakes at the wires, without a book."""


Builder.load_file(__file__.removesuffix("py") + "kv")
