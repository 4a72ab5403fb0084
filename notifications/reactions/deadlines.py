"""Who is warned of deadlines, and the morning's list."""

from collections.abc import Iterable
from datetime import date

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from notifications import wording
from notifications.models import Category
from notifications.reactions.telling import board_of, tell
from tasks.activities import DeadlineMissed, DeadlineNear, DigestDue, OfDeadline
from tasks.audience import seeing, still_open_for
from tasks.models import Task


@on(DeadlineNear)
def warn_of_a_deadline(fact: DeadlineNear, activity: Activity) -> None:
    """Those who have the task; from 24 hours on, and where nobody has it, those who keep the deal, too."""
    _warn(fact, activity, f"Less than {fact.hours} hours left for {fact.task}", "Its deadline is")


@on(DeadlineMissed)
def tell_of_a_missed_deadline(fact: DeadlineMissed, activity: Activity) -> None:
    """Those who have the task and those who keep the deal."""
    _warn(fact, activity, f"The deadline of {fact.task} has passed", "It is still open. Its deadline was")


def _warn(fact: OfDeadline, activity: Activity, title: str, says: str) -> None:
    people = seeing(fact.project_id, [*fact.assignee_ids, *fact.keeper_ids])
    body = f"{fact.project}. {says} {wording.moment(fact.deadline_at, fact.timezone)}."
    tell(people, activity, Category.REMINDERS, title=title, body=body, url=board_of(fact.project_id))


@on(DigestDue)
def send_the_mornings_list(fact: DigestDue, activity: Activity) -> None:
    """What of it is still open, and theirs to see, by the time it is written."""
    overdue = still_open_for(fact.user_id, fact.overdue_ids)
    upcoming = still_open_for(fact.user_id, fact.upcoming_ids)
    counts = [f"{len(tasks)} {what}" for tasks, what in ((overdue, "overdue"), (upcoming, "due soon")) if tasks]
    if counts:
        title = f"Your tasks: {', '.join(counts)}"
        body = "\n\n".join(filter(None, [_listed("Overdue", overdue), _listed("Due soon", upcoming)]))
        tell([fact.user_id], activity, Category.REMINDERS, title=title, body=body, url="/deadlines")


def _listed(heading: str, tasks: Iterable[Task]) -> str:
    lines = [f"{task.name}, {task.project}: {wording.day(_day_of(task).isoformat())}" for task in tasks]
    return "\n".join([heading, *lines]) if lines else ""


def _day_of(task: Task) -> date:
    """The first of its days; none is listed without one."""
    return min(day for day in (task.due_on, task.deadline_on) if day)
