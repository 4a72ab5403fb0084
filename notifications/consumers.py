"""The live socket, `/ws/{user_id}`: the protocol of docs/socket.md over the hub of this process."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from estateman.common import clock
from estateman.common.asynchronous import in_database_thread
from estateman.common.rooms import may_enter
from estateman.live.hints import send_hint
from estateman.live.hub import Frame, encode, hub
from notifications.frames import Refused, moment_in, room_in, whole_number_in
from notifications.live import StreamConnection, can_replay, event_frames, happened_since, stream_state
from notifications.rate import Bucket
from notifications.services import acknowledge, mark_all_read, mark_read
from notifications.socket_auth import PROTOCOL, Identity, WrongOrigin, identify

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

HEARTBEAT_SECONDS = 25
RECHECK_SECONDS = 60.0
LARGEST_FRAME = 64 * 1024
MOST_SOCKETS = 20
PROTOCOL_ERROR, UNAUTHENTICATED, FORBIDDEN, TOO_MANY, RATE_LIMITED = 4400, 4401, 4403, 4409, 4429


async def live_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application of one socket, from handshake to disconnect."""
    await receive()
    try:
        identity = await in_database_thread(identify)(scope)
    except WrongOrigin:
        await send({"type": "websocket.close", "code": FORBIDDEN})
        return
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in scope["subprotocols"] else None})
    if refusal := _refusal(scope, identity):
        await _turn_away(send, *refusal)
    elif identity is not None:
        await LiveSocket(scope, identity, receive, send).run()


def _refusal(scope: dict[str, Any], identity: Identity | None) -> tuple[int, str, str] | None:
    asked_for = scope["url_route"]["kwargs"]["user_id"]
    if identity is None:
        return UNAUTHENTICATED, "unauthenticated", "Sign in first: no valid token, ticket or session came with this."
    if asked_for not in {"me", str(identity.user.pk)}:
        return FORBIDDEN, "forbidden", "This is somebody else's socket. Use /ws/me."
    if len(hub().members(f"user:{identity.user.pk}")) >= MOST_SOCKETS:
        return TOO_MANY, "too_many_connections", f"No more than {MOST_SOCKETS} sockets at once."
    return None


async def _turn_away(send: Send, close_code: int, code: str, detail: str) -> None:
    await send({"type": "websocket.send", "text": encode(_error(code, detail))})
    await send({"type": "websocket.close", "code": close_code})


def _error(code: str, detail: str, ref: Any = None) -> Frame:
    if ref is None:
        return {"type": "error", "error": {"code": code, "detail": detail}}
    return {"type": "reply", "ref": ref, "ok": False, "error": {"code": code, "detail": detail}}


