"""Completing and reopening tasks."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.common import clock
from estateman.people.models import User
from tasks.models import BoardColumn, ColumnGroup, Task
from tasks.permissions import can_force_completion, can_work_on_project
from tasks.services.checklists import require_settled
from tasks.services.days import require_plannable
from tasks.services.locking import lock_task, require
from tasks.services.placing import TOP, Finish, first_column, put, rank_at, require_room
from tasks.services.recurring import make_next
from tasks.services.refusals import BlockedBy
from tasks.services.subtasks import require_subtasks_settled


@transaction.atomic
def complete_task(
    task: Task,
    *,
    by: User,
    force: bool = False,
    reason: str = "",
    completed_on: date | None = None,
    version: int | None = None,
) -> Task:
    """Complete ``task`` and put its card on top of the first done column.

    Completing what is completed changes and announces nothing. ``completed_on`` is the day it was
    really done, where that is not today. Raises BlockedBy while predecessors hold it, unless
    someone who manages the project says ``force`` with a ``reason``; WipLimitExceeded,
    VersionConflict, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    if task.is_completed:
        return task
    if force:
        require_reason(task, reason, by)
    else:
        require_unblocked(task)
        require_subtasks_settled(task)
        require_settled(task)
    finish = Finish(on=_day_of(completed_on, by), forced_reason=reason if force else "")
    _put_on_top(task, first_column(task.project, ColumnGroup.DONE), by, finish, version)
    make_next(task, by=by)
    return task


@transaction.atomic
def reopen_task(task: Task, *, by: User, version: int | None = None) -> Task:
    """Take up ``task`` again, completed or cancelled: on top of the first column being worked on.

    Reopening what is open changes and announces nothing. Raises WipLimitExceeded, VersionConflict,
    ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    if not (task.is_completed or task.is_cancelled):
        return task
    column = first_column(task.project, ColumnGroup.ACTIVE, ColumnGroup.BACKLOG)
    _put_on_top(task, column, by, None, version)
    return task


def require_unblocked(task: Task) -> None:
    """Raises BlockedBy, with the tasks that have to come first."""
    blockers = task.blockers
    if blockers:
        first = ", ".join(blocker.name for blocker in blockers)
        raise BlockedBy(
            f"This has to wait for: {first}.",
            tasks=[{"id": each.pk, "key": each.key, "name": each.name} for each in blockers],
        )


def require_reason(task: Task, reason: str, by: User) -> None:
    """Raises PermissionDenied for those who may not force, ValidationError without a reason."""
    if not can_force_completion(by, task):
        raise PermissionDenied("Only those who manage the project may complete what is blocked.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is completed before what comes first."})


def _day_of(completed_on: date | None, by: User) -> date:
    require_plannable(completed_on=completed_on)
    today = clock.local_date(clock.now(), by.timezone)
    if completed_on and completed_on > today:
        raise ValidationError({"completed_on": "This day has not come yet."})
    return completed_on or today


def _put_on_top(task: Task, column: BoardColumn, by: User, finish: Finish | None, version: int | None) -> None:
    require_room(column)
    rank = rank_at(column, TOP, moving=task)
    put(task, column=column, rank=rank, by=by, finish=finish, version=version)
