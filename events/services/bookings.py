"""Booking resources. The database refuses overlap; here its refusal becomes a report that people can act on."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import BookingCancelled, ResourceBooked
from events.models import Event, EventResource, Resource, ResourceBooking
from events.permissions import can_cancel_booking
from events.recurrence import Occurrence, find_occurrence, occurrences
from events.services.lock import lock_event, lock_resources, take_event

HORIZON = timedelta(days=548)
NO_OVERLAP = "no_overlapping_bookings"


class BookingConflict(RuleBroken):
    """Somebody was first. ``conflicts`` says where, ``free`` which of the dates asked for could be taken."""

    code = "booking_conflict"


class OverlapsItself(RuleBroken):
    """An event whose own dates run into each other cannot hold one resource for all of them."""

    code = "overlaps_itself"


class ResourceOutOfUse(RuleBroken):
    """The resource takes no new bookings."""

    code = "resource_out_of_use"


def book_resource(
    event: Event,
    resource: Resource,
    *,
    recurrence_id: datetime | None = None,
    skip_conflicts: bool = False,
    by: User,
) -> list[ResourceBooking]:
    """Book ``resource`` for the whole event, or for the one occurrence with this local ``recurrence_id``.

    A series is booked from its first date up to HORIZON from now; a daily job carries on from there. Returns the
    bookings that now hold the resource for the dates asked for, also those that held it before. With
    ``skip_conflicts`` the colliding dates are left out. Raises BookingConflict; a collision on a day that is over
    refuses nothing as long as other dates are ahead.
    """
    return book_resources(event, [resource], recurrence_id=recurrence_id, skip_conflicts=skip_conflicts, by=by)


@transaction.atomic
def book_resources(
    event: Event,
    resources: Sequence[Resource],
    *,
    recurrence_id: datetime | None = None,
    skip_conflicts: bool = False,
    by: User,
) -> list[ResourceBooking]:
    """Several at once, all or nothing; see ``book_resource``."""
    event = take_event(event, by=by)
    horizon = clock.now() + HORIZON
    wanted = [_one(event, recurrence_id)] if recurrence_id else _all_until(event, horizon)
    booked: list[ResourceBooking] = []
    for resource in lock_resources(each.pk for each in resources):
        if not resource.is_active:
            raise ResourceOutOfUse(f"{resource} is not in use at present.")
        booked += _book(event, resource, wanted, skip_conflicts=skip_conflicts, by=by)
        if not recurrence_id:
            want_for_series(event, resource, by=by, until=horizon)
    return booked


def _one(event: Event, recurrence_id: datetime) -> Occurrence:
    found = find_occurrence(event.series(), recurrence_id)
    if found is None:
        raise ValidationError({"recurrence_id": "The event does not take place then."})
    return found


def _all_until(event: Event, horizon: datetime) -> list[Occurrence]:
    """The whole event up to ``horizon``; one that lies beyond it altogether, up to as long after its first date."""
    wanted = occurrences(event.series(), event.first_utc, max(horizon, event.first_utc + HORIZON))
    if not wanted:
        raise ValidationError({"event": "The event has no date to book for."})
    if any(later.starts_at < sooner.ends_at for sooner, later in pairwise(wanted)):
        raise OverlapsItself("The event's own dates overlap, so nothing can be booked for all of them.")
    return wanted


def want_for_series(event: Event, resource: Resource, *, by: User | None, until: datetime) -> None:
    EventResource.objects.update_or_create(
        event=event,
        resource=resource,
        defaults={"booked_by": by, "booked_until": max(until, event.first_utc + HORIZON)},
    )


def _book(
    event: Event, resource: Resource, wanted: Sequence[Occurrence], *, skip_conflicts: bool, by: User
) -> list[ResourceBooking]:
    held = {each.recurrence_id: each for each in resource.bookings.holding().filter(event=event)}
    missing = [occurrence for occurrence in wanted if occurrence.recurrence_id not in held]
    made = insert_bookings(event, resource, missing, skip_conflicts=skip_conflicts, by=by)
    if made:
        announce_booked(event, resource, len(made), by=by)
    asked = {occurrence.recurrence_id for occurrence in wanted}
    return sorted([*(held[key] for key in asked & held.keys()), *made], key=lambda booking: booking.starts_at)


def insert_bookings(
    event: Event, resource: Resource, wanted: Sequence[Occurrence], *, skip_conflicts: bool, by: User | None
) -> list[ResourceBooking]:
    """Write the bookings; the resource must be locked. Raises BookingConflict, also when nothing at all is free."""
    try:
        return _insert(event, resource, wanted, by=by)
    except IntegrityError as error:
        refuse_unless_overlap(error)
    taken = collisions(resource, wanted)
    free = [occurrence for occurrence in wanted if occurrence.recurrence_id not in taken]
    if not free or not (skip_conflicts or _all_over(wanted, taken)):
        raise booking_conflict(resource, wanted, taken, by=by)
    return _insert(event, resource, free, by=by)


def _insert(
    event: Event, resource: Resource, wanted: Iterable[Occurrence], *, by: User | None
) -> list[ResourceBooking]:
    rows = [
        ResourceBooking(event=event, resource=resource, booked_by=by, **booking_times(occurrence))
        for occurrence in wanted
    ]
    with transaction.atomic():
        return ResourceBooking.objects.bulk_create(rows)


def booking_times(occurrence: Occurrence) -> dict[str, datetime]:
    """The columns of a booking that come from its occurrence."""
    return {
        "recurrence_id": occurrence.recurrence_id,
        "starts_at": occurrence.starts_at,
        "ends_at": occurrence.ends_at,
        "blocked_from": occurrence.starts_at,
        "blocked_until": occurrence.ends_at,
    }


def refuse_unless_overlap(error: IntegrityError) -> None:
    """Both databases put the constraint's name into their message."""
    if NO_OVERLAP not in str(error):
        raise error