class LiveSocket:
    """One accepted socket of a known user."""

    def __init__(self, scope: dict[str, Any], identity: Identity, receive: Receive, send: Send) -> None:
        self.user, self._identity = identity.user, identity
        self._receive, self._asgi_send = receive, send
        self._query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        self._greeted_at_seq = 0
        self._bucket = Bucket(per_second=20, burst=60)
        self._hub = hub()
        self._connection = StreamConnection(self.user.pk, send=self._send_text, close=self._send_close)
        self._connection.check_credential = self.check_credential
        self._verbs: dict[str, Callable[[Frame], Awaitable[Any]]] = {
            "ping": self._ping,
            "resume": self._resume,
            "ack": self._ack,
            "read": self._read,
            "read_all": self._read_all,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "typing": self._typing,
        }

    async def run(self) -> None:
        """Greet, then answer until the socket is gone."""
        rechecks = asyncio.get_running_loop().create_task(self._recheck())
        # In the room first, then the backlog: the other way round leaves a hole between the two.
        self._hub.add(self._connection)
        self._hub.join(self._connection, f"user:{self.user.pk}")
        try:
            await self._greet()
            while (message := await self._receive())["type"] != "websocket.disconnect":
                await self._hear(message)
        finally:
            rechecks.cancel()
            self._hub.remove(self._connection)

    def _in_order(self) -> asyncio.Lock:
        """One writer per user's stream in this process, so that frames leave in seq order."""
        return self._hub.lock(f"user:{self.user.pk}")

    async def _greet(self) -> None:
        async with self._in_order():
            state = await stream_state(self.user.pk)
            since, epoch = self._query.get("since", [""])[0], self._query.get("epoch", [""])[0]
            resume = "new"
            if since.isascii() and since.isdigit():
                resume = "ok" if can_replay(state, epoch=epoch, last_seq=int(since)) else "gap"
            self._say({"type": "hello", "v": 1, "connection": str(uuid4()), "user": self.user.pk, **state,
                       "at": clock.now().isoformat(), "heartbeat": HEARTBEAT_SECONDS, "resume": resume})  # fmt: skip
            if resume == "ok":
                await self._replay(int(since), state["seq"])
            elif resume == "gap":
                self._say(_gap(state, int(since)))
            self._greeted_at_seq = self._connection.cursor = state["seq"]

    async def _hear(self, message: dict[str, Any]) -> None:
        if not self._bucket.take():
            self._say(_error("rate_limited", "Slower, please."))
            if self._bucket.is_abused():
                self._connection.end(RATE_LIMITED)
            return
        frame = self._parse(message)
        if frame is not None:
            await self._answer(frame)

    def _parse(self, message: dict[str, Any]) -> Frame | None:
        text = message.get("text")
        if text is None:
            self._say(_error("bad_json", "Send JSON text, one object per frame."))
        elif len(text) > LARGEST_FRAME or len(text.encode()) > LARGEST_FRAME:
            self._say(_error("too_large", f"A frame may hold {LARGEST_FRAME} bytes."))
        else:
            try:
                frame = json.loads(text)
            except (ValueError, RecursionError):
                frame = None
            if isinstance(frame, dict):
                return frame
            self._say(_error("bad_json", "Send JSON text, one object per frame."))
        return None

    async def _answer(self, frame: Frame) -> None:
        ref, kind = frame.get("ref"), frame.get("type")
        verb = self._verbs.get(kind) if isinstance(kind, str) else None
        if verb is None:
            self._say(_error("unknown_type", f"There is no frame of type {kind}."[:200], ref))
            return
        try:
            data = await verb(frame)
        except Refused as refused:
            self._say(_error(refused.code, refused.detail, ref))
        except Exception:  # one bad frame must not end the socket
            logger.exception("A %s frame failed", kind)
            self._say(_error("internal", "Something went wrong on our side.", ref))
        else:
            if ref is not None and kind != "ping":
                self._say({"type": "reply", "ref": ref, "ok": True, "data": data or {}})

    async def _ping(self, frame: Frame) -> None:
        self._say({"type": "pong", "ref": frame.get("ref")})

    async def _resume(self, frame: Frame) -> None:
        last_seq = whole_number_in(frame, "last_seq")
        state = {**await stream_state(self.user.pk), "seq": self._greeted_at_seq}
        if can_replay(state, epoch=str(frame.get("epoch", "")), last_seq=last_seq):
            async with self._in_order():
                await self._replay(last_seq, self._greeted_at_seq)
        else:
            self._say(_gap(state, last_seq))

    async def _replay(self, last_seq: int, upto: int) -> None:
        """Send what came after ``last_seq`` up to what hello counted; later ones were, or will be, sent live."""
        seq = last_seq
        while seq < upto and (frames := await event_frames(self.user.pk, after=seq, upto=upto)):
            for seq, text in frames:  # noqa: B007  the last one is where the next batch starts
                self._connection.offer(text)
            await self._connection.drained()
        self._say({"type": "replayed", "from": last_seq + 1, "to": upto})

    async def _ack(self, frame: Frame) -> None:
        await in_database_thread(acknowledge)(self.user.pk, seq=whole_number_in(frame, "seq"))

    async def _read(self, frame: Frame) -> dict[str, int]:
        ids = frame.get("ids")
        if (
            not isinstance(ids, list)
            or not all(type(each) is int and 0 < each < 2**63 for each in ids)
            or len(ids) > 500
        ):
            raise Refused("bad_json", "ids must be a list of at most 500 notification ids.")
        return {"marked": await in_database_thread(mark_read)(self.user, ids=ids)}

    async def _read_all(self, frame: Frame) -> dict[str, int]:
        upto = None if frame.get("upto_seq") is None else whole_number_in(frame, "upto_seq")
        return {"marked": await in_database_thread(mark_all_read)(self.user, upto_seq=upto)}

    async def _subscribe(self, frame: Frame) -> dict[str, Any]:
        room, since = room_in(frame), moment_in(frame, "since")
        if not await in_database_thread(may_enter)(self.user, room):
            raise Refused("not_found", "There is no such room for you.")
        self._hub.join(self._connection, room)
        at = clock.now().isoformat()
        missed = since is not None and await in_database_thread(happened_since)(room, since)
        return {"room": room, "at": at, "missed": missed}

    async def _unsubscribe(self, frame: Frame) -> dict[str, str]:
        room = self._own_room(frame)
        if room == f"user:{self.user.pk}":
            raise Refused("conflict", "A socket stays in its own user's room.")
        self._hub.leave(self._connection, room)
        return {"room": room}

    async def _typing(self, frame: Frame) -> None:
        room = self._own_room(frame)
        send_hint("typing", room=room, user={"id": self.user.pk, "name": self.user.name})

    def _own_room(self, frame: Frame) -> str:
        room = room_in(frame)
        if room not in self._connection.rooms:
            raise Refused("not_subscribed", f"Subscribe to {room} first.")
        return room

    async def _recheck(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            await self.check_credential()

    async def check_credential(self) -> None:
        """Close with 4401 once the token, session or account behind this socket no longer stands, and leave the rooms
        that its user may no longer enter."""
        if not await in_database_thread(self._identity.still_stands)():
            self._connection.end(UNAUTHENTICATED)
            return
        for room in await in_database_thread(self._closed_rooms)():
            self._hub.leave(self._connection, room)

    def _closed_rooms(self) -> list[str]:
        self.user.refresh_from_db()
        return [room for room in tuple(self._connection.rooms) if not may_enter(self.user, room)]

    def _say(self, frame: Frame) -> None:
        self._connection.offer(encode(frame))

    async def _send_text(self, text: str) -> None:
        await self._asgi_send({"type": "websocket.send", "text": text})

    async def _send_close(self, code: int) -> None:
        await self._asgi_send({"type": "websocket.close", "code": code})


def _gap(state: Frame, last_seq: int) -> Frame:
    fetch = f"/api/v1/notifications?after_seq={max(last_seq, 0)}"
    return {"type": "gap", "oldest": state["oldest"], "seq": state["seq"], "fetch": fetch}
