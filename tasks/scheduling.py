"""Plans in working days: how early each task can be, given what it waits for.

Time is counted in whole working days from the plan's start. A span's ``start`` and ``finish`` are
instants between days: a task of 3 days from instant 2 fills the days 2, 3 and 4 and finishes at
instant 5, which is where a task that waits for its finish starts. A milestone starts and finishes
at one instant.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

WORKDAYS_PER_WEEK = 5
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Work(Generic[Key]):
    """One task: ``duration`` working days, to start no earlier than the instant ``not_before``."""

    key: Key
    duration: int
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class Link(Generic[Key]):
    """``successor`` hangs off ``predecessor``: ``type`` FS, SS, FF or SF, ``lag`` in working days.

    FS: the successor starts at the predecessor's finish + lag or later; SS: starts at its start;
    FF: finishes at its finish; SF: finishes at its start.
    """

    predecessor: Key
    successor: Key
    type: str = "FS"
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """From instant ``start`` to instant ``finish``."""

    start: int
    finish: int


class Circle(ValueError):
    """The links go round in a circle; ``keys`` are the tasks that wait in it or behind it."""

    def __init__(self, keys: list[Hashable]) -> None:
        super().__init__(f"These wait for each other: {keys}")
        self.keys = keys


def earliest(works: Iterable[Work[Key]], links: Iterable[Link[Key]]) -> dict[Key, Span]:
    """Each task's earliest span that keeps every link, in an order that keeps every link.

    No task starts before its own ``not_before``, which is the plan's start unless it says
    otherwise, however negative a lag is. Raises Circle, and KeyError for a link to no task.
    """
    by_key = {work.key: work for work in works}
    outgoing: dict[Key, list[Link[Key]]] = {key: [] for key in by_key}
    waiting = dict.fromkeys(by_key, 0)
    for link in links:
        outgoing[link.predecessor].append(link)
        waiting[link.successor] += 1
    start = {key: work.not_before for key, work in by_key.items()}
    ready = [key for key, count in waiting.items() if not count]
    spans: dict[Key, Span] = {}
    for key in ready:  # grows while it is walked
        spans[key] = span = Span(start[key], start[key] + by_key[key].duration)
        for link in outgoing[key]:
            after = link.successor
            start[after] = max(start[after], earliest_start(link, span, by_key[after].duration))
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    if len(spans) < len(by_key):
        raise Circle([key for key in by_key if key not in spans])
    return spans


def earliest_start(link: Link[Key], predecessor: Span, duration: int) -> int:
    """How early a successor of ``duration`` may start for ``link`` alone."""
    held_by = predecessor.finish if link.type[0] == "F" else predecessor.start
    return held_by + link.lag - (duration if link.type[1] == "F" else 0)


def to_dates(spans: Mapping[Key, Span], starts_on: date) -> dict[Key, tuple[date, date]]:
    """The first and the last day (both inclusive) of each span, Mondays to Fridays.

    A milestone falls on the first working day at or after its instant.
    """
    return {
        key: (
            workday(starts_on, span.start),
            workday(starts_on, max(span.start, span.finish - 1)),
        )
        for key, span in spans.items()
    }


def is_workday(day: date) -> bool:
    return day.weekday() < WORKDAYS_PER_WEEK


def workday(origin: date, offset: int) -> date:
    """The working day ``offset`` working days after (or before) ``origin``.

    Counted from the first working day on or after ``origin``, which is offset 0.
    """
    first = origin + timedelta(days=0 if is_workday(origin) else 7 - origin.weekday())
    weeks, rest = divmod(first.weekday() + offset, WORKDAYS_PER_WEEK)
    return first + timedelta(days=7 * weeks + rest - first.weekday())


def workdays_between(first: date, last: date) -> int:
    """The working days from ``first`` to ``last``, both counted; 0 when ``last`` is earlier."""
    if last < first:
        return 0
    weeks, rest = divmod((last - first).days + 1, 7)
    tail = sum(is_workday(last - timedelta(days=back)) for back in range(rest))
    return weeks * WORKDAYS_PER_WEEK + tail


def last_day(starts_on: date, duration: int) -> date:
    """The inclusive last day of ``duration`` working days from ``starts_on``.

    What starts on a Saturday works that Saturday: the day a person chose counts as the first.
    """
    if duration <= 1:
        return starts_on
    first = starts_on if is_workday(starts_on) else starts_on - timedelta(days=starts_on.weekday() - 4)
    return workday(first, duration - 1)


def duration_of(starts_on: date, due_on: date) -> int:
    """The working days from ``starts_on`` to ``due_on``, at least 1: ``last_day`` reversed."""
    weekend_start = 0 if is_workday(starts_on) else 1
    return max(1, workdays_between(starts_on, due_on) + weekend_start)


def fit_dates(starts_on: date | None, due_on: date | None, duration: int, *, keep_due: bool) -> tuple[date | None, int]:
    """The due day and the duration that go with a start day: what is kept decides the other.

    Without a start, or where no due day is to be kept, nothing follows from anything.
    """
    if starts_on is None or (keep_due and due_on is None):
        return due_on, duration
    if not keep_due or due_on is None:
        return last_day(starts_on, duration), duration
    is_milestone = duration == 0 and starts_on == due_on
    return due_on, 0 if is_milestone else duration_of(starts_on, due_on)
