"""How much there is to do, and how much was done in time."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from tasks.models import OPEN_GROUPS
from tasks.models.tasks import TaskQuerySet


@dataclass(frozen=True)
class Period:
    """From ``first`` to ``last``, both days counted."""

    first: date
    last: date


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
        return _share(self.completed, self.completed + self.open)

    @property
    def on_time_rate(self) -> float | None:
        return _share(self.completed_on_time, self.completed_with_due_day)

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


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
