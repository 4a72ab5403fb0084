"""Other resources for what is booked: one that is free, or the one of another booking."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from events.activities import BookingSwapped
from events.models import Event, EventResource, Resource, ResourceBooking
from events.permissions import can_book, can_cancel_booking
from events.services.bookings.deciding import decline_rivals
from events.services.bookings.placing import Status, occurrence_of, take_places
from events.services.bookings.refusals import BookingBegun, OverlapsItself, ResourceOutOfUse
from events.services.bookings.telling import of_booking
from events.services.bookings.using import lock_events_of, require_held, require_no_approval
from events.services.lock import lock_resources

Move = tuple[ResourceBooking, Resource]


@transaction.atomic
def swap_resource(booking: ResourceBooking, *, resource: Resource, by: User) -> ResourceBooking:
    """Take another resource for that one occurrence, if it is free.

    Raises PermissionDenied, NotHeld, BookingBegun, NeedsApproval, ResourceOutOfUse, BookingConflict, OverlapsItself,
    and ValidationError when it is of that resource already.
    """
    (moved,) = _swap([booking], resource, by=by)
    return moved


@transaction.atomic
def exchange_bookings(booking: ResourceBooking, other: ResourceBooking, *, by: User) -> list[ResourceBooking]:
    """Each takes the resource of the other, both or none; ``by`` must be one who may give both back.

    Raises as ``swap_resource``.
    """
    return _swap([booking, other], None, by=by)


def _swap(bookings: Sequence[ResourceBooking], to: Resource | None, *, by: User) -> list[ResourceBooking]:
    """To one resource, or without it to the resources of each other."""
    if not all(can_cancel_booking(by, booking) for booking in bookings):
        raise PermissionDenied
    events = lock_events_of(bookings)
    mine = ResourceBooking.objects.filter(pk__in=[booking.pk for booking in bookings])
    targets = {to.pk} if to else set()
    locked = {each.pk: each for each in lock_resources(targets.union(mine.values_list("resource", flat=True)))}
    found = mine.select_related("resource").in_bulk()
    moves = _moves([found[booking.pk] for booking in bookings], locked, to)
    for booking, resource in moves:
        _require_swappable(booking, resource, by)
    # Both let go before either takes its new place.
    mine.update(status=Status.CANCELLED)
    return [_take(events[booking.event_id], booking, resource, by=by) for booking, resource in moves]


def _moves(bookings: Sequence[ResourceBooking], locked: Mapping[int, Resource], to: Resource | None) -> list[Move]:
    goals = [to.pk] if to else [booking.resource_id for booking in reversed(bookings)]
    if any(booking.resource_id == goal for booking, goal in zip(bookings, goals, strict=True)):
        raise ValidationError({"resource" if to else "booking": "It is of that resource already."})
    return [(booking, locked[goal]) for booking, goal in zip(bookings, goals, strict=True)]


def _require_swappable(booking: ResourceBooking, resource: Resource, by: User) -> None:
    if not can_book(by, resource):
        raise PermissionDenied(f"{resource} is not yours to book.")
    require_held(booking)
    if booking.has_begun:
        raise BookingBegun("It is in use already.")
    if not resource.is_active:
        raise ResourceOutOfUse(f"{resource} is not in use at present.")
    require_no_approval(resource, by)


def _take(event: Event, booking: ResourceBooking, resource: Resource, *, by: User) -> ResourceBooking:
    former = booking.resource
    if resource.bookings.open().filter(event=event, recurrence_id=booking.recurrence_id).exists():
        raise OverlapsItself(f"The event has {resource} then already.")
    pairs = [(occurrence_of(booking), booking)]
    (moved,) = take_places(event, resource, pairs, by=by, status=Status.ACCEPTED)
    decline_rivals(resource, [moved], by=by)
    wanted = EventResource.objects.filter(event=event)
    # The one date of an event is the whole of it.
    if not (event.is_recurring or wanted.filter(resource=resource).exists()):
        wanted.filter(resource=former).update(resource=resource)
    announce(BookingSwapped(**of_booking(moved, event, by=by), former_id=former.pk, former=former.name))
    return moved
