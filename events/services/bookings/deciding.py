"""Approving and declining requests. Whoever is approved has the time; rivals that no unit is left for are declined."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from events.activities import BookingApproved, BookingDeclined
from events.diaries import diaries_of
from events.models import Event, EventResource, Resource, ResourceBooking
from events.permissions import can_decide_booking
from events.services.bookings.placing import Status, occurrence_of, take_places
from events.services.bookings.refusals import BookingDecided, BookingOver, ResourceOutOfUse
from events.services.bookings.telling import of_booking
from events.services.bookings.using import lock_booking
from events.services.lock import require_planned


@transaction.atomic
def approve_booking(booking: ResourceBooking, *, whole_series: bool = False, by: User) -> list[ResourceBooking]:
    """Give a request the lowest unit that is free, and decline the rivals for which none is left.

    With ``whole_series`` all requests of its event for this resource are approved as far as they can be, and the
    others declined. Returns what holds now; approving what holds already changes nothing. Raises PermissionDenied,
    BookingDecided, BookingOver, ResourceOutOfUse, BookingConflict when nothing of it can be had, EventCancelledAlready.
    """
    event, resource, current = _locked(booking, by)
    require_planned(event)
    if current.status == Status.ACCEPTED and not whole_series:
        return [current]
    if not resource.is_active:
        raise ResourceOutOfUse(f"{resource} is not in use at present.")
    asked = _asked(event, resource, current, whole_series=whole_series)
    pairs = [(occurrence_of(each), each) for each in asked]
    approved = take_places(event, resource, pairs, by=by, status=Status.ACCEPTED, skip_conflicts=whole_series)
    _decide(approved, Status.ACCEPTED, by=by)
    for each in approved:
        announce(BookingApproved(**of_booking(each, event, by=by)))
    _decline([each for each in asked if each not in approved], by=by, rival=True)
    decline_rivals(resource, approved, by=by)
    return approved


@transaction.atomic
def decline_booking(booking: ResourceBooking, *, whole_series: bool = False, by: User) -> list[ResourceBooking]:
    """Say no to a request, or with ``whole_series`` to all of its event for this resource, which does not go on then.

    Returns those declined. Raises PermissionDenied, BookingDecided.
    """
    event, resource, current = _locked(booking, by)
    if current.status == Status.DECLINED and not whole_series:
        return [current]
    series = resource.bookings.requested().filter(event=event).select_related("event", "resource")
    declined = _decline(list(series) if whole_series else _waiting([current]), by=by)
    if not resource.bookings.open().not_begun().filter(event=event).exists():
        EventResource.objects.filter(event=event, resource=resource).delete()
    return declined


@transaction.atomic
def lapse_request(booking: ResourceBooking) -> bool:
    """Decline a request that nobody decided while there was time; returns whether it was."""
    _, _, current = lock_booking(booking)
    if current.status != Status.PENDING or not current.is_over:
        return False
    _decline([current], by=None, lapsed=True)
    return True


def _locked(booking: ResourceBooking, by: User) -> tuple[Event, Resource, ResourceBooking]:
    event, resource, current = lock_booking(booking)
    if not can_decide_booking(by, resource):
        raise PermissionDenied
    return event, resource, current


def _asked(event: Event, resource: Resource, booking: ResourceBooking, *, whole_series: bool) -> list[ResourceBooking]:
    series = resource.bookings.requested().filter(event=event, ends_at__gt=clock.now())
    if whole_series and (asked := list(series.select_related("event", "resource").order_by("starts_at"))):
        return asked
    if booking.is_over:
        raise BookingOver("That time has passed.")
    return _waiting([booking])


def _waiting(bookings: list[ResourceBooking]) -> list[ResourceBooking]:
    for booking in bookings:
        if booking.status != Status.PENDING:
            raise BookingDecided(f"This was {booking.get_status_display()} already.", status=booking.status)
    return bookings


def decline_rivals(resource: Resource, taken: Sequence[ResourceBooking], *, by: User | None) -> None:
    """Decline the requests for any of the time of ``taken`` that no unit is left for; the resource must be locked."""
    held = [booking for booking in taken if booking.status == Status.ACCEPTED]
    if not (held and resource.needs_approval):
        return
    window = min(booking.blocked_from for booking in held), max(booking.blocked_until for booking in held)
    rivals = list(resource.bookings.requested().between(*window).select_related("event", "resource").order_by("pk"))
    if not rivals:
        return
    diary = diaries_of([resource], *window)[resource.pk]
    lost = [
        rival
        for rival in rivals
        if any(rival.blocked_from < one.blocked_until and rival.blocked_until > one.blocked_from for one in held)
        and diary.lowest_free(rival.blocked_from, rival.blocked_until) is None
    ]
    _decline(lost, by=by, rival=True)


def _decline(bookings: list[ResourceBooking], *, by: User | None, **why: Any) -> list[ResourceBooking]:
    """``why`` is what BookingDeclined says of it."""
    _decide(bookings, Status.DECLINED, by=by)
    for booking in bookings:
        announce(BookingDeclined(**of_booking(booking, booking.event, by=by), **why))
    return bookings


def _decide(bookings: Sequence[ResourceBooking], status: Status, *, by: User | None) -> None:
    now = clock.now()
    ResourceBooking.objects.filter(pk__in=[booking.pk for booking in bookings]).update(
        status=status, decided_by=by, decided_at=now
    )
    for booking in bookings:
        booking.status, booking.decided_by, booking.decided_at = status, by, now
