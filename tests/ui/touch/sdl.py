"""Fingers as SDL reports them: events put into the queue of the very library that Kivy has loaded."""

from __future__ import annotations

import ctypes
from pathlib import Path

import kivy

KINDS = {"down": 0x700, "up": 0x701, "move": 0x702}  # SDL_FINGERDOWN, SDL_FINGERUP, SDL_FINGERMOTION
EVENT_BYTES = 56  # sizeof(SDL_Event)


class Finger(ctypes.Structure):
    """SDL_TouchFingerEvent."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("timestamp", ctypes.c_uint32),
        ("touch_id", ctypes.c_int64),
        ("finger_id", ctypes.c_int64),
        ("x", ctypes.c_float),
        ("y", ctypes.c_float),
        ("dx", ctypes.c_float),
        ("dy", ctypes.c_float),
        ("pressure", ctypes.c_float),
        ("window_id", ctypes.c_uint32),
    )


def library() -> ctypes.CDLL:
    """The SDL of the installed Kivy."""
    folder = Path(kivy.__file__).parents[1] / "Kivy.libs"
    return ctypes.CDLL(str(next(folder.glob("libSDL2-2*"))))


def push(kind: str, number: int, x: float, y: float) -> None:
    """Put one event into SDL's queue."""
    event = (ctypes.c_ubyte * EVENT_BYTES)()
    finger = Finger(KINDS[kind], 0, 1, number, x, y, 0.0, 0.0, 1.0, 1)
    ctypes.memmove(event, ctypes.byref(finger), ctypes.sizeof(finger))
    assert library().SDL_PushEvent(event) == 1
