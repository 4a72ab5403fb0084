"""Possible starts, pure: every one is one bit of an integer.

They are ``step`` apart. What a person or a thing allows is a run of bits for each interval, so the time at which all
can come is a handful of ANDs, however many they are; any duration and any interval comes out exact.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor

from events.availability import Interval

NO_TIME = timedelta(0)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Starts:
    """``count`` possible starts of something that lasts ``duration``: ``first``, and each ``step`` later."""

    first: datetime
    step: timedelta
    count: int
    duration: timedelta

    @property
    def all(self) -> int:
        return (1 << self.count) - 1

    def at(self, index: int) -> datetime:
        return self.first + index * self.step

    def inside(self, intervals: Iterable[Interval]) -> int:
        """Those from which it lies within one of the intervals."""
        latest = self.first + self.duration
        return self._runs(((since - self.first), (until - latest)) for since, until in intervals)

    def apart(self, intervals: Iterable[Interval], before: timedelta = NO_TIME, after: timedelta = NO_TIME) -> int:
        """Those from which it touches none of the intervals, with so much kept free around it."""
        earliest, latest = self.first + self.duration + after - _TICK, self.first - before + _TICK
        return self.all & ~self._runs(((since - earliest), (until - latest)) for since, until in intervals)

    def _runs(self, ranges: Iterable[tuple[timedelta, timedelta]]) -> int:
        """Those from one distance after ``first`` to another, both inclusive."""
        bits, step, last = 0, self.step, self.count - 1
        for since, until in ranges:
            low, high = max(ceil(since / step), 0), min(floor(until / step), last)
            if low <= high:
                bits |= ((1 << (high - low + 1)) - 1) << low
        return bits


def starts_between(
    start: datetime, end: datetime, *, step: timedelta, duration: timedelta, midnight: datetime
) -> Starts:
    """Those that lie a multiple of ``step`` from ``midnight``, from ``start`` on, and end by ``end``."""
    first = start + (midnight - start) % step
    return Starts(first, step, max(0, (end - duration - first) // step + 1), duration)


def indexes(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def open_starts(
    hours: Iterable[Interval],
    busy: Iterable[Interval],
    *,
    duration: timedelta,
    step: timedelta,
    before: timedelta = NO_TIME,
    after: timedelta = NO_TIME,
) -> list[datetime]:
    """When something of ``duration`` can begin: each ``step`` from where an interval of ``hours`` begins.

    It lies within the hours, and touches nothing of ``busy`` with so much kept free around it; that may reach out of
    the hours.
    """
    taken = list(busy)
    found: list[datetime] = []
    for since, until in hours:
        starts = starts_between(since, until, step=step, duration=duration, midnight=since)
        found += [starts.at(index) for index in indexes(starts.apart(taken, before, after))]
    return sorted(found)
