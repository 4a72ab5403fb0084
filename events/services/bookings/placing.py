"""Where bookings go: the lowest free unit, within hours and buffers. What the database refuses becomes a report.

Whoever writes a booking that holds time has locked its resource, so what is read here still stands when it is
written. The database's own guard has the last word all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from estateman.common import clock
from estateman.people.models import User
from events.diaries import diaries_of
from events.diary import Diary, Taken
from events.models import Event, Resource, ResourceBooking
from events.permissions import can_decide_booking
from events.recurrence import Occurrence
from events.services.bookings.refusals import (
    Obstacle,
    OverlapsItself,
    Reason,
    booking_conflict,
    refuse_unless_overlap,
)

Status = ResourceBooking.Status
Pair = tuple[Occurrence, ResourceBooking | None]
WRITTEN = (
    *("status", "resource", "unit", "recurrence_id", "starts_at", "ends_at", "blocked_from", "blocked_until"),
    *("checked_in_at", "decided_by", "decided_at"),
)


@dataclass(frozen=True)
class Places:
    """Which unit each date gets, and what stands in the way of the others; by recurrence id."""

    units: dict[datetime, int]
    obstacles: dict[datetime, Obstacle]


def status_for(resource: Resource, by: User | None) -> str:
    """What a new booking of ``by``'s is: a request where it takes approval and they cannot give it."""
    decides = not resource.needs_approval or (by is not None and can_decide_booking(by, resource))
    return Status.ACCEPTED if decides else Status.PENDING


def find_places(resource: Resource, wanted: Sequence[Occurrence]) -> Places:
    """Three queries. Raises OverlapsItself where the dates leave each other no unit."""
    places = Places({}, {})
    if not wanted:
        return places
    ends = max(occurrence.ends_at for occurrence in wanted)
    diary = diaries_of([resource], min(occurrence.starts_at for occurrence in wanted), ends)[resource.pk]
    for occurrence in wanted:
        found = _place(resource, occurrence, diary)
        if isinstance(found, Obstacle):
            places.obstacles[occurrence.recurrence_id] = found
        else:
            places.units[occurrence.recurrence_id] = found
    return places


def _place(resource: Resource, occurrence: Occurrence, diary: Diary) -> int | Obstacle:
    if not resource.is_open(occurrence.starts_at, occurrence.ends_at):
        return Obstacle(Reason.OUTSIDE_HOURS)
    start, end = resource.blocked(occurrence.starts_at, occurrence.ends_at)
    unit = diary.lowest_free(start, end)
    if unit is None:
        return obstacle(diary.in_the_way(start, end))
    diary.take(Taken(start, end, unit))
    return unit


def obstacle(taken: Taken | None) -> Obstacle:
    """What ``taken`` is in a report. Raises OverlapsItself when it is another date of what is being placed."""
    if taken and taken.unit is None:
        return Obstacle(Reason.BLACKOUT, note=taken.reason)
    if taken and taken.booking is None:
        raise OverlapsItself("The event's own dates overlap, so nothing can be booked for all of them.")
    return Obstacle(Reason.BOOKED, taken.booking if taken else None)


def collisions(resource: Resource, wanted: Sequence[Occurrence]) -> dict[datetime, Obstacle]:
    """Which of ``wanted`` cannot be had, and why; by recurrence id."""
    return find_places(resource, wanted).obstacles


def take_places(
    event: Event,
    resource: Resource,
    pairs: Sequence[Pair],
    *,
    by: User | None,
    status: str | None = None,
    skip_conflicts: bool = False,
) -> list[ResourceBooking]:
    """Write a booking for each date: the one given with it, or a new one. The resource must be locked.

    Bookings that are given must hold no time now. ``status`` is, unless said, what ``by`` can have (``status_for``).
    With ``skip_conflicts`` dates that cannot be had are left out, as are those that are over while others are ahead.
    Raises BookingConflict, also when nothing at all is free, and OverlapsItself.
    """
    wanted = [occurrence for occurrence, _ in pairs]
    places = find_places(resource, wanted)
    if places.obstacles and not (places.units and (skip_conflicts or _all_over(wanted, places.obstacles))):
        raise booking_conflict(resource, wanted, places.obstacles, by=by)
    status = status or status_for(resource, by)
    rows = [
        _filled(booking or ResourceBooking(event=event, booked_by=by), occurrence, resource)
        for occurrence, booking in pairs
        if occurrence.recurrence_id in places.units
    ]
    for row in rows:
        row.status = status
        row.unit = places.units[row.recurrence_id] if status == Status.ACCEPTED else 1
        if status == Status.PENDING:
            row.decided_by = row.decided_at = None
    try:
        _write(rows)
    except IntegrityError as error:
        refuse_unless_overlap(error)
        raise booking_conflict(resource, wanted, collisions(resource, wanted), by=by) from None
    return rows


def _filled(row: ResourceBooking, occurrence: Occurrence, resource: Resource) -> ResourceBooking:
    """At another place or time nobody has checked in yet."""
    row.resource, row.checked_in_at = resource, None
    for column, value in booking_times(occurrence, resource).items():
        setattr(row, column, value)
    return row


def booking_times(occurrence: Occurrence, resource: Resource) -> dict[str, datetime]:
    """The columns of a booking of ``resource`` that come from its occurrence."""
    blocked_from, blocked_until = resource.blocked(occurrence.starts_at, occurrence.ends_at)
    return {
        "recurrence_id": occurrence.recurrence_id,
        "starts_at": occurrence.starts_at,
        "ends_at": occurrence.ends_at,
        "blocked_from": blocked_from,
        "blocked_until": blocked_until,
    }


def occurrence_of(booking: ResourceBooking) -> Occurrence:
    """The time that a booking is for, which may differ by now from its event's."""
    return Occurrence(booking.recurrence_id, booking.starts_at, booking.ends_at, booking.recurrence_id)


@transaction.atomic
def _write(rows: Sequence[ResourceBooking]) -> None:
    ResourceBooking.objects.bulk_update([row for row in rows if row.pk], WRITTEN)
    ResourceBooking.objects.bulk_create(row for row in rows if not row.pk)


def _all_over(wanted: Sequence[Occurrence], obstacles: dict[datetime, Obstacle]) -> bool:
    """Whether all that cannot be had is history while something is still ahead."""
    now = clock.now()
    ahead = [occurrence for occurrence in wanted if occurrence.ends_at > now]
    return bool(ahead) and not any(occurrence.recurrence_id in obstacles for occurrence in ahead)