def collisions(resource: Resource, wanted: Sequence[Occurrence]) -> dict[datetime, ResourceBooking]:
    """Which of ``wanted`` (in order) collide with what, by recurrence id; one query."""
    first, last = wanted[0].starts_at, max(occurrence.ends_at for occurrence in wanted)
    held = list(resource.bookings.holding().between(first, last).select_related("event").order_by("blocked_from"))
    return {
        occurrence.recurrence_id: booking
        for occurrence in wanted
        for booking in held
        if booking.blocked_from < occurrence.ends_at and booking.blocked_until > occurrence.starts_at
    }


def _all_over(wanted: Sequence[Occurrence], taken: dict[datetime, ResourceBooking]) -> bool:
    """Whether every collision is history while something is still ahead."""
    now = clock.now()
    ahead = [occurrence for occurrence in wanted if occurrence.ends_at > now]
    return bool(ahead) and not any(occurrence.recurrence_id in taken for occurrence in ahead)


def booking_conflict(
    resource: Resource, wanted: Sequence[Occurrence], taken: dict[datetime, ResourceBooking], *, by: User | None
) -> BookingConflict:
    """The report; another event's title stands in it only where ``by`` may read that event."""
    theirs = {booking.event_id for booking in taken.values()}
    readable = set(Event.objects.visible_to(by).filter(pk__in=theirs).values_list("pk", flat=True)) if by else set()
    conflicts, free = [], []
    for occurrence in wanted:
        booking = taken.get(occurrence.recurrence_id)
        if booking is None:
            free.append(_plain(occurrence))
        else:
            title = booking.event.title if booking.event_id in readable else None
            conflicts.append({**_plain(occurrence), "booking": booking.pk, "title": title})
    times = "then" if len(wanted) == 1 else f"on {len(conflicts)} of {len(wanted)} dates"
    return BookingConflict(f"{resource} is taken {times}.", resource=resource.pk, conflicts=conflicts, free=free)


def _plain(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "recurrence_id": occurrence.recurrence_id.isoformat(),
        "starts_at": f"{occurrence.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{occurrence.ends_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def announce_booked(event: Event, resource: Resource, number: int, *, by: User | None) -> None:
    announce(
        ResourceBooked(
            by_id=by.pk if by else None,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            resource_id=resource.pk,
            resource=resource.name,
            occurrences=number,
        )
    )


@transaction.atomic
def cancel_booking(booking: ResourceBooking, *, by: User) -> ResourceBooking:
    """Give the resource back for that one occurrence; nothing happens when it was given back before."""
    if not can_cancel_booking(by, booking):
        raise PermissionDenied
    event = lock_event(booking.event_id)
    held = ResourceBooking.objects.holding().filter(pk=booking.pk)
    if held.update(status=ResourceBooking.Status.CANCELLED):
        if not event.is_recurring:
            EventResource.objects.filter(event=event, resource=booking.resource_id).delete()
        _announce_cancelled(booking, event, by=by)
    booking.status = ResourceBooking.Status.CANCELLED
    return booking


def _announce_cancelled(booking: ResourceBooking, event: Event, *, by: User) -> None:
    announce(
        BookingCancelled(
            by_id=by.pk,
            event_id=event.pk,
            calendar_id=event.calendar_id,
            title=event.title,
            booking_id=booking.pk,
            resource_id=booking.resource_id,
            resource=booking.resource.name,
            recurrence_id=booking.recurrence_id.isoformat(),
        )
    )


@transaction.atomic
def extend_bookings(wanted: EventResource) -> int:
    """Carry a series' bookings on up to HORIZON from now; dates that others took first are left out.

    Returns how many were made.
    """
    event, horizon = lock_event(wanted.event_id), clock.now() + HORIZON
    (resource,) = lock_resources([wanted.resource_id])
    current = EventResource.objects.filter(pk=wanted.pk, booked_until__lt=horizon).first()
    if current is None or event.is_cancelled or not resource.is_active:
        return 0
    ahead = occurrences(event.series(), current.booked_until, horizon)
    # What began before the mark has its booking; what begins at it has not.
    fresh = [occurrence for occurrence in ahead if occurrence.starts_at >= current.booked_until]
    try:
        made = insert_bookings(event, resource, fresh, skip_conflicts=True, by=current.booked_by) if fresh else []
    except BookingConflict:
        made = []
    EventResource.objects.filter(pk=current.pk).update(booked_until=horizon)
    return len(made)
