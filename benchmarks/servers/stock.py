"""The consumer of the Channels tutorial: every socket is a member of the layer's group. REDIS_URL picks the layer."""

import os
from typing import Any

import django
from django.conf import settings

_REDIS = os.environ.get("REDIS_URL")
_LAYER = (
    {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [_REDIS]}}
    if _REDIS
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
)
settings.configure(CHANNEL_LAYERS={"default": _LAYER})
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402  needs the settings above
from channels.layers import get_channel_layer  # noqa: E402

from benchmarks.servers.control import controlled  # noqa: E402
from benchmarks.servers.frame import ROOM, TEXT  # noqa: E402


class StockConsumer(AsyncWebsocketConsumer):
    """Spared what the tutorial also does: nobody signs in, and the text comes encoded."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(ROOM, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(ROOM, self.channel_name)

    async def room_frame(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


async def broadcast(frames: int) -> None:
    for _ in range(frames):
        await get_channel_layer().group_send(ROOM, {"type": "room.frame", "text": TEXT})


application = controlled(StockConsumer.as_asgi(), broadcast)
