"""What people did elsewhere counts here. A kind of activity counts when a metric asks for it."""

from datetime import datetime

from django.db.models import QuerySet

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.people.models import User
from gamification.rules import Deed
from gamification.services import record, reverse_act
from tasks.activities import TaskCompleted, TaskReopened

SOURCE = "tasks"


class CompletionNotCountedYet(Exception):
    """The reopening overtook the completion it undoes; tried again, it finds it."""


@on(TaskCompleted)
def count_completed_task(fact: TaskCompleted, activity: Activity) -> None:
    credit_completion(fact, at=activity.at)


def credit_completion(fact: TaskCompleted, *, at: datetime, quiet: bool = False) -> None:
    """Everyone who was to do the task gets the credit; where nobody was, whoever did it."""
    deed = Deed(
        kind=fact.kind,
        source=SOURCE,
        key=_completion(fact),
        title=fact.task,
        occurred_at=at,
        details=fact.payload(),
    )
    for member in _members(fact):
        record(member, deed, quiet=quiet)


@on(TaskReopened)
def take_back_reopened_task(fact: TaskReopened, activity: Activity) -> None:
    """Found by the completion and not by today's assignees: they may have changed since."""
    reversals = reverse_act(source=SOURCE, key=_completion(fact))
    if not reversals and _is_completion_pending(fact):
        raise CompletionNotCountedYet(_completion(fact))


def _completion(fact: TaskCompleted | TaskReopened) -> str:
    return f"task:{fact.task_id}:completed:{fact.completion_no}"


def _members(fact: TaskCompleted) -> QuerySet[User]:
    """In the order of their ids, which is the order in which accounts are locked."""
    ids = fact.assignee_ids or (fact.by_id,)
    return User.objects.filter(pk__in=[pk for pk in ids if pk], is_active=True).order_by("pk")


def _is_completion_pending(fact: TaskReopened) -> bool:
    unsettled = Activity.objects.filter(next_attempt_at__isnull=False, kind=TaskCompleted.kind)
    same = {"payload__task_id": fact.task_id, "payload__completion_no": fact.completion_no}
    return unsettled.filter(**same).exists()
