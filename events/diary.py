"""Which units of one resource are taken when, and which is free. Pure."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

_START = attrgetter("starts_at")


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is not to be had, from ``starts_at`` until before ``ends_at``.

    On one unit, by ``booking`` (None for one that is only being placed); or on all of them where ``unit`` is None: a
    blackout, of which ``reason`` says why.
    """

    starts_at: datetime
    ends_at: datetime
    unit: int | None = None
    booking: int | None = None
    reason: str = ""

    def touches(self, start: datetime, end: datetime) -> bool:
        return self.starts_at < end and self.ends_at > start


class Diary:
    """The units of a resource, numbered from 1, with what takes them. Bookings of one unit never overlap."""

    def __init__(self, units: int, taken: Iterable[Taken] = ()) -> None:
        self.units = units
        self._blackouts: list[Taken] = []
        self._by_unit: defaultdict[int, list[Taken]] = defaultdict(list)
        for each in sorted(taken, key=_START):
            (self._blackouts if each.unit is None else self._by_unit[each.unit]).append(each)

    def lowest_free(self, start: datetime, end: datetime) -> int | None:
        """The lowest unit that is free from ``start`` until before ``end``."""
        if self._blackout(start, end):
            return None
        return next((unit for unit in range(1, self.units + 1) if self._booked(unit, start, end) is None), None)

    def in_the_way(self, start: datetime, end: datetime, *, unit: int | None = None) -> Taken | None:
        """What keeps ``unit`` from being free, or the first unit where none is named: a blackout before a booking."""
        return self._blackout(start, end) or self._booked(unit or 1, start, end)

    def spans(self, unit: int) -> list[tuple[datetime, datetime]]:
        """When ``unit`` is not to be had."""
        return [(each.starts_at, each.ends_at) for each in (*self._by_unit[unit], *self._blackouts)]

    def take(self, taken: Taken) -> None:
        """Enter something that is being placed."""
        if taken.unit is not None:
            insort(self._by_unit[taken.unit], taken, key=_START)

    def _blackout(self, start: datetime, end: datetime) -> Taken | None:
        return next((each for each in self._blackouts if each.touches(start, end)), None)

    def _booked(self, unit: int, start: datetime, end: datetime) -> Taken | None:
        entries = self._by_unit[unit]
        # They lie apart, so only the last that begins before the end can reach into the time.
        before = bisect_left(entries, end, key=_START)
        return entries[before - 1] if before and entries[before - 1].ends_at > start else None
