"""Who is told of what. Reads as a table of contents: one function per kind of activity."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.live.hints import send_hint
from estateman.people.models import OfficeRole, User
from events.activities import ReminderDue
from gamification.activities import AchievementEarned
from integrations.activities import IntegrationFailed
from notifications import jobs
from notifications.models import Category
from notifications.services import Message, notify
from tasks.activities import TaskAssigned, TaskUnblocked


@on(batch=True)
def show_in_rooms(happened: Sequence[tuple[Fact, Activity]]) -> None:
    """Every activity is shown live to whoever is in one of its rooms."""
    ids = [activity.pk for fact, activity in happened if fact.rooms()]
    if ids:
        transaction.on_commit(lambda: send_hint("activities", ids=ids))


@on(TaskAssigned)
def tell_the_assignee(fact: TaskAssigned, activity: Activity) -> None:
    if fact.assignee_id != fact.by_id:
        due = f", due {fact.due_on}" if fact.due_on else ""
        _tell(
            [fact.assignee_id],
            activity,
            Category.TASKS,
            f"{fact.task} is yours",
            f"{fact.project}{due}.",
            _board(fact.project_id),
        )


@on(TaskUnblocked)
def tell_the_next_assignees(fact: TaskUnblocked, activity: Activity) -> None:
    _tell(
        fact.assignee_ids,
        activity,
        Category.TASKS,
        f"{fact.task} can start",
        f"{fact.by_task} is done in {fact.project}.",
        _board(fact.project_id),
    )


@on(ReminderDue)
def remind(fact: ReminderDue, activity: Activity) -> None:
    message = Message(
        kind=fact.kind,
        category=Category.REMINDERS,
        title=f"{fact.title} {_in_minutes(fact.minutes_before)}",
        body=f"Starts at {fact.starts_at}.",
        url="/",
        data=fact.payload(),
        channels=tuple(channel for channel in fact.channels if channel != "in_app"),
        dedupe_key=fact.dedupe_key,
    )
    notify([fact.user_id], message, activity=activity)
    transaction.on_commit(jobs.wake)


@on(AchievementEarned)
def celebrate(fact: AchievementEarned, activity: Activity) -> None:
    _tell(
        [fact.user_id],
        activity,
        Category.ACHIEVEMENTS,
        f"Achievement: {fact.name}",
        f"{fact.description} +{fact.points} points.",
        "/",
    )


@on(IntegrationFailed)
def alert_the_admins(fact: IntegrationFailed, activity: Activity) -> None:
    admins = User.objects.filter(role=OfficeRole.ADMIN).values_list("pk", flat=True)
    _tell(
        admins,
        activity,
        Category.SYSTEM,
        f"{fact.name} is failing",
        fact.detail,
        f"/admin/integrations/integration/{fact.integration_id}/change/",
    )


def _tell(people: Iterable[int], activity: Activity, category: Category, title: str, body: str, url: str) -> None:
    message = Message(
        kind=activity.kind,
        category=category,
        title=title,
        body=body,
        url=url,
        data=activity.payload,
        actor_id=activity.actor_id,
        dedupe_key=f"activity:{activity.pk}",
    )
    notify(people, message, activity=activity)
    transaction.on_commit(jobs.wake)


def _board(project_id: int) -> str:
    return f"/projects/{project_id}/board"


def _in_minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if minutes < 60:
        return f"in {minutes} minutes" if minutes != 1 else "in 1 minute"
    return f"in {hours} h {rest} min" if rest else f"in {hours} hour{'s' * (hours != 1)}"
