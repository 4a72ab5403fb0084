"""Why something is not booked, in words that people can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import IntegrityError

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.models import Event, Resource, ResourceBooking
from events.recurrence import Occurrence

NO_OVERLAP = "no_overlapping_bookings"


class BookingConflict(RuleBroken):
    """Not every date can be had. ``conflicts`` says which cannot and why, ``free`` which could be taken."""

    code = "booking_conflict"


class OutsideBookableHours(BookingConflict):
    """Every date that cannot be had lies outside the resource's ``bookable_hours``, which are in its ``timezone``."""

    code = "outside_bookable_hours"


class OverlapsItself(RuleBroken):
    """An event whose own dates run into each other cannot hold one resource for all of them."""

    code = "overlaps_itself"


class ResourceOutOfUse(RuleBroken):
    """The resource takes no new bookings."""

    code = "resource_out_of_use"


class BookingDecided(RuleBroken):
    """The request does not wait any more; ``status`` is what became of it."""

    code = "booking_decided"


class NotHeld(RuleBroken):
    """The booking holds nothing: it was not approved yet, or given back; ``status`` says which."""

    code = "booking_not_held"


class BookingOver(RuleBroken):
    """Its time has passed."""

    code = "booking_over"


class BookingBegun(RuleBroken):
    """It is in use already."""

    code = "booking_begun"


class CheckInClosed(RuleBroken):
    """Too early or too late to check in; ``opens_at`` and ``closes_at`` say when it is possible."""

    code = "check_in_closed"


class NeedsApproval(RuleBroken):
    """What holds now would have to be asked for again."""

    code = "needs_approval"


class Reason(StrEnum):
    """What stands in the way of one date."""

    BOOKED = "booked"
    BLACKOUT = "blackout"
    OUTSIDE_HOURS = "outside_hours"


@dataclass(frozen=True)
class Obstacle:
    """``booking`` is the id of the one that has it; ``note`` is why there is a blackout."""

    reason: Reason
    booking: int | None = None
    note: str = ""


def refuse_unless_overlap(error: IntegrityError) -> None:
    """Both databases put the constraint's name into their message."""
    if NO_OVERLAP not in str(error):
        raise error


def booking_conflict(
    resource: Resource, wanted: Sequence[Occurrence], obstacles: Mapping[Any, Obstacle], *, by: User | None
) -> BookingConflict:
    """The report; another event's title stands in it only where ``by`` may read that event."""
    titles = _titles(obstacles, by)
    conflicts, free = [], []
    for occurrence in wanted:
        obstacle = obstacles.get(occurrence.recurrence_id)
        if obstacle is None:
            free.append(_plain(occurrence))
        else:
            title = titles.get(obstacle.booking) if obstacle.booking else obstacle.note or None
            why = {"reason": obstacle.reason.value, "booking": obstacle.booking, "title": title}
            conflicts.append({**_plain(occurrence), **why})
    times = "then" if len(wanted) == 1 else f"on {len(conflicts)} of {len(wanted)} dates"
    report: dict[str, Any] = {"resource": resource.pk, "conflicts": conflicts, "free": free}
    if obstacles and all(obstacle.reason == Reason.OUTSIDE_HOURS for obstacle in obstacles.values()):
        hours = {"bookable_hours": resource.bookable_hours, "timezone": resource.timezone}
        return OutsideBookableHours(f"{resource} cannot be booked {times}: it is outside its hours.", **report, **hours)
    return BookingConflict(f"{resource} is taken {times}.", **report)


def _titles(obstacles: Mapping[Any, Obstacle], by: User | None) -> dict[int, str]:
    theirs = {obstacle.booking for obstacle in obstacles.values() if obstacle.booking}
    if not theirs or by is None:
        return {}
    readable = ResourceBooking.objects.filter(pk__in=theirs, event__in=Event.objects.visible_to(by))
    return dict(readable.values_list("pk", "event__title"))


def _plain(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "recurrence_id": occurrence.recurrence_id.isoformat(),
        "starts_at": f"{occurrence.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        "ends_at": f"{occurrence.ends_at:%Y-%m-%dT%H:%M:%SZ}",
    }
