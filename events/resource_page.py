"""What can be booked, drawn: a day of every resource, free and taken."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from estateman.people.models import User
from events.availability import Interval, subtracted
from events.models import Blackout, Resource, ResourceBooking
from events.occurrences import BUSY
from events.recurrence import instant

FIRST_HOUR, LAST_HOUR = 7, 21


@dataclass(frozen=True)
class Stretch:
    """A part of the day: left and width in hundredths of it, and the same of the row's height.

    ``kind`` is booked, asked, blackout or closed.
    """

    kind: str
    x: float
    width: float
    y: float
    height: float
    label: str
    starts_at: datetime
    ends_at: datetime
    event: int | None = None
    recurrence_id: datetime | None = None


@dataclass(frozen=True)
class Row:
    resource: Resource
    stretches: list[Stretch]
    is_free: bool | None = None
    """Whether it can be had for the time asked for; None when none was."""


def day_window(day: date, user: User) -> Interval:
    """From FIRST_HOUR to LAST_HOUR of ``day`` by the reader's clocks."""
    midnight = datetime.combine(day, time.min)
    since, until = (instant(midnight + timedelta(hours=hour), user.timezone) for hour in (FIRST_HOUR, LAST_HOUR))
    return since, until


def hours_drawn() -> list[tuple[float, time]]:
    """The hours with how far to the right each stands."""
    return [(_share(hour - FIRST_HOUR), time(hour)) for hour in range(FIRST_HOUR, LAST_HOUR)]


def _share(hours: float) -> float:
    return round(100 * hours / (LAST_HOUR - FIRST_HOUR), 3)


def rows_of(resources: Sequence[Resource], window: Interval, user: User, free: set[int] | None) -> list[Row]:
    """One row each, in their order. Two queries; ``free`` are the ids of those that can be had, if a time was asked."""
    bookings: defaultdict[int, list[ResourceBooking]] = defaultdict(list)
    near = ResourceBooking.objects.open().filter(resource__in=resources, starts_at__lt=window[1], ends_at__gt=window[0])
    for each in near.visible_to(user).select_related("event"):
        bookings[each.resource_id].append(each)
    closed: defaultdict[int, list[Blackout]] = defaultdict(list)
    for blackout in Blackout.objects.between(*window).filter(resource__in=resources):
        closed[blackout.resource_id].append(blackout)
    return [
        Row(
            resource=each,
            stretches=[
                *_outside_hours(each, window),
                *_blackouts(closed[each.pk], window),
                *_booked(each, bookings[each.pk], window),
            ],
            is_free=None if free is None else each.pk in free,
        )
        for each in resources
    ]


def _outside_hours(resource: Resource, window: Interval) -> Iterable[Stretch]:
    shut = subtracted([window], resource.opened(*window))
    return [_stretch("closed", span, window, "Outside its hours") for span in shut]


def _blackouts(blackouts: Iterable[Blackout], window: Interval) -> Iterable[Stretch]:
    return [_stretch("blackout", (each.starts_at, each.ends_at), window, each.reason or "Closed") for each in blackouts]


def _booked(resource: Resource, bookings: Iterable[ResourceBooking], window: Interval) -> Iterable[Stretch]:
    for each in bookings:
        is_open = bool(getattr(each, "shows_title", False))
        holds = each.status in ResourceBooking.HOLDING
        height = 100 / resource.units
        yield _stretch(
            "booked" if holds else "asked",
            (each.starts_at, each.ends_at),
            window,
            each.event.title if is_open else BUSY,
            y=(min(each.unit, resource.units) - 1) * height,
            height=height,
            event=each.event_id if is_open else None,
            recurrence_id=each.recurrence_id if is_open else None,
        )


def _stretch(
    kind: str, span: Interval, window: Interval, label: str, *, y: float = 0, height: float = 100, **of_event: object
) -> Stretch:
    hour = timedelta(hours=1)
    since, until = max(span[0], window[0]), min(span[1], window[1])
    return Stretch(
        kind=kind,
        x=_share((since - window[0]) / hour),
        width=_share((until - since) / hour),
        y=round(y, 2),
        height=round(height, 2),
        label=label,
        starts_at=span[0],
        ends_at=span[1],
        **of_event,  # type: ignore[arg-type]
    )
