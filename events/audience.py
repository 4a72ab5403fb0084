"""Who wants to hear of what becomes of an event, and what they are told of its time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from estateman.common import clock
from estateman.people.models import User
from events.coming import organiser_of, who_comes
from events.models import Event, Resource
from events.recurrence import find_occurrence, next_occurrence


@dataclass(frozen=True)
class Hearers:
    """An event as those hear of it who come: their ids, who planned it, and when it is (or was) next, as an instant."""

    people: frozenset[int]
    organiser: int | None
    starts_at: datetime
    timezone: str


def hearers_of(event_id: int, recurrence_id: datetime | None = None) -> Hearers | None:
    """Of the whole, or of the one date with that original local start; None once the event is gone."""
    event = Event.objects.with_series().filter(pk=event_id).first()
    if event is None:
        return None
    coming = who_comes(event)
    people = coming.to_all if recurrence_id is None else coming.on(recurrence_id)
    return Hearers(people, organiser_of(event), _starts_at(event, recurrence_id), event.timezone)


def _starts_at(event: Event, recurrence_id: datetime | None) -> datetime:
    series = event.series()
    found = find_occurrence(series, recurrence_id) if recurrence_id else next_occurrence(series, clock.now())
    return found.starts_at if found else event.first_utc


def may_hear_of(event_id: int, user_id: int | None) -> bool:
    """Whether somebody works here and may read it: it may stand in a calendar now that is not open to them."""
    user = User.objects.filter(pk=user_id or 0, is_active=True).first()
    return user is not None and Event.objects.visible_to(user).filter(pk=event_id).exists()


def deciders_of(resource_id: int) -> Iterable[int]:
    """Who may approve a booking of the resource; nobody once it is gone."""
    found = Resource.objects.filter(pk=resource_id).first()
    return found.runners().values_list("pk", flat=True) if found else ()
