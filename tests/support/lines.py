"""A server of this machine whose every byte a test chooses: for answers that no well-behaved one gives."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

import requests

from integrations.transport import OutgoingSession

Play = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class LineServer:
    """``with LineServer(play) as server``: ``play`` gets each connection, which is closed when it returns.

    ``connections`` counts them; ``asked`` holds the requests that ``play`` read by ``server.read(line)``.
    """

    def __init__(self, play: Play, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.connections = 0
        self.asked: list[bytes] = []
        self.is_over = threading.Event()
        self._play = play
        self._socket = socket.create_server((host, port))
        self.host, self.port = host, self._socket.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self._threads: list[threading.Thread] = []
        self._lines: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_over.set()
        for line in (self._socket, *self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(10)

    def read(self, line: socket.socket) -> bytes:
        """One request, its body too; empty when the other side hung up."""
        told = b""
        while b"\r\n\r\n" not in told:
            if not (part := line.recv(65536)):
                return b""
            told += part
        head, _, body = told.partition(b"\r\n\r\n")
        length = next((int(row[15:]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")), 0)
        while len(body) < length:
            body += line.recv(65536)
        self.asked.append(head + b"\r\n\r\n" + body)
        return self.asked[-1]

    def drip(self, line: socket.socket, parts: bytes = b"x") -> None:
        """Send ``parts`` again and again, slowly, until the other side has had enough."""
        with suppress(OSError):
            while not self.is_over.wait(0.02):
                line.sendall(parts)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                self.connections += 1
                self._lines.append(line)
                self._start(lambda line=line: self._serve(line))  # type: ignore[misc]  # bound at once

    def _serve(self, line: socket.socket) -> None:
        line.settimeout(10)
        with line, suppress(OSError):
            self._play(line)


def reset(line: socket.socket) -> None:
    """Break the line, as a crash or a firewall does."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@contextmanager
def answering(*answers: bytes) -> Iterator[LineServer]:
    """A server that gives these answers in turn on each connection, and then hangs up."""

    def play(line: socket.socket) -> None:
        for answer in answers:
            if not server.read(line):
                return
            line.sendall(answer)

    with LineServer(play) as server:
        yield server


@contextmanager
def misbehaving(play: Callable[[LineServer, socket.socket], Any]) -> Iterator[LineServer]:
    """A server that does ``play(server, line)`` with each connection."""
    with LineServer(lambda line: play(server, line)) as server:
        yield server


def ask(server: LineServer, method: str = "GET", **more: Any) -> requests.Response:
    """Over our session, at an address that holds a secret."""
    return OutgoingSession().request(method, f"{server.url}/v1/things?api_key=hush-7712", **more)


def head(status: str, *rows: str) -> bytes:
    """The beginning of an answer, up to its body."""
    return "\r\n".join([f"HTTP/1.1 {status}", *rows, "", ""]).encode()
