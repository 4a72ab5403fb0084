"""A client of the live socket inside the test's own process."""

import json
from typing import Any, Self

from channels.testing import WebsocketCommunicator

from estateman.asgi import application

SITE = b"http://127.0.0.1:8000"


class SocketClient:
    """``async with SocketClient(token=…) as socket: await socket.expect("hello")``."""

    def __init__(self, path: str = "/ws/me", *, token: str = "", headers: dict[bytes, bytes] | None = None,
                 subprotocols: list[str] | None = None) -> None:  # fmt: skip
        given = {b"authorization": f"Bearer {token}".encode()} if token else {}
        self.communicator = WebsocketCommunicator(
            application, path, headers=[*({**given, **(headers or {})}).items()], subprotocols=subprotocols
        )

    async def __aenter__(self) -> Self:
        accepted, self.answer = await self.communicator.connect(timeout=5)
        assert accepted, f"the handshake was refused with {self.answer}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.communicator.disconnect()

    async def say(self, **frame: Any) -> None:
        await self.communicator.send_to(text_data=json.dumps(frame))

    async def hear(self) -> dict[str, Any]:
        """The next frame, whatever it is."""
        output = await self.communicator.receive_output(timeout=5)
        if output["type"] == "websocket.close":
            return {"type": "closed", "code": output["code"]}
        frame: dict[str, Any] = json.loads(output["text"])
        return frame

    async def expect(self, kind: str) -> dict[str, Any]:
        """The next frame of that type; room frames in between are passed over."""
        while (frame := await self.hear())["type"] != kind:
            assert frame["type"] == "room", f"expected {kind}, heard {frame}"
        return frame

    async def is_silent(self) -> bool:
        return bool(await self.communicator.receive_nothing(timeout=0.2))
