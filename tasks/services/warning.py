"""Warning of deadlines, once for each lead time and each instant that a deadline was set to."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from estateman.activity.services import announce
from estateman.common import clock
from tasks.activities import DeadlineMissed, DeadlineNear
from tasks.audience import keepers_of
from tasks.lead_times import MISSED, URGENT, spans
from tasks.models import DeadlineNotice, Task
from tasks.models.tasks import TaskQuerySet
from tasks.services.locking import lock_task
from tasks.services.placing import facts_of
from tasks.services.refusals import ProjectArchived, TaskGone

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""So many for each lead time; the next look takes the rest."""


def warn_of_deadlines() -> int:
    """Announce what is to be told of deadlines by now; returns how many. Each in a transaction of its own.

    What cannot be told now is tried again with the next look, and stops nobody else's.
    """
    told = 0
    for hours, after, upto in spans(clock.now()):
        for task in _untold(hours, after, upto).select_related("project")[:AT_ONCE]:
            try:
                told += _warn(task, hours)
            except Exception:
                logger.exception("The deadline of task %s could not be warned of", task.pk)
    return told


def _untold(hours: int, after: datetime, upto: datetime) -> TaskQuerySet:
    """Open tasks whose deadline lies between the two and has not been told of ``hours`` ahead."""
    same = DeadlineNotice.objects.filter(task=OuterRef("pk"), deadline_at=OuterRef("deadline_at"), hours_before=hours)
    near = Task.objects.current().open().filter(deadline_at__gt=after, deadline_at__lte=upto)
    return near.exclude(Exists(same)).order_by("deadline_at", "pk")


@transaction.atomic
def _warn(task: Task, hours: int) -> bool:
    """Whether it was told: of two clocks at once one does, and not what was completed or moved meanwhile."""
    seen = task.deadline_at
    try:
        lock_task(task)
    except (ProjectArchived, TaskGone):
        return False
    if task.is_completed or task.is_cancelled or task.deadline_at != seen or seen is None:
        return False
    notice, is_new = DeadlineNotice.objects.get_or_create(task=task, deadline_at=seen, hours_before=hours)
    if is_new:
        _announce(task, notice)
    return is_new


def _announce(task: Task, notice: DeadlineNotice) -> None:
    assignees = tuple(task.assignee_ids)
    is_told_to_keepers = notice.hours_before <= URGENT or not assignees
    about = {
        **facts_of(task, None),
        "deadline_at": notice.deadline_at.isoformat(),
        "timezone": task.deadline_timezone or task.project.timezone,
        "assignee_ids": assignees,
        "keeper_ids": tuple(keepers_of(task.project)) if is_told_to_keepers else (),
    }
    announce(
        DeadlineMissed(**about) if notice.hours_before == MISSED else DeadlineNear(**about, hours=notice.hours_before)
    )
