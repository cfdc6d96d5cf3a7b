"""One meter: its values and their age, what they show about the wiring, its registers, and how it is set up."""

from __future__ import annotations

from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from appliance import audit, errors
from appliance.metering import inspections, meters
from appliance.metering.inspections import RawPoint
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.screens.settings import choice, measurement_data, meters_values, text_entry
from ui.touch.screens.settings.measurement_data import OneMeter
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

PARTS = ("values", "check", "setup")
LOOKS = {"good": ("good", "GOOD"), "look": ("info", "WARN"), "bad": ("bad", "BAD")}  # of a finding


class ValueLine(BoxLayout):
    """A quantity, over all and by phase."""

    title = StringProperty("")
    total = StringProperty("")
    first = StringProperty("")
    second = StringProperty("")
    third = StringProperty("")
    wide = BooleanProperty(False)  # one long text instead of four columns


class MeterScreen(SettingPage):
    """Three parts, chosen above: values, check, set-up."""

    part = StringProperty("values")
    title = StringProperty("")
    age = StringProperty("")
    age_icon = StringProperty("good")

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.meter_id = 0
        self._look: int | None = None  # the core's look at the registers
        self._seen: OneMeter | None = None
        self._drawn: object = None

    def open(self, meter_id: int) -> None:
        """Another meter."""
        self.meter_id, self._look, self._seen, self.part = meter_id, None, None, "values"

    def take_over(self, before: Page) -> None:
        """The same meter in other colours."""
        if isinstance(before, MeterScreen):
            self.meter_id, self._look, self.part = before.meter_id, before._look, before.part

    def sight(self) -> Sight:
        """The meter."""
        meter_id, number = self.meter_id, self._look

        def look(it: Any, status: Status) -> OneMeter:  # noqa: ANN401 - the open appliance
            return measurement_data.closely(it, status, meter_id, number)

        return Sight(look, every_s=0.9, key=(meter_id, number))

    def turn(self, part: str) -> None:
        """Another part."""
        self.part, self._drawn, self.answer = part, None, ""
        self.ids.scroll.scroll_y = 1
        self.show(self.app.status)

    def show(self, status: Status) -> None:
        """Paint the part that is seen."""
        seen = self.seen(status, OneMeter)
        if seen is None:
            return
        self._seen, self.meter_id = seen, seen.seen.meter.id
        self.title = seen.seen.meter.name
        self._show_age(seen)
        key, rows = self._rows(seen, status)
        if key == self._drawn:
            return
        self._drawn = key
        box = self.ids.rows
        box.clear_widgets()
        for row in rows:
            box.add_widget(row)

    def _show_age(self, seen: OneMeter) -> None:
        age_s = seen.seen.age_s
        if age_s is None:
            self.age, self.age_icon = _("no data"), "silent"
        elif seen.values:
            self.age, self.age_icon = _("{seconds} s old").format(seconds=round(age_s)), "good"
        else:
            self.age, self.age_icon = _("no data for {time}").format(time=numbers.wait(age_s)), "silent"

    def _rows(self, seen: OneMeter, status: Status) -> tuple[object, list[Any]]:
        """What stands on the page, and what it depends on."""
        language = status.language
        if self.part == "values":
            lines = meters_values.lines(seen, language)
            return ("values", lines), [ValueLine(**vars_of(line)) for line in lines]
        if self.part == "check":
            told = self._told(seen)
            registers = () if seen.inspection is None else seen.inspection.points
            key = ("check", tuple(told), registers, language)
            return key, [*(basic.Message(text=t, icon=i, tint=c) for t, i, c in told), *self._registers(seen)]
        return ("setup", seen.seen.meter, language), self._setup(seen)

    # Check -------------------------------------------------------------------------------------

    @staticmethod
    def _told(seen: OneMeter) -> list[tuple[str, str, theme.Colour]]:
        """Sentences with icon and colour: the fault first, then what the values show."""
        told = []
        if seen.seen.fault is not None:
            told.append((sentences.fault(catalog.current(), seen.seen.fault), "bad", theme.BAD))
        elif not seen.values:
            told.append((_("Without fresh values nothing can be checked."), "silent", theme.WARN))
        for one in seen.findings:
            icon, tint = LOOKS[one.severity]
            told.append((catalog.current().filled(one.message, **one.values), icon, getattr(theme, tint)))
        return told

    def _registers(self, seen: OneMeter) -> list[Any]:
        """What the meter's registers hold, or the button that asks for them."""
        if seen.inspection is None:
            waits = self._look is not None and (seen.errand is None or not seen.errand.over)
            row = basic.Row(icon="document", title=_("Read the registers"), leads=False)
            row.value = _("One moment …") if waits else ""
            row.bind(on_release=lambda _row: self.read_registers())
            return [row]
        head = ValueLine(title=_("It says"), total=seen.inspection.identity or numbers.DASH, wide=True)
        return [head, *(ValueLine(**_register(point)) for point in seen.inspection.points)]

    def read_registers(self) -> None:
        """Let the core read everything the meter has."""
        it, seen = self.app.it, self._seen
        if seen is not None and self._look is None:
            self.app.do(lambda: inspections.begin(it, seen.seen.meter), self._reads)

    def _reads(self, number: int | None, error: errors.WattwardError | None) -> None:
        self._look, self._drawn = number, None
        if error is not None:
            self.say(self.app.sentence(error), good=False)
        self.app.look()

    # Set-up ------------------------------------------------------------------------------------

    def _setup(self, seen: OneMeter) -> list[Any]:
        meter = seen.seen.meter
        rows = [
            ("edit", _("Name"), meter.name, self.rename),
            ("tune", _("What it measures"), sentences.role(catalog.current(), meter.role), self.choose_role),
            ("refresh", _("Turned round"), _("yes") if meter.inverted else _("no"), self.turn_round),
        ]
        made = []
        for icon, title, value, tapped in rows:
            row = basic.Row(icon=icon, title=title, value=value)
            row.bind(on_release=lambda _row, tapped=tapped: tapped())
            made.append(row)
        facts = ((_("Model"), meter.model), (_("Address"), meter.url), (_("Unit"), str(meter.unit)))
        made += [ValueLine(title=title, total=text, wide=True) for title, text in facts]
        archive = basic.Row(icon="delete", tint=theme.BAD, title=_("Stop reading this meter"), leads=False)
        archive.bind(on_release=lambda _row: self.ask_archive())
        return [*made, archive]

    def rename(self) -> None:
        """Type another name."""
        if self._seen is not None:
            name = self._seen.seen.meter.name
            wanted = text_entry.Wanted(
                _("Name of the meter"), self.name, partial(self._edit, "name"), text=name, most=meters.LONGEST_NAME
            )
            text_entry.ask(self.app, wanted)

    def choose_role(self) -> None:
        """Choose what it measures."""
        if self._seen is not None:
            wanted = choice.Wanted(
                _("What it measures"), self.name, roles(), self._seen.seen.meter.role, partial(self._edit, "role")
            )
            choice.ask(self.app, wanted)

    def turn_round(self) -> None:
        """Read it the other way round, or as it is."""
        if self._seen is not None:
            self._edit("inverted", not self._seen.seen.meter.inverted)

    def _edit(self, field: str, value: object) -> None:
        it, meter_id = self.app.it, self.meter_id
        self.do(lambda: meters.edit(it.store, it.clock, meter_id, actor=audit.TOUCH, **{field: value}))

    def ask_archive(self) -> None:
        """Say what it means, and do it only then; for some seconds it can be taken back."""
        it, meter_id = self.app.it, self.meter_id

        def done(_result: object, error: errors.WattwardError | None) -> None:
            if error is not None:
                self.say(self.app.sentence(error), good=False)
                return
            self.app.go("measurement")
            self.app.root.toast(
                _("{name} is read no more; its history stays.").format(name=self.title),
                undo=lambda: meters.activate(it.store, it.clock, meter_id, actor=audit.TOUCH),
            )

        self.app.root.ask(
            _("Stop reading {name}?").format(name=self.title),
            _("Its history and sessions stay. Charging points that count with it count no more."),
            _("Stop reading"),
            lambda: self.app.do(lambda: meters.archive(it.store, it.clock, meter_id, actor=audit.TOUCH), done),
        )


def roles() -> tuple[tuple[str, str], ...]:
    """The roles and their words."""
    return tuple((role, sentences.role(catalog.current(), role)) for role in meters.ROLES)


def vars_of(line: meters_values.Line) -> dict[str, str]:
    """A line as a widget takes it."""
    return {"title": line.title, "total": line.total, "first": line.first, "second": line.second, "third": line.third}


def _register(point: RawPoint) -> dict[str, str]:
    """A quantity as it stands in the registers."""
    raw = " ".join(f"{word:04X}" for word in point.registers)
    value = numbers.DASH if point.value is None else f"{point.value:g}"
    return {"title": point.quantity, "total": value, "first": str(point.address), "second": raw}


Builder.load_file(__file__.removesuffix("py") + "kv")
