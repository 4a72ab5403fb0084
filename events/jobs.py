"""The worker's side of events: due reminders, and the rolling horizon."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from celery import shared_task
from django.db.models import Model

from estateman.common import clock
from estateman.common.claims import claim
from estateman.common.nudging import nudge
from events.models import Answer, Calendar, Event, EventResource, ReminderDelivery, ResourceBooking
from events.services.answers import seat_after_a_date
from events.services.bookings import HORIZON, extend_bookings, lapse_request, release_no_show
from events.services.holidays import fill_holidays
from events.services.reminders import HORIZON as REMINDER_HORIZON
from events.services.reminders import extend_reminders, put_off_reminder, send_reminder
from events.sync import due, watching

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 50
Row = TypeVar("Row", bound=Model)


@shared_task(name="events.send_due_reminders")
def send_due_reminders() -> None:
    """Send until nothing is due. Two workers share the rows; one that dies gives its rows back with its lease."""
    pending = ReminderDelivery.objects.filter(state=ReminderDelivery.State.PENDING)
    while claimed := claim(pending, limit=BATCH, lease=LEASE):
        for delivery in claimed:
            _send(delivery)


def _send(delivery: ReminderDelivery) -> None:
    try:
        send_reminder(delivery)
    except Exception as error:
        logger.exception("Reminder %s could not be sent", delivery.pk)
        put_off_reminder(delivery, error)


@shared_task(name="events.roll_horizon")
def roll_horizon() -> None:
    """A few times a day: reminders and bookings of series that go on are made for the day that came into sight.

    Whoever waited for a whole series because of a date that is over now moves up. In January the public holidays of one
    more year are put in.
    """
    now = clock.now()
    reminding = Event.objects.not_cancelled().filter(reminders__isnull=False).between(now, now + REMINDER_HORIZON)
    _each(extend_reminders, reminding.distinct().iterator())
    waited_for = Event.objects.not_cancelled().not_over(now).filter(attendees__status=Answer.WAITING)
    _each(seat_after_a_date, waited_for.distinct().iterator())
    short = EventResource.objects.filter(booked_until__lt=now + HORIZON - timedelta(hours=1))
    _each(extend_bookings, short.order_by("pk").iterator())
    _each(fill_holidays, Calendar.objects.filter(archived_at=None).exclude(holidays_of="").order_by("pk"))


@shared_task(name="events.release_unused_bookings")
def release_unused_bookings() -> None:
    """Every minute: what nobody checked in to in time is free again."""
    _each(release_no_show, ResourceBooking.objects.nobody_came().order_by("pk"))


@shared_task(name="events.lapse_requests")
def lapse_requests() -> None:
    """Every few minutes: requests that nobody decided while there was time are declined."""
    _each(lapse_request, ResourceBooking.objects.undecided().order_by("pk"))


@shared_task(name="events.sync_calendars")
def sync_calendars() -> None:
    """Every few seconds: run the links that are due, each POLL after its last run or as soon as either side changed."""
    due.run_due()


@shared_task(name="events.watch_calendars")
def watch_calendars() -> None:
    """Every hour: have providers tell us of changes, and go on doing so."""
    watching.watch_due()


@shared_task(name="events.forget_old_syncs")
def forget_old_syncs() -> None:
    due.forget_old_runs()


def _each(act: Callable[[Row], object], rows: Iterable[Row]) -> None:
    for row in rows:
        try:
            act(row)
        except Exception:
            logger.exception("%s could not be seen to", row)


def wake() -> None:
    """Have a worker look now."""
    nudge(send_due_reminders)


def wake_sync() -> None:
    """Have a worker look for links that are due."""
    nudge(sync_calendars)
