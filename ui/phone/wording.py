"""Every text of the phone page, by the name its script uses."""

from __future__ import annotations

from appliance.errors import N_
from ui.text import sentences
from ui.text.catalog import Texts

WORDS = {
    # Start
    "latest": N_("Latest data"),
    "charge": N_("Charging"),
    "sessions": N_("Sessions"),
    "settings": N_("Settings"),
    "back": N_("Back"),
    "grid": N_("Grid"),
    "house": N_("House"),
    "pv": N_("Solar"),
    "car": N_("Car"),
    "battery": N_("Battery"),
    "no_data": N_("no data"),
    "from_grid": N_("from the grid"),
    "into_grid": N_("into the grid"),
    "charges": N_("is charging"),
    "discharges": N_("gives back"),
    "rests": N_("at rest"),
    "today": N_("Today"),
    "used": N_("Used"),
    "bought": N_("From the grid"),
    "sold": N_("Into the grid"),
    "produced": N_("From the sun"),
    "charged": N_("Into the car"),
    "self_sufficiency": N_("Self-sufficiency"),
    "curve": N_("Power today"),
    "curve_text": N_("Power of today by the hour"),
    "time": N_("Time"),
    "reconnecting": N_("The appliance does not answer. Trying again …"),
    "as_of": N_("As of {time}"),
    # Charging
    "no_points": N_("There is no charging point."),
    "start": N_("Start charging"),
    "stop": N_("Stop charging"),
    "stop_question": N_("Stop charging at {point}?"),
    "cancel": N_("Cancel"),
    "released": N_("Released. The car may start now."),
    "stopped": N_("Charging is stopped."),
    "for_user": N_("Charges for {name}"),
    "for_nobody": N_("Nobody has said yet whose charging this phone starts: an admin chooses that in the web admin."),
    "read_only": N_("This access token may only look."),
    "energy": N_("Energy"),
    "power": N_("Power"),
    "since": N_("since {time}"),
    "plug_in": N_("Plug the car in and start, in either order."),
    "somebody": N_("Somebody else is charging here."),
    "no_sessions": N_("No charging sessions yet."),
    "running": N_("running"),
    "unknown_energy": N_("energy not known"),
    # Pairing
    "welcome": N_("See your energy on this phone"),
    "welcome_text": N_("Scan the QR code of the touchscreen, or ask for access here. No password is needed."),
    "ask": N_("Ask for access"),
    "waiting": N_("Waiting for confirmation"),
    "waiting_text": N_("Confirm this phone at the touchscreen or in the web admin. The number must be the same there."),
    "matching_number": N_("Matching number"),
    "open_admin": N_("Confirm in the web admin"),
    "withdraw": N_("Withdraw the request"),
    "replace_question": N_("This phone has access already. Replace it by the one of the code?"),
    "replace": N_("Replace"),
    "paired": N_("This phone is connected."),
    "lost": N_("The access of this phone has ended"),
    "lost_revoked": N_("It was revoked at the appliance."),
    "lost_expired": N_("It has expired."),
    "lost_unknown": N_("The appliance does not know it any more."),
    "lost_bound_elsewhere": N_("It belongs to another phone: each phone needs its own."),
    "lost_malformed": N_("The code was cut off: scan it again."),
    "ask_again": N_("Ask for a new access"),
    # Device configuration
    "configuration": N_("Device configuration"),
    "configuration_text": N_("The appliances this phone knows, and its access to them."),
    "certificate": N_("Certificate"),
    "certificate_short": N_("How the browser's warning ends."),
    "certificate_text": N_(
        "The browser warns because the certificate was made on your appliance. To end that, install its authority on "
        "this device, if you like. It is good for names and addresses of your home only."
    ),
    "certificate_get": N_("Download the authority"),
    "certificate_how": N_("Then install it"),
    "on_android": N_("Android"),
    "on_iphone": N_("iPhone and iPad"),
    "on_windows": N_("Windows"),
    "on_mac": N_("Mac"),
    "on_firefox": N_("Firefox on any system"),
    "certificate_android": N_(
        "In the phone's settings search for 'CA certificate', choose to install one, and pick the file. Not the "
        "certificate for Wi-Fi or for apps."
    ),
    "certificate_iphone": N_(
        "Open the file, then Settings, General, VPN & Device Management: install it. Then Settings, General, About, "
        "Certificate Trust Settings: switch it on."
    ),
    "certificate_windows": N_(
        "Open the file, Install Certificate, and choose 'Trusted Root Certification Authorities'."
    ),
    "certificate_mac": N_("Open the file in Keychain Access, then open its entry there: Trust, Always Trust."),
    "certificate_firefox": N_("Settings, Certificates, View Certificates, Authorities, Import: trust it for websites."),
    "install": N_("On the home screen"),
    "install_short": N_("So it opens like an app."),
    "install_text": N_("Put this page beside your apps; it then opens without the browser around it."),
    "install_iphone_1": N_("In Safari tap Share, the square with the arrow."),
    "install_iphone_2": N_("Choose Add to Home Screen, then Add."),
    "install_android_1": N_("In Chrome open the menu, the three dots."),
    "install_android_2": N_("Choose Add to Home screen, then Install or Create shortcut."),
    "install_own": N_(
        "On an iPhone what stands on the home screen has a memory of its own: ask for access there once more."
    ),
    "default": N_("Default"),
    "make_default": N_("Open this one first"),
    "active": N_("Connected"),
    "inactive": N_("Not reachable from here"),
    "open_other": N_("Go there"),
    "gear": N_("Options of {name}"),
    "edit": N_("Edit"),
    "remove": N_("Remove"),
    "add": N_("Add an appliance"),
    "name": N_("Name"),
    "address": N_("Address"),
    "save": N_("Save"),
    "saved": N_("Saved."),
    "unsaved": N_("Not saved yet: without Save this phone forgets it."),
    "token": N_("Access token"),
    "token_none": N_("No access token"),
    "token_not_confirmed": N_("Not confirmed yet"),
    "token_valid": N_("Confirmed"),
    "token_revoked": N_("Revoked"),
    "token_expired": N_("Expired"),
    "token_unknown": N_("Not known to the appliance"),
    "token_bound_elsewhere": N_("Belongs to another installation"),
    "token_malformed": N_("Mistyped or cut off"),
    "token_unreachable": N_("The appliance does not answer"),
    "create": N_("Create"),
    "check": N_("Check"),
    "open": N_("Open"),
    "open_hint": N_("Have the password of the web admin ready. Then confirm the marked row with the key icon."),
    "open_closed": N_("The web admin is closed: enable it at the touchscreen first, or confirm there."),
    "forget": N_("Give the access back"),
    "forget_question": N_("Give the access of this phone back? It then needs a new confirmation."),
    "bad_address": N_("Write an address like https://192.168.1.20:9443"),
    "menu": N_("Menu"),
    "phone": N_("Phone"),
    "tablet": N_("Tablet"),
    "help": N_("Help"),
    "help_title": N_("How to get access"),
    "help_1": N_("Open Settings, then Device configuration."),
    "help_2": N_("Choose the gear of the connected appliance, then Edit."),
    "help_3": N_("Choose Create: the access token waits for confirmation."),
    "help_4": N_("Choose Open, sign in with the password of the web admin, and confirm with the key icon."),
    "help_5": N_("Come back, choose Check, then Save. From now on no password is asked."),
    "help_6": N_("Each phone and each tablet needs an access token of its own."),
}


def all(language: str) -> dict[str, str]:
    """The texts in a language, and those for states and ends of charging."""
    texts = Texts(language)
    found = {name: texts.gettext(message) for name, message in WORDS.items()}
    found |= {f"state_{name}": texts.gettext(message) for name, message in sentences.STATES.items()}
    return found | {f"end_{name}": texts.gettext(message) for name, message in sentences.ENDS.items()}
