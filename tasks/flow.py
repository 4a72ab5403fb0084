"""How work flows: where tasks stood day by day, what remained, how long each took. On plain values; pure.

Every number is written down with its formula in docs/analytics.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import mean, median
from typing import NamedTuple

from tasks.timesheets import Days, week_of
from tasks.workdays import WEEKDAYS, Workdays

DAY = timedelta(days=1)
BACKLOG, ACTIVE, DONE, CANCELLED = GROUPS = ("backlog", "active", "done", "cancelled")
OPEN = (BACKLOG, ACTIVE)


@dataclass(frozen=True)
class Period(Days):
    """The days that numbers are about, the first and the last counted."""

    @property
    def eve(self) -> date:
        """The day before it."""
        return self.first - DAY

    @property
    def length(self) -> int:
        """Days in it."""
        return max(0, (self.last - self.first).days + 1)

    def weeks(self) -> Iterator[date]:
        """The Mondays of the weeks that it touches."""
        monday = week_of(self.first).first
        while monday <= self.last:
            yield monday
            monday += 7 * DAY


class Step(NamedTuple):
    """That a task came to stand in ``group`` on a day; in none (an empty one) when it was deleted."""

    task: int
    group: str
    on: date


# The days on which a task changed its group, each with the group it stood in from then on.
Way = list[tuple[date, str]]


def ways(steps: Sequence[Step]) -> dict[int, Way]:
    """Each task's way over the board, of ``steps`` in the order in which they were kept.

    What was kept later knows better: a task that was said to be done last week is done since then, whatever was kept
    of the days in between.
    """
    found: dict[int, Way] = {}
    for task, group, on in reversed(steps):
        way = found.setdefault(task, [])
        if not way or on < way[-1][0]:
            way.append((on, group))
    return {task: way[::-1] for task, way in found.items()}


def standing(ways: Mapping[int, Way], period: Period, weights: Mapping[int, int] | None = None) -> list[Counter[str]]:
    """How many tasks stood in each group at the end of each day of the period.

    With ``weights`` each counts for so many, and for none where it has no weight.
    """
    before: Counter[str] = Counter()
    changes: dict[date, Counter[str]] = {}
    for task, way in ways.items():
        weight = 1 if weights is None else weights.get(task, 0)
        group = ""
        for on, after in way:
            change = before if on < period.first else changes.setdefault(on, Counter())
            change[group] -= weight
            change[after] += weight
            group = after
    counts = []
    for day in period:
        before.update(changes.get(day, {}))  # a Counter's update() adds
        counts.append(Counter(before))
    return counts


class Left(NamedTuple):
    """What remained at the end of a day, and what should have to finish in time; None for days to come."""

    on: date
    remaining: int | None
    ideal: float


def burndown(
    counts: Sequence[Counter[str]], period: Period, *, today: date, finish: date, workdays: Workdays = WEEKDAYS
) -> list[Left]:
    """What remains day by day, beside a steady pace down to nothing on ``finish``, which moves on working days only.

    ``counts`` is the ``standing`` over the period and the day before it. The pace starts from all there is to do: what
    remains today (or on the last day, if that is earlier), and what was done within the period.
    """
    remaining = [sum(count[group] for group in OPEN) for count in counts]
    known = min(period.length, max(0, (today - period.first).days + 1))
    scope = remaining[known] + max(0, counts[known][DONE] - counts[0][DONE])
    length = workdays.between(period.first, finish)
    return [
        Left(
            day,
            remaining[number] if number <= known else None,
            round(scope * max(0.0, 1 - workdays.between(period.first, day) / length), 2) if length else 0.0,
        )
        for number, day in enumerate(period, start=1)
    ]


@dataclass(frozen=True)
class Times:
    """How long things took, in days: of ``count`` things the middle, what 85 of 100 were done within, the mean."""

    count: int
    median_days: float | None
    p85_days: int | None
    mean_days: float | None


def times(days: Iterable[int]) -> Times:
    """All None of nothing."""
    taken = sorted(days)
    if not taken:
        return Times(0, None, None, None)
    return Times(len(taken), float(median(taken)), taken[ceil(0.85 * len(taken)) - 1], round(mean(taken), 2))


def days_between(first: date, last: date) -> int:
    """Calendar days from one to the other; 0 on the same day, and where the end was said to lie before the start."""
    return max(0, (last - first).days)


class Done(NamedTuple):
    """How many were completed on a day, or in the week from a Monday on."""

    on: date
    completed: int


def by_day(completed: Iterable[date], period: Period) -> list[Done]:
    """Every day of the period, also those on which nothing was done."""
    counts = Counter(completed)
    return [Done(day, counts[day]) for day in period]


def by_week(completed: Iterable[date], period: Period) -> list[Done]:
    """Every week that the period touches; of those at its ends only what lies within it."""
    counts = Counter(week_of(day).first for day in completed if day in period)
    return [Done(monday, counts[monday]) for monday in period.weeks()]


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole`` with four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True)
class Adherence:
    """How well days were kept: ``late_days`` are calendar days from the planned day to the real one, early ones < 0."""

    count: int
    on_time: int
    on_time_rate: float | None
    mean_slip_days: float | None


def adherence(pairs: Iterable[tuple[date, date]]) -> Adherence:
    """Of pairs of a planned day and the day it really was."""
    slips = [(real - planned).days for planned, real in pairs]
    on_time = sum(slip <= 0 for slip in slips)
    return Adherence(len(slips), on_time, share(on_time, len(slips)), round(mean(slips), 2) if slips else None)
