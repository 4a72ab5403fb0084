"""How the demo's people did what they did: with papers in the file, reviews and hours."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from estateman.common import clock
from estateman.people.models import User
from tasks import services
from tasks.models import ChecklistItem, Task

_MORNING = time(9)
WORTH_WRITING = 60


def complete_all(tasks: list[Task], staff: Mapping[str, User]) -> None:
    """Each on the day it was due, or once what held it up was done; what something late holds up stays open."""
    held: list[Task] = []
    day = date.min
    for task in [*tasks, None]:
        day = max(day, task.due_on or day) if task else day
        held = [each for each in ([*held, task] if task else held) if not complete(each, day, staff)]


def complete(task: Task, day: date, staff: Mapping[str, User]) -> bool:
    """As its assignee, with its checklist settled, unless something holds it up; returns whether it was."""
    if task.is_blocked or task.subtasks.open().exists():
        return False
    by = _doer(task, staff)
    for item in task.checklist.all():
        _settle(item, by, staff)
    services.complete_task(task, by=by, completed_on=day)
    return True


def write_hours(tasks: Iterable[Task], staff: Mapping[str, User]) -> None:
    """What each took, about what was estimated, one after the other from nine on the day it was done."""
    ends: dict[tuple[int, date], datetime] = {}
    for number, task in enumerate(tasks):
        by = _doer(task, staff)
        task.refresh_from_db(fields=["completed_on"])
        minutes = (task.estimate_minutes or 0) * (4 + number % 3) // 5
        if minutes >= WORTH_WRITING and task.completed_on and by != staff["manager"]:
            zone = ZoneInfo(by.timezone)
            start = ends.get((by.pk, task.completed_on)) or datetime.combine(task.completed_on, _MORNING, tzinfo=zone)
            end = start + timedelta(minutes=minutes)
            if end <= clock.now() and not by.time_logs.overlapping(start, end).exists():
                services.log_time(task, by=by, started_at=start, ended_at=end, is_billable=True)
                ends[by.pk, task.completed_on] = end


def _doer(task: Task, staff: Mapping[str, User]) -> User:
    given = task.assignments.select_related("user").first()
    return given.user if given else staff["manager"]


def _settle(item: ChecklistItem, by: User, staff: Mapping[str, User]) -> None:
    """Papers only where they must be: the others stay open, as they do."""
    if item.needs_document and not item.is_required:
        return
    if item.needs_document:
        paper = ContentFile(f"{item.text}\n\nA paper of the demo agency.\n".encode())
        attachment = services.attach_file(item.task, file=paper, name=f"{item.text[:60]}.txt", by=by)
        services.file_document(item, attachment=attachment, by=by)
    else:
        services.do_checklist_item(item, by=by)
    if item.needs_review:
        services.review_checklist_item(item, accept=True, by=staff["manager"])
