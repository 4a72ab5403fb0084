"""Somebody's working hours, what takes their time, what is left, and where two things fall together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from estateman.people.models import User
from events.availability import Hours, Interval, clashes, subtracted, working
from events.busy import Busy, busy_of, hours_of
from events.models import Access, Attendee, Calendar, Event
from events.occurrences import BUSY


@dataclass(frozen=True)
class BusyTime:
    """One occurrence that takes somebody's time; ``event`` is None and ``title`` says Busy for who may not read it."""

    event: int | None
    title: str
    recurrence_id: datetime | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Clash:
    """Several that take the same time, from the first start to the last end."""

    starts_at: datetime
    ends_at: datetime
    events: tuple[BusyTime, ...]


@dataclass(frozen=True)
class FreeBusy:
    """The time from ``start`` until before ``end`` as one person has it."""

    hours: Hours
    working: list[Interval]
    busy: list[BusyTime]
    free: list[Interval]
    conflicts: list[Clash] = field(default_factory=list)


@dataclass(frozen=True)
class Eyes:
    """What ``user`` may read of others' events. Two queries, however many are looked at."""

    access: dict[int, int]
    invited: set[int]

    @classmethod
    def of(cls, user: User) -> "Eyes":
        invited = Attendee.objects.filter(user=user).values_list("event", flat=True)
        return cls(Calendar.objects.access_by_id(user), set(invited))

    def may_read(self, event: Event) -> bool:
        return self.access.get(event.calendar_id, 0) >= Access.READ or event.pk in self.invited

    def see(self, busy: Busy) -> BusyTime:
        is_open = self.may_read(busy.event)
        return BusyTime(
            event=busy.event.pk if is_open else None,
            title=_title(busy) if is_open else BUSY,
            recurrence_id=busy.recurrence_id if is_open else None,
            starts_at=busy.starts_at,
            ends_at=busy.ends_at,
        )


def _title(busy: Busy) -> str:
    patches = (each.title for each in busy.event.overrides.all() if each.recurrence_id == busy.recurrence_id)
    return next((title for title in patches if title is not None), busy.event.title)


def free_busy(person: User, start: datetime, end: datetime, *, seen_by: User) -> FreeBusy:
    """``person``'s time from ``start`` until before ``end``, as far as ``seen_by`` may know it.

    Free is what is left of the working hours; conflicts are what takes the same time twice. Thirteen queries.
    """
    hours = hours_of([person], start, end)[person.pk]
    taken = busy_of([person.pk], start, end)[person.pk]
    eyes = Eyes.of(seen_by)
    at_work = working(hours, start, end)
    return FreeBusy(
        hours=hours,
        working=at_work,
        busy=[eyes.see(busy) for busy in taken if busy.starts_at < end and busy.ends_at > start],
        free=subtracted(at_work, (busy.blocked for busy in taken)),
        conflicts=_clashes(taken, eyes),
    )


def _clashes(taken: Sequence[Busy], eyes: Eyes) -> list[Clash]:
    groups = clashes([(busy.starts_at, busy.ends_at) for busy in taken])
    return [
        Clash(
            starts_at=taken[group[0]].starts_at,
            ends_at=max(taken[index].ends_at for index in group),
            events=tuple(eyes.see(taken[index]) for index in group),
        )
        for group in groups
    ]
