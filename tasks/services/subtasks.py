"""Tasks that are part of another one."""

from django.core.exceptions import ValidationError

from tasks.models import Project, Task
from tasks.services.circles import require_no_circle
from tasks.services.placing import ref_of
from tasks.services.refusals import SubtasksOpen


def require_parent_fits(project: Project, parent: Task, *, task: Task | None = None) -> None:
    """``parent`` may take ``task``, or a new one. The project is locked.

    Raises ValidationError for a parent of another project and for the task itself, DependencyCycle for one of its own
    sub-tasks and where it would wait for itself.
    """
    if task and parent.pk == task.pk:
        raise ValidationError({"parent": "A task cannot be a part of itself."})
    if not project.tasks.filter(pk=parent.pk).exists():
        raise ValidationError({"parent": "This task is not in the same project."})
    if task:
        require_no_circle(project, parents={task.pk: parent.pk})


def require_subtasks_settled(task: Task) -> None:
    """Raises SubtasksOpen, with those that are to be completed or cancelled first."""
    first = list(task.subtasks.open().order_by("rank", "pk"))
    if first:
        names = ", ".join(each.name for each in first)
        raise SubtasksOpen(f"First its sub-tasks: {names}.", tasks=[ref_of(each) for each in first])
