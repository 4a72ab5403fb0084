"""The rooms that projects own: whoever may see a project may enter its room."""

from collections.abc import Iterable

from estateman.common.rooms import register_room
from estateman.people.models import User
from tasks.models import Project


def register() -> None:
    register_room("project", may_enter=_may_enter, ids_of=_ids_of)


def _may_enter(user: User, project_id: int) -> bool:
    return Project.objects.visible_to(user).filter(pk=project_id).exists()


def _ids_of(user: User) -> Iterable[int]:
    return Project.objects.visible_to(user).values_list("pk", flat=True)
