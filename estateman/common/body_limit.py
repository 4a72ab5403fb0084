"""How long a request may be, asked before anything of it is kept."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


class BodyLimit:
    """Answers 413 to bodies of more than ``most`` bytes.

    Django writes a whole body to disk before anything of ours sees the request; without this, the disk would be the
    limit. What says how long it is is refused at once, what does not is cut off.
    """

    def __init__(self, application: Application, *, most: int) -> None:
        self.application = application
        self.most = most

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if _said_length(scope) > self.most:
            await _refuse(send, self.most)
            return
        counted = _Counted(receive, self.most)
        await self.application(scope, counted, send)
        if counted.is_over:
            await _refuse(send, self.most)


class _Counted:
    """``receive``, which for Django is the end of the connection once there was too much."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive = receive
        self.left = most

    @property
    def is_over(self) -> bool:
        return self.left < 0

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_over else message


def _said_length(scope: Message) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


async def _refuse(send: Send, most: int) -> None:
    detail = f"A request holds {most // 1024 // 1024} MiB at most."
    error = {"type": "client_error", "errors": [{"code": "too_large", "detail": detail, "attr": None}]}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error).encode()})
