"""A tour of every screen and state by tapping from home, as a household would."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from appliance import faults
from tests.ui.touch.house import House
from tests.ui.touch.screen import Seen, Touch
from ui.text.catalog import Texts

PIN = "2580"


@dataclass
class Tour:
    """What was seen on the way: name of the stop -> everything seen there."""

    touch: Touch
    house: House
    texts: Texts
    folder: Path | None = None  # where a picture of each stop is kept
    stops: dict[str, Seen] = field(default_factory=dict)
    downs: list[int] = field(default_factory=list)

    def word(self, english: str) -> str:
        """A word in the language of the tour."""
        return self.texts.gettext(english)

    def tap(self, label: str) -> None:
        """Tap and remember how many touches that was."""
        self.downs.append(self.touch.tap(label if label.startswith("icon:") else self.word(label)))

    def enter(self, code: str) -> None:
        """Type and confirm."""
        for key in (*code, "OK"):
            self.downs.append(self.touch.tap(key))

    def see(self, english: str) -> None:
        """Wait for the beginning of a sentence."""
        self.touch.see(self.word(english).partition("{")[0])

    def stop(self, name: str) -> None:
        """Look around."""
        time.sleep(0.15)  # a layout settles within a few frames
        self.stops[name] = self.touch.look()
        if self.folder is not None:
            self.touch.shot(self.folder / f"{len(self.stops):02}-{name}.png")

    def go(self) -> Tour:
        """The whole way."""
        self.stop("energy")
        self._charge()
        self._settings()
        self._trouble()
        return self

    def _charge(self) -> None:
        touch, house = self.touch, self.house
        self.tap("Charging")
        self.see("Enter your PIN to charge.")
        touch.keys("4711")
        self.stop("typed")
        self.tap("OK")
        self.see("Who are you?")
        self.stop("who")
        self.tap("Anna B.")
        self.see("This code is not accepted here.")
        self.stop("refused")
        for code in ("271829", "271830", "271831", "271832"):
            self.enter(code)
            time.sleep(0.2)
        self.see("Too many wrong codes. Wait {time}.")
        self.stop("locked-out")
        self._pass(61)
        self.enter("4711")
        self.see("Who are you?")
        self.tap("Ben M.")
        touch.see("Ben Maier")
        self.stop("authorized")
        house.live(2)
        house.measure(Wallbox_meter=10_900.0, Grid=9_400.0)
        self._pass(900)
        self.see("Stop charging")
        self.stop("charging")
        house.measure(Wallbox_meter=0.0)
        self._pass(125)  # charging.pause_after_s
        self.see("Paused: the car draws no power")
        self.stop("paused")
        self.tap("Stop charging")
        house.live(3)
        self.see("Charging was stopped.")
        self.stop("stopped")
        self.tap("Sessions")
        touch.see("Ben Maier")
        self.stop("sessions")

    def _settings(self) -> None:
        self.tap("Settings")
        self.see("Choose a settings PIN")
        self.stop("pin-first")
        for first, again, name in ((PIN, "2581", "pin-mismatch"), ("1234", "1234", "pin-weak")):
            self.enter(first)
            self.see("The same PIN again")
            self.enter(again)
            self.see("Choose a settings PIN")
            time.sleep(0.2)
            self.stop(name)
        self.enter(PIN)
        self.see("The same PIN again")
        self.stop("pin-again")
        self.enter(PIN)
        self.see("Communication")
        self.stop("settings")
        self.tap("Security")
        self.stop("security")
        self.tap("Reset web password")
        self.see("Reset the web password?")
        self.stop("question")
        self.tap("Cancel")
        self._pages("Change PIN", "Access tokens", "Security overview")
        self.tap("icon:back")
        self._subjects()
        self.tap("icon:back")
        self.tap("Settings")
        for pin in ("1357", "1358", "1359", "1360", "1361"):
            self.see("Settings PIN")
            self.enter(pin)
            time.sleep(0.5)
        self.see("Too many wrong PINs. Wait {time}.")
        self.stop("pin-locked")

    def _subjects(self) -> None:
        self.tap("Communication")
        self.tap("Web admin")
        self.see("Enable")
        self.stop("web-off")
        self.tap("Enable")
        self.touch.see("10:00")
        self.stop("web-on")
        self.tap("icon:back")
        self.stop("communication")
        self._pages("Network cable", "Wi-Fi", "Services")
        self.tap("icon:back")
        self.tap("Display")
        self.stop("display")
        self._pages("Language", "Colours")
        self.tap("icon:back")
        self.tap("Backups")
        self.stop("backups")
        self._pages("Recovery code", "Restore a backup")
        self.tap("icon:back")
        self._pages("Updates")
        self.tap("System")
        self.stop("system")
        self.tap("Date and time")
        self.stop("time")
        self.tap("icon:back")
        self.tap("Factory reset")
        self.stop("factory")
        self.tap("Type the word …")
        self.stop("text-entry")
        self.tap("icon:back")
        self.tap("icon:back")
        self.tap("icon:back")
        self.tap("About")
        self.stop("about")
        self._pages("Help with the wiring", "Licences")
        self.tap("icon:back")

    def _pages(self, *rows: str) -> None:
        """Go to the page of each row and back."""
        for row in rows:
            self.tap(row)
            self.stop(row.lower().replace(" ", "-"))
            self.tap("icon:back")

    def _trouble(self) -> None:
        house, now = self.house, self.house.clock.now()
        message = "Nothing answers at {address}: check power, network cable, address, port and firewall."
        faults.report(house.it.live, now, "meter:1", "unreachable", message, address="192.168.178.130:502")
        message = "The USB stick for backups is missing: plug in the stick labelled WATTWARD, or set backup.usb off."
        faults.report(house.it.live, now, "backup", "usb_missing", message)
        house.silence("Grid")
        self._pass(20)
        self.tap("Energy")
        self.touch.see("–")
        self.stop("energy-no-data")
        self.tap("+1")
        self.see("Notifications")
        self.stop("faults")
        house.clock.advance(30)
        self.see("It is tried again by itself.")
        self.stop("no-core")

    def _pass(self, seconds: float) -> None:
        """Let time pass with somebody near: a touch wakes the display, and it is awake."""
        self.house.live(seconds)
        time.sleep(1.2)
        self.touch.tap_at(3, 200)
        self.house.live(2)
