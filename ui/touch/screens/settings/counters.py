"""Reset the energy counters: which, what is lost, and a button that must be held (A003-27, A003-28).

Nothing brings the values back, so there is no undo; cancelling and a shorter
hold change nothing.
"""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from appliance import audit, errors
from appliance.metering import totals
from appliance.metering.meters import Meter
from ui.text import numbers
from ui.text.catalog import _
from ui.touch.screens.settings import measurement_data
from ui.touch.screens.settings.measurement_data import MeterSeen, MetersSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic, hold

assert hold  # noqa: S101 - used by counters.kv
ALL = 0  # instead of a meter's number


class MeterChoice(basic.Tap):
    """One meter, or all of them."""

    meter_id = NumericProperty(ALL)
    title = StringProperty("")
    value = StringProperty("")
    chosen = BooleanProperty(False)


class ResetCountersScreen(SettingPage):
    """Choose on the left, hold on the right."""

    keeps = True
    chosen = NumericProperty(ALL)
    counts = StringProperty("")
    since = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._meters: tuple[MeterSeen, ...] = ()
        self._all = False  # somebody chose all

    def sight(self) -> Sight:
        """The meters and their counters."""
        return Sight(measurement_data.look, every_s=0.9)

    def show(self, status: Status) -> None:
        """Paint the choices, and what would be lost."""
        seen = self.seen(status, MetersSeen)
        if seen is None:
            return
        self._meters = seen.meters
        box = self.ids.choices
        numbers_wanted = [one.meter.id for one in seen.meters] + ([ALL] if len(seen.meters) > 1 else [])
        if [row.meter_id for row in reversed(box.children)] != numbers_wanted:
            box.clear_widgets()
            for number in numbers_wanted:
                row = MeterChoice(meter_id=number)
                row.bind(on_release=lambda row: self.pick(row.meter_id))
                box.add_widget(row)
        if numbers_wanted and self.chosen not in numbers_wanted or self.chosen == ALL and not self._all:
            self.chosen = numbers_wanted[0] if numbers_wanted else ALL
        by_id = {one.meter.id: one for one in seen.meters}
        for row in box.children:
            row.chosen = row.meter_id == self.chosen
            one = by_id.get(row.meter_id)
            row.title = _("All meters") if one is None else one.meter.name
            row.value = "" if one is None else numbers.energy(one.shown.values_wh.get("import_wh"), status.language)
        self._tell(status)

    def _tell(self, status: Status) -> None:
        """What the chosen counters stand at, and since when they count."""
        one = next((one for one in self._meters if one.meter.id == self.chosen), None)
        if one is None:
            self.counts, self.since = _("All counters of all meters."), ""
            return
        values, language = one.shown.values_wh, status.language
        taken, fed = (numbers.energy(values.get(f"{name}_wh"), language) for name in ("import", "export"))
        self.counts = _("Taken {taken}, fed in {fed}; total and each phase.").format(taken=taken, fed=fed)
        reset_at = one.shown.reset_at
        if reset_at is None:
            self.since = _("They were never reset.")
        else:
            day = numbers.moment(reset_at.astimezone(status.now.tzinfo), language)
            self.since = _("They count since {day}.").format(day=day)

    def pick(self, meter_id: int) -> None:
        """Another meter, or all."""
        self.chosen, self.answer, self._all = meter_id, "", meter_id == ALL
        self.show(self.app.status)

    def reset(self) -> None:
        """It was held long enough: set them to zero. One that cannot be read comes first, so that it keeps all."""
        it = self.app.it
        chosen = [one for one in self._meters if self.chosen in (ALL, one.meter.id)]
        chosen.sort(key=lambda one: any(wh is not None for wh in one.shown.values_wh.values()))
        wanted = [one.meter for one in chosen]

        def order() -> list[Meter]:
            for meter in wanted:
                totals.reset(it.store, it.live, it.clock, meter, actor=audit.TOUCH)
            return wanted

        self.app.do(order, self._was_reset)

    def _was_reset(self, done: list[Meter] | None, error: errors.WattwardError | None) -> None:
        if done is None:
            self.say(self.app.sentence(error) if error else "", good=False)
        elif len(done) == 1:
            self.say(_("The counters of {name} begin at zero.").format(name=done[0].name), good=True)
        else:
            self.say(_("The counters of all meters begin at zero."), good=True)
        self.app.look()


Builder.load_file(__file__.removesuffix("py") + "kv")
