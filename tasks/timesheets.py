"""Time spent, by the day on which it was: stretches cut at the midnights of a zone, and their seconds summed.

Pure. Instants are aware; seconds are whole. A day has as many seconds as its zone gives it: 23 or 25 hours where
clocks change, none where a zone skipped it.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2099
_STEP = timedelta(hours=6)  # clocks do not change twice within it
_SECOND = timedelta(seconds=1)
# Where in the world a day begins first, and where it ends last.
_EASTMOST, _WESTMOST = timedelta(hours=14), timedelta(hours=12)

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Part:
    """What of a stretch of time lies on one day; its ends are instants in UTC."""

    on: date
    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return (self.end - self.start) // _SECOND


@dataclass(frozen=True)
class Spent(Generic[Key]):
    """Time spent on ``key``, as it was lived in ``zone``."""

    key: Key
    start: datetime
    end: datetime
    zone: str
    is_billable: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        return split(self.start, self.end, self.zone)


@dataclass(frozen=True)
class Seconds:
    """How many, and how many of them are billable."""

    total: int = 0
    billable: int = 0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.total + other.total, self.billable + other.billable)


@dataclass(frozen=True)
class Days:
    """The days from ``first`` to ``last``, both inclusive."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def begin(self) -> datetime:
        """No zone of the world is on the first day before this."""
        return datetime.combine(self.first, time.min, UTC) - _EASTMOST

    @property
    def over(self) -> datetime:
        """No zone of the world is on the last day after this."""
        return datetime.combine(self.last, time.min, UTC) + timedelta(days=1) + _WESTMOST

    @property
    def surely_within(self) -> datetime:
        """Nowhere in the world is it later than the last day until then."""
        return datetime.combine(self.last, time.min, UTC) + timedelta(days=1) - _EASTMOST


def week_of(day: date) -> Days:
    """The week of ``day``, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + timedelta(days=6))


def week_name(week: Days) -> str:
    """What ISO 8601 calls the week: ``2026-W48``."""
    year, number, _ = week.first.isocalendar()
    return f"{year}-W{number:02}"


def week_named(name: str) -> Days | None:
    """The week of that name, of the years FIRST_YEAR to LAST_YEAR; None where there is none."""
    found = re.fullmatch(r"([0-9]{4})-W([0-9]{2})", name)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    try:
        return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    except ValueError:
        return None


def split(start: datetime, end: datetime, zone: str) -> tuple[Part, ...]:
    """From ``start`` until before ``end``, cut wherever the day changes in the IANA ``zone``; in order."""
    parts: list[Part] = []
    for part in _parts(start.astimezone(UTC), end.astimezone(UTC), ZoneInfo(zone)):
        if parts and parts[-1].on == part.on:
            parts[-1] = Part(part.on, parts[-1].start, part.end)
        else:
            parts.append(part)
    return tuple(parts)


def seconds_within(spent: Spent[Key], days: Days) -> int:
    """How many of its seconds lie on ``days``."""
    return sum(part.seconds for part in spent.parts if part.on in days)


def by_day(entries: Iterable[Spent[Key]], days: Days) -> dict[Key, dict[date, Seconds]]:
    """The seconds of each key on each of ``days``; what lies on other days is left out."""
    found: dict[Key, dict[date, Seconds]] = defaultdict(dict)
    for spent in entries:
        for part in spent.parts:
            if part.on in days:
                more = Seconds(part.seconds, part.seconds if spent.is_billable else 0)
                found[spent.key][part.on] = found[spent.key].get(part.on, Seconds()) + more
    return dict(found)


def total(seconds: Iterable[Seconds]) -> Seconds:
    return sum(seconds, start=Seconds())


def _parts(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Part]:
    """Between two changes of the clocks the local time runs evenly, so midnights there are plain arithmetic."""
    for at, until, offset in _even_stretches(start, end, zone):
        cuts = [at]
        while cuts[-1] < until:
            today = (cuts[-1] + offset).date()
            midnight = datetime.combine(today, time.min, UTC) + timedelta(days=1) - offset
            cuts.append(min(midnight, until))
            yield Part(today, *cuts[-2:])


def _even_stretches(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    while start < end:
        offset, ahead = _offset(start, zone), start
        while ahead < end and _offset(min(ahead + _STEP, end), zone) == offset:
            ahead = min(ahead + _STEP, end)
        if ahead < end:
            ahead = _change(ahead, min(ahead + _STEP, end), zone)
        yield start, ahead, offset
        start = ahead


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second between the two at which the clocks of ``zone`` show another offset than ``before``."""
    offset = _offset(before, zone)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        before, after = (middle, after) if _offset(middle, zone) == offset else (before, middle)
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    found = instant.astimezone(zone).utcoffset()
    assert found is not None  # noqa: S101  it has a zone
    return found
