"""Each calendar is a room for those who may read it; that something bookable was taken or given back is told to all."""

from collections.abc import Iterable

from estateman.common.rooms import OFFICE, register_room
from estateman.live.hints import on_hint
from estateman.live.hub import Hub
from estateman.people.models import User
from events.models import Access, Calendar


def register() -> None:
    register_room("calendar", may_enter=_may_enter, ids_of=_ids_of)


@on_hint("bookings")
async def show_bookings_changed(hub: Hub) -> None:
    """All staff see what is taken, but not for what: they are told to look again, and nothing else."""
    hub.publish(OFFICE, {"type": "room", "room": OFFICE, "kind": "bookings.changed", "data": {}})


def _may_enter(user: User, calendar_id: int) -> bool:
    return Calendar.objects.visible_to(user, at_least=Access.READ).filter(pk=calendar_id).exists()


def _ids_of(user: User) -> Iterable[int]:
    return Calendar.objects.visible_to(user, at_least=Access.READ).values_list("pk", flat=True)
