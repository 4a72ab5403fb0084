"""Plans in working days: how early and how late each task can be, and which of them the whole plan hangs on.

The critical path method over all four kinds of link with lags, as Kelley and Walker described it (1959) and as MS
Project counts it. Time is counted in whole working days from the plan's start. A task's ``start`` and ``finish`` are
instants between days: one of 3 days from instant 2 fills the days 2, 3 and 4 and finishes at instant 5, which is where
a task that waits for its finish starts. A milestone starts and finishes at one instant.
"""

from collections.abc import Hashable, Iterable, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import Generic, NamedTuple, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)


class Work(NamedTuple, Generic[Key]):
    """One task of ``duration`` working days.

    ``not_before``: it starts at this instant at the earliest. ``pinned``: it starts exactly there, whatever it waits
    for; where that is too early for what comes first, those have negative slack. ``deadline``: it should be finished
    by this instant; a plan that can't keep it shows negative slack.
    """

    key: Key
    duration: int
    not_before: int | None = None
    pinned: int | None = None
    deadline: int | None = None


class Link(NamedTuple, Generic[Key]):
    """``successor`` hangs off ``predecessor``: ``type`` FS, SS, FF or SF, ``lag`` in working days.

    FS: the successor starts at the predecessor's finish + lag or later; SS: starts at its start;
    FF: finishes at its finish; SF: finishes at its start.
    """

    predecessor: Key
    successor: Key
    type: str = "FS"
    lag: int = 0


class Span(NamedTuple):
    """When one task may be done, in instants, and by how much it may slip, in working days.

    ``total_slack``: without moving the end of the plan, or breaking a deadline or a pinned day. ``free_slack``: without
    moving any other task. What has no total slack is critical.
    """

    early_start: int
    early_finish: int
    late_start: int
    late_finish: int
    total_slack: int
    free_slack: int

    @property
    def is_critical(self) -> bool:
        return self.total_slack <= 0


class Plan(NamedTuple, Generic[Key]):
    """Every task's span, in an order in which predecessors come first, and the instant at which all are finished."""

    spans: dict[Key, Span]
    finish: int


class Circle(ValueError):
    """The links go round in a circle; ``keys`` are the tasks that wait in it or behind it."""

    def __init__(self, keys: list[Hashable]) -> None:
        super().__init__(f"These wait for each other: {keys}")
        self.keys = keys


def schedule(works: Iterable[Work[Key]], links: Iterable[Link[Key]]) -> Plan[Key]:
    """The plan in which each task is as soon as possible. Linear in tasks and links.

    What waits for nothing starts at 0, the plan's start, unless it says otherwise. As in MS Project a lead, or a link
    of type SS or SF, may pull a task before the plan's start; one of type FF never does, and ``not_before`` holds
    always. Raises Circle, and KeyError for a link to no task.
    """
    tasks = list(works)
    outgoing, waiting, never_early = _network(tasks, links)
    early, order = _forward(tasks, outgoing, waiting, never_early)
    finish = max((early[number] + tasks[number].duration for number in order), default=0)
    late = _backward(tasks, outgoing, early, order, finish)
    spans = {}
    for number in order:
        key, duration = tasks[number][:2]
        start, last = early[number], late[number]
        end, edges = start + duration, outgoing[number]
        free = min([early[after] - gap for after, gap in edges]) - start if edges else finish - end
        spans[key] = Span(start, end, last, last + duration, last - start, free)
    return Plan(spans, finish)


