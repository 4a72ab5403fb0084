"""What waits for what."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import DependencyAdded, DependencyChanged, DependencyRemoved
from tasks.models import DateChange, DependencyType, Task, TaskDependency
from tasks.permissions import can_work_on_project
from tasks.services.circles import require_no_circle
from tasks.services.locking import lock_task, read_anew, require
from tasks.services.placing import facts_of, telling_the_freed
from tasks.services.refusals import DependencyExists, DependencyGone
from tasks.services.replanning import Cause, replan_task


@transaction.atomic
def add_dependency(
    task: Task,
    *,
    predecessor: Task,
    by: User,
    type: str = DependencyType.FS,  # noqa: A002  the contract's name for it
    lag_days: int = 0,
) -> TaskDependency:
    """Make ``task`` wait for ``predecessor``, a task of the same project.

    Of two that would make the tasks wait for each other, added at once, the second is refused: the
    project is held while its circles are looked for. What is scheduled automatically moves with it.
    Raises DependencyCycle, DependencyExists, PlanTooLong, ValidationError for the task itself or one
    of another project, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _require_sibling(task, predecessor)
    _require_new(task, predecessor)
    require_no_circle(task.project, links=[(predecessor.pk, task.pk)])
    link = TaskDependency.objects.create(predecessor=predecessor, successor=task, type=type, lag_days=lag_days)
    announce(DependencyAdded(**_facts_of(link, by), type=link.type, lag_days=lag_days))
    _replan(link, by)
    return link


@transaction.atomic
def change_dependency(
    link: TaskDependency,
    *,
    by: User,
    type: str | None = None,  # noqa: A002  the contract's name for it
    lag_days: int | None = None,
) -> TaskDependency:
    """Let the two hang together by another ``type`` or another lag.

    Changing nothing announces nothing. Raises DependencyGone, PlanTooLong, ProjectArchived.
    """
    task = link.successor
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _read_link(link)
    stood = (link.type, link.lag_days)
    now = (link.type if type is None else type, link.lag_days if lag_days is None else lag_days)
    if now == stood:
        return link
    with telling_the_freed(link.predecessor, by=by):
        link.type, link.lag_days = now
        link.save(update_fields=["type", "lag_days"])
        announce(DependencyChanged(**_facts_of(link, by), type=link.type, lag_days=link.lag_days))
    _replan(link, by)
    return link


@transaction.atomic
def remove_dependency(link: TaskDependency, *, by: User) -> None:
    """Let the successor wait for the predecessor no longer. Raises DependencyGone, ProjectArchived."""
    task, predecessor = link.successor, link.predecessor
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _read_link(link)
    with telling_the_freed(predecessor, by=by):
        announce(DependencyRemoved(**_facts_of(link, by)))
        link.delete()
    why = f"{task} waits for {predecessor} no longer"
    cause = Cause(DateChange.Cause.DEPENDENCY, why, task_id=predecessor.pk)
    replan_task(task, by=by, cause=cause)


def _require_sibling(task: Task, predecessor: Task) -> None:
    if predecessor.pk == task.pk:
        raise ValidationError({"predecessor": "A task cannot wait for itself."})
    if not task.project.tasks.filter(pk=predecessor.pk).exists():
        raise ValidationError({"predecessor": "This task is not in the same project."})


def _require_new(task: Task, predecessor: Task) -> None:
    present = TaskDependency.objects.filter(predecessor=predecessor, successor=task).first()
    if present:
        raise DependencyExists(
            f"{task} waits for {predecessor} already. Remove that first to change it.",
            dependency=present.pk,
        )


def _read_link(link: TaskDependency) -> None:
    """As it stands now that the project is locked. Raises DependencyGone."""
    read_anew(link, gone=DependencyGone("Somebody removed this dependency meanwhile."), fields=["type", "lag_days"])


def _replan(link: TaskDependency, by: User) -> None:
    lag = f"{link.lag_days:+d}" if link.lag_days else ""
    why = f"{link.successor} waits for {link.predecessor} ({link.type}{lag}) now"
    cause = Cause(DateChange.Cause.DEPENDENCY, why, task_id=link.predecessor_id)
    replan_task(link.successor, by=by, cause=cause)


def _facts_of(link: TaskDependency, by: User) -> dict[str, Any]:
    return {
        **facts_of(link.successor, by),
        "dependency_id": link.pk,
        "predecessor_id": link.predecessor_id,
        "predecessor": link.predecessor.name,
    }
