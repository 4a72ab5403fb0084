"""Two addresses beside an ASGI application that tell a server under measurement what to do.

``/benchmark/broadcast?frames=40`` sends that many frames to the room, ``/benchmark/cpu`` answers the process's CPU
seconds so far. Answering from inside the process makes the figure the same for every server and every system.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
Broadcast = Callable[[int], Awaitable[None]]


def controlled(application: Application, broadcast: Broadcast) -> Application:
    """``application``, with the two addresses in front of it."""

    async def application_or_control(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/benchmark/"):
            said = await obey(scope["path"], scope["query_string"].decode(), broadcast)
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": said.encode()})
        else:
            await application(scope, receive, send)

    return application_or_control


async def obey(path: str, query: str, broadcast: Broadcast) -> str:
    """Do what one of the addresses asks for; returns the text to answer with."""
    if path == "/benchmark/broadcast":
        await broadcast(int(parse_qs(query)["frames"][0]))
    return repr(time.process_time())
