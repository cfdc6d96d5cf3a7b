"""Set a found meter up: which model it is, what it measures, what it is called."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import StringProperty

from appliance import audit, errors
from appliance.metering import meters, models
from appliance.metering.meters import Meter
from appliance.metering.scans import Candidate, Found
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings import choice, measurement_data, text_entry
from ui.touch.screens.settings.measurement_data import SearchSeen
from ui.touch.screens.settings.meters import roles
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status


class FoundScreen(SettingPage):
    """Three rows and a button."""

    keeps = True
    model_text = StringProperty("")
    sure = StringProperty("")
    preview = StringProperty("")
    role = StringProperty("grid")
    role_text = StringProperty("")
    meter_name = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._found: Found | None = None
        self._candidate: Candidate | None = None
        self._taken: list[str] = []
        self._named = False  # somebody chose the name

    def take_over(self, before: Page) -> None:
        """The same find in other colours."""
        if isinstance(before, FoundScreen):
            self._found, self._candidate, self._taken = before._found, before._candidate, before._taken
            self.role, self.meter_name, self._named = before.role, before.meter_name, before._named

    def begin(self, found: Found, roles_there: tuple[str, ...], names: list[str]) -> None:
        """Take over what was found, and suggest the rest."""
        self._found, self._candidate = found, found.candidates[0]
        self._taken, self._named = names, False
        self.role = measurement_data.suggested_role(roles_there, self._candidate.values)
        self.meter_name = measurement_data.suggested_name(self.role, self._candidate, names)

    def sight(self) -> Sight:
        """Which roles are taken."""
        return Sight(lambda it, status: measurement_data.search(it, status, None), every_s=60.0)

    def show(self, status: Status) -> None:
        """Paint what is chosen."""
        seen = self.seen(status, SearchSeen)
        if self._found is None and seen is not None and seen.scan is not None:
            self.begin(seen.scan.found[0], seen.roles, [])
        one = self._candidate
        if one is None:
            return
        self.model_text = one.title
        self.sure = _sure(one)
        self.role_text = sentences.role(catalog.current(), self.role)
        watts = one.values.get("power_w")
        energy = numbers.energy(one.values.get("import_wh"), status.language)
        power = numbers.power(watts, status.language)
        self.preview = _("It shows {power} now and has counted {energy}.").format(power=power, energy=energy)

    def choose_model(self) -> None:
        """One of those it may be."""
        if self._found is None or self._candidate is None:
            return
        options = tuple((one.model, one.title) for one in self._found.candidates)
        wanted = choice.Wanted(_("Model"), self.name, options, self._candidate.model, self._set_model)
        choice.ask(self.app, wanted)

    def _set_model(self, model: str) -> None:
        if self._found is not None:
            self._candidate = next(one for one in self._found.candidates if one.model == model)
        self.show(self.app.status)

    def choose_role(self) -> None:
        """What it measures."""
        choice.ask(self.app, choice.Wanted(_("What it measures"), self.name, roles(), self.role, self._set_role))

    def _set_role(self, role: str) -> None:
        self.role = role
        if not self._named and self._candidate is not None:
            self.meter_name = measurement_data.suggested_name(role, self._candidate, self._taken)
        self.show(self.app.status)

    def choose_name(self) -> None:
        """Type a name."""
        wanted = text_entry.Wanted(
            _("Name of the meter"), self.name, self._set_name, text=self.meter_name, most=meters.LONGEST_NAME
        )
        text_entry.ask(self.app, wanted)

    def _set_name(self, name: str) -> None:
        self.meter_name, self._named = name, True

    def add(self) -> None:
        """Set it up."""
        it, found, one = self.app.it, self._found, self._candidate
        name, role = self.meter_name, self.role
        if found is None or one is None:
            return

        def order() -> Meter:
            models.check(models.all(it.live), one.model, found.url, found.unit)
            return meters.add(
                it.store, it.clock, name=name, model=one.model, url=found.url, unit=found.unit, role=role,
                actor=audit.TOUCH,
            )  # fmt: skip

        self.app.do(order, self._added)

    def _added(self, meter: Meter | None, error: errors.WattwardError | None) -> None:
        if meter is None:
            self.say(self.app.sentence(error) if error else "", good=False)
            return
        page: Any = self.app.root.manager.get_screen("measurement_meter")
        page.open(meter.id)
        self.app.go("measurement_meter")
        self.app.root.toast(_("{name} is set up.").format(name=meter.name))


def _sure(one: Candidate) -> str:
    """How sure it is that this is the model."""
    if one.sure == "identified":
        return _("It says so itself.")
    return _("Its values fit.") if one.sure == "likely" else _("Perhaps: its values do not contradict.")


Builder.load_file(__file__.removesuffix("py") + "kv")
