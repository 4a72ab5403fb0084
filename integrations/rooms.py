"""Each integration is a room, for those who manage integrations."""

from collections.abc import Iterable

from estateman.common.rooms import register_room
from estateman.people.models import User
from integrations.models import Integration


def register() -> None:
    register_room("integration", may_enter=_may_enter, ids_of=_ids_of)


def _may_enter(user: User, integration_id: int) -> bool:
    return Integration.objects.visible_to(user).filter(pk=integration_id).exists()


def _ids_of(user: User) -> Iterable[int]:
    return Integration.objects.visible_to(user).values_list("pk", flat=True)
