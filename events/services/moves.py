"""What hangs on an event moves with it, in the same transaction, or the event does not move."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import IntegrityError, transaction

from estateman.common import clock
from estateman.people.models import User
from events.models import Event, EventResource, Resource, ResourceBooking
from events.recurrence import Occurrence, Series, occurrences
from events.services.bookings import (
    HORIZON,
    announce_booked,
    booking_conflict,
    booking_times,
    collisions,
    refuse_unless_overlap,
    want_for_series,
)
from events.services.lock import lock_resources


def move_bookings(event: Event, before: Series, *, by: User) -> None:
    """Carry the bookings that have not begun over to the event's new times. Raises BookingConflict.

    A resource booked for the whole event follows to every new date, save those on a day that it had been given back
    for; one booked for single occurrences follows to the new occurrence on the same day, and is given back when
    there is none. What has begun stays as it was.
    """
    held = list(event.bookings.holding().not_begun().order_by("starts_at"))
    whole = set(event.resources_wanted.values_list("resource", flat=True))
    for resource in lock_resources([*whole, *(booking.resource_id for booking in held)]):
        mine = [booking for booking in held if booking.resource_id == resource.pk]
        targets = _targets(event, before, mine, whole=resource.pk in whole)
        _carry_over(event, resource, mine, targets, by=by)
        if resource.pk in whole:
            want_for_series(event, resource, by=by, until=clock.now() + HORIZON)


def _targets(event: Event, before: Series, held: Sequence[ResourceBooking], *, whole: bool) -> list[Occurrence]:
    ahead = _ahead(event, event.series())
    if not event.is_recurring:
        return ahead if held else []
    held_days = {booking.recurrence_id.date() for booking in held}
    if not whole:
        return [occurrence for occurrence in ahead if _day(occurrence) in held_days]
    given_back = {_day(occurrence) for occurrence in _ahead(event, before)} - held_days
    return [occurrence for occurrence in ahead if _day(occurrence) not in given_back]


def _ahead(event: Event, series: Series) -> list[Occurrence]:
    now = clock.now()
    found = occurrences(series, now, max(now, event.first_utc) + HORIZON)
    return [occurrence for occurrence in found if occurrence.starts_at > now]


def _day(occurrence: Occurrence) -> date:
    return occurrence.recurrence_id.date()


def _carry_over(
    event: Event, resource: Resource, held: Iterable[ResourceBooking], targets: Sequence[Occurrence], *, by: User
) -> None:
    """A booking keeps its id where it can: first by the same recurrence id, the rest in order."""
    waiting = {booking.recurrence_id: booking for booking in held}
    kept = [(occurrence, waiting.pop(occurrence.recurrence_id, None)) for occurrence in targets]
    rest = iter(waiting.values())
    pairs = [(occurrence, booking or next(rest, None)) for occurrence, booking in kept]
    moved = [(occurrence, booking) for occurrence, booking in pairs if not _stands(occurrence, booking)]
    leaving = [*(booking.pk for _, booking in moved if booking), *(booking.pk for booking in rest)]
    # All let go before any takes its new place, so that a series shifted by a day does not collide with itself.
    ResourceBooking.objects.filter(pk__in=leaving).update(status=ResourceBooking.Status.CANCELLED)
    _take_places(event, resource, moved, by=by)


def _stands(occurrence: Occurrence, booking: ResourceBooking | None) -> bool:
    return booking is not None and all(
        getattr(booking, column) == value for column, value in booking_times(occurrence).items()
    )


def _take_places(
    event: Event, resource: Resource, moved: Sequence[tuple[Occurrence, ResourceBooking | None]], *, by: User
) -> None:
    changed: list[ResourceBooking] = []
    fresh: list[ResourceBooking] = []
    for occurrence, booking in moved:
        row = booking or ResourceBooking(event=event, resource=resource, booked_by=by)
        for column, value in booking_times(occurrence).items():
            setattr(row, column, value)
        (changed if booking else fresh).append(row)
    try:
        with transaction.atomic():
            ResourceBooking.objects.bulk_update(
                changed, ["status", *booking_times(moved[0][0])] if moved else ["status"]
            )
            ResourceBooking.objects.bulk_create(fresh)
    except IntegrityError as error:
        refuse_unless_overlap(error)
        wanted = [occurrence for occurrence, _ in moved]
        raise booking_conflict(resource, wanted, collisions(resource, wanted), by=by) from None
    if fresh:
        announce_booked(event, resource, len(fresh), by=by)


def release_bookings(event: Event) -> None:
    """The event does not take place: whatever has not begun is free again."""
    event.bookings.holding().not_begun().update(status=ResourceBooking.Status.CANCELLED)
    EventResource.objects.filter(event=event).delete()
