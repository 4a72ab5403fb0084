"""The days that people give to tasks: which a plan may hold, and what follows from them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from tasks.models import ColumnGroup, SchedulingMode, Task
from tasks.workdays import Workdays

SCHEDULING = frozenset({"starts_on", "due_on", "duration_days", "scheduling_mode", "not_before", "parent"})
"""The fields of a task that others' days hang off."""

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def require_plannable(**days: date | None) -> None:
    """Raises ValidationError naming the field for a day so far off that counting from it would leave the calendar."""
    for field, day in days.items():
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError({field: f"Choose a day between {EARLIEST} and {LATEST}."}, code="not_plannable")


def fitted(
    workdays: Workdays, starts_on: date | None, due_on: date | None, duration: int, *, keep_due: bool
) -> tuple[date | None, int]:
    """The due day and the duration in working days that go with a start.

    Raises ValidationError for a due day before the start, and for days outside EARLIEST to LATEST.
    """
    require_plannable(starts_on=starts_on, due_on=due_on)
    due_on, duration = workdays.fit_dates(starts_on, due_on, duration, keep_due=keep_due)
    if starts_on and due_on and due_on < starts_on:
        raise ValidationError({"due_on": "It cannot be due before it starts."})
    return due_on, duration


def new_days(workdays: Workdays, details: Mapping[str, Any]) -> dict[str, Any]:
    """The due day, the duration and ``not_before`` of a new task that is told ``details``.

    A start that a person gives to a task that is scheduled automatically is the day before which it doesn't start.
    Raises ValidationError.
    """
    starts_on, due_on = details.get("starts_on"), details.get("due_on")
    due_on, duration = fitted(workdays, starts_on, due_on, details.get("duration_days", 1), keep_due=due_on is not None)
    not_before = details.get("not_before")
    if not_before is None and details.get("scheduling_mode") != SchedulingMode.MANUAL:
        not_before = starts_on
    require_plannable(not_before=not_before)
    return {"due_on": due_on, "duration_days": duration, "not_before": not_before}


def changed_days(task: Task, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from ``changes`` for the days of ``task``: the due day goes along with the start, a new due day
    changes the duration, and a start is no more than the day before which the task doesn't start.

    A task that is scheduled automatically and waits for others loses both days with its start, to be scheduled anew.
    Raises ValidationError, also for the due day of a task whose days are those of its sub-tasks.
    """
    fresh = {name: value for name, value in changes.items() if getattr(task, name) != value}
    require_plannable(not_before=fresh.get("not_before"))
    if not fresh.keys() & {"starts_on", "due_on", "duration_days"}:
        return {}
    automatic = fresh.get("scheduling_mode", task.scheduling_mode) == SchedulingMode.AUTOMATIC
    if automatic and not fresh.keys().isdisjoint({"due_on", "duration_days"}):
        _require_own_days(task, fresh)
    starts_on = fresh.get("starts_on", task.starts_on)
    keep_due = "due_on" in changes or (task.starts_on is None and task.due_on is not None)
    due_on = fresh.get("due_on", task.due_on)
    due_on, duration = fitted(
        task.project.workdays(), starts_on, due_on, fresh.get("duration_days", task.duration_days), keep_due=keep_due
    )
    followed: dict[str, Any] = {"due_on": due_on, "duration_days": duration}
    if automatic and "starts_on" in fresh:
        followed["not_before"] = changes.get("not_before", starts_on)
        if starts_on is None and "due_on" not in changes and task.incoming.exists():
            followed["due_on"] = None
    return followed


def _require_own_days(task: Task, fresh: Mapping[str, Any]) -> None:
    dated = task.subtasks.exclude(starts_on=None, due_on=None)
    if dated.exclude(column__group=ColumnGroup.CANCELLED).exists():
        field = "due_on" if "due_on" in fresh else "duration_days"
        raise ValidationError({field: "Its days are those of its sub-tasks. Change them, or schedule it by hand."})
