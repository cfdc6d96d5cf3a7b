"""A switch in a row of its own: what it is for, and whether it is on, as picture and as word."""

from __future__ import annotations

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from ui.touch.widgets import basic


class SwitchRow(basic.Tap):
    """The whole row is the switch. A tap only asks (`on_release`); what is seen is what is so."""

    icon = StringProperty("tune")
    title = StringProperty("")
    detail = StringProperty("")
    on = BooleanProperty(False)
    word = StringProperty("")


Builder.load_file(__file__.removesuffix("py") + "kv")
