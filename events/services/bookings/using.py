"""What becomes of a booking: given back, checked in to, released, kept for longer, swapped."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from events.activities import BookingCancelled, BookingCheckedIn, BookingExtended, BookingReleased
from events.diaries import diaries_of
from events.models import Event, EventResource, Resource, ResourceBooking
from events.permissions import can_cancel_booking, can_check_in
from events.services.bookings.placing import Status, collisions, obstacle, occurrence_of, status_for
from events.services.bookings.refusals import (
    BookingOver,
    CheckInClosed,
    NeedsApproval,
    NotHeld,
    Obstacle,
    Reason,
    booking_conflict,
    refuse_unless_overlap,
)
from events.services.bookings.telling import of_booking
from events.services.lock import lock_event, lock_resources

CHECK_IN_BEFORE = timedelta(minutes=30)


@transaction.atomic
def cancel_booking(booking: ResourceBooking, *, by: User) -> ResourceBooking:
    """Give the resource back for that one occurrence, or stop asking for it; a second time nothing happens.

    Raises PermissionDenied, BookingOver for what was had already.
    """
    if not can_cancel_booking(by, booking):
        raise PermissionDenied
    event, _, current = lock_booking(booking)
    if current.status in ResourceBooking.HOLDING:
        _require_time_left(current)
    if current.status in ResourceBooking.OPEN:
        _cancel(current, event, by=by)
    return current


def _cancel(booking: ResourceBooking, event: Event, *, by: User) -> None:
    _save(booking, status=Status.CANCELLED)
    if not event.is_recurring:
        EventResource.objects.filter(event=event, resource=booking.resource_id).delete()
    announce(BookingCancelled(**of_booking(booking, event, by=by)))


@transaction.atomic
def check_in_booking(booking: ResourceBooking, *, by: User) -> ResourceBooking:
    """Say that somebody came, from CHECK_IN_BEFORE before the start until the end; a second time changes nothing.

    Raises PermissionDenied, NotHeld, CheckInClosed.
    """
    if not can_check_in(by, booking):
        raise PermissionDenied
    event, _, current = _held(booking)
    opens_at = current.starts_at - CHECK_IN_BEFORE
    if not opens_at <= clock.now() < current.ends_at:
        times = {"opens_at": opens_at.isoformat(), "closes_at": current.ends_at.isoformat()}
        raise CheckInClosed("Check in from half an hour before the start until the end.", **times)
    if current.checked_in_at is None:
        _save(current, checked_in_at=clock.now())
        announce(BookingCheckedIn(**of_booking(current, event, by=by)))
    return current


@transaction.atomic
def release_booking(booking: ResourceBooking, *, by: User) -> ResourceBooking:
    """Give back what is left of it, as it is not needed any more.

    Before it begins it is cancelled; one that was checked in to ends now, and one that nobody came to is released.
    Raises PermissionDenied, NotHeld, BookingOver.
    """
    if not can_cancel_booking(by, booking):
        raise PermissionDenied
    event, resource, current = _held(booking)
    _require_time_left(current)
    if current.starts_at >= clock.now():
        _cancel(current, event, by=by)
    elif current.checked_in_at is None:
        _release(current, event, by=by)
    else:
        now = clock.now()
        _save(current, ends_at=now, blocked_until=min(current.blocked_until, resource.blocked(now, now)[1]))
        announce(BookingReleased(**of_booking(current, event, by=by), no_show=False))
    return current


@transaction.atomic
def release_no_show(booking: ResourceBooking) -> bool:
    """Free again what nobody checked in to ``release_after_minutes`` after its start; returns whether it was."""
    event, resource, current = lock_booking(booking)
    due = ResourceBooking.objects.nobody_came().filter(pk=current.pk).exists()
    after = resource.release_after_minutes
    if not due or after is None or clock.now() < current.starts_at + timedelta(minutes=after):
        return False
    _release(current, event, by=None)
    return True


def _release(booking: ResourceBooking, event: Event, *, by: User | None) -> None:
    _save(booking, status=Status.RELEASED)
    announce(BookingReleased(**of_booking(booking, event, by=by), no_show=True))


@transaction.atomic
def extend_booking(booking: ResourceBooking, *, minutes: int, by: User) -> ResourceBooking:
    """Keep the same unit for ``minutes`` longer; the event itself stays as long as it is.

    Raises PermissionDenied, NotHeld, BookingOver, NeedsApproval, BookingConflict.
    """
    if not can_cancel_booking(by, booking):
        raise PermissionDenied
    event, resource, current = _held(booking)
    _require_time_left(current)
    require_no_approval(resource, by)
    longer = replace(occurrence_of(current), ends_at=current.ends_at + timedelta(minutes=minutes))
    until = current.blocked_until + timedelta(minutes=minutes)
    if standing := _in_the_way(resource, current, longer.ends_at):
        raise booking_conflict(resource, [longer], {longer.recurrence_id: standing}, by=by)
    try:
        with transaction.atomic():
            _save(current, ends_at=longer.ends_at, blocked_until=until)
    except IntegrityError as error:
        refuse_unless_overlap(error)
        raise booking_conflict(resource, [longer], collisions(resource, [longer]), by=by) from None
    announce(BookingExtended(**of_booking(current, event, by=by), minutes=minutes))
    return current


def _in_the_way(resource: Resource, booking: ResourceBooking, ends_at: datetime) -> Obstacle | None:
    if not resource.is_open(booking.starts_at, ends_at):
        return Obstacle(Reason.OUTSIDE_HOURS)
    added = booking.blocked_until, booking.blocked_until + (ends_at - booking.ends_at)
    taken = diaries_of([resource], *added)[resource.pk].in_the_way(*added, unit=booking.unit)
    return obstacle(taken) if taken else None


def lock_booking(booking: ResourceBooking) -> tuple[Event, Resource, ResourceBooking]:
    """Its event, its resource and itself as they stand now, locked."""
    events = lock_events_of([booking])
    current = ResourceBooking.objects.filter(pk=booking.pk)
    # Of which resource it is changes under the event's lock, whether it is approved under the resource's.
    (resource,) = lock_resources(current.values_list("resource", flat=True))
    found = current.select_related("resource").get()
    return events[found.event_id], resource, found


def lock_events_of(bookings: Iterable[ResourceBooking]) -> dict[int, Event]:
    """By id. Whoever splits a series hands bookings over, always to an event that is later in the order of locks."""
    current = ResourceBooking.objects.filter(pk__in=[booking.pk for booking in bookings])
    events: dict[int, Event] = {}
    while waiting := set(current.values_list("event", flat=True)) - events.keys():
        events |= {pk: lock_event(pk) for pk in sorted(waiting)}
    return events


def _held(booking: ResourceBooking) -> tuple[Event, Resource, ResourceBooking]:
    event, resource, current = lock_booking(booking)
    require_held(current)
    return event, resource, current


def require_held(booking: ResourceBooking) -> None:
    if booking.status not in ResourceBooking.HOLDING:
        raise NotHeld(f"This booking is {booking.get_status_display()}.", status=booking.status)


def _require_time_left(booking: ResourceBooking) -> None:
    if booking.is_over:
        raise BookingOver("That time has passed.")


def require_no_approval(resource: Resource, by: User) -> None:
    if status_for(resource, by) == Status.PENDING:
        raise NeedsApproval(f"{resource} takes approval: ask for it by a booking of its own.")


def _save(booking: ResourceBooking, **columns: object) -> None:
    for name, value in columns.items():
        setattr(booking, name, value)
    booking.save(update_fields=list(columns))
