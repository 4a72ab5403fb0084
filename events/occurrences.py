"""What happens between two instants, over every calendar that somebody may look into."""

from dataclasses import dataclass
from datetime import datetime

from estateman.people.models import User
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


@dataclass(frozen=True)
class EventOccurrence:
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
    open_to = Event.objects.filter(calendar__in=access) | Event.objects.filter(pk__in=invited)
    events = _narrowed(open_to.not_cancelled().between(start, end), narrowed).with_series()
    booked = _booked(narrowed.resource, start, end)
    found = [
        _seen(event, occurrence, in_full=access.get(event.calendar_id, 0) >= Access.READ or event.pk in invited)
        for event in events.filter(calendar__archived_at=None)
        for occurrence in occurrences(event.series(), start, end)
        if booked is None or (event.pk, occurrence.recurrence_id) in booked
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.ends_at, each.title))


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


def _seen(event: Event, occurrence: Occurrence, *, in_full: bool) -> EventOccurrence:
    return EventOccurrence(
        event=event.pk if in_full else None,
        calendar=event.calendar_id,
        title=event.title if in_full else BUSY,
        location=event.location if in_full else "",
        recurrence_id=occurrence.recurrence_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        local_starts_at=occurrence.local_starts_at,
        timezone=event.timezone,
        all_day=event.all_day,
        status=event.status,
    )
