"""One hub per process: it knows the local sockets by room and hands each frame, encoded once, to their queues."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any
from weakref import WeakValueDictionary

from django.core.serializers.json import DjangoJSONEncoder

from estateman.live.connection import Connection

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
Frame = dict[str, Any]
Sweeper = Callable[["Hub"], Awaitable[None]]
_sweepers: list[Sweeper] = []
_beginnings: list[Callable[["Hub"], None]] = []


def encode(frame: Frame) -> str:
    """A frame as it goes over the wire."""
    return json.dumps(frame, cls=DjangoJSONEncoder, separators=(",", ":"), ensure_ascii=False)


def on_sweep(sweeper: Sweeper) -> Sweeper:
    """Register what every hub does each SWEEP_SECONDS: make good what a lost hint left behind."""
    _sweepers.append(sweeper)
    return sweeper


def on_begin(begin: Callable[["Hub"], None]) -> Callable[["Hub"], None]:
    """Register what a new hub starts with."""
    _beginnings.append(begin)
    return begin


class Hub:
    """The sockets of this process. Lives on one event loop; every method but ``call`` is to be called on it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        self._rooms: dict[str, set[Connection]] = defaultdict(set)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = {self.loop.create_task(self._sweep())}

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a socket that is gone, with all its rooms."""
        self.connections.discard(connection)
        for room in tuple(connection.rooms):
            self.leave(connection, room)
        connection.stop()

    def join(self, connection: Connection, room: str) -> None:
        self._rooms[room].add(connection)
        connection.rooms.add(room)

    def leave(self, connection: Connection, room: str) -> None:
        connection.rooms.discard(room)
        members = self._rooms.get(room, set())
        members.discard(connection)
        if not members:
            self._rooms.pop(room, None)

    def members(self, room: str) -> set[Connection]:
        """The local sockets in ``room``; not to be changed."""
        return self._rooms.get(room, set())

    def lock(self, name: str) -> asyncio.Lock:
        """The lock of that name, kept for as long as somebody uses it."""
        return self._locks.setdefault(name, asyncio.Lock())

    def publish(self, room: str, frame: Frame) -> None:
        """Hand ``frame`` to every local socket in ``room``."""
        if members := self._rooms.get(room):
            text = encode(frame)
            for connection in tuple(members):
                connection.offer(text)

    def start(self, work: Awaitable[None]) -> None:
        """Run ``work`` beside everything else; what it raises is logged."""
        task = self.loop.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Run ``function`` on the hub's loop, from any thread.

        In a context of its own: the caller's says "inside this request's thread", and waiting for that thread from
        the hub would be a deadlock.
        """
        self.loop.call_soon_threadsafe(function, *args, context=Context())

    async def stop(self) -> None:
        """End what runs beside the sockets."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            # Once may not be enough: a client library in the middle of connecting can swallow a cancellation.
            await asyncio.wait(self._tasks, timeout=0.5)
            self._tasks = {task for task in self._tasks if not task.done()}

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for sweeper in _sweepers:
                await _logged(sweeper(self))


async def _logged(work: Awaitable[None]) -> None:
    try:
        await work
    except Exception:
        logger.exception("The live hub could not finish a piece of work")


_hub: Hub | None = None


def running_hub() -> Hub | None:
    """This process's hub, if a socket ever connected here and its loop still runs."""
    return _hub if _hub is not None and _hub.loop.is_running() else None


def hub() -> Hub:
    """This process's hub, begun with the first socket on the loop that serves sockets."""
    global _hub  # noqa: PLW0603  one per process is the point
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
        for begin in _beginnings:
            begin(_hub)
    return _hub
