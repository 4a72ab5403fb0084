"""Making and changing tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TaskChanged, TaskCreated
from tasks.models import OPEN_GROUPS, BoardColumn, DateChange, Label, Project, Task
from tasks.permissions import can_work_on_project
from tasks.services.assignments import change_assignees, give, require_workers
from tasks.services.date_rules import mark_overridden
from tasks.services.days import SCHEDULING, changed_days, new_days
from tasks.services.deadlines import GIVEN, deadline_fields
from tasks.services.keys import free_key, require_free_key
from tasks.services.labels import put_labels
from tasks.services.locking import lock_project, lock_task, require
from tasks.services.moving import place
from tasks.services.parts import players_of
from tasks.services.placing import BOTTOM, facts_of, first_column, rank_at, require_room
from tasks.services.replanning import Cause, replan_task
from tasks.services.subtasks import require_parent_fits
from tasks.services.transitions import keep_transition
from tasks.services.watching import put_watchers


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
    not_before: date | None
    deadline_on: date | None
    deadline_time: time | None
    deadline_timezone: str
    estimate_minutes: int | None
    parent: Task | None
    role: str


@transaction.atomic
def create_task(  # noqa: PLR0913  the fields of one form
    project: Project,
    *,
    name: str,
    by: User,
    column: BoardColumn | None = None,
    assignees: Iterable[User] = (),
    labels: Iterable[Label] = (),
    watchers: Iterable[User] = (),
    **details: Unpack[TaskDetails],
) -> Task:
    """Add a task at the end of ``column``, by default the board's first for open tasks.

    Dates and duration are made to fit: a start alone gives the due day, both days give the
    duration. With a ``role`` and nobody named it goes to who plays that part. Raises KeyTaken,
    NotAMember, WipLimitExceeded, ProjectArchived, and ValidationError for a column of another board
    or of completed tasks, a parent or a label of another project, or a due day before the start.
    """
    require(can_work_on_project(by, project))
    lock_project(project)
    people = list(dict.fromkeys(assignees)) or _player(project, details.get("role", ""))
    require_workers(project, people, by=by)
    column = _open_column(project, column)
    require_room(column)
    if parent := details.get("parent"):
        require_parent_fits(project, parent)
    key = free_key(project, details.pop("key", ""))
    fitting = new_days(project.workdays(), details)
    task = Task.objects.create(
        project=project,
        column=column,
        rank=rank_at(column, BOTTOM),
        key=key,
        name=name,
        created_by=by,
        **{**details, **fitting, **deadline_fields(project, details)},
    )
    put_labels(task, labels)
    put_watchers(task, watchers, by=by)
    keep_transition(task, group=column.group)
    announce(TaskCreated(**facts_of(task, by)))
    for user in people:
        give(task, user, by=by)
    if task.parent or task.not_before != task.starts_on:
        replan_task(task, by=by, cause=Cause(DateChange.Cause.EDITED, f"{task} was added"))
    return task


@transaction.atomic
def edit_task(  # noqa: PLR0913  the fields of one form
    task: Task,
    *,
    by: User,
    changes: dict[str, Any],
    assignees: Iterable[User] | None = None,
    labels: Iterable[Label] | None = None,
    watchers: Iterable[User] | None = None,
    column: BoardColumn | None = None,
    version: int | None = None,
) -> Task:
    """Change fields of ``task``, who has it, who watches it, its labels and which column it stands in.

    Dates and duration are kept fitting: moving the start takes the due day along, a new due day
    changes the duration. A task that nobody has goes to who plays the ``role`` it is given. Raises
    what ``move_task`` and ``assign_task`` raise, KeyTaken, DependencyCycle, VersionConflict,
    ProjectArchived, ValidationError.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    fresh = _changed(task, changes)
    _require_fitting(task, fresh)
    before, parents = (task.starts_on, task.due_on), _parents(task, fresh)
    beside = _put_beside(task, labels, watchers, by)
    _write(task, fresh, beside, by=by, version=version)
    if fresh.keys() & changes.keys() & {"starts_on", "due_on"}:
        mark_overridden(task)
    if assignees is None and fresh.get("role") and not task.assignments.exists():
        assignees = _player(task.project, fresh["role"])
    if assignees is not None:
        change_assignees(task, users=assignees, by=by)
    if column is not None and column.pk != task.column_id:
        place(task, column=column, by=by)
    if fresh.keys() & SCHEDULING:
        cause = Cause(DateChange.Cause.EDITED, f"{task} was changed by hand")
        replan_task(task, by=by, cause=cause, others=parents, before=before)
    return task


def _require_fitting(task: Task, fresh: dict[str, Any]) -> None:
    if "key" in fresh:
        require_free_key(task.project, fresh["key"])
    if fresh.get("parent"):
        require_parent_fits(task.project, fresh["parent"], task=task)


def _parents(task: Task, fresh: dict[str, Any]) -> set[int]:
    """What it was part of, and what it will be."""
    both = (task.parent, fresh.get("parent"))
    return {parent.pk for parent in both if parent}


@dataclass(frozen=True)
class _Beside:
    """What was changed that stands in other tables, and the labels that are new."""

    fields: frozenset[str]
    added_label_ids: tuple[int, ...]


def _put_beside(task: Task, labels: Iterable[Label] | None, watchers: Iterable[User] | None, by: User) -> _Beside:
    added, removed = (set(), set()) if labels is None else put_labels(task, labels)
    put = {
        "labels": bool(added | removed),
        "watchers": watchers is not None and put_watchers(task, watchers, by=by),
    }
    return _Beside(frozenset(name for name, is_new in put.items() if is_new), tuple(sorted(added)))


def _write(task: Task, fresh: dict[str, Any], beside: _Beside, *, by: User, version: int | None) -> None:
    changed = (fresh.keys() - {"deadline_at"}) | beside.fields
    if changed or version is not None:
        save_changes(task, fresh, version=version)
    if changed:
        fields = tuple(sorted(changed))
        announce(TaskChanged(**facts_of(task, by), fields=fields, added_label_ids=beside.added_label_ids))


def _player(project: Project, role: str) -> list[User]:
    """Who plays ``role`` in the deal, if anybody does."""
    player = players_of(project).get(role) if role else None
    return [player] if player else []


def _open_column(project: Project, column: BoardColumn | None) -> BoardColumn:
    if column is None:
        return first_column(project, *OPEN_GROUPS)
    current = project.columns.filter(pk=column.pk).first()
    if current is None:
        raise ValidationError({"column": "This column is not on the project's board."})
    if current.group not in OPEN_GROUPS:
        raise ValidationError({"column": "A new task starts in a column for open tasks."})
    return current


def _changed(task: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """Of ``changes`` what is new, with what follows from it for the days and the deadline."""
    fresh = {**changes, **changed_days(task, changes)}
    fresh |= _deadline(task, changes)
    return {name: value for name, value in fresh.items() if getattr(task, name) != value}


def _deadline(task: Task, changes: dict[str, Any]) -> dict[str, Any]:
    """The fields of the deadline as ``changes`` leave it; what is not said stays, save that no day is no deadline."""
    if not changes.keys() & set(GIVEN):
        return {}
    stays = {name: getattr(task, name) for name in GIVEN} if changes.get("deadline_on", task.deadline_on) else {}
    return deadline_fields(task.project, stays | {name: changes[name] for name in GIVEN if name in changes})
