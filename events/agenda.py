"""Somebody's day: what they see on "my day"."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from estateman.people.models import User
from events.coming import comes_to
from events.models import Event, ResourceBooking
from events.occurrences import Dated, dated
from events.recurrence import instant


@dataclass(frozen=True)
class AgendaItem:
    """One occurrence on somebody's day; ``starts_at`` and ``ends_at`` are instants, ``timezone`` is the event's."""

    event_id: int
    calendar_id: int
    calendar: str
    color: str
    title: str
    location: str
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    local_starts_at: datetime
    timezone: str
    all_day: bool
    status: str
    resources: tuple[str, ...]


def agenda(user: User, *, day: date) -> list[AgendaItem]:
    """What is on ``user``'s ``day``, a day in their own zone: their calendars, their teams' and their invitations.

    All-day events come first, the rest by start. Six queries, however much there is.
    """
    start = instant(datetime.combine(day, time.min), user.timezone)
    end = instant(datetime.combine(day + timedelta(days=1), time.min), user.timezone)
    events = list(
        Event.objects.on_day_of(user).not_cancelled().between(start, end).select_related("calendar").with_dates()
    )
    held, comes = _resource_names(events, start, end), comes_to(user, events)
    items = [
        _item(date, held[event.pk, date.occurrence.recurrence_id])
        for event in events
        for date in dated(event, start, end)
        if comes(event, date.occurrence.recurrence_id)
    ]
    return sorted(items, key=lambda item: (not item.all_day, item.starts_at, item.title))


def _resource_names(events: Iterable[Event], start: datetime, end: datetime) -> dict[tuple[int, datetime], list[str]]:
    names: dict[tuple[int, datetime], list[str]] = defaultdict(list)
    held = ResourceBooking.objects.holding().filter(event__in=events).between(start, end).order_by("resource__name")
    for event_id, recurrence_id, name in held.values_list("event", "recurrence_id", "resource__name"):
        names[event_id, recurrence_id].append(name)
    return names


def _item(date: Dated, resources: list[str]) -> AgendaItem:
    event, occurrence = date.event, date.occurrence
    return AgendaItem(
        event_id=event.pk,
        calendar_id=event.calendar_id,
        calendar=event.calendar.name,
        color=event.calendar.color,
        title=date.title,
        location=date.location,
        recurrence_id=occurrence.recurrence_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        local_starts_at=occurrence.local_starts_at,
        timezone=event.timezone,
        all_day=event.all_day,
        status=event.status,
        resources=tuple(resources),
    )
