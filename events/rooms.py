"""Each calendar is a room for those who may read it."""

from collections.abc import Iterable

from estateman.common.rooms import register_room
from estateman.people.models import User
from events.models import Access, Calendar


def register() -> None:
    register_room("calendar", may_enter=_may_enter, ids_of=_ids_of)


def _may_enter(user: User, calendar_id: int) -> bool:
    return Calendar.objects.visible_to(user, at_least=Access.READ).filter(pk=calendar_id).exists()


def _ids_of(user: User) -> Iterable[int]:
    return Calendar.objects.visible_to(user, at_least=Access.READ).values_list("pk", flat=True)
