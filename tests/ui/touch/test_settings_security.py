"""Security, backups and display by taps: tokens end, browsers are signed out, a code is shown, a backup is put back."""

from __future__ import annotations

import time

import pytest

from appliance import audit
from appliance.access import tokens, web_accounts, web_sessions, web_window
from appliance.backup import key, make, targets
from appliance.store import settings
from appliance.system import restoring, tasks
from tests.appliance.system.conftest import until
from tests.ui.touch.house import House
from tests.ui.touch.screen import Seen, Touch


@pytest.fixture
def menu(house: House, unlocked: Touch) -> Touch:
    """The settings' first page, with a key for backups."""
    key.make(house.it.home.keys)
    return unlocked


def tap_last(touch: Touch, label: str) -> None:
    """Tap the topmost thing that bears a label: the button of a question, not the one below it."""
    left, top, right, bottom = [one for one in touch.targets() if label in one["labels"]][-1]["cut"]
    touch.tap_at((left + right) / 2, (top + bottom) / 2)


def test_a_token_is_revoked_and_deleted(house: House, menu: Touch) -> None:  # A000-27
    it = house.it
    made, _secret = tokens.create(it, audit.CLI, "Anna's phone", "Wattward for iPhone")
    tokens.confirm(it, made.id, audit.CLI)
    menu.tap("Security")
    menu.see("1 active")
    menu.tap("Access tokens")
    menu.tap("Anna's phone")
    menu.see("active", "never used", "may look and charge")
    menu.tap("Revoke")
    menu.see("at once and for ever")
    menu.tap("Cancel")
    assert tokens.get(it.store, made.id).state == "active"
    menu.tap("Revoke")
    menu.see("at once and for ever")
    tap_last(menu, "Revoke")
    menu.see("It was revoked.")
    ended = tokens.get(it.store, made.id)
    assert (ended.state, ended.ended_by) == ("revoked", "touch:household")
    assert not next(one for one in menu.targets() if "Revoke" in one["labels"])["enabled"]
    menu.tap("Delete")
    menu.see("its row is gone")
    tap_last(menu, "Delete")
    menu.see("No app or phone has asked for access yet.")
    assert tokens.all(it.store) == []


def test_the_overview_says_honestly_what_is_not_so(menu: Touch) -> None:  # A003-36
    menu.tap("Security")
    menu.tap("Security overview")
    menu.see("Settings PIN", "protected", "Web password", "to look at")


def test_a_signed_in_browser_is_signed_out(house: House, menu: Touch) -> None:
    it = house.it
    web_window.enable(it.store, it.clock, audit.TOUCH)
    opening = web_window.state(it.store, it.clock).opening
    admin = web_accounts.all(it)[0]
    with it.store.write() as db:
        web_sessions.start(db, it.clock.now(), admin.id, opening, "192.0.2.20", "Mozilla/5.0 Firefox/140.0")
    menu.tap("Communication")
    menu.tap("Web admin")
    menu.tap("1 signed in")
    menu.see("admin since", "192.0.2.20 · Firefox")
    menu.tap("Sign out")
    menu.see("Nobody is signed in.")
    assert web_sessions.all_of(it) == []
    assert web_window.state(it.store, it.clock).open


def test_the_recovery_code_is_shown_when_asked_for_and_gone_with_the_page(house: House, menu: Touch) -> None:
    it = house.it
    code = key.load(it.home.keys).recovery_code
    blocks = code.split(" ")
    menu.tap("Backups")
    menu.see("not written down yet")
    menu.tap("Recovery code")
    assert not any(blocks[0] in text for text in menu.texts())
    menu.tap("Show the code")
    menu.see(blocks[0], blocks[-1])
    assert "backup_key.show" in {one.event for one in audit.newest(it.store)}
    menu.tap("It is written down")
    menu.see("Keep the paper away")
    assert key.confirmed(it.store, key.load(it.home.keys))
    menu.tap("icon:back")
    menu.see("written down")
    menu.tap("Recovery code")
    assert not any(blocks[0] in text for text in menu.texts())


def test_a_restore_needs_a_held_button(house: House, menu: Touch) -> None:
    it = house.it
    made = make.make(it, targets.of(it.home)["folder"], audit.CLI)
    menu.tap("Backups")
    menu.see("1 to choose from")
    menu.tap("Restore a backup")
    row = next(text for text in menu.texts() if "2026" in text)
    menu.tap(row)
    menu.see("become as they were then", "Hold to restore")
    menu.tap("Hold to restore")  # a tap is not enough
    time.sleep(0.5)
    assert tasks.newest(it.live, restoring.KIND) is None
    assert made.file in {one.path.name for one in restoring.offered(it)}


def text_size(seen: Seen) -> float:
    """How large the name of the switch is written."""
    return next((float(one["font_units"]) for one in seen if one.get("text") == "Large text"), 0.0)


def test_the_display_is_set_by_taps(house: House, menu: Touch) -> None:
    store = house.it.store
    menu.tap("Display")
    menu.tap("Colours")
    menu.tap("light")
    until(lambda: settings.text(store, "ui.theme") == "light")
    menu.see("Colours", "light")
    small = text_size(menu.look())
    menu.tap("Large text")
    menu.wait(lambda seen: text_size(seen) > small)
    menu.rest()
    menu.tap("Less motion")
    until(lambda: settings.flag(store, "ui.reduced_motion"))
    menu.tap("Large text")
    until(lambda: not settings.flag(store, "ui.large_text"))


def test_updates_are_told_honestly(menu: Touch) -> None:
    menu.tap("Updates")
    menu.see("version", "Security updates until 31/12/2031", "No update source is set up")


def test_about_names_model_version_and_support(menu: Touch) -> None:
    menu.tap("About")
    menu.see("Model", "Support until", "31/12/2031")
    menu.tap("Licences")
    menu.see("cryptography", "Apache")
    menu.tap("icon:back")
    menu.tap("Help with the wiring")
    menu.see("Mains voltage kills", "Swap A and B first")
