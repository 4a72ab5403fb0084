"""Making one task after the model of another."""

from typing import Any

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import TaskCreated
from tasks.models import BoardColumn, ChecklistItem, DateChange, Task, TaskWatcher
from tasks.permissions import WORKING, people_who_see
from tasks.services.assignments import give
from tasks.services.days import new_days
from tasks.services.keys import free_key
from tasks.services.placing import BOTTOM, facts_of, rank_at
from tasks.services.replanning import Cause, replan_task
from tasks.services.transitions import keep_transition

_COPIED = (
    *("name", "description", "priority", "duration_days", "scheduling_mode", "estimate_minutes", "role", "parent"),
    *("starts_on", "due_on", "deadline_on", "deadline_time", "deadline_timezone", "deadline_at"),
)


def copy_task(source: Task, *, column: BoardColumn, by: User, **others: Any) -> Task:
    """A new task like ``source`` at the end of ``column``, with ``others`` instead of what that has.

    It has the labels, and those assignees and watchers who may still have and see it; the checklist afresh. What was
    done and said stays with the source: comments, files, hours, links. The project is locked, and there is room.
    """
    values = {name: getattr(source, name) for name in _COPIED} | others
    values |= new_days(source.project.workdays(), values)
    task = Task.objects.create(
        project=source.project,
        column=column,
        rank=rank_at(column, BOTTOM),
        key=free_key(source.project),
        created_by=by,
        **values,
    )
    task.labels.set(source.labels.all())
    _copy_checklist(source, task)
    keep_transition(task, group=column.group)
    announce(TaskCreated(**facts_of(task, by)))
    _copy_people(source, task, by)
    if task.parent:
        replan_task(task, by=by, cause=Cause(DateChange.Cause.EDITED, f"{task} was added"))
    return task


def _copy_checklist(source: Task, task: Task) -> None:
    fields = ("text", "position", "is_required", "needs_document", "needs_review")
    ChecklistItem.objects.bulk_create(
        ChecklistItem(task=task, **{name: getattr(item, name) for name in fields}) for item in source.checklist.all()
    )


def _copy_people(source: Task, task: Task, by: User) -> None:
    working = set(
        source.project.memberships.filter(role__in=WORKING, user__is_active=True).values_list("user_id", flat=True)
    )
    for given in source.assignments.select_related("user").order_by("pk"):
        if given.user_id in working:
            give(task, given.user, by=by)
    watching = people_who_see(source.project).filter(pk__in=source.watchings.values("user"))
    TaskWatcher.objects.bulk_create(TaskWatcher(task=task, user=user) for user in watching)