class Trials(Generic[Key]):
    """A plan in which each task is as soon as possible, to be asked what one of them would move.

    Each answer costs as much as what moves, however large the plan. Raises Circle.
    """

    def __init__(self, works: Iterable[Work[Key]], links: Iterable[Link[Key]]) -> None:
        self._tasks = list(works)
        self._place = {work.key: number for number, work in enumerate(self._tasks)}
        self._outgoing, waiting, self._never_early = _network(self._tasks, links)
        self._early, order = _forward(self._tasks, self._outgoing, waiting, self._never_early)
        self._turn = {number: turn for turn, number in enumerate(order)}
        self._incoming: list[list[_Edge]] = [[] for _ in self._tasks]
        for before, edges in enumerate(self._outgoing):
            for after, gap in edges:
                self._incoming[after].append((before, gap))
        ends = [self._early[number] + work.duration for number, work in enumerate(self._tasks)]
        self._last_first = sorted(((end, number) for number, end in enumerate(ends)), reverse=True)

    @property
    def finish(self) -> int:
        return self._last_first[0][0] if self._last_first else 0

    def start(self, key: Key) -> int:
        return self._early[self._place[key]]

    def moved(self, key: Key, start: int) -> tuple[dict[Key, int], int]:
        """The starts of all that would start elsewhere if that task started just then, and the plan's finish."""
        first = self._place[key]
        found = {first: start}
        front = sorted(self._followers(first))
        while front:
            _, number = heappop(front)
            if number in found:
                continue
            held = max(found.get(before, self._early[before]) + gap for before, gap in self._incoming[number])
            at = _start(self._tasks[number], held, self._never_early[number])
            if at != self._early[number]:
                found[number] = at
                for each in self._followers(number):
                    heappush(front, each)
        ends = [at + self._tasks[number].duration for number, at in found.items()]
        ends += islice((end for end, number in self._last_first if number not in found), 1)
        return {self._tasks[number].key: at for number, at in found.items()}, max(ends)

    def _followers(self, number: int) -> list[tuple[int, int]]:
        """What hangs off it, each with its turn: predecessors come first."""
        return [(self._turn[after], after) for after, _ in self._outgoing[number]]


# A link as the passes use it. Whatever its type, with both durations known it says one thing: the task at this place
# starts no earlier than so many days after this one's start.
_Edge = tuple[int, int]


def _network(tasks: Sequence[Work[Key]], links: Iterable[Link[Key]]) -> tuple[list[list[_Edge]], list[int], list[bool]]:
    """The links by the task they come from, how many hold each task, and which tasks one of type FF holds."""
    place = {work.key: number for number, work in enumerate(tasks)}
    durations = [work.duration for work in tasks]
    outgoing: list[list[_Edge]] = [[] for _ in tasks]
    waiting = [0] * len(tasks)
    never_early = [False] * len(tasks)
    for predecessor, successor, kind, lag in links:
        before, after = place[predecessor], place[successor]
        gap = lag
        if kind[0] == "F":
            gap += durations[before]
        if kind[1] == "F":
            gap -= durations[after]
        outgoing[before].append((after, gap))
        waiting[after] += 1
        if kind == "FF":
            never_early[after] = True
    return outgoing, waiting, never_early


def _forward(
    tasks: Sequence[Work[Key]], outgoing: list[list[_Edge]], waiting: list[int], never_early: list[bool]
) -> tuple[list[int], list[int]]:
    """Each task's early start, and an order that keeps every link."""
    early: list[int | None] = [None if count else 0 for count in waiting]
    ready = [number for number, count in enumerate(waiting) if not count]
    for number in ready:  # grows while it is walked
        early[number] = start = _start(tasks[number], early[number], never_early[number])
        for after, gap in outgoing[number]:
            at, known = start + gap, early[after]
            if known is None or at > known:
                early[after] = at
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    if len(ready) < len(tasks):
        walked = set(ready)
        raise Circle([work.key for number, work in enumerate(tasks) if number not in walked])
    return cast("list[int]", early), ready


def _start(work: Work[Key], held: int | None, never_early: bool) -> int:  # noqa: FBT001  called for every task
    _, _, not_before, pinned, _ = work
    if pinned is not None:
        return pinned
    start = held or 0
    if never_early and start < 0:
        start = 0
    return start if not_before is None or start > not_before else not_before


def _backward(
    tasks: Sequence[Work[Key]], outgoing: list[list[_Edge]], early: list[int], order: list[int], finish: int
) -> list[int]:
    """Each task's late start. A pinned task holds those before it to its day, however late it could be itself."""
    late = [0] * len(tasks)
    holds = [0] * len(tasks)
    for number in reversed(order):
        _, duration, _, pinned, deadline = tasks[number]
        start = (finish if deadline is None or deadline > finish else deadline) - duration
        for after, gap in outgoing[number]:
            at = holds[after] - gap
            if at < start:
                start = at
        late[number] = start
        holds[number] = start if pinned is None or start < pinned else early[number]
    return late
