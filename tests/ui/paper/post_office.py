"""A real mail server for tests: TLS or STARTTLS with a certificate of its own authority, and a password."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appliance.billing.mail_account import Account

USER, PASSWORD = "house", "correct horse"


@dataclass
class PostOffice:
    """What arrived, and how to reach it."""

    port: int
    security: str
    trust: ssl.SSLContext
    letters: list[EmailMessage] = field(default_factory=list)

    def account(self, password: str = PASSWORD) -> Account:
        return Account("127.0.0.1", self.port, self.security, USER, "house@example.org", password)


class _Desk:
    """Takes letters; refuses those to nobody."""

    def __init__(self, letters: list[EmailMessage]) -> None:
        self._letters = letters

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's own
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd's own
        self._letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401 - aiosmtpd's own
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that is its own authority, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post office")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "post-office.pem"
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def opened_post_office(folder: Path, security: str) -> Iterator[PostOffice]:
    """A server on a free port."""
    file = certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    letters: list[EmailMessage] = []
    encrypted = {"auth_require_tls": False} if security == "tls" else {"tls_context": context, "require_starttls": True}

    def desk() -> SMTP:
        return SMTP(
            _Desk(letters), hostname="post.office", authenticator=_authenticate, auth_required=True, **encrypted
        )

    loop, ready, servers = asyncio.new_event_loop(), threading.Event(), list[asyncio.Server]()

    async def serve() -> None:
        servers.append(await loop.create_server(desk, "127.0.0.1", 0, ssl=context if security == "tls" else None))
        ready.set()

    def work() -> None:  # a loop of its own: a browser's tests keep one in the main thread
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    (server,) = servers
    try:
        port = server.sockets[0].getsockname()[1]
        yield PostOffice(port, security, ssl.create_default_context(cafile=str(file)), letters)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
