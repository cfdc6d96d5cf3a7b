"""The web admin's window at the touchscreen: enabled by a tap, shown to the second, reached without typing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import zxingcpp

from appliance import audit
from appliance.access import certificate, display_pin, presence, web_window
from tests.ui.touch.house import House
from tests.ui.touch.png import pixels
from tests.ui.touch.screen import Touch

PIN = "2580"


@pytest.fixture
def page(unlocked: Touch) -> Touch:
    """The web admin's page, behind the PIN: Settings > Communication > Web admin."""
    unlocked.tap("Communication")
    unlocked.tap("Web admin")
    unlocked.see("its port closed")
    return unlocked


def decoded(picture: Path) -> list[str]:
    """What a phone reads in a picture."""
    width, height, rgb = pixels(picture)
    grey = memoryview(rgb[1::3]).cast("B", (height, width))
    return [found.text for found in zxingcpp.read_barcodes(grey)]


def test_it_is_off_until_somebody_enables_it(house: House, page: Touch) -> None:  # A003-18
    assert not web_window.state(house.it.store, house.clock).open
    assert not any(":" in text and "//" in text for text in page.texts())


def test_enable_opens_it_for_exactly_ten_minutes(house: House, page: Touch) -> None:  # A003-19, A003-21
    page.tap("Enable")
    page.see("10:00", "https://")
    assert web_window.state(house.it.store, house.clock).remaining_s == 600.0
    for seconds, shown in ((1, "9:59"), (1, "9:58"), (58, "9:00"), (539, "0:01")):
        house.live(seconds)
        page.see(shown)
    house.live(1)
    page.not_see("0:01")
    assert not web_window.state(house.it.store, house.clock).open
    assert page.screen == "energy"  # nobody touched the settings for five minutes


def test_enabling_again_starts_anew(house: House, page: Touch) -> None:  # A003-22
    page.tap("Enable")
    page.see("10:00")
    house.live(120)
    page.see("8:00")
    page.tap("Restart 10:00")
    page.see("10:00")


def test_off_now_closes_it_at_once(house: House, page: Touch) -> None:
    page.tap("Enable")
    page.see("10:00")
    page.tap("Off now")
    page.see("its port closed")
    assert not web_window.state(house.it.store, house.clock).open


def test_the_remaining_time_is_seen_on_every_screen(house: House, page: Touch) -> None:  # UX 21
    page.tap("Enable")
    page.see("10:00")
    page.tap("icon:back")
    page.see("on, 10:00 left")
    page.tap("icon:back")
    page.see("web admin 10:00")
    page.tap("icon:back")
    house.live(5)
    page.see("Today, kW", "9:55")


@pytest.mark.parametrize("size", ["800x480", "1280x720"])
def test_a_phone_reads_the_address_from_the_display(house: House, tmp_path: Path, size: str) -> None:  # UX 22
    display_pin.set_first(house.it, PIN, PIN)
    web_window.enable(house.it.store, house.clock, audit.TOUCH)
    touch = Touch(house, tmp_path / "clock", size).start()
    try:
        touch.tap("Settings")
        touch.enter(PIN)
        touch.tap("Communication")
        touch.tap("Web admin")
        touch.see("https://")
        address = next(text for text in touch.texts() if text.startswith("https://"))
        time.sleep(0.3)
        assert decoded(touch.shot(tmp_path / "web.png")) == [address]
    finally:
        touch.kill()


def test_the_fingerprint_is_that_of_the_certificate(house: House, page: Touch) -> None:  # UX 23
    page.tap("Enable")
    page.see("Fingerprint (SHA-256)")
    seen = next(text for text in page.texts() if text.count(":") >= 29)
    assert seen.replace("\n", ":") == certificate.fingerprint(house.it.home.tls)


def test_the_default_password_comes_with_a_code_and_a_warning(house: House, page: Touch) -> None:  # A003-24
    page.see("The password is still the default one")
    page.tap("Enable")
    page.see("10:00")
    code = presence.code(house.it.key(), web_window.state(house.it.store, house.clock).opening)
    page.see(f"admin / admin, code {code[:3]} {code[3:]}")


def test_a_changed_password_needs_no_code(house: House, page: Touch) -> None:
    with house.it.store.write() as db:
        db.execute("UPDATE web_accounts SET is_default=0")
    page.tap("Enable")
    page.see("10:00")
    page.not_see("code")
