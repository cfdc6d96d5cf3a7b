"""The language of each request: the one it asks for, else the appliance's."""

from __future__ import annotations

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, request

from appliance.errors import StoreError, WattwardError
from appliance.store import settings
from ui.phone import guard
from ui.text import sentences
from ui.text.catalog import LANGUAGES, Texts


def texts() -> Texts:
    """The texts of this request."""
    if "texts" not in g:
        best = request.accept_languages.best_match(list(LANGUAGES))
        if best is None:
            with contextlib.suppress(StoreError):
                best = settings.text(guard.appliance().store, "ui.language")
        g.texts = Texts(best or "en")
    found: Texts = g.texts
    return found


def filled(message: str, **values: object) -> str:
    """A sentence in the language of this request."""
    return texts().filled(message, **values)


def sentence(error: WattwardError) -> str:
    """What went wrong, in the language of this request."""
    return sentences.error(texts(), error)


def zone() -> ZoneInfo:
    """The time zone of the household."""
    return ZoneInfo(settings.text(guard.appliance().store, "site.timezone"))


def today() -> datetime:
    """Now, where the appliance stands."""
    return guard.appliance().clock.now().astimezone(zone())
