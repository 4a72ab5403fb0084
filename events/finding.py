"""Finding a time for people and things: what the search needs, read in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from estateman.people.models import User
from events.availability import working
from events.busy import busy_of, hours_of, things_of
from events.models import Resource
from events.recurrence import instant
from events.slots import Found, Need, Person, find_slots
from events.starts import starts_between


@dataclass(frozen=True)
class Wish:
    """One thing to be booked: this ``resource``, or any of a kind with room for so many and with all features."""

    resource: Resource | None = None
    kind: str = ""
    capacity: int | None = None
    features: Sequence[str] = ()

    def fits(self, resource: Resource) -> bool:
        if self.resource:
            return resource == self.resource
        return resource.fits(kind=self.kind, capacity=self.capacity, features=self.features)

    def __str__(self) -> str:
        if self.resource:
            return self.resource.name
        room = f" for {self.capacity}" if self.capacity else ""
        features = f" with {' and '.join(self.features)}" if self.features else ""
        return f"{self.kind or 'resource'}{room}{features}"


@dataclass(frozen=True)
class Meeting:
    """What a time is sought for: it lasts ``duration``, and begins a multiple of ``step`` after midnight."""

    start: datetime
    end: datetime
    duration: timedelta
    step: timedelta = timedelta(minutes=15)
    required: Sequence[User] = ()
    optional: Sequence[User] = ()
    needs: Sequence[Wish] = field(default_factory=tuple)


def find_meeting(meeting: Meeting, *, limit: int, by: User) -> Found:
    """The ``limit`` best times for ``meeting`` from its start until its end; see ``slots.find_slots``.

    Only what ``by`` may book is offered. Midnight is that of ``by``'s zone.
    """
    start, end = meeting.start, meeting.end
    people = _people([*meeting.required, *meeting.optional], start, end)
    local = start.astimezone(by.zone).date()
    starts = starts_between(
        start,
        end,
        step=meeting.step,
        duration=meeting.duration,
        midnight=instant(datetime.combine(local, time.min), by.timezone),
    )
    return find_slots(
        starts,
        required=[people[user.pk] for user in meeting.required],
        optional=[people[user.pk] for user in meeting.optional],
        needs=_needs(meeting, by),
        limit=limit,
    )


def _people(users: Sequence[User], start: datetime, end: datetime) -> dict[int, Person]:
    hours = hours_of(users, start, end)
    busy = busy_of([user.pk for user in users], start, end)
    return {
        user.pk: Person(
            key=user.pk,
            name=str(user),
            working=working(hours[user.pk], start, end),
            busy=[each.blocked for each in busy[user.pk]],
        )
        for user in users
    }


def _needs(meeting: Meeting, by: User) -> list[Need]:
    if not meeting.needs:
        return []
    resources = list(Resource.objects.in_use().bookable_by(by))
    fitting = {each.pk: each for wish in meeting.needs for each in resources if wish.fits(each)}
    things = things_of(list(fitting.values()), meeting.start, meeting.end)
    return [
        Need(str(wish), [things[pk] for pk, resource in fitting.items() if wish.fits(resource)])
        for wish in meeting.needs
    ]
