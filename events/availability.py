"""Working time and free time, pure: spans of the wall clock become instants, and intervals are joined and cut.

An interval is a pair of instants in UTC, from the first until before the second.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Interval = tuple[datetime, datetime]
Span = tuple[int, int]
"""Minutes after midnight on the wall clock, from and until; 1440 is the next midnight."""

USUAL_WEEK: Mapping[int, Sequence[Span]] = dict.fromkeys(range(5), ((9 * 60, 17 * 60),))
"""Monday to Friday from nine to five: whose hours nobody has set works these."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Hours:
    """When somebody works, or something can be booked: a week by weekday (0 is Monday), on the clocks of a zone.

    ``differing`` dates have spans of their own, and the days of ``off`` (first and last) have none; those of ``closed``
    have none unless they differ.
    """

    timezone: str
    weekly: Mapping[int, Sequence[Span]] = field(default_factory=lambda: USUAL_WEEK)
    differing: Mapping[date, Sequence[Span]] = field(default_factory=dict)
    off: Sequence[tuple[date, date]] = ()
    closed: frozenset[date] = frozenset()

    def on(self, day: date) -> Sequence[Span]:
        if any(first <= day <= last for first, last in self.off):
            return ()
        usual = () if day in self.closed else self.weekly.get(day.weekday(), ())
        return self.differing.get(day, usual)


def working(hours: Hours, start: datetime, end: datetime) -> list[Interval]:
    """When the clocks of the zone show a time within ``hours``, from ``start`` until before ``end``.

    An hour that spring skips is nobody's, and one that autumn repeats counts twice.
    """
    return merged(clipped(_worked(hours, start, end), start, end))


def _worked(hours: Hours, start: datetime, end: datetime) -> Iterator[Interval]:
    zone = ZoneInfo(hours.timezone)
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        if spans := hours.on(day):
            for begins, ends, midnight in _stretches(day, hours.timezone):
                for since, until in spans:
                    yield max(begins, midnight + since * _MINUTE), min(ends, midnight + until * _MINUTE)
        day += _DAY


@lru_cache(maxsize=16_384)
def _stretches(day: date, timezone: str) -> list[tuple[datetime, datetime, datetime]]:
    """The parts of a local day between which clocks change, each with the instant its clocks count from midnight."""
    zone = ZoneInfo(timezone)
    local = datetime.combine(day, time.min, UTC)
    begins, ends = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (day, day + _DAY))
    if begins >= ends:  # a zone that crossed the date line left the day out
        return []
    first, last = _offset(begins, zone), _offset(ends - _MINUTE, zone)
    if first == last:
        return [(begins, ends, local - first)]
    change = _change(begins, ends, zone)
    return [(begins, change, local - first), (change, ends, local - last)]


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _change(begins: datetime, ends: datetime, zone: ZoneInfo) -> datetime:
    """The minute from which the offset is another than at the beginning."""
    before, low, high = _offset(begins, zone), 0, (ends - begins) // _MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(begins + middle * _MINUTE, zone) == before else (low, middle)
    return begins + high * _MINUTE


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in order and without overlap; what touches is joined, what is empty left out."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def clipped(intervals: Iterable[Interval], start: datetime, end: datetime) -> list[Interval]:
    """What of them lies from ``start`` until before ``end``."""
    cut = ((max(since, start), min(until, end)) for since, until in intervals)
    return [(since, until) for since, until in cut if since < until]


def subtracted(intervals: Iterable[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """What is left of ``intervals`` without ``holes``."""
    left: list[Interval] = []
    gaps = merged(holes)
    at = 0
    for start, end in merged(intervals):
        while at < len(gaps) and gaps[at][1] <= start:
            at += 1
        position, since = at, start
        while position < len(gaps) and gaps[position][0] < end:
            left.append((since, gaps[position][0]))
            since = gaps[position][1]
            position += 1
        left.append((since, end))
    return [(since, until) for since, until in left if since < until]


def shared(ones: Sequence[Interval], others: Sequence[Interval]) -> list[tuple[int, int]]:
    """Which of ``ones`` overlap which of ``others``, as pairs of indexes in order; both are in order of start."""
    pairs: list[tuple[int, int]] = []
    open_: list[int] = []
    following = 0
    for index, (start, end) in enumerate(ones):
        while following < len(others) and others[following][0] < end:
            open_.append(following)
            following += 1
        open_ = [other for other in open_ if others[other][1] > start]
        pairs += [(index, other) for other in open_ if others[other][0] < end]
    return pairs


def clashes(intervals: Sequence[Interval]) -> list[list[int]]:
    """Groups of two and more that overlap without a pause, as indexes; ``intervals`` are in order of start."""
    groups: list[list[int]] = []
    until: datetime | None = None
    for index, (start, end) in enumerate(intervals):
        if until is not None and start < until:
            groups[-1].append(index)
            until = max(until, end)
        else:
            groups.append([index])
            until = end
    return [group for group in groups if len(group) > 1]
