"""Who is told of what. Reads as a table of contents: one function per kind of activity."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.live.hints import send_hint
from estateman.people.models import OfficeRole, User
from estateman.people.permissions import LEADING
from events.activities import ReminderDue
from gamification.activities import AchievementEarned
from integrations.activities import (
    ConsentEnded,
    HealthChanged,
    IntegrationDisabled,
    IntegrationFailed,
    MessageFailed,
    PaymentDoubled,
    PaymentFailed,
    PaymentOperationFailed,
    PaymentUnknown,
    SubscriptionDisabled,
    WebhookDied,
)
from integrations.activities.payments import OfPayment
from notifications import jobs, wording
from notifications.models import Category
from notifications.services import Message, notify
from tasks.activities import TaskAssigned, TaskUnblocked

Assignments = list[tuple[TaskAssigned, Activity]]


@on(batch=True)
def show_in_rooms(happened: Sequence[tuple[Fact, Activity]]) -> None:
    """Every activity is shown live to whoever is in one of its rooms."""
    ids = [activity.pk for fact, activity in happened if fact.rooms()]
    if ids:
        transaction.on_commit(lambda: send_hint("activities", ids=ids))


@on(TaskAssigned, batch=True)
def tell_the_assignees(happened: Sequence[tuple[TaskAssigned, Activity]]) -> None:
    """Whoever got tasks from somebody else. What one template gave to one person is one notification."""
    bundles: dict[tuple[Any, ...], Assignments] = defaultdict(list)
    for fact, activity in happened:
        if fact.assignee_id != fact.by_id:
            alone = None if fact.template_application_id else activity.pk
            bundles[fact.assignee_id, fact.template_application_id, alone].append((fact, activity))
    for bundle in bundles.values():
        _tell_of_assignments(bundle)


def _tell_of_assignments(bundle: Assignments) -> None:
    fact, activity = bundle[0]
    if len(bundle) == 1:
        title, body = f"{fact.task} is yours", f"{fact.project}{_due(fact)}."
    else:
        title = f"{len(bundle)} tasks of {fact.project} are yours"
        body = "\n".join(f"{each.task}{_due(each)}" for each, _ in bundle)
    data = {**fact.payload(), "task_ids": [each.task_id for each, _ in bundle]}
    _tell([fact.assignee_id], activity, Category.TASKS, title=title, body=body, url=_board(fact.project_id), data=data)


def _due(fact: TaskAssigned) -> str:
    return f", due {wording.day(fact.due_on)}" if fact.due_on else ""


@on(TaskUnblocked)
def tell_the_next_assignees(fact: TaskUnblocked, activity: Activity) -> None:
    title, body = f"{fact.task} can start", f"{fact.by_task} is done in {fact.project}."
    _tell(fact.assignee_ids, activity, Category.TASKS, title=title, body=body, url=_board(fact.project_id))


@on(ReminderDue)
def remind(fact: ReminderDue, activity: Activity) -> None:
    """In the inbox always, and over the channels that the reminder names."""
    _tell(
        [fact.user_id],
        activity,
        Category.REMINDERS,
        title=f"{fact.title} {wording.lead_time(fact.minutes_before)}",
        body=f"{wording.moment(fact.starts_at, fact.timezone)}.",
        url="/",
        dedupe_key=fact.dedupe_key,
        channels=fact.channels,
    )


@on(AchievementEarned)
def celebrate(fact: AchievementEarned, activity: Activity) -> None:
    title, body = f"Achievement: {fact.name}", f"{fact.description} +{fact.points} points."
    _tell([fact.user_id], activity, Category.ACHIEVEMENTS, title=title, body=body, url="/")


@on(IntegrationFailed)
def alert_the_admins(fact: IntegrationFailed, activity: Activity) -> None:
    admins = User.objects.filter(role=OfficeRole.ADMIN).values_list("pk", flat=True)
    url = f"/admin/integrations/integration/{fact.integration_id}/change/"
    _tell(admins, activity, Category.SYSTEM, title=f"{fact.name} is failing", body=fact.detail, url=url)


@on(MessageFailed)
def tell_the_sender(fact: MessageFailed, activity: Activity) -> None:
    """Whoever had an e-mail or a text sent that did not arrive, or was called spam."""
    if fact.sender_id:
        title = f"{'SMS' if fact.channel == 'sms' else 'E-mail'} to {fact.to}: {fact.outcome}"[:200]
        _tell([fact.sender_id], activity, Category.SYSTEM, title=title, body=fact.reason, url="/")


@on(HealthChanged)
def tell_of_health(fact: HealthChanged, activity: Activity) -> None:
    change = "is not well" if fact.fell else "is better"
    title, body = f"{fact.name} {change}: {fact.score} of 100", fact.reason
    _tell(_leaders(), activity, Category.SYSTEM, title=title, body=body, url="/integrations/health")


@on(IntegrationDisabled)
def tell_of_a_disabled_integration(fact: IntegrationDisabled, activity: Activity) -> None:
    body = f"{fact.because} Repair it, then test it: a pass puts it back to use."
    _tell(
        _leaders(), activity, Category.SYSTEM, title=f"{fact.name} was disabled", body=body, url="/integrations/health"
    )


def _leaders() -> Iterable[int]:
    return User.objects.filter(role__in=LEADING).values_list("pk", flat=True)


@on(SubscriptionDisabled)
def tell_of_a_disabled_subscription(fact: SubscriptionDisabled, activity: Activity) -> None:
    admins = User.objects.filter(role=OfficeRole.ADMIN).values_list("pk", flat=True)
    people = {*admins, *((fact.owner_id,) if fact.owner_id else ())}
    url = f"/admin/integrations/webhooksubscription/{fact.subscription_id}/change/"
    title = f"Webhooks to {fact.name} were switched off"
    _tell(people, activity, Category.SYSTEM, title=title, body=fact.reason, url=url)


@on(WebhookDied)
def tell_of_a_dead_webhook(fact: WebhookDied, activity: Activity) -> None:
    """Of many that are given up together, each admin hears once an hour."""
    admins = User.objects.filter(role=OfficeRole.ADMIN).values_list("pk", flat=True)
    title, body = f"{fact.event_kind} from {fact.name} was given up", fact.detail
    url = f"/admin/integrations/webhookevent/{fact.event_id}/change/"
    cause = f"webhook.dead:{fact.integration_id}:{activity.at:%Y-%m-%dT%H}"
    _tell(admins, activity, Category.SYSTEM, title=title, body=body, url=url, dedupe_key=cause)


@on(ConsentEnded)
def ask_to_connect_again(fact: ConsentEnded, activity: Activity) -> None:
    title, body = (
        f"Connect {fact.name} again",
        "It no longer accepts what you once allowed, so your account there rests.",
    )
    url = f"/admin/integrations/integration/{fact.integration_id}/change/"
    _tell([fact.user_id], activity, Category.SYSTEM, title=title, body=body, url=url)


@on(PaymentFailed)
def tell_of_a_failed_payment(fact: PaymentFailed, activity: Activity) -> None:
    _tell_who_took(fact, activity, f"{fact.money} for {fact.purpose} was not paid", fact.reason)


@on(PaymentUnknown)
def tell_of_an_unknown_payment(fact: PaymentUnknown, activity: Activity) -> None:
    title = f"It is not known yet whether the {fact.operation} of {fact.money} went through"
    _tell_who_took(fact, activity, title, f"{fact.purpose}. It is being found out; do not repeat it.")


@on(PaymentOperationFailed)
def tell_of_a_failed_operation(fact: PaymentOperationFailed, activity: Activity) -> None:
    title = f"The {fact.operation} of {fact.money} did not happen"
    _tell_who_took(fact, activity, title, f"{fact.purpose}. {fact.reason}")


@on(PaymentDoubled)
def tell_of_a_doubled_payment(fact: PaymentDoubled, activity: Activity) -> None:
    title = f"{fact.money} for {fact.purpose} was paid twice"
    _tell_who_took(fact, activity, title, "It came through after all, when it had been paid anew. Refund one of them.")


def _tell_who_took(fact: OfPayment, activity: Activity, title: str, body: str) -> None:
    people = [fact.taken_by_id] if fact.taken_by_id else _leaders()
    url = _board(int(fact.room.partition(":")[2])) if fact.room.startswith("project:") else "/"
    _tell(people, activity, Category.SYSTEM, title=title, body=body, url=url)


def _tell(people: Iterable[int], activity: Activity, category: Category, **words: Any) -> None:
    about = {"data": activity.payload, "actor_id": activity.actor_id, "dedupe_key": f"activity:{activity.pk}"}
    notify(people, Message(kind=activity.kind, category=category, **{**about, **words}), activity=activity)
    transaction.on_commit(jobs.wake)


def _board(project_id: int) -> str:
    return f"/projects/{project_id}/board"
