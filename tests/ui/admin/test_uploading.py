"""A file goes onto the card only from whom it may and only as large as it may, and may finish when the window ends."""

from __future__ import annotations

import contextlib
import io
import os
import re
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance import audit
from appliance.access import web_sign_in, web_window
from appliance.opened import Opened
from tests.ui.admin.conftest import GOOD, HERE, Served, eventually
from tests.ui.admin.test_serve import children, gone
from ui.admin import guard, uploading
from ui.admin.pages import backup_upload
from ui.serving import child, uploads

PATH = "/configuration/backups/restore/upload"
CONTENT = backup_upload.FIRST_LINE + b"-> X25519 x\n" + bytes(range(256)) * 4000


def sent(client: FlaskClient, content: bytes, name: str = "wattward.tar.gz.age") -> int:
    """Upload a file; return the status."""
    return client.post(PATH, base_url=HERE, data={"file": (io.BytesIO(content), name)}).status_code


def test_an_uploaded_backup_is_offered_for_restoring(admin: FlaskClient, opened: Opened) -> None:
    answer = admin.post(PATH, base_url=HERE, data={"file": (io.BytesIO(CONTENT), "mine.age")})
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/folder/{backup_upload.FILE}")
    kept = opened.home.backups / backup_upload.FILE
    assert kept.read_bytes() == CONTENT and kept.stat().st_mode & 0o007 == 0
    assert "needs its recovery code" in admin.get("/configuration/backups/restore", base_url=HERE).text
    assert audit.newest(opened.store, 1)[0].event == "backup.upload"


def test_the_next_one_takes_its_place_and_nothing_else_is_left(admin: FlaskClient, opened: Opened) -> None:
    assert [sent(admin, CONTENT), sent(admin, CONTENT + b"2")] == [303, 303]
    assert [one.name for one in opened.home.backups.iterdir()] == [backup_upload.FILE]
    assert (opened.home.backups / backup_upload.FILE).read_bytes() == CONTENT + b"2"


@pytest.mark.parametrize("name", ["../../keys/device.key", "/etc/passwd", "..\\..\\x", "a\x00b", "<script>.age", "-rf"])
def test_no_name_from_the_browser_becomes_a_path(admin: FlaskClient, opened: Opened, name: str) -> None:
    before = {one for one in opened.home.root.rglob("*") if "store.db" not in one.name}
    assert sent(admin, CONTENT, name) in (303, 400)
    after = {one for one in opened.home.root.rglob("*") if "store.db" not in one.name}
    assert after - before <= {opened.home.backups / backup_upload.FILE}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"<script>alert(1)</script>"])
def test_what_is_no_backup_is_not_kept(admin: FlaskClient, opened: Opened, content: bytes) -> None:
    assert sent(admin, content) == 422
    assert list(opened.home.backups.iterdir()) == []


def test_no_file_is_refused(admin: FlaskClient) -> None:
    answer = admin.post(PATH, base_url=HERE, data={"file": ""})
    assert answer.status_code == 422
    assert "Choose the file of a backup." in answer.text and "A backup on this computer" in answer.text


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_others_are_not_heard_for_longer_than_a_form_takes(
    client: Callable[[str], FlaskClient], opened: Opened, role: str
) -> None:
    assert sent(client(role), CONTENT) == 403
    assert not list(opened.home.run.glob("upload.*")) and list(opened.home.backups.iterdir()) == []


def test_more_than_the_route_takes_is_refused_before_it_is_read(app: Flask, admin: FlaskClient, opened: Opened) -> None:
    most = int(getattr(app.view_functions["backup_upload.upload"], "upload_bytes", 0))
    assert most == backup_upload.MOST_BYTES
    sent_bytes = {"CONTENT_LENGTH": str(most + 1)}
    form = "multipart/form-data; boundary=x"
    answer = admin.post(PATH, base_url=HERE, content_type=form, environ_overrides=sent_bytes)
    assert answer.status_code == 413 and list(opened.home.backups.iterdir()) == []


def test_what_the_card_needs_for_itself_is_not_filled_up(
    admin: FlaskClient, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "SPARE_BYTES", 2**60)
    assert sent(admin, CONTENT) == 413
    assert list(opened.home.backups.iterdir()) == []


