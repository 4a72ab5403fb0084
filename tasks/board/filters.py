"""What a board may be narrowed to."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from estateman.people.models import User
from tasks.models import Task, TaskAssignee
from tasks.models.tasks import TaskQuerySet

DUE = ("overdue", "today", "week", "none")
WEEK = timedelta(days=6)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which cards to show; what is left at its default narrows nothing.

    ``due``, one of DUE, speaks of ``today``: a week is today and the six days after it, and overdue is only what is
    open. ``mine``: given to this person.
    """

    today: date
    assignee: int | None = None
    label: int | None = None
    priority: str = ""
    q: str = ""
    due: str = ""
    blocked: bool | None = None
    mine: User | None = None

    @property
    def is_all(self) -> bool:
        """Whether every card is wanted."""
        return self == Wanted(today=self.today)


def wanted_of(tasks: TaskQuerySet, wanted: Wanted) -> TaskQuerySet:
    """Of ``tasks`` those that are wanted."""
    if wanted.mine:
        tasks = tasks.assigned_to(wanted.mine)
    if wanted.assignee:
        tasks = tasks.filter(_given_to(wanted.assignee))
    if wanted.label:
        tasks = tasks.filter(_labelled(wanted.label))
    if wanted.priority:
        tasks = tasks.filter(priority=wanted.priority)
    if wanted.q:
        tasks = tasks.searched(wanted.q)
    if wanted.blocked is not None:
        blocked = tasks.blocked().values("pk")
        tasks = tasks.filter(pk__in=blocked) if wanted.blocked else tasks.exclude(pk__in=blocked)
    return _due(tasks, wanted)


def _given_to(user_id: int) -> Exists:
    return Exists(TaskAssignee.objects.filter(task=OuterRef("pk"), user=user_id))


def _labelled(label_id: int) -> Exists:
    return Exists(Task.labels.through.objects.filter(task=OuterRef("pk"), label=label_id))


def _due(tasks: TaskQuerySet, wanted: Wanted) -> TaskQuerySet:
    today = wanted.today
    match wanted.due:
        case "overdue":
            return tasks.open().filter(due_on__lt=today)
        case "today":
            return tasks.filter(due_on=today)
        case "week":
            return tasks.filter(due_on__range=(today, today + WEEK))
        case "none":
            return tasks.filter(due_on=None)
    return tasks
