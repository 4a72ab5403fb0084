"""Estateman itself, real sign-in and all, with a way to publish to a room from outside."""

import asyncio

from benchmarks.servers.control import controlled
from benchmarks.servers.frame import FRAME, ROOM
from estateman.asgi import application as estateman
from estateman.live.hub import hub


async def broadcast(frames: int) -> None:
    """Publish back to back. Each publish is a turn of the loop of its own, as it is after a hint."""
    for _ in range(frames):
        hub().publish(ROOM, FRAME)
        await asyncio.sleep(0)


application = controlled(estateman, broadcast)
