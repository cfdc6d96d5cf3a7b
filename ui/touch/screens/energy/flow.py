"""The flow picture alone, as large as it gets: to be read from the corridor."""

from __future__ import annotations

from kivy.lang import Builder

from ui.touch.screens.energy.living_picture import LivingPicture


class FlowScreen(LivingPicture):
    """One picture, nothing else."""


Builder.load_file(__file__.removesuffix("py") + "kv")
