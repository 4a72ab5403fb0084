"""Counting days as contracts do: so many business or calendar days before or after another day.

The day that is counted from is day 0. Weekends and holidays are those of the calendar that is counted with, so that one
deal can count one rule in the office's business days and the next in those of a federal regulation.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from tasks.workdays import DAYS_PER_WEEK, Workdays

Counting = Literal["business", "calendar", "off_weekends"]
Rolling = Literal["none", "back", "forward"]
Way = Literal["before", "after"]

_STEP = {"back": -1, "before": -1, "forward": 1, "after": 1}
_COUNTED = {"business": "business day", "calendar": "calendar day", "off_weekends": "calendar day"}


@dataclass(frozen=True)
class Count:
    """``days`` days before or after another day; 0 is that day itself, whatever day it is.

    ``counting``: ``business`` counts the calendar's business days, ``calendar`` all days; so does ``off_weekends``,
    which then goes on in its direction until it is off the weekend. ``skip_holidays`` leaves the calendar's holidays
    out where all days are counted. A day that is landed on goes to the business day before it (``back``) or after it
    (``forward``), ``weekend_roll`` saying so for a weekend and ``holiday_roll`` for a holiday; one that is both goes
    by the weekend's, unless that stays.
    """

    days: int
    direction: Way = "after"
    counting: Counting = "calendar"
    weekend_roll: Rolling = "none"
    holiday_roll: Rolling = "none"
    skip_holidays: bool = False

    def describe(self, anchor: str) -> str:
        """In words: "3 business days before Closing", "the same day as Closing"."""
        if not self.days:
            return f"the same day as {anchor}"
        unit = _COUNTED[self.counting] + ("" if self.days == 1 else "s")
        without = " without holidays" if self.skip_holidays and self.counting != "business" else ""
        off = ", off the weekend" if self.counting == "off_weekends" else ""
        return f"{self.days} {unit}{without} {self.direction} {anchor}{off}"


def counted(anchor: date, count: Count, workdays: Workdays) -> date:
    """The day that ``count`` says, from ``anchor`` in the calendar ``workdays``. Raises OverflowError off any calendar.

    The last of the days counted is the day; a roll from there goes on until it reaches a business day.
    """
    if not count.days:
        return anchor
    step = _STEP[count.direction]
    if count.counting == "business":
        return _nth(workdays, anchor, count.days * step)
    day = _calendar_day(anchor, count, workdays, step)
    if count.counting == "off_weekends" and count.weekend_roll == "none":
        day = _off_weekend(day, workdays, step)
    roll = _roll_from(day, count, workdays)
    return day if roll == "none" else _nth(workdays, day, _STEP[roll])


def _calendar_day(anchor: date, count: Count, workdays: Workdays, step: int) -> date:
    if count.skip_holidays:
        return _nth(_every_day_but_holidays(workdays), anchor, count.days * step)
    return anchor + timedelta(days=count.days * step)


def _nth(workdays: Workdays, anchor: date, offset: int) -> date:
    """The business day that is the ``offset``-th after ``anchor``, or before it where negative; never ``anchor``."""
    if offset < 0:
        return workdays.day(workdays.number(anchor) + offset)
    return workdays.day(workdays.number(anchor + timedelta(days=1)) + offset - 1)


def _off_weekend(day: date, workdays: Workdays, step: int) -> date:
    while day.weekday() not in workdays.weekdays:
        day += timedelta(days=step)
    return day


def _roll_from(day: date, count: Count, workdays: Workdays) -> Rolling:
    if day.weekday() not in workdays.weekdays and count.weekend_roll != "none":
        return count.weekend_roll
    return count.holiday_roll if day in workdays.closed else "none"


@lru_cache(maxsize=64)
def _every_day_but_holidays(workdays: Workdays) -> Workdays:
    return Workdays(frozenset(range(DAYS_PER_WEEK)), workdays.closed)
