"""Booking for one occurrence, or for a whole series up to a rolling horizon."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.common import clock
from estateman.people.models import User
from events.models import Event, EventResource, Resource, ResourceBooking
from events.permissions import can_book
from events.recurrence import Occurrence, find_occurrence, occurrences
from events.services.bookings.deciding import decline_rivals
from events.services.bookings.placing import Status, take_places
from events.services.bookings.refusals import BookingConflict, OverlapsItself, ResourceOutOfUse
from events.services.bookings.telling import announce_taken
from events.services.lock import lock_event, lock_resources, take_event

HORIZON = timedelta(days=548)


def book_resource(
    event: Event,
    resource: Resource,
    *,
    recurrence_id: datetime | None = None,
    skip_conflicts: bool = False,
    by: User,
) -> list[ResourceBooking]:
    """Book ``resource`` for the whole event, or for the one occurrence with this local ``recurrence_id``.

    Where the resource takes approval that ``by`` cannot give, these are requests. A series is booked from its first
    date up to HORIZON from now; a daily job carries on from there. Returns the bookings that there are now for the
    dates asked for, also those from before. With ``skip_conflicts`` dates that cannot be had are left out; they can
    be booked later, one by one or all. Raises BookingConflict (a collision on a day that is over refuses nothing as
    long as other dates are ahead), ResourceOutOfUse, EventCancelledAlready, PermissionDenied.
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
        _require_bookable(resource, by)
        booked += _book(event, resource, wanted, skip_conflicts=skip_conflicts, by=by)
        if not recurrence_id:
            want_for_series(event, resource, by=by, until=horizon)
    return booked


def _require_bookable(resource: Resource, by: User) -> None:
    if not can_book(by, resource):
        raise PermissionDenied(f"{resource} is not yours to book.")
    if not resource.is_active:
        raise ResourceOutOfUse(f"{resource} is not in use at present.")


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
    known = {each.recurrence_id: each for each in resource.bookings.open().filter(event=event)}
    missing = [occurrence for occurrence in wanted if occurrence.recurrence_id not in known]
    made = insert_bookings(event, resource, missing, skip_conflicts=skip_conflicts, by=by)
    announce_taken(event, resource, made, by=by)
    asked = {occurrence.recurrence_id for occurrence in wanted}
    return sorted([*(known[key] for key in asked & known.keys()), *made], key=lambda booking: booking.starts_at)


def insert_bookings(
    event: Event,
    resource: Resource,
    wanted: Sequence[Occurrence],
    *,
    skip_conflicts: bool,
    by: User | None,
    status: str | None = None,
) -> list[ResourceBooking]:
    """New bookings for ``wanted``, and requests that have no chance beside them declined; see ``take_places``."""
    pairs = [(occurrence, None) for occurrence in wanted]
    made = take_places(event, resource, pairs, by=by, status=status, skip_conflicts=skip_conflicts)
    decline_rivals(resource, made, by=by)
    return made


@transaction.atomic
def extend_bookings(wanted: EventResource) -> int:
    """Carry a series' bookings on up to HORIZON from now; dates that cannot be had are left out.

    A series that was approved goes on approved, one that still waits goes on waiting. Returns how many were made.
    """
    event, horizon = lock_event(wanted.event_id), clock.now() + HORIZON
    (resource,) = lock_resources([wanted.resource_id])
    current = EventResource.objects.filter(pk=wanted.pk, booked_until__lt=horizon).first()
    if current is None or event.is_cancelled or not resource.is_active:
        return 0
    ahead = occurrences(event.series(), current.booked_until, horizon)
    known = set(resource.bookings.open().filter(event=event).values_list("recurrence_id", flat=True))
    # What began before the mark has its booking; what begins at it has not, unless it was booked by itself.
    later = [occurrence for occurrence in ahead if occurrence.starts_at >= current.booked_until]
    fresh = [occurrence for occurrence in later if occurrence.recurrence_id not in known]
    is_approved = resource.bookings.holding().filter(event=event).exists()
    status = Status.ACCEPTED if is_approved or not resource.needs_approval else Status.PENDING
    try:
        made = insert_bookings(event, resource, fresh, skip_conflicts=True, by=current.booked_by, status=status)
    except (BookingConflict, OverlapsItself):
        made = []
    EventResource.objects.filter(pk=current.pk).update(booked_until=horizon)
    return len(made)
