"""An event goes from one calendar into another: whether it may, and what of it belongs to a calendar and not to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import EventTransferred
from events.models import Appointment, Calendar, Event
from events.permissions import can_write_calendar
from events.services.lock import lock_calendar
from events.services.reminders import take_usual_reminders


class InThatCalendarAlready(RuleBroken):
    """The other calendar has the same event, by its UID; ``event`` says which."""

    code = "in_that_calendar_already"


class HostMayNotWrite(RuleBroken):
    """An appointment stays where its host may write: whoever booked it moves it in the host's name."""

    code = "host_may_not_write"


def transfer(event: Event, into: Calendar, *, by: User, renamed: bool) -> None:
    """Let a locked event go ``into`` another calendar, which the caller writes. Its reminders, where nobody chose
    others than are usual, are those that are usual there. Neither calendar is told what a ``renamed`` one is called in
    the other.

    Raises PermissionDenied, HostMayNotWrite.
    """
    if not can_write_calendar(by, lock_calendar(into.pk)):  # it may have been put away since it was read
        raise PermissionDenied
    booked = Appointment.objects.filter(event=event, status=Appointment.Status.BOOKED).select_related("host").first()
    if booked and not can_write_calendar(booked.host, into):
        raise HostMayNotWrite(f"Visitors booked this with {booked.host}, who may not write into {into}.")
    take_usual_reminders(event, into)
    announce(
        EventTransferred(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=into.pk,
            title="" if renamed else event.title,
            former_calendar_id=event.calendar_id,
        )
    )


@contextmanager
def once_in_its_calendar(event: Event) -> Iterator[None]:
    """Write ``event`` within it. Raises InThatCalendarAlready."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        namesake = Event.objects.filter(calendar=event.calendar, uid=event.uid).exclude(pk=event.pk).first()
        if namesake is None:
            raise
        words = f"The same event is in {event.calendar} already: “{namesake}”."
        raise InThatCalendarAlready(words, event=namesake.pk) from error
