"""Where a network's tasks come to stand: scheduled, as days, and rolled up to those they are parts of."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tasks.network import Days, Network, Node, TaskRow
from tasks.scheduling import Link, Plan, Span, Work, schedule


class Driver(NamedTuple):
    """What a task waits for: ``task``, by a dependency of ``type``; of its own, or of ``whole``, which it is part of.

    The type is empty where it only starts no earlier than the task that it is part of.
    """

    task: int
    type: str
    lag: int
    whole: int | None = None


class Settlement:
    """The plan of a network: each task's span, rolled up for those with sub-tasks. Raises Circle."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._works = {work.key: work for work in network.works()}
        self._floors = {key: work.not_before for key, work in self._works.items() if work.not_before is not None}
        self.plan = self._settled()
        self.spans = self._spans()
        self._days: dict[int, Days] = {}

    @property
    def order(self) -> Iterable[int]:
        """The tasks, predecessors first, and parts before their whole."""
        return self.spans

    def days(self, task: int) -> Days:
        """The first and the last day, as early as can be. Raises OverflowError off the calendar."""
        if task not in self._days:
            self._days[task] = self._days_of(task)
        return self._days[task]

    def late_days(self, task: int) -> Days:
        """The first and the last day, as late as can be: the first of the calendar where that would be before it."""
        network, span = self.network, self.spans[task]
        first = -network.workdays.number(network.origin)
        return network.workdays.days_of(network.origin, max(first, span.late_start), max(first, span.late_finish))

    def drivers(self, task: int) -> list[tuple[Driver, bool]]:
        """All that the task waits for, and of each whether the task could start no earlier for it."""
        return list(self._drivers_of(task))

    def _settled(self) -> Plan[Node]:
        """Schedules until nothing needs another look: mostly that is once.

        A task that may start on a day off works that day, but only if nothing puts it off to another one. The first
        start of a task's parts is known when they are scheduled, and only then does that hold what hangs off it.
        """
        network = self.network
        works = dict(self._works)
        firsts: dict[int, int] = {}
        while True:
            begins = [Link(Node("task", leaf), Node("begin", whole), "SS") for whole, leaf in firsts.items()]
            plan = schedule(works.values(), [*network.links, *begins])
            put_off = {key: work for key, work in works.items() if self._is_put_off(work, plan)}
            works |= {key: work._replace(duration=network.rows[key.task].duration) for key, work in put_off.items()}
            seen = {whole: self._first_of(whole, plan) for whole in network.beginning}
            if not put_off and seen == firsts:
                return plan
            firsts = seen

    def _is_put_off(self, work: Work[Node], plan: Plan[Node]) -> bool:
        if work.key.kind != "task" or work.not_before is None:
            return False
        return work.duration != self.network.rows[work.key.task].duration and (
            plan.spans[work.key].early_start > work.not_before
        )

    def _first_of(self, whole: int, plan: Plan[Node]) -> int:
        return min(self.network.leaves(whole), key=lambda leaf: (plan.spans[Node("task", leaf)].early_start, leaf))

    def _spans(self) -> dict[int, Span]:
        spans = {node.task: span for node, span in self.plan.spans.items() if node.kind == "task"}
        for whole in reversed(self.network.wholes()):
            if self.network.is_whole(whole):
                spans[whole] = _rolled_up([spans[part] for part in self.network.parts[whole]])
        return spans

    def _days_of(self, task: int) -> Days:
        network = self.network
        if network.is_whole(task):
            parts = [self.days(leaf) for leaf in network.leaves(task)]
            return min(start for start, _ in parts), max(due for _, due in parts)
        return network.pinned.get(task) or self._planned_days(network.rows[task])

    def _planned_days(self, row: TaskRow) -> Days:
        network, start = self.network, self.spans[row.id].early_start
        if row.starts_on and row.due_on and network.instant(row.starts_on) == start and network.fits(row):
            return row.starts_on, row.due_on
        floor = network.floor(row.id)
        if floor and network.instant(floor) == start:
            return floor, network.workdays.last_day(floor, row.duration)
        return network.workdays.days_of(network.origin, start, start + row.duration)

    def _drivers_of(self, task: int) -> Iterator[tuple[Driver, bool]]:
        spans = self.plan.spans
        front: list[tuple[Node, bool]] = [(Node("task", task), True)]
        for node, all_bind in front:  # grows while it is walked
            whole = node.task if node.kind == "hold" else None
            for before, _, type_, lag in self.network.incoming[node]:
                binds = all_bind and _earliest(spans[before], spans[node], type_, lag) == spans[node].early_start
                if before.kind == "hold":
                    front.append((before, binds))
                    type_, binds = "", binds and self._floors.get(before) == spans[before].early_start  # noqa: PLW2901
                yield Driver(before.task, type_, lag, whole), binds


def _rolled_up(spans: list[Span]) -> Span:
    return Span(
        min(span.early_start for span in spans),
        max(span.early_finish for span in spans),
        min(span.late_start for span in spans),
        max(span.late_finish for span in spans),
        min(span.total_slack for span in spans),
        min(span.free_slack for span in spans),
    )


def _earliest(before: Span, after: Span, type_: str, lag: int) -> int:
    """The instant at which the dependency lets its successor start."""
    held = (before.early_finish if type_[0] == "F" else before.early_start) + lag
    return held - (after.early_finish - after.early_start) if type_[1] == "F" else held
