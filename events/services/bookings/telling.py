"""What bookings announce."""

from collections.abc import Sequence
from typing import Any

from estateman.activity.services import announce
from estateman.people.models import User
from events.activities import ResourceBooked, ResourceRequested
from events.models import Event, Resource, ResourceBooking


def announce_taken(event: Event, resource: Resource, bookings: Sequence[ResourceBooking], *, by: User | None) -> None:
    """That they were booked, or asked for; all have one status."""
    if not bookings:
        return
    kind = ResourceBooked if bookings[0].status == ResourceBooking.Status.ACCEPTED else ResourceRequested
    announce(
        kind(
            **of_event(event, by=by),
            resource_id=resource.pk,
            resource=resource.name,
            occurrences=len(bookings),
            recurrence_id=min(booking.recurrence_id for booking in bookings).isoformat(),
        )
    )


def of_booking(booking: ResourceBooking, event: Event, *, by: User | None) -> dict[str, Any]:
    """What every fact about one booking says."""
    return {
        **of_event(event, by=by),
        "booking_id": booking.pk,
        "resource_id": booking.resource_id,
        "resource": booking.resource.name,
        "recurrence_id": booking.recurrence_id.isoformat(),
        "user_id": booking.booked_by_id,
    }


def of_event(event: Event, *, by: User | None) -> dict[str, Any]:
    return {
        "by_id": by.pk if by else None,
        "event_id": event.pk,
        "calendar_id": event.calendar_id,
        "title": event.title,
    }
