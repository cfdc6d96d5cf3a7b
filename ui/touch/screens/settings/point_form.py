"""Set a charging point up or change it: its name, the line of its relay, its contacts and its meter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from appliance import audit, errors
from appliance.charging import points, wiring
from appliance.charging.points import Point
from appliance.metering import models
from ui.text.catalog import _
from ui.touch.screens.base import Page
from ui.touch.screens.settings import choice, text_entry
from ui.touch.screens.settings import point_form_data as data
from ui.touch.screens.settings.point_form_data import Draft, FormSeen
from ui.touch.screens.settings.setting_page import SettingPage
from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import switch


def open_form(app: Any, point_id: int = 0) -> None:  # noqa: ANN401 - Kivy's App, as pages hold it
    """Set a new point up, or change one."""
    app.root.manager.get_screen("point_form").begin(point_id)
    app.go("point_form")


class PointFormScreen(SettingPage):
    """Five rows and a button; nothing counts before it is tapped."""

    keeps = True
    title = StringProperty("")
    back = StringProperty("charging_settings")
    point_name = StringProperty("")
    relay_text = StringProperty("")
    plug_text = StringProperty("")
    feedback_text = StringProperty("")
    meter_text = StringProperty("")
    new = BooleanProperty(True)
    changed = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self.point_id: int | None = None  # None: whatever is looked at; 0: a new point
        self._draft: Draft | None = None  # None: not looked at yet
        self._seen: FormSeen | None = None
        self._opens = switch.SwitchRow(icon="refresh")
        self._opens.bind(on_release=lambda *_: self._turn_plug())

    def begin(self, point_id: int) -> None:
        """Begin with a new point (0), or with one as it is."""
        self.point_id, self._draft, self._seen, self.answer = point_id, None, None, ""
        self.ids.scroll.scroll_y = 1

    def take_over(self, before: Page) -> None:
        """The same point in other colours, with what was typed."""
        if isinstance(before, PointFormScreen):
            self.point_id, self._draft, self._seen = before.point_id, before._draft, before._seen

    def sight(self) -> Sight:
        """What may be chosen."""
        point_id = self.point_id or 0
        return Sight(lambda it, _status: data.look(it, point_id), every_s=2.0, key=point_id)

    def show(self, status: Status) -> None:
        """Paint what is chosen; what is kept comes first."""
        seen = self.seen(status, FormSeen)
        if seen is not None and self.point_id in (None, seen.point_id):  # not of a point that was here before
            if self._draft is None or (self.point_id is None and seen != self._seen):
                self._draft = data.draft_of(seen)
            self._seen = seen
        if self._seen is not None and self._draft is not None:
            self._paint(self._seen, self._draft)

    def _paint(self, seen: FormSeen, draft: Draft) -> None:
        self.new = seen.point is None
        self.title = _("Add a charging point") if seen.point is None else seen.point.name
        self.back = "charging_settings" if seen.point is None else "charging_settings_point"
        self.changed = seen.point is None or draft != data.draft_of(seen)
        self.point_name, self.relay_text = draft.name, data.short_line(draft.relay)
        self.plug_text, self.feedback_text = data.short_line(draft.plug), data.short_line(draft.feedback)
        self.meter_text = dict(seen.meters).get(draft.meter_id, _("none"))
        box = self.ids.opens
        if bool(draft.plug) != bool(box.children):
            box.clear_widgets()
            if draft.plug:
                box.add_widget(self._opens)
        self._opens.title = _("Its contact opens when a car is plugged in")
        self._opens.on = draft.opens

    # Choosing ----------------------------------------------------------------------------------

    def _change(self, field: str, value: object) -> None:
        if self._draft is not None:
            self._draft = replace(self._draft, **{field: value})  # type: ignore[arg-type]  # its own fields
            self.show(self.app.status)

    def _turn_plug(self) -> None:
        if self._draft is not None:
            self._change("opens", not self._draft.opens)

    def choose_name(self) -> None:
        """Type a name."""
        wanted = text_entry.Wanted(
            _("Name of the charging point"), self.name, partial(self._change, "name"), text=self.point_name,
            most=points.NAME_MAX,
        )  # fmt: skip
        text_entry.ask(self.app, wanted)

    def choose_relay(self) -> None:
        """The line that closes it."""
        hint = _("These lines of the Pi are free. GPIO 17 is the one that the installation prepares.")
        self._choose_line("relay", _("Relay"), hint, board=True)

    def choose_plug(self) -> None:
        """The line that tells whether a car is plugged in."""
        hint = _("A dry contact of the charging station between this line and GND. Never the control pilot (CP).")
        self._choose_line("plug", _("Plug input"), hint, none=True, board=True)

    def choose_feedback(self) -> None:
        """The line that tells whether its contactor follows."""
        hint = _("A normally-closed mirror contact of the contactor, between this line and GND: an electrician's work.")
        self._choose_line("feedback", _("Contact of the contactor"), hint, none=True)

    def _choose_line(self, field: str, title: str, hint: str, *, none: bool = False, board: bool = False) -> None:
        if self._seen is None or self._draft is None:
            return
        chosen = str(getattr(self._draft, field))
        options = data.line_options(self._seen, self._draft, chosen, none=none, board=board)
        wanted = choice.Wanted(
            title, self.name, options, chosen, partial(self._choose, field), hint,
            in_two=not any(len(words) > 24 for _line, words in options),
        )  # fmt: skip
        choice.ask(self.app, wanted)

    def _choose(self, field: str, line: str) -> None:
        if line != data.ON_BOARD:
            self._change(field, line)
        elif self._draft is not None:
            kept = str(getattr(self._draft, field))
            self._ask_board(field, kept if wiring.is_on_a_board(kept) else data.BOARD_BEGINS[field])

    def _ask_board(self, field: str, text: str, wrong: str = "") -> None:
        """What is on a board is typed; what cannot be stays, with the reason."""
        titles = {"relay": _("Relay on a Modbus board"), "plug": _("Plug input on a Modbus board")}
        hints = {
            "relay": _(
                "Written like pulse:tcp://192.168.1.50/1/0 (address, unit, coil); coil: where the board has a"
                " watchdog of its own."
            ),
            "plug": _("input:ADDRESS/UNIT/NUMBER, for example input:tcp://192.168.1.50/1/4"),
        }
        wanted = text_entry.Wanted(
            titles[field], self.name, partial(self._take_board, field), hint=hints[field], wrong=wrong,
            text=text, most=data.SPEC_MAX,
        )  # fmt: skip
        text_entry.ask(self.app, wanted)

    def _take_board(self, field: str, typed: str) -> None:
        if self._draft is None:
            return
        try:
            self._draft = data.with_board(self._draft, field, typed)
        except errors.BadInput as error:
            is_long = error.message in (wiring.RELAY, wiring.PLUG, models.ADDRESS)
            self._ask_board(field, typed, _rule(field) if is_long else self.app.sentence(error))
        else:
            self.show(self.app.status)

    def choose_meter(self) -> None:
        """The meter that counts what is charged here."""
        if self._seen is None or self._draft is None:
            return
        options = ((str(data.NO_METER), _("none")), *((str(number), name) for number, name in self._seen.meters))
        hint = _("Charging meters that no other charging point has. Without one no energy is counted here.")
        wanted = choice.Wanted(
            _("Meter"), self.name, options, str(self._draft.meter_id),
            lambda number: self._change("meter_id", int(number)), hint,
        )  # fmt: skip
        choice.ask(self.app, wanted)

    # Keeping -----------------------------------------------------------------------------------

    def save(self) -> None:
        """Set it up, or change it."""
        it, draft, point_id = self.app.it, self._draft, self.point_id
        if draft is None:
            return
        meter_id = draft.meter_id or None

        def order() -> Point:
            if not point_id:
                return points.add(
                    it.store, it.clock, draft.name, draft.relay, meter_id, feedback=draft.feedback,
                    plug=draft.plug_spec, actor=audit.TOUCH,
                )  # fmt: skip
            return points.edit(
                it.store, it.clock, point_id, name=draft.name, relay=draft.relay, meter_id=meter_id,
                feedback=draft.feedback, plug=draft.plug_spec, actor=audit.TOUCH,
            )  # fmt: skip

        self.app.do(order, self._saved)

    def _saved(self, point: Point | None, error: errors.WattwardError | None) -> None:
        if point is None:
            self.say(self.app.sentence(error) if error else "", good=False)
            self.ids.scroll.scroll_y = 1
            self.app.look()
            return
        said = _("{name} is set up.") if self.new else _("{name} is changed.")
        page: Any = self.app.root.manager.get_screen("charging_settings_point")
        page.point_id = point.id
        self.app.go("charging_settings_point")
        self.app.root.toast(said.format(name=point.name))


def _rule(field: str) -> str:
    """How it is written, in two lines."""
    if field == "relay":
        return _("That is no relay on a board. It is written like pulse:tcp://192.168.1.50/1/0 (address, unit, coil).")
    return _("That is no input of a board. It is written like input:tcp://192.168.1.50/1/4 (address, unit, input).")


Builder.load_file(__file__.removesuffix("py") + "kv")
