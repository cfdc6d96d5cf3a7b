"""A phone is paired by taps: the service is switched on, a code is scanned, numbers are compared, somebody says yes."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from appliance import audit
from appliance.access import app_service, certificate, tokens, tokens_charging, tokens_check
from appliance.errors import Refused
from appliance.network import addresses
from appliance.store import settings
from tests.appliance.system.conftest import until
from tests.ui.touch.house import House
from tests.ui.touch.screen import Touch
from tests.ui.touch.test_settings_security import tap_last
from tests.ui.touch.test_web_admin import decoded
from ui.touch.screens.settings import pair_phone_data as data

PHONE = "installation-of-a-phone"


def switch_on(house: House) -> None:
    settings.put(house.it.store, house.clock.now(), audit.CLI, app_service.SWITCH, "on")


@pytest.fixture
def menu(unlocked: Touch) -> Touch:
    """The page of access tokens."""
    unlocked.tap("Security")
    unlocked.tap("Access tokens")
    unlocked.see("Pair a phone")
    return unlocked


def codes(touch: Touch) -> list[str]:
    """What a phone's camera reads from the display now."""
    return decoded(touch.shot(touch.house.it.home.run / "seen.png"))


def secret_seen(touch: Touch) -> str:
    """The secret that a camera finds behind the #."""
    touch.see("Scan the code with the camera of the phone.")
    until(lambda: any("/pair#" in code for code in codes(touch)))
    return urlsplit(codes(touch)[0]).fragment


def scan(house: House, secret: str) -> tokens_check.Answer:
    """What the phone's page asks each second."""
    return tokens_check.check(house.it, secret, PHONE).answer


def test_a_phone_scans_the_code_shows_the_number_and_is_let_in(house: House, menu: Touch) -> None:  # UX 25
    switch_on(house)
    menu.tap("Pair a phone")
    menu.see("Scan the code with the camera of the phone.", "Fingerprint")
    menu.see(certificate.fingerprint(house.it.home.tls)[:32])
    secret = secret_seen(menu)
    assert scan(house, secret) is tokens_check.Answer.NOT_CONFIRMED
    (token,) = tokens.all(house.it.store)
    menu.see("Does it show this number?", token.matching_number)
    assert codes(menu) == []
    menu.tap("Yes: look and charge")
    menu.see("The phone is connected.", "active", "may look and charge")
    assert scan(house, secret) is tokens_check.Answer.VALID
    found = tokens.get(house.it.store, token.id)
    assert (found.role, found.name, found.confirmed_by) == ("charge", "Phone", "touch:household")


def test_a_phone_may_only_look(house: House, menu: Touch) -> None:
    switch_on(house)
    menu.tap("Pair a phone")
    scan(house, secret_seen(menu))
    menu.tap("Yes: look only")
    menu.see("may look")
    assert [one.role for one in tokens.all(house.it.store)] == ["read"]


def test_another_number_lets_nobody_in(house: House, menu: Touch) -> None:
    switch_on(house)
    menu.tap("Pair a phone")
    secret = secret_seen(menu)
    scan(house, secret)
    menu.tap("No: it is another number")
    menu.see("Access tokens", "No app or phone has asked for access yet.")
    until(lambda: tokens.all(house.it.store) == [])
    assert scan(house, secret) is tokens_check.Answer.UNKNOWN


def test_the_secret_leaves_with_the_page_and_in_no_log(house: House, menu: Touch) -> None:
    switch_on(house)
    menu.tap("Pair a phone")
    first = secret_seen(menu)
    menu.tap("icon:back")
    menu.see("Access tokens")
    until(lambda: tokens.all(house.it.store) == [])  # nobody took it
    menu.tap("Pair a phone")
    assert secret_seen(menu) != first
    log = (house.it.home.root / "touch.log").read_text()
    assert first not in log
    assert not any(first in str(entry) for entry in audit.newest(house.it.store))


