"""When a recurring task is due again, on plain days."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Rule:
    """``every`` so many of ``unit`` (day, week, month, year), from ``anchor_on``, the day the first one is due.

    Counted from the day it was due (``from_completion`` false) the days are settled once for all: the first of a
    monthly task is the anchor, the fifth is four months later, whenever the others were done. Counted from completion
    each one is so long after the one before was done. ``until`` is the last day on which one may be due, ``times``
    how many there are, the first one counted.
    """

    every: int
    unit: str
    anchor_on: date
    from_completion: bool = False
    until: date | None = None
    times: int | None = None

    def next_due(self, number: int, *, settled_on: date) -> date | None:
        """When the one after the ``number``-th (from 1) is due, that one settled on ``settled_on``; None at the end."""
        if self.times is not None and number >= self.times:
            return None
        start, steps = (settled_on, 1) if self.from_completion else (self.anchor_on, number)
        try:
            due_on = later(start, self.every * steps, self.unit)
        except OverflowError:
            return None
        return None if self.until is not None and due_on > self.until else due_on


def later(day: date, count: int, unit: str) -> date:
    """``day`` and ``count`` of ``unit``: the same day of the month, or the last of a month that is too short.

    Raises OverflowError after the last year of the calendar.
    """
    if unit == "day":
        return day + timedelta(days=count)
    if unit == "week":
        return day + timedelta(weeks=count)
    months = count * (MONTHS_PER_YEAR if unit == "year" else 1)
    years, month = divmod(day.month - 1 + months, MONTHS_PER_YEAR)
    if day.year + years > date.max.year:
        raise OverflowError("No calendar has this year.")
    return _clamped(day.year + years, month + 1, day.day)


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
