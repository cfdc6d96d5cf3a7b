"""Keep the program small through years of page changes. No Kivy here.

Pages are made when they are asked for and dropped soon after, so memory must come
back: what is dropped hangs together in circles that only the collector finds, and
what is free inside the process must go back to the system.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc

TRIM_BYTES = 128 * 1024  # so much may lie free at the end of the heap
MAP_BYTES = 64 * 1024  # larger pieces (pictures) are given back as soon as they are free
SELDOM = (20_000, 20, 20)  # for the collector: it works between pages, not while one is made
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's mallopt(3); once set they do not grow


def prepare() -> None:
    """Let the C library give back what is freed, and nobody wait for the collector.

    Called before the first thread begins. Another library than glibc has its own ways.
    """
    gc.set_threshold(*SELDOM)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, 1)  # one heap for all threads: Python lets one of them run at a time
        library.mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)
        library.mallopt(M_MMAP_THRESHOLD, MAP_BYTES)


def sweep() -> None:
    """Collect what was dropped since it last settled."""
    gc.collect()


def settle() -> None:
    """Collect everything that was dropped, and look at what is here now no more: it stays.

    The collector then goes over pages alone, so it runs quickly and often. What stays is looked at
    again by the next call: call it while nobody waits.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
