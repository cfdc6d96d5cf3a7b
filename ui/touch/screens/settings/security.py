"""Security: change the PIN, reset the web password, access tokens, and how the appliance is protected."""

from __future__ import annotations

from kivy.lang import Builder

from appliance import audit
from appliance.access import web_accounts
from ui.text.catalog import _
from ui.touch.screens.settings.house_seen import HouseSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.status import Status


class SecurityScreen(SettingPage):
    """Four rows."""

    def paint(self, status: Status, house: HouseSeen) -> None:
        """What each is now."""
        ids = self.ids
        ids.password.value = _("default") if status.web.default_password else _("chosen")
        pending = _("{count} pending").format(count=house.tokens_pending)
        active = _("{count} active").format(count=house.tokens_active)
        ids.tokens.value = f"{active}, {pending}" if house.tokens_pending else active
        ids.overview.value = _("{count} to look at").format(count=house.weak) if house.weak else _("all well")

    def ask_reset(self) -> None:
        """The web password: say what a reset means, and do it only then."""
        it = self.app.it
        self.app.root.ask(
            _("Reset the web password?"),
            _("User admin gets the password admin again and every browser is signed out. PIN, users and meters stay."),
            _("Reset"),
            lambda: self.do(
                lambda: web_accounts.reset_admin(it, audit.TOUCH),
                _("The web password is admin again. Change it at the next sign-in."),
            ),
        )


Builder.load_file(__file__.removesuffix("py") + "kv")
