"""Fingers reach Kivy as fingers, each with its own number, so that two can hold two things.

On Linux Kivy throws SDL's finger events away and lets SDL play the mouse with the
first finger only. Here SDL is told to play no mouse (`display`), and its finger
events go to Kivy's own SDL provider, which is there already. One tap is one touch.
"""

from __future__ import annotations

from typing import Any

from kivy.core.window import Window
from kivy.core.window.window_sdl2 import SDL2MotionEventProvider

KINDS = ("fingerdown", "fingermotion", "fingerup")


class Sorted:
    """Stands before SDL's window and takes the fingers out of what it reports."""

    def __init__(self, window: Any) -> None:  # noqa: ANN401 - Kivy's own, made in C
        self._window = window

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever SDL's window has
        return getattr(self._window, name)

    def poll(self) -> Any:  # noqa: ANN401 - False, None or a tuple, as SDL's window has it
        """The next event that is no finger's; None instead of a finger's."""
        event = self._window.poll()
        if event and event[0] in KINDS:
            SDL2MotionEventProvider.q.appendleft(event)
            return None
        return event


def sort() -> None:
    """Begin, once there is a window."""
    if not isinstance(Window._win, Sorted):
        Window._win = Sorted(Window._win)
