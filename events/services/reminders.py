"""Reminders: which are set, the rows of work they become, and sending one."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.claims import backoff
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import ReminderDue
from events.coming import Coming, who_comes
from events.models import Calendar, Event, Reminder, ReminderDelivery
from events.models.reminders import default_channels
from events.permissions import can_see_event
from events.recurrence import Occurrence, find_occurrence, next_occurrence, occurrences
from events.services.lock import lock_event, require_planned, take_event

HORIZON = timedelta(days=35)
USEFUL_AFTER_START = timedelta(hours=1)
MOST_REMINDERS = 10
MOST_ATTEMPTS = 10
State = ReminderDelivery.State


class NoReminders(RuleBroken):
    """There is nothing to send."""

    code = "no_reminders"


@dataclass(frozen=True)
class ReminderWish:
    """One reminder as somebody asks for it."""

    minutes_before: int
    channels: list[str] = field(default_factory=default_channels)


@transaction.atomic
def set_reminders(event: Event, wishes: Sequence[ReminderWish], *, by: User) -> list[Reminder]:
    """Make ``wishes`` the event's reminders, instead of those it had; what was sent is not sent again.

    Each goes to the organiser and to every attendee of the staff, on the dates that they come to. Raises
    ValidationError, EventCancelledAlready.
    """
    event = take_event(event, by=by)
    _set(event, wishes, user=None)
    return list(event.reminders.filter(user=None))


@transaction.atomic
def set_own_reminders(event: Event, wishes: Sequence[ReminderWish], *, by: User) -> list[Reminder]:
    """Make ``wishes`` what reminds ``by`` alone, beside the event's own reminders; one at the same time replaces it.

    Raises PermissionDenied unless ``by`` may read the event, ValidationError, EventCancelledAlready.
    """
    if not can_see_event(by, event):
        raise PermissionDenied
    event = require_planned(lock_event(event.pk))
    _set(event, wishes, user=by)
    return list(event.reminders.filter(user=by))


def _set(event: Event, wishes: Sequence[ReminderWish], *, user: User | None) -> None:
    minutes = [wish.minutes_before for wish in wishes]
    if len(minutes) > MOST_REMINDERS or len(set(minutes)) < len(minutes):
        raise ValidationError({"reminders": f"At most {MOST_REMINDERS} reminders, each at its own time."})
    theirs = event.reminders.filter(user=user)
    theirs.exclude(minutes_before__in=minutes).delete()
    for wish in wishes:
        draft = Reminder(event=event, user=user, minutes_before=wish.minutes_before, channels=wish.channels)
        draft.clean_fields(exclude={"event", "user"})
        theirs.update_or_create(
            event=event, user=user, minutes_before=wish.minutes_before, defaults={"channels": wish.channels}
        )
    plan_deliveries(event)


def usual_reminders(calendar: Calendar) -> list[ReminderWish]:
    """What an event of ``calendar`` has where nobody chooses others."""
    return [ReminderWish(minutes) for minutes in sorted(calendar.reminder_minutes)]


def take_usual_reminders(event: Event, calendar: Calendar) -> None:
    """Give a locked event those that are usual in ``calendar``, unless it has others than are usual in its own."""
    had = [ReminderWish(each.minutes_before, each.channels) for each in event.reminders.filter(user=None)]
    if had == usual_reminders(event.calendar):
        _set(event, usual_reminders(calendar), user=None)


def plan_deliveries(event: Event) -> None:
    """Bring the rows of work up to what the event now says, up to HORIZON; the event must be locked.

    Idempotent. Rows that are wanted no more are cancelled, those cancelled before and wanted again are taken up. Of a
    date that has just begun nothing new is planned, and what was is still sent: a worker may be a moment late.
    """
    now = clock.now()
    wanted = {row.dedupe_key: row for row in _wanted(event, _soon(event, now), now)}
    known = set(event.reminder_deliveries.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
    pending = event.reminder_deliveries.filter(state=State.PENDING)
    pending.exclude(dedupe_key__in=wanted).update(state=State.CANCELLED, next_attempt_at=None, settled_at=now)
    _take_up_again(event, {key: row for key, row in wanted.items() if key in known}, now)
    fresh = (row for key, row in wanted.items() if key not in known)
    ReminderDelivery.objects.bulk_create(row for row in fresh if row.starts_at > now)


def _soon(event: Event, now: datetime) -> list[Occurrence]:
    if event.is_cancelled:
        return []
    found = occurrences(event.series(), now, now + HORIZON)
    return [occurrence for occurrence in found if occurrence.starts_at > now - USEFUL_AFTER_START]


def _wanted(event: Event, soon: Iterable[Occurrence], now: datetime) -> list[ReminderDelivery]:
    # Somebody's own come last: at the same time they take the place of the event's.
    reminders = sorted(event.reminders.all(), key=lambda reminder: reminder.user_id is not None)
    coming = who_comes(event) if reminders else Coming(frozenset())
    readers = _readers(event, reminders)
    return [
        _delivery(event, reminder, person, occurrence, now)
        for occurrence in soon
        for reminder in reminders
        for person in _people(reminder, coming.on(occurrence.recurrence_id), readers)
    ]


def _readers(event: Event, reminders: Iterable[Reminder]) -> set[int]:
    """Who of those with reminders of their own works here and may read the event."""
    people = User.objects.filter(pk__in={each.user_id for each in reminders if each.user_id}, is_active=True)
    return {person.pk for person in people if can_see_event(person, event)}


def _people(reminder: Reminder, coming: Iterable[int], readers: Container[int]) -> list[int]:
    if reminder.user_id is None:
        return sorted(coming)
    return [reminder.user_id] if reminder.user_id in readers else []


def _delivery(
    event: Event, reminder: Reminder, user_id: int, occurrence: Occurrence, now: datetime
) -> ReminderDelivery:
    due_at = occurrence.starts_at - timedelta(minutes=reminder.minutes_before)
    key = (
        f"{event.pk}:{occurrence.recurrence_id:%Y%m%dT%H%M%S}:{occurrence.starts_at:%Y%m%dT%H%M%SZ}"
        f":{reminder.minutes_before}:{user_id}"
    )
    return ReminderDelivery(
        event=event,
        reminder=reminder,
        user_id=user_id,
        recurrence_id=occurrence.recurrence_id,
        starts_at=occurrence.starts_at,
        due_at=due_at,
        # One whose moment has passed is due now: somebody invited an hour before is still told.
        next_attempt_at=max(due_at, now),
        dedupe_key=f"reminder:{key}",
    )


def _take_up_again(event: Event, wanted: dict[str, ReminderDelivery], now: datetime) -> None:
    for row in event.reminder_deliveries.filter(dedupe_key__in=wanted).exclude(state=State.SENT):
        fresh = wanted[row.dedupe_key]
        if row.state == State.CANCELLED and row.starts_at > now:
            row.state, row.next_attempt_at, row.attempts = State.PENDING, fresh.next_attempt_at, 0
        row.reminder = fresh.reminder
        row.save(update_fields=["state", "next_attempt_at", "attempts", "reminder"])


@transaction.atomic
def send_reminders_now(event: Event, *, by: User) -> list[ReminderDelivery]:
    """Bring the next occurrence's reminders forward to now, and return them; those sent already stay sent.

    Those that were given up are tried again. Empty when nothing of the event is ahead. Raises NoReminders,
    EventCancelledAlready.
    """
    event, now = take_event(event, by=by), clock.now()
    if not event.reminders.exists():
        raise NoReminders("This event has no reminders. Set some first.")
    following = next_occurrence(event.series(), now)
    if following is None:
        return []
    plan_deliveries(event)
    wanted = {row.dedupe_key: row for row in _wanted(event, [following], now)}
    known = set(event.reminder_deliveries.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
    ReminderDelivery.objects.bulk_create(row for key, row in wanted.items() if key not in known)
    theirs = event.reminder_deliveries.filter(dedupe_key__in=wanted)
    theirs.filter(state__in=(State.PENDING, State.FAILED)).update(
        state=State.PENDING, attempts=0, next_attempt_at=now, settled_at=None
    )
    return list(theirs.select_related("user").order_by("due_at", "user"))


@transaction.atomic
def send_reminder(delivery: ReminderDelivery) -> None:
    """Send one claimed reminder: in one transaction it is announced and marked, so it is announced once.

    Asked again here, under the event's lock: does it still take place, at that time, with that person? One that
    comes too late to be of use (the occurrence is over, or began longer than USEFUL_AFTER_START ago) is skipped.
    """
    event = lock_event(delivery.event_id)
    reminder = event.reminders.filter(pk=delivery.reminder_id or 0).first()
    occurrence = None if event.is_cancelled else find_occurrence(event.series(), delivery.recurrence_id)
    stands = occurrence is not None and occurrence.starts_at == delivery.starts_at
    if reminder is None or occurrence is None or not (stands and _is_for(reminder, delivery, event)):
        _settle(delivery, State.CANCELLED)
    elif clock.now() >= min(occurrence.ends_at, occurrence.starts_at + USEFUL_AFTER_START):
        _settle(delivery, State.SKIPPED_LATE)
    elif _settle(delivery, State.SENT):
        announce(_due(delivery, event, reminder))


def _is_for(reminder: Reminder, delivery: ReminderDelivery, event: Event) -> bool:
    coming = who_comes(event).on(delivery.recurrence_id)
    return delivery.user_id in _people(reminder, coming, _readers(event, [reminder]))


def _settle(delivery: ReminderDelivery, state: str) -> bool:
    """Whether this claim was still ours to settle."""
    ours = ReminderDelivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=State.PENDING)
    return bool(ours.update(state=state, settled_at=clock.now(), next_attempt_at=None, lease_until=None))


def _due(delivery: ReminderDelivery, event: Event, reminder: Reminder) -> ReminderDue:
    return ReminderDue(
        by_id=None,
        reminder_id=reminder.pk,
        event_id=event.pk,
        recurrence_id=delivery.recurrence_id.isoformat(),
        user_id=delivery.user_id,
        title=_title(event, delivery.recurrence_id),
        starts_at=f"{delivery.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        timezone=event.timezone,
        minutes_before=reminder.minutes_before,
        channels=tuple(reminder.channels),
        dedupe_key=delivery.dedupe_key,
    )


def _title(event: Event, recurrence_id: datetime) -> str:
    differs = event.overrides.filter(recurrence_id=recurrence_id).exclude(title=None).first()
    return str(differs.title) if differs else event.title


def put_off_reminder(delivery: ReminderDelivery, error: Exception) -> None:
    """Sending it failed: try again later, and give up after MOST_ATTEMPTS."""
    over = delivery.attempts >= MOST_ATTEMPTS
    ours = ReminderDelivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token, state=State.PENDING)
    ours.update(
        state=State.FAILED if over else State.PENDING,
        next_attempt_at=None if over else clock.now() + backoff(delivery.attempts),
        settled_at=clock.now() if over else None,
        lease_until=None,
        last_error=f"{type(error).__name__}: {error}"[:2000],
    )


@transaction.atomic
def extend_reminders(event: Event) -> None:
    """Plan what came into HORIZON since yesterday."""
    plan_deliveries(lock_event(event.pk))
