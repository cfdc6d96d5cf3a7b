"""Send e-mail with files, over TLS only; the server's certificate must be good.

One attempt: who calls decides when to try again. Every way to fail is a
sentence that says what to look at; none contains the password.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from appliance.billing.mail_account import Account
from appliance.errors import N_, Refused

TIMEOUT_S = 20.0
TYPES = {
    "pdf": ("application", "pdf"),
    "csv": ("text", "csv"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}

NOT_ACCEPTED = N_("The mail server {host} does not accept {address}: check the address.")


class PartlyRefused(Refused):
    """Some got the message, the named ones did not."""


def compose(
    account: Account, to: Sequence[str], subject: str, text: str, files: Mapping[str, bytes] | None = None
) -> EmailMessage:
    """A message with its files."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = account.sender, ", ".join(to), subject
    message["Date"], message["Message-ID"] = (
        formatdate(localtime=False),
        make_msgid(domain=account.sender.split("@")[1]),
    )
    message.set_content(text)
    for name, content in (files or {}).items():
        kind, subtype = TYPES[name.rsplit(".", 1)[1]]
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    return message


def send(account: Account, message: EmailMessage, trust: ssl.SSLContext | None = None) -> None:
    """Hand a message to the account's server. `trust`: other authorities than the machine's. Raises Refused, also
    when the server takes it for some and not for others (PartlyRefused).
    """
    context = trust or ssl.create_default_context()
    try:
        with _connect(account, context) as server:
            if account.security == "starttls":
                server.starttls(context=context)
            if account.user:
                server.login(account.user, account.password or "")
            refused = server.send_message(message)
    except ssl.SSLError as error:
        raise Refused(
            N_("The mail server {host} has no certificate that can be trusted: check its name and port."),
            host=account.host,
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Refused(
            N_("The mail server {host} refused user name or password: set up the account again."), host=account.host
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise _not_supported(account, message) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise Refused(NOT_ACCEPTED, host=account.host, address=", ".join(error.recipients)) from error
    except smtplib.SMTPException as error:
        raise Refused(
            N_("The mail server {host} did not take the message: {reason}."), host=account.host, reason=_reason(error)
        ) from error
    except OSError as error:
        raise Refused(
            N_("The mail server {host} cannot be reached on port {port}: check network, name and port."),
            host=account.host, port=account.port,
        ) from error  # fmt: skip
    if refused:
        raise PartlyRefused(NOT_ACCEPTED, host=account.host, address=", ".join(refused))


def _not_supported(account: Account, message: EmailMessage) -> Refused:
    """What a server lacks: letters beyond ASCII in addresses, or encryption."""
    strange = [one for name in ("From", "To") for one in message[name].split(", ") if not one.isascii()]
    if strange:
        return Refused(NOT_ACCEPTED, host=account.host, address=", ".join(strange))
    return Refused(
        N_("The mail server {host} offers no encryption on port {port}: use tls with port 465."),
        host=account.host, port=account.port,
    )  # fmt: skip


def _connect(account: Account, context: ssl.SSLContext) -> smtplib.SMTP:
    if account.security == "tls":
        return smtplib.SMTP_SSL(account.host, account.port, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(account.host, account.port, timeout=TIMEOUT_S)


def _reason(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {text}"[:120]
    return str(error)[:120] or type(error).__name__
