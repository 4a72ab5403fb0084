"""Who has a place at an event that holds only so many. Pure.

Somebody answers for the whole event, and for single dates of a series otherwise; a date's answer goes before the
whole's. A yes for the whole takes a place on every date, save those answered for by themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

ACCEPTED, WAITING = "accepted", "waiting"


@dataclass(frozen=True)
class Wait:
    """A yes without a place: whose, since when, and for which date (None: for the whole)."""

    since: datetime
    attendee: int
    date: datetime | None = None


@dataclass(frozen=True)
class Answers:
    """What one attendee answered: for the whole, and by original local start for single dates."""

    attendee: int
    whole: str
    by_date: Mapping[datetime, str] = field(default_factory=dict)

    def on(self, date: datetime) -> str:
        return self.by_date.get(date, self.whole)

    def saying(self, status: str, date: datetime | None) -> "Answers":
        """The same with another answer."""
        if date is None:
            return replace(self, whole=status)
        return replace(self, by_date={**self.by_date, date: status})


def has_place(everyone: Iterable[Answers], attendee: int, date: datetime | None, capacity: int | None) -> bool:
    """Whether one more place is left for ``attendee``, on ``date`` or (None) wherever the whole would take one."""
    if capacity is None:
        return True
    others = [each for each in everyone if each.attendee != attendee]
    if date is not None:
        return places_taken(others, date) < capacity
    own = {day for each in everyone if each.attendee == attendee for day in each.by_date}
    special = {day for each in others for day in each.by_date} - own
    usual = sum(each.whole == ACCEPTED for each in others)
    return usual < capacity and all(places_taken(others, day) < capacity for day in special)


def places_taken(everyone: Iterable[Answers], date: datetime) -> int:
    """On one date."""
    return sum(each.on(date) == ACCEPTED for each in everyone)


def promoted(everyone: Sequence[Answers], waiting: Iterable[Wait], capacity: int | None) -> list[Wait]:
    """Those of the waiting list who get a place now, in the order in which they came to it.

    One for whom there is none yet (they want the whole, say, and a single date is full) holds up nobody behind them.
    """
    by_attendee = {each.attendee: each for each in everyone}
    seated = []
    for wait in sorted(waiting, key=lambda each: (each.since, each.attendee)):
        if has_place(list(by_attendee.values()), wait.attendee, wait.date, capacity):
            by_attendee[wait.attendee] = by_attendee[wait.attendee].saying(ACCEPTED, wait.date)
            seated.append(wait)
    return seated
