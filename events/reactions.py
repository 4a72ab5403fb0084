"""What events do about what happens: guests get their letter, links fall due, and pages of bookings are read again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from estateman.common import clock
from estateman.live.hints import send_hint
from events import jobs
from events.activities import (
    AttendeeSeated,
    AttendeeUnseated,
    BookingApproved,
    BookingCancelled,
    BookingCheckedIn,
    BookingDeclined,
    BookingExtended,
    BookingReleased,
    BookingSwapped,
    EventCancelled,
    EventChanged,
    EventCreated,
    EventSplit,
    EventTransferred,
    OccurrenceCancelled,
    OccurrenceChanged,
    OccurrenceRestored,
    ResourceBooked,
    ResourceRequested,
)
from events.models import Answer, Attendee, CalendarLink, ResourceBooking
from events.services.invitations import tell_of_place
from integrations.activities import CalendarMoved

_MOVED = (
    EventChanged,
    EventTransferred,
    EventCancelled,
    EventSplit,
    OccurrenceCancelled,
    OccurrenceChanged,
    OccurrenceRestored,
)
"""What an event that stood already goes through."""


@on(AttendeeSeated)
def write_to_a_guest_who_has_a_place(fact: AttendeeSeated, activity: Activity) -> None:
    """They wait outside the house, where no inbox tells them."""
    _write_of_place(fact, activity, Answer.ACCEPTED)


@on(AttendeeUnseated)
def write_to_a_guest_who_waits_again(fact: AttendeeUnseated, activity: Activity) -> None:
    _write_of_place(fact, activity, Answer.WAITING)


def _write_of_place(fact: AttendeeSeated | AttendeeUnseated, activity: Activity, said: Answer) -> None:
    guest = Attendee.objects.filter(event=fact.event_id, user=None, email=fact.email).first()
    if fact.user_id is None and guest:
        date = datetime.fromisoformat(fact.recurrence_id) if fact.recurrence_id else None
        tell_of_place(guest, said, date, key=f"place:{activity.pk}")


@on(CalendarMoved)
def pull_what_moved(fact: CalendarMoved, activity: Activity) -> None:
    """The link that the channel was opened for; what changed there is found out by asking."""
    links = CalendarLink.objects.in_use().filter(integration=fact.integration_id, channel=fact.channel)
    if fact.channel and links.update(next_attempt_at=clock.now()):
        transaction.on_commit(jobs.wake_sync)


@on(EventCreated, *_MOVED, batch=True)
def push_what_changed(happened: Sequence[tuple[Any, Activity]]) -> None:
    """What changed here goes there soon; a link whose last run failed keeps its own time."""
    calendars = {each for fact, _ in happened for each in fact.calendars()}
    pushing = CalendarLink.objects.in_use().exclude(direction=CalendarLink.Direction.PULL)
    well = Q(attempts=0) | ~Q(lease_until=None)  # a run that is under way counts as an attempt
    if pushing.filter(well, calendar__in=calendars).update(next_attempt_at=clock.now()):
        transaction.on_commit(jobs.wake_sync)


@on(
    ResourceBooked,
    ResourceRequested,
    BookingApproved,
    BookingCancelled,
    BookingCheckedIn,
    BookingDeclined,
    BookingExtended,
    BookingReleased,
    BookingSwapped,
    *_MOVED,
    batch=True,
)
def tell_of_bookings(happened: Sequence[tuple[Any, Activity]]) -> None:
    """Whoever looks at what is taken looks again: bookings move, end and are named with their event."""
    if ResourceBooking.objects.filter(event__in={fact.event_id for fact, _ in happened}).exists():
        transaction.on_commit(lambda: send_hint("bookings"))
