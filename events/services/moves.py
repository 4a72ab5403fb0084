"""What hangs on an event moves with it, in the same transaction, or the event does not move."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from estateman.common import clock
from estateman.people.models import User
from events.models import Attendance, Event, EventResource, OccurrenceAnswer, Resource, ResourceBooking
from events.recurrence import Occurrence, Series, find_occurrence, occurrences
from events.services.answers import is_ahead, seat_waiting, wait_again
from events.services.appointments_following import follow_event
from events.services.bookings import (
    HORIZON,
    Pair,
    ResourceOutOfUse,
    announce_taken,
    decline_rivals,
    take_places,
    want_for_series,
)
from events.services.conflicts import check_conflicts
from events.services.lock import lock_resources
from events.services.reminders import plan_deliveries

SAME_DAY = timedelta(days=2)
"""So far away lies, at most, the same day at another time and in another zone."""


def move_along(event: Event, before: Series, *, by: User, anew: bool = False) -> None:
    """Everything that hangs on the event goes where it is now; ``before`` is where it was. It must be written.

    ``anew`` judges also the dates that stay, whose people may be others. Raises TimeTaken, BookingConflict,
    ResourceOutOfUse, SlotTaken.
    """
    event.conflicts = check_conflicts(event, by=by, before=None if anew else before)
    move_bookings(event, before, by=by)
    follow_event(event)
    seat_waiting(event)
    plan_deliveries(event)


def settle_in(event: Event, *, by: User) -> None:
    """It is in another calendar now, at the times that it had. Raises TimeTaken."""
    event.conflicts = check_conflicts(event, by=by)
    plan_deliveries(event)


def carry_answers(event: Event, before: Series, keys: Mapping[datetime, datetime]) -> None:
    """What was said and noted of single dates keeps to them under their new keys."""
    for model in (OccurrenceAnswer, Attendance):
        rekey(model.objects.filter(attendee__event=event), keys, of="attendee_id")
    wait_again(event, [new for key, new in keys.items() if not is_ahead(before, key)])


def rekey(rows: QuerySet[Any], keys: Mapping[datetime, datetime], *, of: str) -> None:
    """Write the recurrence ids anew; a row whose date is gone keeps its own, unless another one takes it."""
    standing = list(rows)
    if all(keys.get(row.recurrence_id) == row.recurrence_id for row in standing):
        return
    kept: dict[tuple[int, datetime], Any] = {}
    for row in sorted(standing, key=lambda row: row.recurrence_id not in keys):
        row.recurrence_id = keys.get(row.recurrence_id, row.recurrence_id)
        kept.setdefault((getattr(row, of), row.recurrence_id), row)
    # Let go and written again, as those that swap places would refuse each other.
    rows.delete()
    rows.model.objects.bulk_create(kept.values())


def move_bookings(event: Event, before: Series, *, by: User) -> None:
    """Carry the bookings that have not begun over to the event's new times. Raises BookingConflict, ResourceOutOfUse.

    A resource booked for the whole event follows to every new date, save those on a day that it had been given back
    for; one booked for single occurrences follows to the new occurrence on the same day, and is given back when
    there is none. What has begun stays as it was, and so does what is booked for a date that does not move.
    """
    ahead = event.bookings.open().not_begun().order_by("starts_at")
    whole = dict(event.resources_wanted.values_list("resource", "booked_until"))
    resources = lock_resources([*whole, *ahead.values_list("resource", flat=True)])
    held = list(ahead)
    until = _seen_until(event, held)
    stood, stand = _ahead(before, until), _ahead(event.series(), until)
    for resource in resources:
        mine = [booking for booking in held if booking.resource_id == resource.pk]
        targets = _targets(event, stood, stand, mine, booked_until=whole.get(resource.pk))
        _carry_over(event, resource, mine, targets, stood, by=by)
        if resource.pk in whole:
            want_for_series(event, resource, by=by, until=clock.now() + HORIZON)


def _seen_until(event: Event, held: Iterable[ResourceBooking]) -> datetime:
    """As far as anything is booked, and beyond it where a booked date has gone."""
    series, seen = event.series(), [_horizon(event)]
    for booking in held:
        found = find_occurrence(series, booking.recurrence_id)
        seen += [booking.ends_at + SAME_DAY, *([found.ends_at] if found else [])]
    return max(seen)


def _horizon(event: Event) -> datetime:
    return max(clock.now(), event.first_utc) + HORIZON


def _ahead(series: Series, until: datetime) -> list[Occurrence]:
    now = clock.now()
    return [occurrence for occurrence in occurrences(series, now, until) if occurrence.starts_at > now]


def _targets(
    event: Event,
    stood: Iterable[Occurrence],
    stand: Sequence[Occurrence],
    held: Sequence[ResourceBooking],
    *,
    booked_until: datetime | None,
) -> list[Occurrence]:
    """The dates that ``held`` go on for: of a date with the same key what became of its booking is known, of others
    what became of that day's.
    """
    if not event.is_recurring:
        return list(stand) if held else []
    # What lies beyond that was never booked, so nobody gave it back.
    booked = {each.recurrence_id for each in stood if booked_until is None or each.starts_at < booked_until}
    keys = {booking.recurrence_id for booking in held}
    days, booked_days = {key.date() for key in keys}, {key.date() for key in booked}
    horizon = _horizon(event)

    def goes_on(occurrence: Occurrence) -> bool:
        key, day = occurrence.recurrence_id, occurrence.recurrence_id.date()
        if key in booked:
            return key in keys
        is_new = booked_until is not None and occurrence.starts_at < horizon and day not in booked_days
        return is_new or day in days

    return [occurrence for occurrence in stand if goes_on(occurrence)]


def _carry_over(
    event: Event,
    resource: Resource,
    held: Iterable[ResourceBooking],
    targets: Sequence[Occurrence],
    stood: Iterable[Occurrence],
    *,
    by: User,
) -> None:
    """A booking keeps its id where it can: first by the same recurrence id, the rest in order."""
    unmoved = set(stood)
    waiting = {booking.recurrence_id: booking for booking in held}
    kept = [(occurrence, waiting.pop(occurrence.recurrence_id, None)) for occurrence in targets]
    rest = iter(waiting.values())
    pairs = [(occurrence, booking or next(rest, None)) for occurrence, booking in kept]
    moved = [
        (occurrence, booking)
        for occurrence, booking in pairs
        if not (booking and booking.recurrence_id == occurrence.recurrence_id and occurrence in unmoved)
    ]
    leaving = [*(booking.pk for _, booking in moved if booking), *(booking.pk for booking in rest)]
    # All let go before any takes its new place, so that a series shifted by a day does not collide with itself.
    ResourceBooking.objects.filter(pk__in=leaving).update(status=ResourceBooking.Status.CANCELLED)
    _take_places(event, resource, moved, by=by)


def _take_places(event: Event, resource: Resource, moved: Sequence[Pair], *, by: User) -> None:
    """Requests stay requests; what takes approval and was moved by somebody who cannot give it becomes one.

    What is out of use keeps the bookings that stand, and takes no others.
    """
    if not resource.is_active:
        if any(booking for _, booking in moved):
            raise ResourceOutOfUse(f"{resource} is not in use at present.")
        return
    asked = [pair for pair in moved if pair[1] and pair[1].status == ResourceBooking.Status.PENDING]
    held = [pair for pair in moved if pair not in asked]
    taken = take_places(event, resource, held, by=by)
    take_places(event, resource, asked, by=by, status=ResourceBooking.Status.PENDING)
    known = {booking.pk for _, booking in held if booking}
    is_request = any(booking.status == ResourceBooking.Status.PENDING for booking in taken)
    fresh = taken if is_request else [booking for booking in taken if booking.pk not in known]
    announce_taken(event, resource, fresh, by=by)
    decline_rivals(resource, taken, by=by)


def release_bookings(event: Event) -> None:
    """The event does not take place: whatever has not begun is free again, and no longer asked for."""
    leaving = event.bookings.open().not_begun()
    lock_resources(leaving.values_list("resource", flat=True))
    leaving.update(status=ResourceBooking.Status.CANCELLED)
    EventResource.objects.filter(event=event).delete()
