"""Which of the staff come to which date of an event."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from estateman.people.models import User
from events.models import STAYS_AWAY, Attendee, Event, OccurrenceAnswer
from events.permissions import can_see_event


@dataclass(frozen=True)
class Coming:
    """The ids of those who come to the whole, and what some answered for single dates instead."""

    to_all: frozenset[int]
    by_date: Mapping[datetime, Mapping[int, str]] = field(default_factory=dict)

    def on(self, recurrence_id: datetime) -> frozenset[int]:
        """The ids of those who come on this date, by its original local start."""
        said = self.by_date.get(recurrence_id)
        if not said:
            return self.to_all
        away = {user for user, status in said.items() if status in STAYS_AWAY}
        return (self.to_all | said.keys()) - away


def comes_to(user: User, events: Iterable[Event]) -> Callable[[Event, datetime], bool]:
    """Says of each date of ``events`` whether ``user``'s answers let them come. Two queries."""
    invited = Attendee.objects.filter(user=user, event__in=events).prefetch_related("answers")
    said = {row.event_id: row for row in invited}
    return lambda event, date: event.pk not in said or said[event.pk].answer_on(date) not in STAYS_AWAY


def organiser_of(event: Event) -> int | None:
    """Who planned it, by id, while they may read it: it may stand in a calendar now that is not open to them."""
    organiser = event.created_by
    return organiser.pk if organiser and can_see_event(organiser, event) else None


def who_comes(event: Event) -> Coming:
    """Organiser and staff who were invited, each once, less those who stay away or do not work here any more."""
    said = dict(event.attendees.exclude(user=None).values_list("user", "status"))
    organiser = {planner} if (planner := organiser_of(event)) else set()
    by_date: dict[datetime, dict[int, str]] = defaultdict(dict)
    answers = OccurrenceAnswer.objects.filter(attendee__event=event).exclude(attendee__user=None)
    for recurrence_id, user, status in answers.values_list("recurrence_id", "attendee__user", "status"):
        by_date[recurrence_id][user] = status
    here = set(User.objects.filter(pk__in=organiser | said.keys(), is_active=True).values_list("pk", flat=True))
    away = {user for user, status in said.items() if status in STAYS_AWAY}
    return Coming(
        frozenset(here - away),
        {date: {user: status for user, status in rows.items() if user in here} for date, rows in by_date.items()},
    )
