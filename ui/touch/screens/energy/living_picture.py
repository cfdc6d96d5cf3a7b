"""A page with the flow picture: moving while it is seen, bright and wanted, and leading to the page of each source."""

from __future__ import annotations

from kivy.properties import BooleanProperty

from ui.touch.screens.base import Page
from ui.touch.screens.energy import powers
from ui.touch.screens.energy.motion import Load
from ui.touch.status import Status
from ui.touch.widgets.flow import figure


class LivingPicture(Page):
    """Has a FlowPicture called `flow`."""

    load = Load()  # one look at the machine for all of them
    rests = BooleanProperty(False)  # the machine is busy, so the picture stands still; the large one says so

    def show(self, status: Status) -> None:
        """Paint the picture."""
        flow = self.ids.flow
        flow.put(powers.left(status), powers.right(status), status.language)
        house = flow.house
        house.title, house.note = powers.house_words(status)
        house.unknown = status.house_w is None
        house.number, house.unit = figure(status.house_w, status.language)
        house.share(powers.sources(status))
        self.rests = self.load.look() and flow.flows
        flow.moves = not self.rests and self.app.dimness == 0 and not status.reduced_motion

    def forget(self) -> None:
        """Left, or gone dark: stand still."""
        self.ids.flow.moves = False

    def open(self, _flow: object, role: str) -> None:
        """A node was tapped: show what is known about it."""
        self.app.root.manager.get_screen("source").role = role
        self.app.go("source")
