"""The touchscreen's application: header, screens, tabs; dimming; and what all screens may ask for."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from appliance import errors, heartbeat, start
from appliance.opened import Opened
from ui.text import catalog, sentences
from ui.touch import display, fingers, memory, rest, theme
from ui.touch.root import Root
from ui.touch.screens import SCREENS
from ui.touch.status import Status
from ui.touch.watch import Watcher, Worker

log = logging.getLogger("wattward.touch")

PIN_IDLE_S = 300.0  # settings are left by themselves after so long without a touch
LATE_S = 5.0  # without a look for so long, what is seen grows old
WAKE_GUARD_S = 1.0  # touches right after waking do nothing
# Turns of Kivy's loop a second. A tap is seen after two of them; only what changed is drawn.
BUSY_FPS, IDLE_FPS, DARK_FPS = 400, 10, 3
IDLE_AFTER_S = 3.0
LOAD_S = 0.4  # between parts of the screens that are imported after the first picture
DIM, DARK = rest.DIM, rest.DARK


class WattwardApp(App):
    """One running touchscreen."""

    status: Status = ObjectProperty(Status(now=datetime.now(UTC)))
    language = StringProperty("en")
    tab = StringProperty("energy")
    unlocked = BooleanProperty(False)  # the settings PIN was given and the settings not left since
    dimness = NumericProperty(0.0)  # 0 bright, DIM, DARK
    shade = NumericProperty(0.0)  # how black the picture is drawn over: all of the dimness where no backlight obeys

    def __init__(self, it: Opened, picture: tuple[float, Path] | None = None) -> None:
        super().__init__()
        self.it = it
        self.title = "Wattward"
        self._picture = picture
        self._worker = Worker()
        self._watcher = Watcher(it, self._arrived)
        self._touched_at_s = self.real_s()
        self._woken_at_s = -WAKE_GUARD_S
        self._looked_at_s = time.monotonic()
        self._ready = False
        self._backlight, self._obeys = -1.0, False

    def real_s(self) -> float:
        """Real seconds since some moment, also under a fast clock."""
        return self.it.clock.boottime_s() / self.it.clock.speed

    # Life ------------------------------------------------------------------------------------

    def build(self) -> Root:
        """Make the first picture and start looking."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: Clock.schedule_once(lambda _dt: self.stop(), 0))
        Window.bind(on_request_close=lambda *_: False)
        fingers.sort()
        self._watcher.start()
        Clock.schedule_interval(self._each_second, 1.0)
        if self._picture:
            Clock.schedule_interval(self._keep_picture, self._picture[0])
        return Root()

    def on_stop(self) -> None:
        """End threads; say goodbye to the service manager."""
        heartbeat.notify("STOPPING=1")
        self._watcher.stop()
        self._worker.stop()

    def _arrived(self, found: Status) -> None:
        """A look of the watcher's thread, shown on this one."""
        Clock.schedule_once(lambda _dt: self._show(found), 0)

    def _show(self, found: Status) -> None:
        self._looked_at_s = time.monotonic()
        if self._ready and self.root.keeps_looks(dimmed=self.dimness > 0):
            found = replace(found, language=self.language)
        else:
            self._dress(found)
        if self._ready and rest.calls(self.status, found):
            self.wake()
        self.status = found
        self.root.show(found)
        heartbeat.notify("WATCHDOG=1")
        if not self._ready:
            self._ready = True
            self._begin()
            heartbeat.notify("READY=1")
            if self._picture:
                Clock.schedule_once(self._keep_picture, 0)

    def _dress(self, found: Status) -> None:
        """Make all pages anew when other colours, letters or another language are wanted."""
        dressed = theme.use(light=rest.is_light(found.display, found.now), large=found.display.large_text)
        if dressed or found.language != self.language or not self._ready:
            self.language = found.language
            catalog.use(found.language)
            self.status = found
            self.root.rebuild()

    def _begin(self) -> None:
        """The first look is there. After a cold start the start-up screen comes first."""
        Clock.schedule_once(self._load_more, 1.0)
        cold = False
        with contextlib.suppress(errors.WattwardError):  # without a store there is no PIN to clear either
            cold = start.take_cold_start(self.it)
        if cold:
            self.root.begin()
        else:
            self.started()

    def _load_more(self, _dt: float) -> None:
        """Nobody touches anything just now: get one more part of the screens ready."""
        more = self.real_s() - self._touched_at_s < 1.0 or SCREENS.load_next()
        if more:
            Clock.schedule_once(self._load_more, LOAD_S)
        else:
            memory.settle()

    def started(self) -> None:
        """The start-up screen has had its time: show the page that comes first."""
        self.root.begun()
        if self.status.setup:
            self.set_up()
        elif self._start_page() != self.root.screen:
            self.go(self._start_page())
        self.root.show(self.status)

    # What screens ask for ----------------------------------------------------------------------

    def do(self, order: Callable[[], object], done: Callable[[Any, errors.WattwardError | None], None]) -> None:
        """Run `order` in the worker; `done(result, error)` comes back on this thread."""
        self._worker.do(order, lambda result, error: Clock.schedule_once(lambda _dt: done(result, error), 0))

    def look(self) -> None:
        """Look anew at what the page that is seen looks at itself."""
        self._watcher.look(self.root.manager.current_screen.sight())

    def sentence(self, error: errors.WattwardError) -> str:
        """An error in the language of the screen."""
        return sentences.error(catalog.current(), error)

    def go(self, screen: str) -> None:
        """Show a screen; leaving the settings locks them."""
        self.root.go(screen)

    def set_up(self) -> None:
        """Go on with the first-run assistant where it was left."""
        self.go("welcome" if self.status.setup == start.FIRST else "setup")

    # Dimming -----------------------------------------------------------------------------------

    def touched(self) -> bool:
        """A finger came down; tell whether it only wakes the display and must do nothing else."""
        now_s = self.real_s()
        asleep = self.dimness > 0
        self._touched_at_s = now_s
        _draw_at_most(BUSY_FPS)
        if asleep:
            self._woken_at_s = now_s
            self._set_dimness(0.0)
        return asleep or now_s - self._woken_at_s < WAKE_GUARD_S

    def wake(self) -> None:
        """Something happened that somebody should see."""
        self._touched_at_s = self.real_s()
        self._set_dimness(0.0)

    def _each_second(self, _dt: float) -> None:
        idle_s = self.real_s() - self._touched_at_s
        self._doubt()
        self.root.tick(1.0)
        self._leave(idle_s)
        self._set_dimness(max(self.dimness, rest.dimness(idle_s, self.status.dim_after_s, self.status.off_after_s)))
        self._light()
        _draw_at_most(DARK_FPS if self.dimness == DARK else IDLE_FPS if idle_s > IDLE_AFTER_S else BUSY_FPS)

    def _doubt(self) -> None:
        """Old values never look new: without looks their age grows; without a watcher the program begins anew."""
        if not self._watcher.is_alive():
            log.critical("the watcher has ended: so does the touchscreen, and is started again")
            self.stop()
        late_s = time.monotonic() - self._looked_at_s
        if self._ready and late_s > LATE_S:
            self.root.grow_old(late_s)

    def _leave(self, idle_s: float) -> None:
        """Back to the start page when nobody is there; settings lock themselves in the dark or after PIN_IDLE_S."""
        after_s, page = self.status.display.start_page_after_s, self._start_page()
        locks = idle_s > PIN_IDLE_S or self.dimness == DARK
        if self.root.may_lend and locks:
            self.root.may_lend = False
        if self.tab == "start" or self.root.screen in (page, "task", "tasks"):
            self.unlocked = self.unlocked and not locks  # work is still followed there, but its way back asks again
        elif (self.unlocked and locks) or (after_s and idle_s > after_s):
            self.go(page)

    def _start_page(self) -> str:
        page = self.status.display.start_page
        return page if page in SCREENS else "energy"

    def _set_dimness(self, dimness: float) -> None:
        if dimness != self.dimness:
            if dimness:
                self.root.forget_input()
            self.dimness = dimness
            self.root.rest(idle=dimness == DIM and self.status.display.idle_page == "clock")
            self._light()
            if dimness:
                memory.settle()

    def _light(self) -> None:
        """Give the panel the light of this moment; without one that obeys, draw darker."""
        wanted = rest.light(self.status.display, self.status.now, self.dimness, clock=self.root.idles)
        if wanted.backlight != self._backlight:
            self._backlight = wanted.backlight
            self._obeys = display.set_brightness(wanted.backlight)
        self.shade = 0.0 if self._obeys and self.dimness < DARK else wanted.shade

    # Pictures ----------------------------------------------------------------------------------

    def _keep_picture(self, _dt: float) -> None:
        """Keep a fresh screenshot, whole or not at all."""
        assert self._picture is not None  # noqa: S101 - only scheduled then
        path = self._picture[1]
        staged = path.with_name(f".{path.stem}.png")
        with contextlib.suppress(OSError):
            self.root.export_picture(staged).replace(path)


def _draw_at_most(fps: int) -> None:
    Clock._max_fps = fps  # Kivy has no public way
