"""How much of the time that something could be booked it was. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from events.availability import Interval, clipped, merged, shared


@dataclass(frozen=True)
class Utilisation:
    """``booked`` of ``bookable`` time, over all units; ``ratio`` is None where there was nothing to book."""

    booked: timedelta
    bookable: timedelta

    @property
    def ratio(self) -> float | None:
        return self.booked / self.bookable if self.bookable else None


def utilisation(
    booked: Iterable[Interval], bookable: Iterable[Interval], window: Interval, *, units: int = 1
) -> Utilisation:
    """The time of ``booked`` within ``bookable`` and ``window``, beside ``units`` times the bookable time in it.

    ``booked`` may overlap, on different units. What is booked outside the bookable time counts on neither side, so as
    long as no unit is booked twice at a time, no ratio is above 1.
    """
    possible, ones = clipped(merged(bookable), *window), sorted(booked)
    parts = [
        (max(ones[one][0], possible[other][0]), min(ones[one][1], possible[other][1]))
        for one, other in shared(ones, possible)
    ]
    return Utilisation(booked=_total(parts), bookable=units * _total(possible))


def _total(intervals: Iterable[Interval]) -> timedelta:
    return sum((until - since for since, until in intervals), timedelta(0))
