"""What someone has to keep in mind across all deals: their tasks' days, and the days their deals turn on."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from estateman.people.feeds import open_feed
from estateman.people.models import User
from tasks.models import KeyDate, Project, Task

MOST = 500
FEED = "deadlines"
"""What the secret addresses of these calendars are for."""


@dataclass(frozen=True)
class Deadline:
    """A task of mine, or a key date of a deal I belong to. ``is_contract``: a contract sets it."""

    kind: str
    id: int
    project: int
    project_name: str
    name: str
    on: date
    at: time | None
    timezone: str
    deadline_at: datetime | None
    is_contract: bool
    is_overdue: bool
    changed_at: datetime


def deadlines_of(
    user: User, *, today: date, until: date | None = None, project: Project | None = None
) -> list[Deadline]:
    """The soonest MOST of ``user``, overdue ones first, up to the day ``until``; two queries.

    ``today`` is the day where they are: what was due before it is overdue.
    """
    tasks = Task.objects.visible_to(user).current().assigned_to(user).open().exclude(due_on=None, deadline_on=None)
    dated: QuerySet[Any] = tasks.annotate(day=Coalesce("deadline_on", "due_on"))
    mine = Project.objects.visible_to(user).current().filter(memberships__user=user)
    dates = KeyDate.objects.filter(project__in=mine, met_on=None).exclude(on=None)
    if until:
        dated, dates = dated.filter(day__lte=until), dates.filter(on__lte=until)
    if project:
        dated, dates = dated.filter(project=project), dates.filter(project=project)
    rows = [deadline_of_task(task, today) for task in dated.select_related("project").order_by("day", "pk")[:MOST]]
    rows += [deadline_of_key_date(each, today) for each in dates.select_related("project").order_by("on", "pk")[:MOST]]
    return sorted(rows, key=lambda row: (row.on, row.at or time.max, row.kind, row.id))[:MOST]


def open_deadline_feed(user: User) -> str:
    """A new secret address of the calendar with the deadlines of ``user``; the one before opens nothing any more."""
    return f"{settings.SITE_URL}{reverse('deadlines-ics')}?token={open_feed(user, FEED)}"


def deadline_of_task(task: Task, today: date = date.min) -> Deadline:
    """The day of the task's deadline, or else the one it is due; callers leave out tasks without either."""
    on = task.deadline_on or task.due_on
    assert on is not None  # noqa: S101  see above
    return Deadline(
        kind="task",
        id=task.pk,
        project=task.project_id,
        project_name=task.project.name,
        name=task.name,
        on=on,
        at=task.deadline_time if task.deadline_on else None,
        timezone=task.deadline_timezone or task.project.timezone,
        deadline_at=task.deadline_at,
        is_contract=task.deadline_on is not None,
        is_overdue=on < today,
        changed_at=task.created_at,
    )


def deadline_of_key_date(key_date: KeyDate, today: date = date.min) -> Deadline:
    """A key date whose day is known."""
    assert key_date.on is not None  # noqa: S101  see above
    return Deadline(
        kind="key_date",
        id=key_date.pk,
        project=key_date.project_id,
        project_name=key_date.project.name,
        name=key_date.name,
        on=key_date.on,
        at=key_date.at,
        timezone=key_date.project.timezone,
        deadline_at=None,
        is_contract=True,
        is_overdue=key_date.on < today,
        changed_at=key_date.created_at,
    )
