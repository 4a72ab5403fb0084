"""Telling the rules that wait for it that a task is due in so many days, or overdue for so many."""

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from estateman.activity.models import Activity
from estateman.activity.services import announce
from estateman.common import clock
from tasks.activities import TaskDue
from tasks.automation import Unfit, read_rule
from tasks.lead_times import morning_of
from tasks.models import AutomationRule, Project, Task
from tasks.services.locking import lock_project
from tasks.services.placing import facts_of
from tasks.services.refusals import ProjectArchived

logger = logging.getLogger(__name__)

CAUGHT_UP = 2
"""Mornings that the clock missed are made up for, up to so many days back."""


def announce_due_days() -> int:
    """Announce ``task.due`` for each task and number of days that an active rule names; returns how many.

    Each once for each day that a task is due on: one that is put off is told of anew.
    """
    at, told = clock.now(), 0
    for project, wanted in _waiting_projects():
        try:
            told += _tell(project, wanted, at)
        except ProjectArchived:
            continue
        except Exception:
            logger.exception("What is due in project %s could not be told", project.pk)
    return told


Wanted = dict[int, datetime]
"""Numbers of days, each with when the oldest rule that names it was made."""


def _waiting_projects() -> Iterator[tuple[Project, Wanted]]:
    rules = AutomationRule.objects.filter(is_active=True, trigger="task_due", project__archived_at=None)
    wanted: dict[Project, Wanted] = {}
    for rule in rules.select_related("project").order_by("created_at", "pk"):
        for days in _days_of(rule):
            wanted.setdefault(rule.project, {}).setdefault(days, rule.created_at)
    yield from wanted.items()


def _days_of(rule: AutomationRule) -> list[int]:
    """The number of days that the rule waits for; none in one that is not understood any more."""
    try:
        written = read_rule(rule.trigger, rule.conditions, rule.actions)
    except Unfit:
        return []
    return [each.value for each in written.conditions if each.field == "days_until_due" and each.operator == "is"]


def _tell(project: Project, wanted: Wanted, at: datetime) -> int:
    """Looks first, so that the project is not held each time the clock looks."""
    if not _untold(project, wanted, at):
        return 0
    with transaction.atomic():
        lock_project(project)
        untold = _untold(project, wanted, at)
        for task, days in untold:
            task.project = project
            announce(TaskDue(**facts_of(task, None), days=days, due_on=str(task.due_on)))
        return len(untold)


def _untold(project: Project, wanted: Wanted, at: datetime) -> list[tuple[Task, int]]:
    """The open tasks that are due in just so many days, or were on a morning that the clock missed."""
    told = _told_already(project, at)
    return [
        (task, days)
        for days, due_on in _due_days(project, wanted, at)
        for task in project.tasks.open().filter(due_on=due_on).order_by("pk")
        if (task.pk, days, due_on.isoformat()) not in told
    ]


def _due_days(project: Project, wanted: Wanted, at: datetime) -> list[tuple[int, date]]:
    """Numbers of days, each with the days that are so far from this morning, and from those made up for."""
    today = morning_of(at, project.timezone)
    mornings = [today - timedelta(days=back) for back in range(CAUGHT_UP + 1)]
    return [
        (days, morning + timedelta(days=days))
        for days, since in sorted(wanted.items())
        for morning in mornings
        if morning == today or morning >= clock.local_date(since, project.timezone)
    ]


def _told_already(project: Project, at: datetime) -> set[tuple[int, int, str]]:
    """What of this was announced in the days that are made up for. The project's lock keeps two from telling."""
    since = at - timedelta(days=CAUGHT_UP + 2)
    kept = Activity.objects.filter(kind=TaskDue.kind, at__gt=since).in_rooms([f"project:{project.pk}"])
    return {(each["task_id"], each["days"], each["due_on"]) for each in kept.values_list("payload", flat=True)}