def test_a_mark_is_there_while_an_upload_runs_and_gone_with_the_last(tmp_path: Path) -> None:
    running, mark = uploads.Uploads(tmp_path), uploads.mark(tmp_path, os.getpgrp())
    running.begin()
    running.begin()
    running.end()
    assert mark.exists()
    running.end()
    assert not mark.exists()


# With the real processes --------------------------------------------------------------------------


class Sending:
    """An upload over a connection of its own, in two parts."""

    def __init__(self, served: Served) -> None:
        opened = served.opened
        token = web_sign_in.sign_in(opened, "admin", GOOD, "", "", "")
        assert isinstance(token, str)
        cookie, key = self._form(served, f"{guard.COOKIE}={token}")
        head = (
            f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{key}\r\n'
            '--x\r\nContent-Disposition: form-data; name="file"; filename="b.age"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        body = head + CONTENT + b"\r\n--x--\r\n"
        self.channel: ssl.SSLSocket = served.channel()
        self.channel.settimeout(30)
        self.channel.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        )
        half = len(head) + 1000
        self.channel.sendall(body[:half])
        self.rest = body[half:]
        eventually(lambda: bool(list(opened.home.run.glob("upload.*"))), "no upload is marked")

    @staticmethod
    def _form(served: Served, cookie: str) -> tuple[str, str]:
        """The cookies and the key of the form."""
        with served.channel() as channel:
            channel.sendall(
                f"GET /configuration/backups/restore HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            page = b"".join(iter(lambda: channel.recv(65536), b"")).decode()
        forms_cookie = re.search(r"(__Host-forms=[^;]+)", page)
        key = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert forms_cookie and key, page[:500]
        return f"{cookie}; {forms_cookie[1]}", key[1]

    def finish(self) -> bytes:
        """Send the rest and read the answer; empty when nobody listens any more."""
        with contextlib.suppress(OSError):
            self.channel.sendall(self.rest)
            return self.channel.recv(65536)
        return b""


def test_an_upload_that_runs_may_finish_after_the_window_and_then_all_is_over(served: Served) -> None:  # UX 5
    served.stop()
    served.set_password()
    served.start()
    served.enable()
    sending, running = Sending(served), children(served)
    web_window.close(served.opened.store, served.opened.clock, audit.TOUCH)
    eventually(served.refused, "the port waits for the upload")
    assert not gone(running)
    assert sending.finish().startswith(b"HTTP/1.1 303")
    assert (served.opened.home.backups / backup_upload.FILE).read_bytes() == CONTENT
    eventually(lambda: gone(running), "the serving program outlives the upload")
    assert not list(served.opened.home.run.glob("upload.*"))


def test_a_new_window_does_not_wait_for_an_upload_of_the_old_one(served: Served) -> None:
    served.stop()
    served.set_password()
    served.start()
    served.enable()
    sending, running = Sending(served), children(served)
    web_window.close(served.opened.store, served.opened.clock, audit.TOUCH)
    eventually(served.refused, "the port waits for the upload")
    served.enable()
    assert not gone(running)
    assert sending.finish().startswith(b"HTTP/1.1 303")
    eventually(lambda: gone(running), "the old serving program outlives the upload")
    assert served.answers()


def test_a_stop_of_the_service_waits_for_no_upload(served: Served) -> None:
    served.stop()
    served.set_password()
    served.start()
    served.enable()
    sending, running = Sending(served), children(served)
    served.stop()
    assert gone(running)
    assert sending.finish() == b""


def test_an_upload_that_never_ends_gets_five_minutes_and_not_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert uploads.MOST_S == 300
    monkeypatch.setattr(child, "GRACE_S", 0.0)
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    it = child.Child(["-c", script], {})
    uploads.mark(tmp_path, it.pid).touch()
    it.ask_to_end()
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + 299)
    assert not it.press(tmp_path)
    monkeypatch.setattr(time, "monotonic", lambda: now_s + 301)
    it.press(tmp_path)
    monkeypatch.undo()
    eventually(lambda: it.press(tmp_path), "it is not killed")
    assert not list(tmp_path.iterdir())
