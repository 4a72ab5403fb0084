"""Starting and stopping one's timer."""

from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from tasks.activities import TimerStarted
from tasks.models import Task, TimeLog
from tasks.permissions import can_work_on_project
from tasks.services.locking import lock_task, require
from tasks.services.refusals import NoTimer, TaskClosed, TimerRunning
from tasks.services.time.keeping import hold_time_of, require_zone, this_second
from tasks.services.time.stopping import end, held_running
from tasks.services.time.telling import facts_of, shown


@transaction.atomic
def start_timer(
    task: Task, *, by: User, switch: bool = False, note: str = "", is_billable: bool = False, timezone: str = ""
) -> tuple[TimeLog, bool]:
    """Start the timer of ``by`` on ``task``; returns the log and whether it is new.

    A person has one running timer, which the database sees to: with ``switch`` the other one is stopped in the same
    moment, and the one that runs on this very task goes on. ``timezone`` is where the person is, by default where they
    live. Raises TimerRunning, TaskClosed, TaskGone, ProjectArchived, ValidationError.
    """
    require(can_work_on_project(by, task.project))
    lock_task(task)
    _require_open(task)
    hold_time_of(by)
    if switch and (running := held_running(user=by)):
        if running.task_id == task.pk:
            return running, False
        end(running, at=this_second(), ended_by=TimeLog.EndedBy.SWITCH, by=by)
    zone = require_zone(timezone or by.timezone)
    log = _begin(task, by, note=note, is_billable=is_billable, timezone=zone)
    announce(TimerStarted(**facts_of(log, by)))
    return log, True


@transaction.atomic
def stop_timer(task: Task, *, by: User) -> TimeLog:
    """Stop the timer of ``by`` on ``task``.

    When it was stopped before, by another tab or because the task was completed, that stands: a second stop returns
    the last timer as it is. Raises NoTimer where none ever ran.
    """
    hold_time_of(by)
    if running := held_running(user=by, task=task):
        end(running, at=this_second(), ended_by=TimeLog.EndedBy.PERSON, by=by)
        return running
    ended = TimeLog.objects.ended().filter(user=by, task=task, source=TimeLog.Source.TIMER)
    last = ended.for_display().order_by("-ended_at", "-pk").first()
    if last is None:
        require(can_work_on_project(by, task.project))
        elsewhere = TimeLog.objects.running().for_display().filter(user=by).first()
        raise NoTimer(f"No timer of yours ran on {task}.", log=shown(elsewhere) if elsewhere else None)
    return last


def _require_open(task: Task) -> None:
    if task.is_completed or task.is_cancelled:
        raise TaskClosed(f"{task} is {'completed' if task.is_completed else 'cancelled'}. Reopen it to work on it.")


def _begin(task: Task, user: User, **details: object) -> TimeLog:
    """Write the running log. Raises TimerRunning where the database has one of theirs already."""
    at = this_second()
    log = TimeLog(
        task=task,
        user=user,
        started_at=at,
        work_date=clock.local_date(at, str(details["timezone"])),
        source=TimeLog.Source.TIMER,
        **details,
    )
    try:
        with transaction.atomic():
            log.save()
    except IntegrityError:
        raise _running_already(user) from None
    return log


def _running_already(user: User) -> Exception:
    """SQLite names a broken index by its columns, so what runs tells which one it was."""
    running = TimeLog.objects.running().for_display().get(user=user)
    return TimerRunning(f"Your timer runs on {running.task}. Stop it first, or switch.", log=shown(running))
