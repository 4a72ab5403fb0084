"""One person's week: what they spent on which task on which day, read from their logs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from estateman.common import clock
from estateman.people.models import User
from tasks.models import Project, Task, TimeLog
from tasks.timesheets import Days, Part, Seconds, Spent, by_day, total


@dataclass(frozen=True)
class Day:
    """The time on one day."""

    date: date
    seconds: int
    billable_seconds: int


@dataclass(frozen=True)
class Line:
    """The time spent on something on each day of the week, and in all."""

    days: tuple[Day, ...]

    @property
    def seconds(self) -> int:
        return sum(day.seconds for day in self.days)

    @property
    def billable_seconds(self) -> int:
        return sum(day.billable_seconds for day in self.days)


@dataclass(frozen=True)
class TaskLine(Line):
    task: Task


@dataclass(frozen=True)
class ProjectLine(Line):
    project: Project
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True)
class Timesheet(Line):
    """A week by project and task, by name; ``logs`` are what it was made from, in order.

    Time over midnight lies on both days, each as long as it was where the person was. A running timer counts until
    ``as_of``.
    """

    user: User
    week: Days
    as_of: datetime
    projects: tuple[ProjectLine, ...]
    logs: tuple[TimeLog, ...]

    @property
    def running(self) -> TimeLog | None:
        return next((log for log in self.logs if log.is_running), None)

    @property
    def needs_review(self) -> int:
        """How many of the logs somebody should look at."""
        return sum(log.needs_review for log in self.logs)

    @property
    def parts(self) -> list[tuple[TimeLog, Part]]:
        """What of which log lies on which day of the week, in order."""
        return [(log, part) for log in self.logs for part in _spent(log, self.as_of).parts if part.on in self.week]


def timesheet(user: User, week: Days, *, seen_by: User, project: Project | None = None) -> Timesheet:
    """The week of ``user``, as far as ``seen_by`` may see it, of one ``project`` or of all; in one query."""
    now = clock.now()
    logs = TimeLog.objects.visible_to(seen_by).filter(user=user).touching(week).for_display()
    if project:
        logs = logs.filter(task__project=project)
    candidates = [(log, _spent(log, now)) for log in logs.order_by("started_at", "pk")]
    inside = tuple(log for log, spent in candidates if _lies_in(week, log, spent))
    days_of = by_day((spent for _, spent in candidates), week)
    projects = tuple(_projects(inside, days_of, week))
    return Timesheet(_summed(projects, week), user, week, now, projects, inside)


def _lies_in(week: Days, log: TimeLog, spent: Spent[int]) -> bool:
    """Also what took no time: a timer that was started this second."""
    return log.work_date in week or any(part.on in week for part in spent.parts)


def _spent(log: TimeLog, now: datetime) -> Spent[int]:
    until = log.ended_at or max(now, log.started_at)
    return Spent(log.task_id, log.started_at, until, log.timezone, log.is_billable)


def _projects(logs: Iterable[TimeLog], days_of: dict[int, dict[date, Seconds]], week: Days) -> Iterable[ProjectLine]:
    tasks = {log.task_id: log.task for log in logs}
    ordered = sorted(tasks.values(), key=lambda task: (task.project.name, task.project_id, task.name, task.pk))
    for _, group in groupby(ordered, key=lambda task: task.project_id):
        lines = tuple(TaskLine(_days(days_of.get(task.pk, {}), week), task) for task in group)
        yield ProjectLine(_summed(lines, week), lines[0].task.project, lines)


def _days(found: dict[date, Seconds], week: Days) -> tuple[Day, ...]:
    seconds = ((day, found.get(day, Seconds())) for day in week)
    return tuple(Day(day, each.total, each.billable) for day, each in seconds)


def _summed(lines: Iterable[Line], week: Days) -> tuple[Day, ...]:
    found: dict[date, list[Seconds]] = defaultdict(list)
    for line in lines:
        for day in line.days:
            found[day.date].append(Seconds(day.seconds, day.billable_seconds))
    return _days({on: total(seconds) for on, seconds in found.items()}, week)
