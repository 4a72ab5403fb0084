"""Time that is written down afterwards, put right, or taken away."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TimeChanged, TimeDeleted, TimeLogged, TimerStopped
from tasks.models import Task, TimeLog, TimeLogChange
from tasks.permissions import can_edit_time, can_work_on_project
from tasks.services.locking import lock_project, lock_task, read_anew, require
from tasks.services.refusals import TimeGone
from tasks.services.time.keeping import (
    hold_time_of,
    require_free,
    require_past,
    require_zone,
    seconds_between,
    this_second,
    whole,
)
from tasks.services.time.telling import facts_of, snapshot

LONGEST = timedelta(hours=24)
_ENDS = {"started_at", "ended_at"}


@transaction.atomic
def log_time(  # noqa: PLR0913  the fields of one form
    task: Task,
    *,
    by: User,
    started_at: datetime,
    ended_at: datetime,
    note: str = "",
    is_billable: bool = False,
    timezone: str = "",
) -> TimeLog:
    """Write down that ``by`` spent this time on ``task``, also once it is completed.

    It lies in the past, is a day long at most and shares nothing with other time of theirs; ends may touch. Fractions
    of seconds are dropped. Raises TimeOverlap, TaskGone, ProjectArchived, ValidationError.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    hold_time_of(by)
    start, end, zone = whole(started_at), whole(ended_at), require_zone(timezone or by.timezone)
    _require_possible(start, end)
    require_free(by, start, end, by=by)
    log = TimeLog.objects.create(
        task=task,
        user=by,
        started_at=start,
        ended_at=end,
        seconds=seconds_between(start, end),
        timezone=zone,
        work_date=clock.local_date(start, zone),
        note=note,
        is_billable=is_billable,
        source=TimeLog.Source.MANUAL,
    )
    announce(TimeLogged(**facts_of(log, by), work_date=log.work_date.isoformat()))
    return log


@transaction.atomic
def edit_time(log: TimeLog, *, by: User, changes: dict[str, Any], version: int | None = None) -> TimeLog:
    """Put ``started_at``, ``ended_at``, ``timezone``, ``note``, ``is_billable`` or ``needs_review`` right.

    An end given to a running timer stops it at that time; what has ended is not started again. What it was before is
    kept. Raises TimeOverlap, TimeGone, VersionConflict, ProjectArchived, ValidationError.
    """
    _hold(log, by)
    before, was_running = snapshot(log), log.is_running
    fresh = _fresh(log, changes, by=by)
    if fresh or version is not None:
        save_changes(log, fresh, version=version)
    if fresh:
        _keep(log, before, after=snapshot(log), by=by)
        announce(TimeChanged(**facts_of(log, by), fields=tuple(sorted(fresh.keys() & changes.keys()))))
    if was_running and not log.is_running:
        announce(TimerStopped(**facts_of(log, by), ended_by=str(log.ended_by)))
    return log


@transaction.atomic
def delete_time(log: TimeLog, *, by: User) -> None:
    """Take ``log`` away, running or not; what it was is kept. Raises TimeGone, ProjectArchived."""
    _hold(log, by)
    _keep(log, snapshot(log), after=None, by=by)
    announce(TimeDeleted(**facts_of(log, by)))
    log.delete()


def _hold(log: TimeLog, by: User) -> None:
    """Hold the log's project, its person and then the log itself, and read it anew."""
    require(can_edit_time(by, log))
    task, user = log.task, log.user
    lock_project(task.project)
    hold_time_of(user)
    gone = TimeGone("This time was deleted meanwhile.")
    read_anew(log, gone=gone, rows=TimeLog.objects.select_for_update(no_key=True))
    log.task, log.user = task, user


def _keep(log: TimeLog, before: dict[str, Any], *, after: dict[str, Any] | None, by: User) -> None:
    TimeLogChange.objects.create(log=log, log_no=log.pk, task_id=log.task_id, by=by, before=before, after=after)


def _fresh(log: TimeLog, changes: dict[str, Any], *, by: User) -> dict[str, Any]:
    """Of ``changes`` what is new, with what follows from it."""
    rounded: dict[str, Any] = changes | {name: whole(changes[name]) for name in _ENDS if changes.get(name)}
    fresh = {name: value for name, value in rounded.items() if getattr(log, name) != value}
    if _ENDS & fresh.keys():
        fresh |= _new_ends(log, fresh, by=by)
    if {"started_at", "timezone"} & fresh.keys():
        zone = require_zone(fresh.get("timezone", log.timezone))
        fresh["work_date"] = clock.local_date(fresh.get("started_at", log.started_at), zone)
    return {name: value for name, value in fresh.items() if getattr(log, name) != value}


def _new_ends(log: TimeLog, fresh: dict[str, Any], *, by: User) -> dict[str, Any]:
    """What a new start or end brings with it, if both are possible."""
    start, end = fresh.get("started_at", log.started_at), fresh.get("ended_at", log.ended_at)
    if end is None and not log.is_running:
        raise ValidationError({"ended_at": "What has ended is not started again. Start a new timer."}, code="ended")
    _require_possible(start, end or this_second(), but=log)
    require_free(log.user, start, end or this_second(), by=by, but=log)
    if end is None:
        return {}
    stopped = {"ended_by": TimeLog.EndedBy.PERSON} if log.is_running else {}
    return {"seconds": seconds_between(start, end), **stopped}


def _require_possible(start: datetime, end: datetime, *, but: TimeLog | None = None) -> None:
    """Raises ValidationError unless it lies in the past and is a day long at most; a timer may have run for longer."""
    require_past(start, end)
    ran = timedelta(0)
    if but and but.source == TimeLog.Source.TIMER:
        ran = (but.ended_at or this_second()) - but.started_at
    if end - start > max(LONGEST, ran):
        raise ValidationError({"ended_at": "An entry is a day long at most. Make several."}, code="too_long")
