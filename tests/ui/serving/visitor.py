"""Somebody who uses the web admin's pages over the network as a browser does: cookies, forms, their keys."""

from __future__ import annotations

import contextlib
import re
import ssl
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPSConnection
from urllib.parse import urlencode


@dataclass(slots=True)
class Page:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(slots=True)
class Visitor:
    """One browser without scripts."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Page:
        """One request over a connection of its own. Raises OSError."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the certificate is the appliance's own
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} | headers
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        with contextlib.closing(connection):
            connection.request(method, path, urlencode(form) if form is not None else None, sent)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
            text = answer.read().decode(errors="replace")
            return Page(answer.status, answer.headers.get("Location", ""), text)

    def get(self, path: str) -> Page:
        """A page."""
        return self.ask("GET", path)

    def post(self, path: str, page: str = "", /, **form: str) -> Page:
        """Send the form of a page (by default the one at `path`) with its key and its hidden fields."""
        shown = self.get(page or path).text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown)
        known = {name: unescape(value) for name, value in hidden}
        return self.ask("POST", path, known | form, **{"Sec-Fetch-Site": "same-origin"})
