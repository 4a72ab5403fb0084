"""How much there is to do, how much was done, in time or late, how fast, and in how many hours, by whom.

Every number is written down with its formula in docs/analytics.md.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, Q, QuerySet

from estateman.common import clock
from estateman.people.models import User
from tasks.flow import Adherence, Done, Period, Times, adherence, by_day, by_week, days_between, share, times
from tasks.models import OPEN_GROUPS, ColumnGroup, KeyDate, Project, TaskAssignee
from tasks.models.tasks import TaskQuerySet
from tasks.models.time import TimeLogQuerySet
from tasks.time_summary import Group, summary


@dataclass(frozen=True)
class Scope:
    """What is counted: ``tasks`` and their ``projects``, and of the time spent on these ``logs``.

    Of ``members`` it is told what they got done, also where that is nothing; of others only what they did, and with
    ``members_only`` not even that.
    """

    name: str
    tasks: TaskQuerySet
    projects: QuerySet[Project]
    logs: TimeLogQuerySet
    members: Sequence[User]
    members_only: bool = False


@dataclass(frozen=True)
class TaskStats:
    """The open ones as of today; the completed ones by the day they were really done.

    ``completion_rate`` is completed / (completed + open); ``on_time_rate`` is the share of those
    completed with a due day that were done on it or before. None where there is nothing to divide.
    """

    open: int
    overdue: int
    due_today: int
    due_in_7_days: int
    blocked: int
    completed: int
    completed_with_due_day: int
    completed_on_time: int

    @property
    def completion_rate(self) -> float | None:
        return share(self.completed, self.completed + self.open)

    @property
    def on_time_rate(self) -> float | None:
        return share(self.completed_on_time, self.completed_with_due_day)

    def as_dict(self) -> dict[str, Any]:
        """The counts and the rates by name."""
        rates = {"completion_rate": self.completion_rate, "on_time_rate": self.on_time_rate}
        return {**asdict(self), **rates}


def stats(tasks: TaskQuerySet, *, today: date, period: Period) -> TaskStats:
    """Count ``tasks`` in two queries. ``due_in_7_days`` counts today and the six days after it."""
    is_open = Q(column__group__in=OPEN_GROUPS)
    done = Q(completed_on__range=(period.first, period.last))
    counts = tasks.aggregate(
        open=Count("pk", filter=is_open),
        overdue=Count("pk", filter=is_open & Q(due_on__lt=today)),
        due_today=Count("pk", filter=is_open & Q(due_on=today)),
        due_in_7_days=Count("pk", filter=is_open & Q(due_on__range=(today, today + timedelta(days=6)))),
        completed=Count("pk", filter=done),
        completed_with_due_day=Count("pk", filter=done & Q(due_on__isnull=False)),
        completed_on_time=Count("pk", filter=done & Q(due_on__gte=F("completed_on"))),
    )
    return TaskStats(blocked=tasks.blocked().count(), **counts)


@dataclass(frozen=True)
class Pace:
    """How fast things were done that were completed within a period."""

    by_day: list[Done]
    by_week: list[Done]
    cycle_time: Times
    lead_time: Times


class _Finished(NamedTuple):
    """The day a completed task was made, the one on which it was begun, if it ever was, and the one it was done."""

    created_on: date
    begun_on: date | None
    completed_on: date


def pace(tasks: TaskQuerySet, *, period: Period) -> Pace:
    """How fast ``tasks`` were completed within ``period``, in one query.

    Cycle time runs from the first day on which a task stood in a column of the active group, lead time from the day
    it was made, in its project's time zone, until the day it was done. What was never begun has no cycle time.
    """
    done = _finished(tasks, period)
    days = [each.completed_on for each in done]
    return Pace(
        by_day=by_day(days, period),
        by_week=by_week(days, period),
        cycle_time=times(days_between(each.begun_on, each.completed_on) for each in done if each.begun_on),
        lead_time=times(days_between(each.created_on, each.completed_on) for each in done),
    )


def _finished(tasks: TaskQuerySet, period: Period) -> list[_Finished]:
    done = tasks.filter(completed_on__range=(period.first, period.last)).order_by()
    begun = Min("transitions__on", filter=Q(transitions__to_group=ColumnGroup.ACTIVE))
    rows: Any = done.annotate(begun_on=begun).values_list("created_at", "project__timezone", "begun_on", "completed_on")
    return [_Finished(clock.local_date(made, zone), begun_on, on) for made, zone, begun_on, on in rows]


@dataclass(frozen=True)
class KindAdherence:
    """How well the key dates of one kind were kept: of those met within a period, and how many are overdue today."""

    kind: str
    met: Adherence
    overdue: int


def key_date_adherence(projects: QuerySet[Project], *, period: Period, today: date) -> list[KindAdherence]:
    """By kind, in one query; kinds without any are left out."""
    mine = KeyDate.objects.filter(project__in=projects, on__isnull=False)
    counted = mine.filter(Q(met_on__range=(period.first, period.last)) | Q(met_on=None, on__lt=today))
    pairs: dict[str, list[tuple[date, date | None]]] = {}
    rows: Any = counted.order_by("kind").values_list("kind", "on", "met_on")
    for kind, on, met_on in rows:
        pairs.setdefault(kind, []).append((on, met_on))
    return [
        KindAdherence(kind, adherence([(on, met) for on, met in of_kind if met]), sum(not met for _, met in of_kind))
        for kind, of_kind in pairs.items()
    ]


@dataclass(frozen=True)
class Hours:
    """Time spent within a period, by who spent it and what on; the most first."""

    total: Group
    by_person: list[Group]
    by_project: list[Group]
    by_kind: list[Group]


def hours(logs: TimeLogQuerySet, period: Period) -> Hours:
    """What lies within ``period`` of ``logs``, as the people lived it; running timers do not count."""
    by_person = summary(logs, "person", period)
    return Hours(
        total=by_person.total,
        by_person=by_person.groups,
        by_project=summary(logs, "project", period).groups,
        by_kind=summary(logs, "kind", period).groups,
    )


@dataclass(frozen=True)
class Output:
    """What one person got done: ``completed`` counts tasks they had, or completed where nobody had them."""

    user: int
    name: str
    completed: int
    seconds: int


def output(scope: Scope, worked: Hours, *, period: Period) -> list[Output]:
    """Tasks and time per person within ``period``, the most tasks first."""
    completed = _completed_by_person(scope.tasks, period)
    seconds = {int(group.key): group.seconds for group in worked.by_person}
    people = {user.pk: user for user in scope.members}
    if not scope.members_only:
        people |= User.objects.in_bulk((completed.keys() | seconds.keys()) - people.keys())
    rows = [Output(pk, str(user), completed[pk], seconds.get(pk, 0)) for pk, user in people.items()]
    return sorted(rows, key=lambda each: (-each.completed, -each.seconds, each.name, each.user))


def _completed_by_person(tasks: TaskQuerySet, period: Period) -> Counter[int]:
    done = tasks.filter(completed_on__range=(period.first, period.last)).order_by()
    given = TaskAssignee.objects.filter(task__in=done.values("pk")).values_list("user_id")
    nobodys = done.filter(assignments=None, completed_by__isnull=False).values_list("completed_by_id")
    return Counter(dict(given.annotate(Count("pk")))) + Counter(dict(nobodys.annotate(Count("pk"))))
