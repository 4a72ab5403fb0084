"""Hints: "look again", said to every process. A hint carries no content, so losing or doubling one is harmless."""

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer

from estateman.live.hub import Hub, on_begin, running_hub

logger = logging.getLogger(__name__)

GROUP = "hints"
RETRY_SECONDS = 1.0
Handler = Callable[..., Awaitable[None]]
_handlers: dict[str, Handler] = {}
_THIS_PROCESS = uuid4().hex


def on_hint(kind: str) -> Callable[[Handler], Handler]:
    """Register what this process does on a hint: ``@on_hint("stream") async def refresh(hub, user_id): …``."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def send_hint(kind: str, **about: Any) -> None:
    """Tell every process, this one at once. To be called after the commit, from any thread; it never waits."""
    hint = {"kind": kind, "about": about, "from": f"{_THIS_PROCESS}.{os.getpid()}"}
    if local := running_hub():
        local.call(_receive, local, hint)
    if get_channel_layer() is not None:
        _sender().post(hint)


def _receive(hub: Hub, hint: dict[str, Any]) -> None:
    hub.start(_handlers[hint["kind"]](hub, **hint["about"]))


class _Sender(threading.Thread):
    """A loop of its own for the channel layer, whose connections belong to a loop; started after a worker forked."""

    def __init__(self) -> None:
        super().__init__(name="hints", daemon=True)
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self.start()

    def run(self) -> None:
        self._loop.run_forever()

    def post(self, hint: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(self._post(hint), self._loop)

    async def _post(self, hint: dict[str, Any]) -> None:
        try:
            await get_channel_layer().group_send(GROUP, {"type": "hint", **hint})
        except Exception:
            logger.warning("A live hint could not be sent; the sweep will make it good", exc_info=True)


_sending: _Sender | None = None
_sending_lock = threading.Lock()


def _sender() -> _Sender:
    global _sending  # noqa: PLW0603  one per process
    with _sending_lock:
        if _sending is None or _sending.pid != os.getpid():
            _sending = _Sender()
        return _sending


@on_begin
def _listen(hub: Hub) -> None:
    if get_channel_layer() is not None:
        hub.start(_hear_other_processes(hub))


async def _hear_other_processes(hub: Hub) -> None:
    """Receive hints for ever; after any trouble with the layer, subscribe again."""
    while True:
        try:
            layer = get_channel_layer()
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            while True:
                hint = await layer.receive(channel)
                if hint["from"] != f"{_THIS_PROCESS}.{os.getpid()}":
                    _receive(hub, hint)
        except Exception:
            logger.warning("Live hints are interrupted; subscribing again", exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)
