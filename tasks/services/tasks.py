"""Making, changing and deleting tasks."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TaskChanged, TaskCreated, TaskDeleted
from tasks.models import OPEN_GROUPS, BoardColumn, Project, Task
from tasks.permissions import can_delete_task, can_work_on_project
from tasks.services.assignments import change_assignees, give, require_workers
from tasks.services.days import fitted
from tasks.services.locking import lock_project, lock_task, require
from tasks.services.moving import place
from tasks.services.placing import (
    BOTTOM,
    facts_of,
    first_column,
    rank_at,
    require_room,
    telling_the_freed,
)
from tasks.services.refusals import KeyTaken


class TaskDetails(TypedDict, total=False):
    """What a new task may be told beside its name; ``key`` is made up where it is missing."""

    key: str
    description: str
    priority: str
    starts_on: date | None
    due_on: date | None
    duration_days: int
    progress: int
    scheduling_mode: str


@transaction.atomic
def create_task(
    project: Project,
    *,
    name: str,
    by: User,
    column: BoardColumn | None = None,
    assignees: Iterable[User] = (),
    **details: Unpack[TaskDetails],
) -> Task:
    """Add a task at the end of ``column``, by default the board's first for open tasks.

    Dates and duration are made to fit: a start alone gives the due day, both days give the
    duration. Raises KeyTaken, NotAMember, WipLimitExceeded, ProjectArchived, and ValidationError
    for a column of another board or of completed tasks, or a due day before the start.
    """
    require(can_work_on_project(by, project))
    lock_project(project)
    people = list(dict.fromkeys(assignees))
    require_workers(project, people, by=by)
    column = _open_column(project, column)
    require_room(column)
    key = _free_key(project, details.pop("key", ""))
    _fit_new_dates(project, details)
    task = Task.objects.create(
        project=project,
        column=column,
        rank=rank_at(column, BOTTOM),
        key=key,
        name=name,
        created_by=by,
        **details,
    )
    announce(TaskCreated(**facts_of(task, by)))
    for user in people:
        give(task, user, by=by)
    return task


@transaction.atomic
def edit_task(
    task: Task,
    *,
    by: User,
    changes: dict[str, Any],
    assignees: Iterable[User] | None = None,
    column: BoardColumn | None = None,
    version: int | None = None,
) -> Task:
    """Change fields of ``task``, who has it and which column it stands in.

    Dates and duration are kept fitting: moving the start takes the due day along, a new due day
    changes the duration. Raises what ``move_task`` and ``assign_task`` raise, KeyTaken,
    VersionConflict, ProjectArchived, ValidationError.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    fresh = _changed(task, changes)
    if "key" in fresh:
        _require_free_key(task.project, fresh["key"])
    if fresh or version is not None:
        save_changes(task, fresh, version=version)
    if fresh:
        announce(TaskChanged(**facts_of(task, by), fields=tuple(sorted(fresh))))
    if assignees is not None:
        change_assignees(task, users=assignees, by=by)
    if column is not None and column.pk != task.column_id:
        place(task, column=column, by=by)
    return task


@transaction.atomic
def delete_task(task: Task, *, by: User) -> None:
    """Delete ``task`` with what hangs on it; what only waited for it waits no longer."""
    require(can_delete_task(by, task))
    lock_task(task)
    with telling_the_freed(task, by=by):
        announce(TaskDeleted(**facts_of(task, by)))
        task.delete()


def _open_column(project: Project, column: BoardColumn | None) -> BoardColumn:
    if column is None:
        return first_column(project, *OPEN_GROUPS)
    if column.project_id != project.pk:
        raise ValidationError({"column": "This column is not on the project's board."})
    if column.group not in OPEN_GROUPS:
        raise ValidationError({"column": "A new task starts in a column for open tasks."})
    return column


def _free_key(project: Project, key: str) -> str:
    """``key`` if nobody has it, or the next of T-1, T-2, …"""
    if key:
        _require_free_key(project, key)
        return key
    number = project.last_task_no + 1
    while project.tasks.filter(key=f"T-{number}").exists():
        number += 1
    project.last_task_no = number
    project.save(update_fields=["last_task_no"])
    return f"T-{number}"


def _require_free_key(project: Project, key: str) -> None:
    if project.tasks.filter(key=key).exists():
        raise KeyTaken(f"{project} has a task with the key {key} already.")


def _fit_new_dates(project: Project, details: TaskDetails) -> None:
    starts_on, due_on = details.get("starts_on"), details.get("due_on")
    duration = details.get("duration_days", 1)
    fit = fitted(project.workdays(), starts_on, due_on, duration, keep_due=due_on is not None)
    details["due_on"], details["duration_days"] = fit


def _changed(task: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """Of ``changes`` what is new, with the due day and the duration that follow from it."""
    fresh = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if fresh.keys() & {"starts_on", "due_on", "duration_days"}:
        starts_on = fresh.get("starts_on", task.starts_on)
        keep_due = "due_on" in changes or (task.starts_on is None and task.due_on is not None)
        due_on, duration_days = fitted(
            task.project.workdays(),
            starts_on,
            fresh.get("due_on", task.due_on),
            fresh.get("duration_days", task.duration_days),
            keep_due=keep_due,
        )
        fresh |= {"due_on": due_on, "duration_days": duration_days}
    return {name: value for name, value in fresh.items() if getattr(task, name) != value}