def test_in_the_dark_the_code_goes_and_a_new_one_is_made_only_when_asked_for(house: House, menu: Touch) -> None:
    switch_on(house)
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.dim_after_s", "10")
    settings.put(house.it.store, house.clock.now(), audit.CLI, "ui.idle_page", "off")
    menu.tap("Pair a phone")
    first = secret_seen(menu)
    house.live(15)
    until(lambda: codes(menu) == [])
    menu.tap_at(3, 200)  # wakes, and does nothing else
    house.live(2)
    menu.see("The code is not valid any more.")
    menu.tap("Show a new code")
    assert secret_seen(menu) != first
    until(lambda: len(tokens.all(house.it.store)) == 1)


def test_a_switched_off_service_is_said_and_can_be_switched_on(house: House, menu: Touch) -> None:
    menu.tap("Pair a phone")
    menu.see("their service is switched off")
    assert tokens.all(house.it.store) == []
    menu.tap("Switch it on")
    assert secret_seen(menu)
    assert app_service.is_on(house.it.store)


def test_an_app_that_asked_is_confirmed_with_a_second_click(house: House, menu: Touch) -> None:  # reading 11
    it = house.it
    made, _secret = tokens.create(it, audit.Actor("phone", "app"), "Tablet", "Wattward for Android")
    menu.tap("Tablet")
    menu.see("pending", made.matching_number)
    menu.tap("Confirm")
    menu.see("Confirm Tablet?", f"The app must show the same number: {made.matching_number}")
    menu.tap("Cancel")
    assert tokens.get(it.store, made.id).state == "pending"
    menu.tap("Confirm")
    menu.see("Confirm Tablet?")
    tap_last(menu, "Confirm")
    menu.see("It can connect now.", "active")
    assert tokens.get(it.store, made.id).state == "active"


def test_a_token_gets_another_name_and_somebody_it_charges_for(house: House, menu: Touch) -> None:
    it = house.it
    made, _secret = tokens.create(it, audit.CLI, "Phone")
    tokens.confirm(it, made.id, audit.CLI)
    menu.tap("Phone")
    menu.tap("It charges for")
    menu.tap("Ben Maier")
    menu.see("active", "Ben Maier")
    assert tokens_charging.user_id(it, tokens.get(it.store, made.id)) == 2
    menu.tap("Name")
    menu.tap("s")
    menu.tap("OK")
    menu.see("Phones")
    assert tokens.get(it.store, made.id).name == "Phones"


# The state without a screen ------------------------------------------------------------------------


def test_what_the_page_is_about(house: House) -> None:
    it = house.it
    made, secret = tokens.create(it, audit.TOUCH, "Phone")

    def seen(*, on: bool = True, address: str | None = "https://192.0.2.7:9443/", number: int = made.id) -> str:
        found = next((one for one in tokens.all(it.store) if one.id == number), None)
        return data.state(data.PairSeen(on, address, found), number)

    assert seen(number=0) == data.READY
    assert seen(number=0, on=False) == data.OFF
    assert seen(number=0, address=None) == data.NO_NETWORK
    assert seen() == data.SCAN
    assert seen(on=False) == data.OFF  # somebody switched it off meanwhile
    tokens_check.check(it, secret, PHONE)
    assert seen() == data.ASKS
    data.confirm(it, made.id, may_charge=False)
    assert seen() == data.IN
    tokens.revoke(it, made.id, audit.CLI)
    assert seen() == data.GONE
    tokens.delete(it, made.id, audit.CLI)
    assert seen() == data.GONE


def test_names_are_counted(house: House) -> None:
    assert data.free_name("Phone", []) == "Phone"
    assert data.free_name("Phone", ["Phone", "Phone 3"]) == "Phone 2"
    assert data.free_name("Phone", ["Phone", "Phone 2", "Phone 3"]) == "Phone 4"


def test_without_a_network_no_token_stays_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "local_addresses", list)
    with pytest.raises(Refused, match="No network"):
        data.begin(house.it)
    assert tokens.all(house.it.store) == []


def test_a_token_that_a_phone_took_is_not_dropped(house: House) -> None:
    it = house.it
    made, secret = tokens.create(it, audit.TOUCH, "Phone")
    tokens_check.check(it, secret, PHONE)
    data.drop(it, made.id)
    assert tokens.get(it.store, made.id).state == "pending"


def test_a_begun_pairing_tells_no_log_its_secret() -> None:
    assert "secret" not in f"{data.Begun(7, 'https://192.0.2.7:9443/pair#secret')!r}"
