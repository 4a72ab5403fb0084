"""Hearing what becomes of a task without having it."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User, validate_active
from tasks.activities import TaskChanged
from tasks.models import Project, Task, TaskWatcher
from tasks.permissions import can_see_project, can_set_watchers, people_who_see
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of
from tasks.services.refusals import NotAMember


@transaction.atomic
def watch_task(task: Task, *, by: User) -> Task:
    """Watch it oneself; nothing happens when one does. Raises ProjectArchived."""
    return _change_own(task, by, watches=True)


@transaction.atomic
def unwatch_task(task: Task, *, by: User) -> Task:
    """Watch it no longer; nothing happens when one does not. Raises ProjectArchived."""
    return _change_own(task, by, watches=False)


def put_watchers(task: Task, users: Iterable[User], *, by: User) -> bool:
    """Make ``users`` those who watch it; returns whether they were not. The project is locked.

    Raises PermissionDenied for others than oneself unless ``by`` manages the project, NotAMember for those who do not
    see it, ValidationError for someone who left.
    """
    wanted = {user.pk: user for user in users}
    present = set(task.watchings.values_list("user_id", flat=True))
    added, removed = wanted.keys() - present, present - wanted.keys()
    if (added | removed) - {by.pk} and not can_set_watchers(by, task.project):
        raise PermissionDenied("Only those who manage the project let others watch a task.")
    _require_seeing(task.project, [wanted[pk] for pk in sorted(added)])
    TaskWatcher.objects.filter(task=task, user__in=removed).delete()
    TaskWatcher.objects.bulk_create(TaskWatcher(task=task, user=wanted[pk]) for pk in wanted if pk in added)
    return bool(added | removed)


def stop_watching(project: Project) -> None:
    """Whoever does not see ``project`` any more watches nothing there."""
    TaskWatcher.objects.filter(task__project=project).exclude(user__in=people_who_see(project)).delete()


def _require_seeing(project: Project, users: list[User]) -> None:
    for user in users:
        validate_active(user)
    seeing = set(people_who_see(project).filter(pk__in=[user.pk for user in users])) if users else set()
    blind = [user for user in users if user not in seeing]
    if blind:
        names = ", ".join(map(str, blind))
        raise NotAMember(f"They do not see {project}: {names}.", users=[user.pk for user in blind])


def _change_own(task: Task, by: User, *, watches: bool) -> Task:
    require(can_see_project(by, task.project))
    lock_task(task)
    mine = task.watchings.filter(user=by)
    if mine.exists() == watches:
        return task
    if watches:
        TaskWatcher.objects.create(task=task, user=by)
    else:
        mine.delete()
    save_changes(task, {})
    announce(TaskChanged(**facts_of(task, by), fields=("watchers",)))
    return task
