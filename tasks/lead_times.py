"""When people are told of what comes near. Pure.

A deadline is warned of 72, 48 and 24 hours ahead and called missed once it has passed. Mornings begin at 08:00 where
people are.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WARNINGS = (24, 48, 72)
"""Hours before a deadline, the nearest first."""
MISSED = 0
URGENT = 24
"""From so many hours on those who keep the deal are told, too."""
LOOKS_BACK = timedelta(days=7)
"""What was missed longer ago is old news when it is first seen: the morning's list has it."""

MORNING = time(8)
LATEST = time(20)
"""A morning's list that is later than this waits for the next morning."""


def spans(at: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Which lead time deadlines are told of at ``at``: the hours, and after which instant up to which they lie.

    Each deadline lies in one span at most: of the lead times it has passed, only the nearest is told.
    """
    yield MISSED, at - LOOKS_BACK, at
    nearer = MISSED
    for hours in WARNINGS:
        yield hours, at + timedelta(hours=nearer), at + timedelta(hours=hours)
        nearer = hours


def morning_of(at: datetime, zone: str) -> date:
    """The last day whose morning has come in ``zone``: the day before, while it is not 08:00 yet."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)


def is_time_for_the_list(at: datetime, zone: str) -> bool:
    """From 08:00 to 20:00 in ``zone``, so that a clock that stood still in the morning makes up for it."""
    return MORNING <= at.astimezone(ZoneInfo(zone)).time() < LATEST
