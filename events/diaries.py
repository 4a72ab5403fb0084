"""What takes the units of many resources at once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from events.diary import Diary, Taken
from events.models import Blackout, Event, Resource, ResourceBooking
from events.models.resources import LONGEST_BUFFER, ResourceQuerySet


def diaries_of(
    resources: Iterable[Resource], start: datetime, end: datetime, *, leaving_out: Event | None = None
) -> dict[int, Diary]:
    """What takes each one's units from ``start`` until before ``end`` and within its buffers, by id; two queries.

    The bookings of ``leaving_out`` count as if they were not there.
    """
    known = list(resources)
    taken: defaultdict[int, list[Taken]] = defaultdict(list)
    window = start - LONGEST_BUFFER, end + LONGEST_BUFFER
    bookings = ResourceBooking.objects.holding().between(*window).filter(resource__in=known)
    bookings = bookings.exclude(event=leaving_out) if leaving_out else bookings
    columns = ("resource", "blocked_from", "blocked_until", "unit", "pk")
    for resource, blocked_from, blocked_until, unit, pk in bookings.values_list(*columns):
        taken[resource].append(Taken(blocked_from, blocked_until, unit, pk))
    blackouts = Blackout.objects.between(*window).filter(resource__in=known)
    for resource, starts_at, ends_at, reason in blackouts.values_list("resource", "starts_at", "ends_at", "reason"):
        taken[resource].append(Taken(starts_at, ends_at, reason=reason))
    return {resource.pk: Diary(resource.units, taken[resource.pk]) for resource in known}


def free_between(resources: ResourceQuerySet, start: datetime, end: datetime) -> ResourceQuerySet:
    """Those that can be booked from ``start`` until before ``end``: open then, and a unit free with its buffers.

    Three queries, however many there are.
    """
    known = list(resources)
    diaries = diaries_of(known, start, end)
    found = [
        resource.pk
        for resource in known
        if resource.is_open(start, end) and diaries[resource.pk].lowest_free(*resource.blocked(start, end))
    ]
    return resources.filter(pk__in=found)
