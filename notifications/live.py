"""How each user's stream reaches their sockets: pushed when a hint says so, swept when a hint was lost."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from estateman.activity.models import Activity, ActivityRoom
from estateman.common.asynchronous import in_database_thread
from estateman.live.connection import Connection
from estateman.live.hints import on_hint
from estateman.live.hub import Frame, Hub, encode, on_sweep
from notifications.api.serializers import NotificationSerializer
from notifications.models import Notification, UserStream
from notifications.services import unread_count

BATCH = 200
# Beyond this a client is better off with a fresh page of the inbox than with a replay.
MOST_REPLAYED = 1000


class StreamConnection(Connection):
    """A socket and how far into its user's stream it is. ``cursor`` is None until its hello is on the way."""

    cursor: int | None = None
    check_credential: Callable[[], Awaitable[None]] | None = None


@on_hint("stream")
async def push(hub: Hub, user_id: int) -> None:
    """Read what the user's local sockets have not seen and hand it to them, each frame encoded once."""
    async with hub.lock(f"user:{user_id}"):
        while sockets := _streaming(hub, user_id):
            seen = min(socket.cursor for socket in sockets)
            frames = await event_frames(user_id, after=seen, upto=None)
            for seq, text in frames:
                for socket in sockets:
                    if socket.cursor < seq:
                        socket.cursor = seq
                        socket.offer(text)
            if len(frames) < BATCH:
                break


def _streaming(hub: Hub, user_id: int) -> list[Any]:
    return [socket for socket in hub.members(f"user:{user_id}") if getattr(socket, "cursor", None) is not None]


@in_database_thread
def event_frames(user_id: int, *, after: int, upto: int | None) -> list[tuple[int, str]]:
    """Up to BATCH frames of what came after one seq (and not after ``upto``), in order, ready to send."""
    rows = Notification.objects.filter(user=user_id).since(after).select_related("actor")
    if upto is not None:
        rows = rows.filter(seq__lte=upto)
    found = list(rows[:BATCH])
    unread = unread_count(user_id) if found else 0
    return [(row.seq, encode(_event_frame(row, unread))) for row in found]


def _event_frame(notification: Notification, unread: int) -> Frame:
    return {
        "type": "event",
        "seq": notification.seq,
        "kind": "notification.created",
        "at": notification.created_at,
        "data": NotificationSerializer(notification).data,
        "unread": unread,
    }


@on_hint("marked")
async def show_marks(hub: Hub, *, user_id: int, ids: list[int], read: bool) -> None:
    """Tell the user's other tabs what was read, with the absolute count."""
    room = f"user:{user_id}"
    if hub.members(room):
        unread = await in_database_thread(unread_count)(user_id)
        kind = "notification.read" if read else "notification.unread"
        hub.publish(room, {"type": "room", "room": room, "kind": kind, "data": {"ids": ids, "unread": unread}})


@on_hint("activities")
async def show_activities(hub: Hub, ids: list[int]) -> None:
    """Show activities to the local sockets in their rooms."""
    if hub.connections:
        for room, frame in await room_frames(ids):
            hub.publish(room, frame)


@in_database_thread
def room_frames(ids: Iterable[int]) -> list[tuple[str, Frame]]:
    """The frames of some activities, one per room that may see them."""
    rooms = (
        ActivityRoom.objects.filter(activity__in=list(ids))
        .select_related("activity__actor")
        .order_by("activity_id", "pk")
    )
    return [(row.room, _room_frame(row.room, row.activity)) for row in rooms]


def _room_frame(room: str, activity: Activity) -> Frame:
    actor = activity.actor and {"id": activity.actor.pk, "name": activity.actor.name}
    data = {**activity.payload, "activity_id": activity.pk, "actor": actor, "sentence": activity.sentence}
    return {"type": "room", "room": room, "kind": activity.kind, "at": activity.at, "data": data}


@on_hint("typing")
async def show_typing(hub: Hub, room: str, user: dict[str, Any]) -> None:
    hub.publish(room, {"type": "typing", "room": room, "user": user})


@on_hint("signed_out")
async def recheck(hub: Hub, user_id: int) -> None:
    """Somebody signed out somewhere: each of their local sockets asks whether it still may."""
    for socket in tuple(hub.members(f"user:{user_id}")):
        if (check := getattr(socket, "check_credential", None)) is not None:
            hub.start(check())


@on_sweep
async def heal(hub: Hub) -> None:
    """Compare the local sockets' cursors with their streams: what a lost hint left behind is pushed now."""
    users = {socket.user_id for socket in hub.connections}
    for user_id, last_seq in await _last_seqs(users):
        if any(socket.cursor < last_seq for socket in _streaming(hub, user_id)):
            await push(hub, user_id)


@in_database_thread
def _last_seqs(user_ids: set[int]) -> list[tuple[int, int]]:
    return list(UserStream.objects.filter(user__in=user_ids).values_list("user_id", "last_seq")) if user_ids else []


@in_database_thread
def stream_state(user_id: int) -> dict[str, Any]:
    """What hello says: epoch, the newest and oldest seq, and the unread count."""
    stream, _ = UserStream.objects.get_or_create(user_id=user_id)
    return {
        "epoch": str(stream.epoch),
        "seq": stream.last_seq,
        "oldest": stream.pruned_upto + 1,
        "unread": unread_count(user_id),
    }


def happened_since(room: str, moment: datetime) -> bool:
    """Whether anything was told in ``room`` after ``moment``."""
    return Activity.objects.in_rooms([room]).filter(at__gt=moment).exists()


def can_replay(state: dict[str, Any], *, epoch: str, last_seq: int) -> bool:
    """Whether everything after ``last_seq`` is still there to be sent, and little enough to be."""
    return (
        _same_epoch(epoch, state["epoch"])
        and state["oldest"] - 1 <= last_seq <= state["seq"]
        and state["seq"] - last_seq <= MOST_REPLAYED
    )


def _same_epoch(given: str, ours: str) -> bool:
    try:
        return UUID(given) == UUID(ours)
    except ValueError:
        return False
