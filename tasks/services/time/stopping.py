"""How timers end: by hand, or because what they ran on is over.

It stands below the board, for moving a card may stop timers; so it knows nothing of cards.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TimerStopped
from tasks.models import Project, Task, TimeLog
from tasks.models.time import TimeLogQuerySet
from tasks.permissions import can_edit_time, can_work_on_project
from tasks.services.locking import require
from tasks.services.time.keeping import seconds_between, this_second
from tasks.services.time.telling import facts_of


def stop_timers(
    *,
    by: User,
    ended_by: TimeLog.EndedBy,
    task: Task | None = None,
    project: Project | None = None,
    user: User | None = None,
) -> None:
    """Stop what runs on the ``task``, on the ``project``, by the ``user``, or what all that is said has in common.

    Called by whoever ends that on which it runs, in their transaction, with the project held.
    """
    for pk in _running(task=task, task__project=project, user=user).values_list("pk", flat=True):
        if log := held_running(pk=pk):
            end(log, at=this_second(), ended_by=ended_by, by=by)


@transaction.atomic
def stop_barred_timers(*, by: User | None, project: Project | None = None, user: User | None = None) -> None:
    """Stop what runs on the ``project``, or by the ``user``, where whose timer it is may work no longer.

    They left the office, or do not see the project any more.
    """
    for log in _running(task__project=project, user=user).for_display():
        may_work = log.user.is_active and can_work_on_project(log.user, log.task.project)
        if not may_work and (running := held_running(pk=log.pk)):
            end(running, at=this_second(), ended_by=TimeLog.EndedBy.MEMBERSHIP, by=by)


@transaction.atomic
def stop_log(log: TimeLog, *, by: User) -> TimeLog:
    """Stop this timer, whoever's it is; one that was stopped meanwhile stays as it is."""
    require(can_edit_time(by, log))
    if running := held_running(pk=log.pk):
        end(running, at=this_second(), ended_by=TimeLog.EndedBy.PERSON, by=by)
    log.refresh_from_db()
    return log


def _running(**which: Task | Project | User | None) -> TimeLogQuerySet:
    """Timers of all that is said of ``which``."""
    said = {field: row for field, row in which.items() if row}
    return TimeLog.objects.running().filter(**said).order_by("pk")


def held_running(**which: object) -> TimeLog | None:
    """The one running timer that is asked for, held until the transaction ends; None once it was stopped."""
    held = TimeLog.objects.running().filter(**which).select_for_update(no_key=True, of=("self",))
    return held.select_related("task__project", "user").first()


def end(log: TimeLog, *, at: datetime, ended_by: TimeLog.EndedBy, by: User | None) -> None:
    """Write that the held ``log`` ended, and announce it. What ran for too long wants to be looked at."""
    at = max(at, log.started_at)
    seconds = seconds_between(log.started_at, at)
    changes = {"ended_at": at, "seconds": seconds, "ended_by": ended_by}
    if too_long(seconds) and not was_reviewed(log):
        changes["needs_review"] = True
    save_changes(log, changes)
    announce(TimerStopped(**facts_of(log, by), ended_by=str(ended_by)))


def too_long(seconds: int) -> bool:
    """Whether a timer that ran for so long was probably forgotten."""
    return timedelta(seconds=seconds) > timedelta(hours=settings.TIMER_CAP_HOURS)


def was_reviewed(log: TimeLog) -> bool:
    """Whether somebody looked at it and said that it is right."""
    return log.changes.filter(before__needs_review=True, after__needs_review=False).exists()
