"""Hundreds of WebSockets that only count what they hear, all read by one selector.

Written by hand because a client library costs more per frame than the servers it would have to keep up with.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from tools.throwaway import LOOPBACK

TEXT, CLOSE, PING = 0x1, 0x8, 0x9
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
AT_ONCE = 50
CHUNK = 1 << 16
PATIENCE = 60


class Lost(Exception):
    """A server closed a socket or did not send all it was asked for."""


def split_frames(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The whole frames at the start of what a server sent, as (opcode, payload), and the bytes left over."""
    frames, at = [], 0
    while len(data) - at >= 2:
        length, head = data[at + 1] & 0x7F, 2
        if length >= 126:
            head = 4 if length == 126 else 10
            length = int.from_bytes(data[at + 2 : at + head])
        end = at + head + length
        if len(data) < max(end, at + head):
            break
        frames.append((data[at] & 0x0F, data[at + head : end]))
        at = end
    return frames, data[at:]


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A frame as clients must send it, masked; a mask of zeros leaves the payload (below 64 KiB) as it is."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2)
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


class Ears:
    """The selector behind all audiences: it answers pings for those that are not listened to at the moment."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, listener: "Listener") -> None:
        self._selector.register(listener.socket, selectors.EVENT_READ, listener)

    def hear_until(self, is_enough: Callable[[], bool]) -> None:
        """Let the sockets read until ``is_enough``. Raises Lost when that takes more than PATIENCE seconds."""
        give_up_at = time.monotonic() + PATIENCE
        while not is_enough():
            if time.monotonic() > give_up_at:
                raise Lost(f"What was sent had not all come after {PATIENCE} s.")
            for key, _ in self._selector.select(timeout=1):
                key.data.read()

    def close(self) -> None:
        for key in tuple(self._selector.get_map().values()):
            key.data.socket.close()
        self._selector.close()


class Listener:
    """One socket of an audience: connected at once, upgraded when its server has said so."""

    def __init__(self, port: int, path: str, headers: Sequence[str]) -> None:
        self.is_upgraded = False
        self.heard = 0
        self._left_over = b""
        self.socket = socket.create_connection((LOOPBACK, port), timeout=30)
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {LOOPBACK}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {KEY}",
            "Sec-WebSocket-Version: 13",
            *headers,
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def say(self, text: str) -> None:
        self.socket.sendall(client_frame(TEXT, text.encode()))

    def read(self) -> None:
        """Take in what has come and count the text frames."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise Lost("A server closed a socket.")
        self._left_over += data
        if not self.is_upgraded:
            self._read_answer()
        if self.is_upgraded:
            frames, self._left_over = split_frames(self._left_over)
            for opcode, payload in frames:
                self._take(opcode, payload)

    def _read_answer(self) -> None:
        head, end, rest = self._left_over.partition(b"\r\n\r\n")
        if end:
            if b" 101 " not in head.partition(b"\r\n")[0]:
                raise Lost(f"A socket was refused: {head.partition(bytes([13]))[0].decode()}")
            self.is_upgraded, self._left_over = True, rest

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self.heard += 1
        elif opcode == PING:
            self.socket.sendall(client_frame(0xA, payload))
        elif opcode == CLOSE:
            raise Lost(f"A server closed a socket with {int.from_bytes(payload[:2])}.")


class Audience:
    """All sockets of one server."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._listeners: list[Listener] = []

    def fill(self, port: int, path: str, headers: Iterable[Sequence[str]], *, greeting: int, words: str) -> None:
        """A socket per item of ``headers``. Each hears ``greeting`` frames, then says ``words`` and hears an answer."""
        waiting = iter(headers)
        while batch := [Listener(port, path, each) for each in islice(waiting, AT_ONCE)]:
            for listener in batch:
                self._ears.add(listener)
            self._ears.hear_until(lambda: all(each.is_upgraded and each.heard >= greeting for each in batch))
            if words:
                for listener in batch:
                    listener.say(words)
                self._ears.hear_until(lambda: all(each.heard > greeting for each in batch))
            self._listeners += batch

    def expect(self, frames: int) -> None:
        """Listen until each socket has heard that many more. Raises Lost when they do not come."""
        upto = self._heard + frames * len(self._listeners)
        self._ears.hear_until(lambda: self._heard >= upto)

    @property
    def _heard(self) -> int:
        return sum(listener.heard for listener in self._listeners)
