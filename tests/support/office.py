"""People at work over the wire: third-party clients against Estateman's own processes."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
from websockets.sync.client import ClientConnection, connect

Frame = dict[str, Any]


class Person:
    """Somebody signed in for a bearer token, acting on one web process and hearing on another."""

    def __init__(self, act_on: str, hear_on: str, email: str, password: str = "demo") -> None:
        self._hear_on = hear_on.replace("http", "ws", 1)
        self._api = f"{act_on}/api/v1"
        self.headers: dict[str, str] = {}
        signed_in = self.post("/auth/login", {"email": email, "password": password}, expect=200)
        self.id: int = signed_in["user"]["id"]
        self.headers = {"Authorization": f"Bearer {signed_in['token']}"}

    def get(self, path: str, **query: Any) -> Any:
        """The answer's JSON; anything but 200 fails."""
        answer = httpx.get(f"{self._api}{path}", params=query, headers=self.headers, timeout=20)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any = None, *, expect: int = 201, method: str = "POST") -> Any:
        """The answer's JSON; any other status than ``expect`` fails."""
        answer = httpx.request(
            method, f"{self._api}{path}", json={} if body is None else body, headers=self.headers, timeout=20
        )
        assert answer.status_code == expect, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def inbox(self) -> list[Frame]:
        """The newest notifications."""
        rows: list[Frame] = self.get("/notifications")["results"]
        return rows

    @contextmanager
    def listening(self, query: str = "") -> Iterator["Ear"]:
        """A live socket of theirs, after its hello."""
        url = f"{self._hear_on}/ws/{self.id}{query}"
        with connect(url, additional_headers=self.headers, open_timeout=20) as socket:
            yield Ear(socket)


class Ear:
    """A live socket that remembers what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Frame] = []
        self.hello = self.until(lambda frame: frame["type"] == "hello")

    def until(self, wanted: Callable[[Frame], bool], *, within: float = 20) -> Frame:
        """The first frame that is ``wanted``, from now on; AssertionError when it does not come."""
        give_up_at = time.monotonic() + within
        while (left := give_up_at - time.monotonic()) > 0:
            try:
                frame: Frame = json.loads(self.socket.recv(timeout=left))
            except TimeoutError:
                break
            self.heard.append(frame)
            if wanted(frame):
                return frame
        raise AssertionError(f"Not heard within {within} s; heard {self.heard}")

    def until_told(self, kind: str, **data: Any) -> Frame:
        """The first event whose notification is of ``kind`` and about ``data``."""
        return self.until(lambda frame: frame["type"] == "event" and _is_about(frame["data"], kind, data))

    def until_room(self, kind: str) -> Frame:
        """The first room frame of ``kind``."""
        return self.until(lambda frame: frame["type"] == "room" and frame["kind"] == kind)

    def say(self, **frame: Any) -> Self:
        self.socket.send(json.dumps(frame))
        return self


def _is_about(notification: Frame, kind: str, data: dict[str, Any]) -> bool:
    return notification["kind"] == kind and data.items() <= notification["data"].items()
