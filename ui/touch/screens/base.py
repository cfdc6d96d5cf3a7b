"""What all screens have in common."""

from __future__ import annotations

from typing import TypeVar

from kivy.app import App
from kivy.lang import Builder
from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import Screen

from ui.touch.sight import Sight
from ui.touch.status import Status
from ui.touch.widgets import basic

assert basic  # noqa: S101 - its rules come first, base.kv builds on them

Seen = TypeVar("Seen")


class Page(Screen):
    """One screen."""

    keeps = False  # what is typed or chosen here stays until somebody leaves or it is dark, whatever else changes
    answers = False  # another page waits for what is typed or chosen here: none of the two is made anew before

    @property
    def app(self) -> App:
        """The application, for what a screen may ask of it."""
        return App.get_running_app()

    def enter(self) -> None:
        """The screen is about to be seen: begin anew."""

    def show(self, status: Status) -> None:
        """Paint a Status. Called at least every second while the screen is seen."""

    def forget(self) -> None:
        """Drop what was half typed: somebody left or the display went dark."""

    def take_over(self, before: Page) -> None:
        """This page is made anew (other colours, another language): go on with what the one before was opened with."""
        if "wanted" in vars(before):
            setattr(self, "wanted", vars(before)["wanted"])  # noqa: B010 - only some pages have one

    def sight(self) -> Sight | None:
        """What this page looks at beside the Status while it is seen. Ask `app.look()` to look anew at once."""
        return None

    @staticmethod
    def seen(status: Status, kind: type[Seen]) -> Seen | None:
        """What the page's sight found; None until it was looked at, or while it cannot be read."""
        return status.page if isinstance(status.page, kind) else None


class TitleBar(BoxLayout):
    """The way back and where one is."""

    title = StringProperty("")
    back = StringProperty("settings")


Builder.load_file(__file__.removesuffix("py") + "kv")
