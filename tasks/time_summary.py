"""Time spent over a period, summed by person, project, kind of project or task, beside what was estimated."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, Sum

from estateman.people.models import User
from tasks.models import Project, ProjectKind, Task
from tasks.models.time import TimeLogQuerySet
from tasks.timesheets import Days, Seconds, Spent, by_day, total

# What the sums are made for, and which column tells one from the other.
GROUPS = {"person": "user_id", "project": "task__project_id", "kind": "task__project__kind", "task": "task_id"}


class _Row(NamedTuple):
    """Time of one group on one task."""

    group: int | str
    task: int
    project: int
    estimate_minutes: int | None
    seconds: Seconds


@dataclass
class Group:
    """The time of one person, project, kind of project or task.

    The estimate is that of the tasks which the time was spent on and which have one, each counted whole and once;
    ``seconds_on_estimated`` is the time on just these, so that the two can be held against each other.
    """

    key: int | str
    name: str = ""
    seconds: int = 0
    billable_seconds: int = 0
    estimated_seconds: int = 0
    seconds_on_estimated: int = 0
    tasks: set[int] = field(default_factory=set)
    projects: set[int] = field(default_factory=set)

    def add(self, row: _Row) -> None:
        self.seconds += row.seconds.total
        self.billable_seconds += row.seconds.billable
        if row.estimate_minutes is not None:
            self.seconds_on_estimated += row.seconds.total
            self.estimated_seconds += 0 if row.task in self.tasks else row.estimate_minutes * 60
        self.tasks.add(row.task)
        self.projects.add(row.project)

    @property
    def task_count(self) -> int:
        return len(self.tasks)

    @property
    def project_count(self) -> int:
        return len(self.projects)

    @property
    def seconds_per_project(self) -> int:
        """What one project took on average, to the second below."""
        return self.seconds // len(self.projects) if self.projects else 0


@dataclass(frozen=True)
class Summary:
    """The groups, the one that took most first, and all of them as one."""

    total: Group
    groups: list[Group]


def summary(logs: TimeLogQuerySet, group_by: str, days: Days | None) -> Summary:
    """Sum what ended of ``logs``, of one period or of all time; in a constant number of queries.

    Of time that reaches over an end of the period only what lies within counts, as the person lived it.
    """
    whole = Group("all", "All")
    groups: dict[int | str, Group] = {}
    for row in _rows(logs.ended(), GROUPS[group_by], days):
        whole.add(row)
        groups.setdefault(row.group, Group(row.group)).add(row)
    names = _names(group_by, groups)
    for key, group in groups.items():
        group.name = names[key]
    return Summary(whole, sorted(groups.values(), key=lambda group: (-group.seconds, group.name, str(group.key))))


def _rows(logs: TimeLogQuerySet, column: str, days: Days | None) -> Iterator[_Row]:
    columns = (column, "task_id", "task__project_id", "task__estimate_minutes")
    if days is None:
        yield from _sums(logs, columns)
        return
    # Summed by the database is what begins and ends on days within, whatever the zone; the rest is cut at midnight.
    inside = Q(work_date__gte=days.first, ended_at__lte=days.surely_within)
    yield from _sums(logs.filter(inside), columns)
    yield from _cut(logs.exclude(inside).touching(days), columns, days)


def _sums(logs: TimeLogQuerySet, columns: tuple[str, ...]) -> Iterator[_Row]:
    billable = Sum("seconds", filter=Q(is_billable=True), default=0)
    for *about, seconds, charged in logs.order_by().values_list(*columns).annotate(Sum("seconds"), charged=billable):
        yield _Row._make((*about, Seconds(seconds, charged)))


def _cut(logs: TimeLogQuerySet, columns: tuple[str, ...], days: Days) -> Iterator[_Row]:
    rows = logs.values_list(*columns, "started_at", "ended_at", "timezone", "is_billable")
    spent = (Spent(tuple(row[:4]), *row[4:]) for row in rows)
    for about, on in by_day(spent, days).items():
        yield _Row._make((*about, total(on.values())))


def _names(group_by: str, keys: Iterable[int | str]) -> dict[int | str, str]:
    """What the groups are called, in one query; a task also once it is deleted."""
    if group_by == "kind":
        return {str(kind): str(kind.label) for kind in ProjectKind}
    models = {"person": User.objects, "project": Project.objects, "task": Task.every}
    return {row.pk: str(row) for row in models[group_by].filter(pk__in=list(keys))}
