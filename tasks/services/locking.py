"""How services take hold of what they change: first the project's row, always, then the rest.

One lock per project keeps the order of its board, its keys and its circle-free dependencies, and
cannot deadlock: a service holds one project, or several in the order of their ids.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet

from estateman.common.errors import RuleBroken
from tasks.models import Project, Task
from tasks.services.refusals import ProjectArchived, TaskGone

Row = TypeVar("Row", bound=Model)


def require(allowed: bool) -> None:  # noqa: FBT001  reads as a sentence: require(can_edit(…))
    """Raises PermissionDenied unless the predicate said yes."""
    if not allowed:
        raise PermissionDenied


def lock_project(project: Project) -> None:
    """Hold ``project`` until the transaction ends, as it stands now. Raises ProjectArchived.

    The lock leaves the row's key alone, so that those who only refer to the project do not wait.
    """
    project.refresh_from_db(from_queryset=Project.objects.select_for_update(no_key=True, of=("self",)))
    if project.archived_at:
        raise ProjectArchived(f"{project} is archived. Restore it to work on it.")


def read_anew(
    row: Row, *, gone: RuleBroken, rows: QuerySet[Row] | None = None, fields: Iterable[str] | None = None
) -> None:
    """Read ``row``, or just ``fields`` of it, as it stands now that it is held. Raises ``gone`` if it isn't there.

    ``rows`` is where it is read from: with ``select_for_update`` it is held by this.
    """
    try:
        row.refresh_from_db(fields=fields, from_queryset=rows)
    except ObjectDoesNotExist:
        raise gone from None


def lock_task(task: Task) -> None:
    """Hold the task's project and read the task anew. Raises TaskGone, ProjectArchived."""
    lock_project(task.project)
    project = task.project
    read_anew(task, gone=TaskGone("This task was deleted meanwhile."), rows=Task.objects.select_related("column"))
    task.project = project
    task.__dict__.pop("blocking_links", None)  # with_blockers() read them before the lock
