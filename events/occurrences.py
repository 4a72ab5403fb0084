"""What happens between two instants, over every calendar that somebody may look into."""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Q

from estateman.people.models import User
from events.coming import comes_to
from events.models import Access, Attendee, Calendar, Event, Resource, ResourceBooking
from events.models.events import EventQuerySet
from events.recurrence import Occurrence, occurrences

BUSY = "Busy"


@dataclass(frozen=True)
class Narrowing:
    """Which occurrences are asked for; None asks for all."""

    calendar: int | None = None
    event: int | None = None
    user: User | None = None
    resource: Resource | None = None


class EventOccurrence(NamedTuple):
    """One occurrence as ``user`` may see it: with free/busy access only, ``event`` is None and ``title`` says Busy."""

    event: int | None
    calendar: int
    title: str
    location: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    local_starts_at: datetime
    timezone: str
    all_day: bool
    status: str


def occurrences_for(
    user: User, start: datetime, end: datetime, narrowed: Narrowing | None = None
) -> list[EventOccurrence]:
    """All that touches the time from ``start`` until before ``end``, ordered by start; cancelled events are left out.

    The number of queries is constant. Events that one is invited to are shown whatever their calendar.
    """
    narrowed = narrowed or Narrowing()
    access = Calendar.objects.access_by_id(user)
    invited = set(Attendee.objects.filter(user=user).values_list("event", flat=True))
    read = {calendar for calendar, level in access.items() if level >= Access.READ}
    in_full = Q(calendar__in=read) | Q(pk__in=invited)
    # Of the others only when somebody is busy, and not which event it is.
    veiled = Q(calendar__in=access, is_busy=True) if narrowed.event is None else Q()
    open_to = Event.objects.filter(in_full | veiled, calendar__archived_at=None)
    events = _narrowed(open_to.not_cancelled().between(start, end), narrowed)
    comes = comes_to(narrowed.user, events) if narrowed.user else None
    booked = _booked(narrowed.resource, start, end)
    found = [
        each
        for event in events.with_dates()
        for each in _seen(event, start, end, in_full=event.calendar_id in read or event.pk in invited)
        if booked is None or (event.pk, each.recurrence_id) in booked
        if comes is None or comes(event, each.recurrence_id)
    ]
    return sorted(found, key=attrgetter("starts_at", "ends_at", "title"))


class Dated(NamedTuple):
    """One occurrence of ``event``, with the words that hold for this date."""

    event: Event
    occurrence: Occurrence
    title: str
    location: str


def dated(event: Event, start: datetime, end: datetime) -> list[Dated]:
    """The event's occurrences between two instants; load many events ``with_dates``."""
    words = {row.recurrence_id: event.words(row) for row in event.differing()}
    usual = (event.title, event.location)
    return [
        Dated(event, occurrence, *words.get(occurrence.recurrence_id, usual))
        for occurrence in occurrences(event.series(), start, end)
    ]


def _narrowed(events: EventQuerySet, narrowed: Narrowing) -> EventQuerySet:
    if narrowed.calendar:
        events = events.filter(calendar=narrowed.calendar)
    if narrowed.event:
        events = events.filter(pk=narrowed.event)
    if narrowed.user:
        events = events.of_person(narrowed.user)
    return events.filter(bookings__resource=narrowed.resource).distinct() if narrowed.resource else events


def _booked(resource: Resource | None, start: datetime, end: datetime) -> set[tuple[int, datetime]] | None:
    if resource is None:
        return None
    held = ResourceBooking.objects.holding().between(start, end).filter(resource=resource)
    return set(held.values_list("event", "recurrence_id"))


def _seen(event: Event, start: datetime, end: datetime, *, in_full: bool) -> list[EventOccurrence]:
    shown, of_calendar = event.pk if in_full else None, event.calendar_id
    timezone, all_day, status = event.timezone, event.all_day, event.status
    return [
        EventOccurrence(
            shown,
            of_calendar,
            title if in_full else BUSY,
            location if in_full else "",
            occurrence.recurrence_id,
            occurrence.starts_at,
            occurrence.ends_at,
            occurrence.local_starts_at,
            timezone,
            all_day,
            status,
        )
        for _, occurrence, title, location in dated(event, start, end)
    ]
