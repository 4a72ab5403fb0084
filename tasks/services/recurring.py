"""Tasks that come again: each occurrence is made once, as the one before it is settled."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TaskChanged
from tasks.models import OPEN_GROUPS, BoardColumn, Recurrence, Task
from tasks.permissions import can_work_on_project
from tasks.recurring import Rule
from tasks.services.copying import copy_task
from tasks.services.days import EARLIEST, LATEST, require_plannable
from tasks.services.deadlines import deadline_fields
from tasks.services.locking import lock_task, require
from tasks.services.placing import facts_of, first_column, has_room, ref_of, require_room
from tasks.services.refusals import OccurrencePassed


@transaction.atomic
def set_recurrence(  # noqa: PLR0913  the fields of one rule
    task: Task,
    *,
    by: User,
    every: int,
    unit: str,
    base: str = Recurrence.Base.DUE,
    until: date | None = None,
    times: int | None = None,
) -> Task:
    """Let ``task`` come again from now on, ``times`` altogether or until the last is due on ``until``.

    It is the first of them, whatever it was before. One that is settled already is followed at once. Raises
    OccurrencePassed for one that has come again already, ValidationError where there is no due day to count from and
    for an end before it, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _require_latest(task)
    require_plannable(until=until)
    said = {"every": every, "unit": unit, "base": base, "until": until, "times": times}
    if _says(task.recurrence, said):
        return task
    _stop(task)
    recurrence = Recurrence.objects.create(project=task.project, anchor_on=_anchor(task, base, until), **said)
    save_changes(task, {"recurrence": recurrence, "occurrence_no": 1})
    announce(TaskChanged(**facts_of(task, by), fields=("recurrence",)))
    make_next(task, by=by)
    return task


@transaction.atomic
def end_recurrence(task: Task, *, by: User) -> Task:
    """Let ``task`` not come again; nothing happens when it does not. Raises OccurrencePassed, ProjectArchived."""
    require(can_work_on_project(by, task.project))
    lock_task(task)
    if task.recurrence and task.recurrence.is_active:
        _require_latest(task)
        _stop(task)
        save_changes(task, {})
        announce(TaskChanged(**facts_of(task, by), fields=("recurrence",)))
    return task


def make_next(task: Task, *, by: User) -> Task | None:
    """The occurrence after ``task``, if it is settled, comes again and has not been followed yet; else nothing.

    Whether it was completed or cancelled: who skips one does not end them. It stands at the end of the first column
    for open tasks that has room. The project is locked. Raises WipLimitExceeded where none has.
    """
    recurrence = task.recurrence
    if not (recurrence and recurrence.is_active and task.occurrence_no) or task.column.group in OPEN_GROUPS:
        return None
    number = task.occurrence_no + 1
    if Task.every.filter(recurrence=recurrence, occurrence_no=number).exists():
        return None
    due_on = _rule(recurrence).next_due(task.occurrence_no, settled_on=_settled_on(task))
    if due_on is None or not EARLIEST <= due_on <= LATEST:
        return None
    days = _days(task, due_on, recurrence)
    return copy_task(
        task, column=_column_with_room(task), by=by, recurrence=recurrence, occurrence_no=number, due_on=due_on, **days
    )


def _require_latest(task: Task) -> None:
    """Raises OccurrencePassed when it comes again and a later one is there."""
    if not (task.recurrence and task.recurrence.is_active):
        return
    later = task.recurrence.tasks.filter(occurrence_no__gt=task.occurrence_no or 0)
    if latest := later.order_by("-occurrence_no").first():
        raise OccurrencePassed(f"It has come again already: {latest.key}.", latest=ref_of(latest))


def _says(recurrence: Recurrence | None, said: dict[str, Any]) -> bool:
    if recurrence is None or not recurrence.is_active:
        return False
    return all(getattr(recurrence, name) == value for name, value in said.items())


def _stop(task: Task) -> None:
    if task.recurrence and task.recurrence.is_active:
        save_changes(task.recurrence, {"is_active": False})


def _anchor(task: Task, base: str, until: date | None) -> date:
    if base == Recurrence.Base.DUE and task.due_on is None:
        raise ValidationError({"base": "Give the task a due day first, or count from its completion."})
    anchor_on = task.due_on or clock.local_date(clock.now(), task.project.timezone)
    if until and until < anchor_on:
        raise ValidationError({"until": "This is before the first one is due."})
    return anchor_on


def _rule(recurrence: Recurrence) -> Rule:
    return Rule(
        every=recurrence.every,
        unit=recurrence.unit,
        anchor_on=recurrence.anchor_on,
        from_completion=recurrence.base == Recurrence.Base.COMPLETION,
        until=recurrence.until,
        times=recurrence.times,
    )


def _settled_on(task: Task) -> date:
    return task.completed_on or clock.local_date(clock.now(), task.project.timezone)


def _days(task: Task, due_on: date, recurrence: Recurrence) -> dict[str, Any]:
    """The start lies as many working days before the due day, the deadline as many days from it, as they did."""
    starts_on = task.starts_on and task.project.workdays().first_day(due_on, task.duration_days)
    days: dict[str, Any] = {"starts_on": starts_on}
    if task.deadline_on:
        was_due_on = task.due_on or recurrence.anchor_on
        given = {
            "deadline_on": task.deadline_on + (due_on - was_due_on),
            "deadline_time": task.deadline_time,
            "deadline_timezone": task.deadline_timezone,
        }
        days |= deadline_fields(task.project, given)
    return days


def _column_with_room(task: Task) -> BoardColumn:
    """There is one, as the task itself has just left it; unless it had been settled before."""
    columns = [column for column in task.project.columns.all() if column.group in OPEN_GROUPS]
    for column in columns:
        if has_room(column):
            return column
    require_room(first := first_column(task.project, *OPEN_GROUPS))
    return first
