"""What a web password must be: long, not the name, not one that everybody tries first."""

from __future__ import annotations

from appliance.errors import N_, BadInput

SHORTEST = 10
LONGEST = 200  # bounds the work of one guess
SHORTEST_NAME = 3  # a shorter name is in many good passwords by chance
FIRST_TRIED = """
    1234567890 0123456789 0987654321 12345678910 123456789a 1q2w3e4r5t q1w2e3r4t5 qwertyuiop qwertzuiop asdfghjkl1
    passwort123 passwort1234 password12 password123 password1234 password12345 administrator admin12345 admin123456
    adminadmin adminadmin1 wattward12 wattward123 wattward1234 wallbox123 wallbox1234 raspberrypi raspberry1
    raspberry123 letmein123 welcome123 willkommen willkommen1 willkommen123 iloveyou12 ichliebedich hallohallo
    schatz12345 football12 fussball123 sommer2025 sommer2026 winter2025 winter2026 changeme123 geheim12345
    strom12345 energie123 energie1234 steckdose1 ladestation solaranlage photovoltaik
"""


def require_good(password: str, again: str, account_name: str) -> None:
    """Raise BadInput that names the rule `password` breaks."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(N_("A password has at least {least} characters."), field="password", least=SHORTEST)
    folded = password.casefold()
    if len(account_name) >= SHORTEST_NAME and account_name.casefold() in folded:
        raise BadInput(N_("A password must not contain the user name."), field="password")
    if folded in FIRST_TRIED.split() or len(set(folded)) <= 3:
        raise BadInput(N_("This password is among the first that anybody tries: choose another."), field="password")
    if password != again:
        raise BadInput(N_("The two passwords are not the same."), field="again")
