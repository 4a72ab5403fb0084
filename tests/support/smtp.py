"""A real SMTP server for tests, in a thread of its own."""

import asyncio
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass(frozen=True)
class Received:
    """One message that the server accepted."""

    sender: str
    to: tuple[str, ...]
    message: EmailMessage

    def __getitem__(self, header: str) -> str:
        return str(self.message[header])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return body.get_content() if body is not None else ""


class SmtpReceiver:
    """``with SmtpReceiver() as receiver``: accepts mail on ``127.0.0.1:receiver.port`` and keeps it.

    ``login`` is the (user, password) it insists on; ``refuse`` maps recipients to the reply they get
    ("550 No such user"); ``reply`` is said to every message's text in place of 250; ``silent`` never
    answers that text; ``tls`` offers STARTTLS, or speaks TLS at once with ``tls_at_once``.
    """

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        refuse: Mapping[str, str] | None = None,
        reply: str = "",
        silent: bool = False,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        self.login, self.refuse, self.reply, self.silent = login, refuse or {}, reply, silent
        self.tls, self.tls_at_once = tls, tls_at_once
        self.messages: list[Received] = []
        self.port = 0
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def wait_for(self, count: int, *, timeout: float = 10) -> list[Received]:
        """The messages, once there are ``count``. Raises AssertionError when they do not come."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.messages) >= count, timeout)
            assert arrived, f"{len(self.messages)} of {count} messages arrived in {timeout} s"
            return list(self.messages)

    async def _listen(self) -> None:
        at_once = self.tls if self.tls_at_once else None
        self._server = await self._loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=at_once)
        self.port = self._server.sockets[0].getsockname()[1]

    def _protocol(self) -> SMTP:
        return SMTP(
            _Handler(self),
            hostname="receiver.test",
            enable_SMTPUTF8=True,
            tls_context=None if self.tls_at_once else self.tls,
            authenticator=self._authenticate if self.login else None,
            auth_require_tls=False,
            loop=self._loop,
        )

    def _authenticate(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False)

    async def _close(self) -> None:
        for listening in self._server.sockets:
            self._loop.remove_reader(listening.fileno())
        await asyncio.sleep(0)  # a line that was just accepted gets its transport, which closes it
        self._server.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    def keep(self, received: Received) -> None:
        with self._arrived:
            self.messages.append(received)
            self._arrived.notify_all()


class _Handler:
    """The answers of one connection."""

    def __init__(self, receiver: SmtpReceiver) -> None:
        self.receiver = receiver

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.receiver.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if reply := self.receiver.refuse.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.receiver.silent:
            await asyncio.Event().wait()
        if self.receiver.reply:
            return self.receiver.reply
        message = message_from_bytes(envelope.content, policy=modern)
        assert isinstance(message, EmailMessage)
        self.receiver.keep(Received(envelope.mail_from, tuple(envelope.rcpt_tos), message))
        return "250 OK"
