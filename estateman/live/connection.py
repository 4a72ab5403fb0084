"""One socket as the hub sees it: a bounded queue and the task that empties it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

SLOW_CONSUMER = 4508
QUEUE_LIMIT = 1000


class Connection:
    """A socket's outgoing side. ``offer`` never waits, so one slow reader cannot hold up the others."""

    def __init__(
        self,
        user_id: int,
        *,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int], Awaitable[None]],
        limit: int = QUEUE_LIMIT,
    ) -> None:
        self.user_id = user_id
        self.rooms: set[str] = set()
        self._send, self._close, self._limit = send, close, limit
        self._queue: deque[str] = deque()
        self._filled, self._written = asyncio.Event(), asyncio.Event()
        self._close_code: int | None = None
        self._writer = asyncio.get_running_loop().create_task(self._write())

    def offer(self, text: str) -> None:
        """Queue one encoded frame; a reader that fell ``limit`` frames behind is closed with 4508 and may resume."""
        if self._close_code is not None:
            return
        if len(self._queue) >= self._limit:
            self.end(SLOW_CONSUMER, drop=True)
            return
        self._queue.append(text)
        self._filled.set()

    async def drained(self) -> None:
        """Wait until half the queue is free again, so that a long replay does not look like a slow reader."""
        while len(self._queue) > self._limit // 2 and self._close_code is None:
            self._written.clear()
            await self._written.wait()

    def end(self, code: int, *, drop: bool = False) -> None:
        """Close with ``code`` once the queue is sent, or without sending it (``drop``)."""
        if self._close_code is None:
            self._close_code = code
            if drop:
                self._queue.clear()
                # The writer may be stuck in a send that never ends; the close must not wait behind it.
                self._writer.cancel()
                self._writer = asyncio.get_running_loop().create_task(self._close(code))  # type: ignore[arg-type]
            self._filled.set()
            self._written.set()

    def stop(self) -> None:
        """The socket is gone: stop writing."""
        self._writer.cancel()

    async def _write(self) -> None:
        while True:
            while self._queue:
                await self._send(self._queue.popleft())
                self._written.set()
            if self._close_code is not None:
                await self._close(self._close_code)
                return
            self._filled.clear()
            await self._filled.wait()
