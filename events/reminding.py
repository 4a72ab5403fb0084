"""An event's reminders with what became of them."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db.models import Q

from estateman.common import clock
from estateman.people.models import User
from events.models import Event, Reminder, ReminderDelivery
from events.permissions import can_edit_event

RECENT = timedelta(days=1)
MOST_SHOWN = 50


@dataclass(frozen=True)
class ReminderStanding:
    """A reminder, and its deliveries that are ahead or less than a day old, soonest first."""

    reminder: Reminder
    deliveries: list[ReminderDelivery]


def reminders_of(event: Event, *, seen_by: User) -> list[ReminderStanding]:
    """The event's reminders and ``seen_by``'s own, by lead time.

    Whoever may change the event sees everyone's deliveries of the event's reminders, others see their own.
    """
    recent = event.reminder_deliveries.filter(starts_at__gt=clock.now() - RECENT).order_by("reminder", "due_at", "user")
    theirs = recent if can_edit_event(seen_by, event) else recent.filter(user=seen_by)
    by_reminder = {key: list(rows) for key, rows in groupby(theirs, lambda row: row.reminder_id)}
    return [
        ReminderStanding(reminder, by_reminder.get(reminder.pk, [])[:MOST_SHOWN])
        for reminder in event.reminders.filter(Q(user=None) | Q(user=seen_by))
    ]
