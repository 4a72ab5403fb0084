"""Letting what the demo's people did have happened on its day: the feed, and what flow and cycle time are counted from.

The services write down what happens as it happens; here the instants of what they wrote are moved back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import OuterRef, Subquery

from estateman.activity.models import Activity
from estateman.common import clock
from tasks.models import AppliedTemplate, Attachment, ChecklistItem, ColumnGroup, Project, Task, TaskTransition

_AFTERNOON = time(14, tzinfo=UTC)
_DAY = timedelta(days=1)
_NOTICE = 7 * _DAY
_APART = timedelta(seconds=20)


def date_back(project: Project, activities: Iterable[Activity], begun: date, applied: Mapping[int, date]) -> None:
    """``begun`` is the day the deal was opened; ``applied`` are those on which its templates were, by application."""
    completed = _tell(list(activities), begun)
    tasks = list(project.tasks.select_related("column").order_by("pk"))
    made = {task.pk: _made_on(task, begun, applied) for task in tasks}
    for task in tasks:
        task.created_at = _at(made[task.pk])
        task.completed_at = completed.get(task.pk, task.completed_at)
    Task.objects.bulk_update(tasks, ["created_at", "completed_at"])
    steps = [step for task in tasks for step in _steps(task, made[task.pk])]
    TaskTransition.objects.filter(project=project).delete()
    TaskTransition.objects.bulk_create(sorted(steps, key=lambda step: step.on))
    _date_papers(project)
    Project.objects.filter(pk=project.pk).update(created_at=_at(begun))
    for pk, day in applied.items():
        AppliedTemplate.objects.filter(pk=pk).update(applied_at=_at(day))


def _tell(activities: list[Activity], begun: date) -> dict[int, datetime]:
    """Date the feed in the order in which it was told; returns when each task was completed."""
    completed, day = {}, begun
    for number, activity in enumerate(activities):
        told = activity.payload.get("completed_on")
        day = max(day, date.fromisoformat(told)) if told else day
        activity.at = min(_at(day) + number * _APART, clock.now())
        if told:
            completed[activity.payload["task_id"]] = activity.at
    Activity.objects.bulk_update(activities, ["at"])
    return completed


def _made_on(task: Task, begun: date, applied: Mapping[int, date]) -> date:
    """With its template; by hand a week before it was due."""
    if task.applied_template_id:
        return applied[task.applied_template_id]
    return max(begun, task.due_on - _NOTICE) if task.due_on else begun


def _steps(task: Task, made: date) -> Iterator[TaskTransition]:
    """New, begun on the day it was planned to start and by the day it was done at the latest, then done."""
    today = clock.local_date(clock.now(), task.project.timezone)
    ended = task.completed_on or today
    days = {ColumnGroup.BACKLOG: min(made, ended)}
    if task.column.group != ColumnGroup.BACKLOG and task.duration_days:
        days[ColumnGroup.ACTIVE] = max(days[ColumnGroup.BACKLOG], min(task.starts_on or ended - _DAY, ended))
    if task.completed_on:
        days[ColumnGroup.DONE] = ended
    origin = ""
    for group, day in days.items():
        yield TaskTransition(
            project_id=task.project_id, task=task, from_group=origin, to_group=group, on=day, at=_at(day)
        )
        origin = group


def _date_papers(project: Project) -> None:
    """What was ticked off and filed for a task was so by the time that it was completed."""
    done = Subquery(Task.objects.filter(pk=OuterRef("task")).values("completed_at")[:1])
    items = ChecklistItem.objects.filter(task__project=project, task__completed_at__isnull=False)
    items.filter(done_at__isnull=False).update(done_at=done)
    items.filter(reviewed_at__isnull=False).update(reviewed_at=done)
    Attachment.objects.filter(project=project, task__completed_at__isnull=False).update(uploaded_at=done)


def _at(day: date) -> datetime:
    return min(datetime.combine(day, _AFTERNOON), clock.now())
