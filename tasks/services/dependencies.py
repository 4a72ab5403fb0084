"""What waits for what."""

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import DependencyAdded, DependencyRemoved
from tasks.dependencies import find_cycle
from tasks.models import DependencyType, Task, TaskDependency
from tasks.permissions import can_work_on_project
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of, telling_the_freed
from tasks.services.refusals import DependencyCycle, DependencyExists


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
    project is held while its circles are looked for. Raises DependencyCycle, DependencyExists,
    ValidationError for the task itself or one of another project, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _require_sibling(task, predecessor)
    _require_new(task, predecessor)
    _require_no_cycle(task, predecessor)
    link = TaskDependency.objects.create(predecessor=predecessor, successor=task, type=type, lag_days=lag_days)
    announce(
        DependencyAdded(
            **facts_of(task, by),
            dependency_id=link.pk,
            predecessor_id=predecessor.pk,
            predecessor=predecessor.name,
            type=link.type,
            lag_days=lag_days,
        )
    )
    return link


@transaction.atomic
def remove_dependency(link: TaskDependency, *, by: User) -> None:
    """Let the successor wait for the predecessor no longer. Raises ProjectArchived."""
    task, predecessor = link.successor, link.predecessor
    require(can_work_on_project(by, task.project))
    lock_task(task)
    with telling_the_freed(predecessor, by=by):
        announce(
            DependencyRemoved(
                **facts_of(task, by),
                dependency_id=link.pk,
                predecessor_id=predecessor.pk,
                predecessor=predecessor.name,
            )
        )
        link.delete()


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


def _require_no_cycle(task: Task, predecessor: Task) -> None:
    links = TaskDependency.objects.of_project(task.project_id)
    edges = links.values_list("predecessor_id", "successor_id")
    cycle = find_cycle(edges, (predecessor.pk, task.pk))
    if cycle:
        names = dict(Task.objects.filter(pk__in=cycle).values_list("pk", "name"))
        path = " → ".join(names[pk] for pk in (*cycle, cycle[0]))
        raise DependencyCycle(f"They would wait for each other: {path}.", cycle=cycle)
