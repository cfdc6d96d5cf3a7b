"""Notifications: what is wrong now, and what was until somebody read it: what, why, what to do, and a code."""

from __future__ import annotations

from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from appliance import notices
from appliance.faults import Fault
from appliance.notices import Notice
from ui.text import catalog, numbers, sentences
from ui.text.catalog import _
from ui.touch import theme
from ui.touch.screens.base import Page
from ui.touch.status import Status
from ui.touch.widgets.basic import Surface

READ_AFTER_S = 2.0  # so long on the page, and what stood there is read


class NoticeLine(Surface):
    """One notification: what is wrong, what to do, since when and its code."""

    icon = StringProperty("warning")
    tint = ColorProperty()
    state = StringProperty("")
    what = StringProperty("")
    todo = StringProperty("")
    foot = StringProperty("")
    fresh = BooleanProperty(False)


class FaultsScreen(Page):
    """The list; what was seen here counts as read."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - Kivy properties
        super().__init__(**kwargs)
        self._shown: tuple[object, ...] | None = None
        self._entered_s = 0.0
        self._fresh: set[int] = set()  # unread when the page was opened: they keep their mark while it is seen

    def enter(self) -> None:
        """Begin anew."""
        self._entered_s, self._fresh, self._shown = self.app.real_s(), set(), None
        self.ids.scroll.scroll_y = 1

    def show(self, status: Status) -> None:
        """Paint the list when it changed."""
        unread = {notice.id for notice in status.notices if not notice.read}
        self._fresh |= unread
        if unread and self.app.real_s() - self._entered_s > READ_AFTER_S:
            it = self.app.it
            self.app.do(lambda: notices.mark_read(it, unread), lambda _result, _error: None)
        active = {(notice.fault.source, notice.fault.code) for notice in status.notices if notice.active}
        news = tuple(fault for fault in status.faults if (fault.source, fault.code) not in active)
        seen = tuple((notice.id, notice.active, notice.fault) for notice in status.notices)
        if (news, seen) == self._shown:
            return
        self._shown = (news, seen)
        self._paint(status, news)

    def _paint(self, status: Status, news: tuple[Fault, ...]) -> None:
        box = self.ids.rows
        box.clear_widgets()
        for fault in news:  # not kept yet, or it cannot be
            box.add_widget(_line(Notice(0, fault, None, read=False), status, fresh=True))
        for notice in status.notices:
            box.add_widget(_line(notice, status, fresh=notice.id in self._fresh))
        if not status.faults:
            order = NoticeLine(what=_("Everything is in order."), icon="good", tint=theme.GOOD)
            box.add_widget(order, index=len(box.children))


def _line(notice: Notice, status: Status, *, fresh: bool) -> NoticeLine:
    what, todo = sentences.fault_parts(catalog.current(), notice.fault)
    zone, language = status.now.tzinfo, status.language
    since = numbers.moment(notice.fault.since.astimezone(zone), language)
    if notice.ended_at is None:
        when = _("since {moment}").format(moment=since)
    else:
        until = numbers.moment(notice.ended_at.astimezone(zone), language)
        when = _("{begin} to {end}").format(begin=since, end=until)
    return NoticeLine(
        what=what,
        todo=todo[:1].upper() + todo[1:],
        state=_("active") if notice.active else _("over"),
        foot=f"{when}  ·  {notice.code}",
        icon="warning" if notice.active else "check",
        tint=theme.WARN if notice.active else theme.QUIET,
        fresh=fresh,
    )


Builder.load_file(__file__.removesuffix("py") + "kv")
