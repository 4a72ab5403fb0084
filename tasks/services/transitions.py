"""What is kept of a task's way over the board: cycle times and flow are counted from it."""

from collections.abc import Iterable
from datetime import date

from estateman.common import clock
from tasks.models import Task, TaskTransition

GONE = ""


def keep_transition(task: Task, *, origin: str = "", group: str, on: date | None = None) -> None:
    """Keep that ``task`` came from one group of columns into another; nothing while the two are one.

    Without an ``origin`` it is new or came back, and without a ``group`` it is gone. ``on`` is the day it happened
    where somebody said so, else today in the project's time zone.
    """
    keep_transitions([task], origin=origin, group=group, on=on)


def keep_transitions(tasks: Iterable[Task], *, origin: str = "", group: str, on: date | None = None) -> None:
    """The same for many tasks of one project, in one statement."""
    if origin == group:
        return
    now = clock.now()
    TaskTransition.objects.bulk_create(
        TaskTransition(
            project_id=task.project_id,
            task=task,
            from_group=origin,
            to_group=group,
            at=now,
            on=on or clock.local_date(now, task.project.timezone),
        )
        for task in tasks
    )
