"""E-mail through any SMTP server, with Django's own mail classes."""

import io
import smtplib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from socket import socket
from typing import Any, Literal

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from estateman.env import is_loopback
from integrations.registry import provider
from integrations.schema import Credential, setting
from integrations.sealing import Secret
from integrations.spi import (
    CALENDAR_FILE,
    AuthFailed,
    EmailMessage,
    Health,
    InvalidConfig,
    OutcomeUnknown,
    ProviderError,
    SendResult,
    Unreachable,
)
from integrations.transport import CONNECT_SECONDS, Line, Patient, connect

TOTAL_SECONDS = 60.0
"""How long one message may take in all, from the connection on, however steadily the server drips."""
# RFC 4954: 530 login required, 534 mechanism too weak, 535 invalid, 538 encryption required.
_AUTH_CODES = {530, 534, 535, 538}


@dataclass(frozen=True)
class SmtpConfig:
    """Where the server is and how it is spoken to."""

    host: str = setting("Name or address of the server, like smtp.example.com", is_address=True)
    port: int = setting("587 for starttls, 465 for tls, 25 for none", default=587, least=1, most=65535, is_address=True)
    security: Literal["starttls", "tls", "none"] = setting(
        "How the line is encrypted", default="starttls", is_address=True
    )
    username: str = setting("Leave it empty for a server that asks for no login", default="")
    from_email: str = setting(
        "Sender, like office@example.com; leave it empty for the office's own",
        default="",
    )
    timeout_seconds: int = setting(
        "How long the server may take to answer; a letter takes 60 at most in all", default=10, least=1, most=120
    )


@provider(
    "smtp",
    kind="email",
    label="SMTP server",
    config=SmtpConfig,
    credentials=[Credential("password", required=False, about="The password of the user name")],
)
class SmtpServer:
    """One SMTP account; every message travels over a connection of its own."""

    def __init__(self, config: SmtpConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        self.config = config
        self.password = secrets.get("password", Secret(""))
        self._refuse_half_a_login()
        self._refuse_an_open_password()

    def _refuse_half_a_login(self) -> None:
        if self.config.username and not self.password:
            raise InvalidConfig("credentials.password", "A user name needs its password.")
        if self.password and not self.config.username:
            raise InvalidConfig("config.username", "A password needs its user name.")

    def _refuse_an_open_password(self) -> None:
        if self.password and self.config.security == "none" and not is_loopback(self.config.host):
            raise InvalidConfig(
                "config.security",
                "Whoever listens on the way would read the password: choose starttls or tls.",
            )

    def check(self) -> Health:
        """Connect, log in, and ask the server to do nothing."""
        with self._connection() as backend:
            _ask_for_nothing(backend)
        login = f"as {self.config.username}" if self.config.username else "without a login"
        return Health(ok=True, detail=f"{self.config.host} accepts mail {login}.")

    def send(self, message: EmailMessage) -> SendResult:
        """Returns once the server has taken the message over."""
        mail = self._mail(message)
        with self._connection() as backend:
            _hand_over(backend, mail)
        return SendResult(
            provider="smtp",
            provider_message_id=message.message_id,
            detail=f"Accepted for {message.to}",
        )

    def _mail(self, message: EmailMessage) -> EmailMultiAlternatives:
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            from_email=self.config.from_email or message.from_email,
            to=[message.to],
            headers={**message.headers, "Message-ID": message.message_id},
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        if message.calendar:
            mail.attach_alternative(message.calendar, message.calendar_type)
            mail.attach(CALENDAR_FILE, message.calendar, "application/ics")
        try:
            mail.message()
        except ValueError as error:  # a line break in a header, an address that is none
            raise ProviderError(f"This is no message: {error}", permanent=True) from None
        return mail

    @contextmanager
    def _connection(self) -> Iterator["_Backend"]:
        backend = _Backend(
            host=self.config.host,
            port=self.config.port,
            username=self.config.username,
            password=self.password.reveal(),
            use_tls=self.config.security == "starttls",
            use_ssl=self.config.security == "tls",
            timeout=self.config.timeout_seconds,
        )
        try:
            _connect(backend)
            yield backend
        finally:
            _hang_up(backend)


class _Smtp(smtplib.SMTP):
    """Ends in time, and knows whether the message's text was being handed over when the line broke."""

    handing_over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ends_at = time.monotonic() + TOTAL_SECONDS
        super().__init__(*args, **kwargs)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        line = connect(host, port, timeout=min(timeout, CONNECT_SECONDS))
        line.settimeout(min(timeout, TOTAL_SECONDS))
        return line

    def send(self, s: Any) -> None:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("it took too long")
        if self.sock is not None:
            self.sock.settimeout(min(left, self.timeout))
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            raw = self.sock.makefile("rb", buffering=0)
            self.file = io.BufferedReader(Patient(raw, self.sock, ends_at=self.ends_at, silence=self.timeout))
        return super().getreply()

    def data(self, msg: Any) -> Any:
        self.handing_over = True
        return super().data(msg)


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return self.context.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


class _Backend(EmailBackend):
    """Django's, with clients that know how far they got."""

    connection: _Smtp | None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpOverTls if self.use_ssl else _Smtp


def _connect(backend: _Backend) -> None:
    """Connect, encrypt, log in. Nothing was handed over, so others may still be tried."""
    try:
        backend.open()
    except smtplib.SMTPAuthenticationError as error:
        raise _refusal(error, "The server did not accept the login") from None
    except smtplib.SMTPResponseException as error:
        raise Unreachable(f"The server turned us away: {_reply(error)}") from None
    except OSError as error:  # smtplib's own errors, time-outs and TLS errors are all OSErrors
        raise Unreachable(f"No connection to {backend.host}:{backend.port}: {error}") from None


def _ask_for_nothing(backend: _Backend) -> None:
    try:
        code, reply = backend.connection.noop()  # type: ignore[union-attr]  # it is open
    except OSError as error:
        raise _broken_line(backend, error) from None
    if code != 250:
        raise Unreachable(f"The server is not ready: {code} {_text(reply)}")


def _hand_over(backend: _Backend, mail: EmailMultiAlternatives) -> None:
    try:
        backend.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        refused = smtplib.SMTPResponseException(code, reply)
        raise _refusal(refused, "The server refused the recipient") from None
    except smtplib.SMTPResponseException as error:
        if not 400 <= error.smtp_code < 600:
            raise _broken_line(backend, error) from None
        raise _refusal(error, "The server refused the message") from None
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        raise ProviderError(f"The server can't carry this message: {error}", permanent=True) from None
    except OSError as error:
        raise _broken_line(backend, error) from None


def _broken_line(backend: _Backend, error: OSError) -> ProviderError:
    if backend.connection is not None and backend.connection.handing_over:
        return OutcomeUnknown(f"The line broke before the server said whether it has it: {error}")
    return Unreachable(f"The line broke before the message was handed over: {error}")


def _refusal(error: smtplib.SMTPResponseException, what: str) -> ProviderError:
    message = f"{what}: {_reply(error)}"
    if error.smtp_code in _AUTH_CODES:
        return AuthFailed(message)
    return ProviderError(message, permanent=500 <= error.smtp_code < 600)


def _hang_up(backend: _Backend) -> None:
    try:
        backend.close()
    except OSError:
        # The answer is known by now; how the server says good-bye changes nothing about it.
        backend.connection = None


def _reply(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
