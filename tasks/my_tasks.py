"""What someone has to do, sorted by how soon."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from estateman.people.models import User
from tasks.models import Task

MOST = 40


@dataclass(frozen=True)
class MyTasks:
    """Open tasks given to one person, as their day ``today`` sees them; at most MOST, the most pressing.

    What is not due yet is ``next``, or ``waiting`` while other tasks come first.
    """

    today: date
    overdue: list[Task]
    due_today: list[Task]
    next: list[Task]
    waiting: list[Task]

    @property
    def count(self) -> int:
        return sum(map(len, (self.overdue, self.due_today, self.next, self.waiting)))


def my_tasks(user: User, *, today: date) -> MyTasks:
    """The open tasks of ``user`` with all that a line shows, in a fixed number of queries."""
    mine = Task.objects.visible_to(user).current().assigned_to(user).open().for_display()
    tasks = list(mine.order_by(F("due_on").asc(nulls_last=True), "project_id", "rank")[:MOST])
    later = [task for task in tasks if not task.due_on or task.due_on > today]
    return MyTasks(
        today=today,
        overdue=[task for task in tasks if task.due_on and task.due_on < today],
        due_today=[task for task in tasks if task.due_on == today],
        next=[task for task in later if not task.is_blocked],
        waiting=[task for task in later if task.is_blocked],
    )
