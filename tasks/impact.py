"""What late tasks do to those behind them: by how many working days each pushes the others, and the end. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tasks.network import DAY, Network, Node, TaskRow
from tasks.scheduling import Link, Trials
from tasks.settlement import Settlement

MOST = 50
"""So many late tasks are told of, and of each so many that it pushes."""


@dataclass(frozen=True)
class Push:
    """That ``task`` starts and ends ``days`` working days later than it would."""

    task: int
    days: int


@dataclass(frozen=True)
class Late:
    """A task that is ``late_days`` working days late, and what that moves: ``pushes_tasks`` others, and the end.

    ``pushes`` are those that it moves most, at most MOST.
    """

    task: int
    is_open: bool
    late_days: int
    pushes_tasks: int
    pushes: tuple[Push, ...]
    pushes_finish_days: int


def impact(settlement: Settlement, *, today: date) -> list[Late]:
    """Each late task on its own, in a plan where all others are as they are; those still open first, the latest first.

    One that is open past its due day is taken to be finished today; a completed one is compared with itself, had it
    been done on its due day. At most MOST are told of.
    """
    late = sorted(_late(settlement.network, today), key=lambda each: (each[2], -each[1], each[0].id))[:MOST]
    if not late:
        return []
    trial = _Trial(settlement)
    return [trial.of(row, late_days=days, done=done, today=today) for row, days, done in late]


def _late(network: Network, today: date) -> Iterator[tuple[TaskRow, int, bool]]:
    """The late tasks, by how many working days, and whether they are completed by now."""
    for row in network.rows.values():
        end = row.completed_on or today
        if row.due_on and row.due_on < end and not network.is_whole(row.id):
            yield row, network.workdays.between(row.due_on + DAY, end), row.completed_on is not None


class _Trial:
    """The plan as it is, asked one "what if" after the other."""

    def __init__(self, settlement: Settlement) -> None:
        self._network = network = settlement.network
        self._works = {work.key: work for work in network.works()}
        firsts = {
            whole: min(network.leaves(whole), key=lambda leaf: (settlement.spans[leaf].early_start, leaf))
            for whole in network.beginning
        }
        begins = [Link(Node("task", leaf), Node("begin", whole), "SS") for whole, leaf in firsts.items()]
        self._plan = Trials(self._works.values(), [*network.links, *begins])

    def of(self, row: TaskRow, *, late_days: int, done: bool, today: date) -> Late:
        assert row.due_on  # noqa: S101  or it would not be late
        key = Node("task", row.id)
        starts, finish = self._finishing(key, row.due_on if done else today)
        way = -1 if done else 1
        pushes = [
            Push(node.task, days)
            for node, start in starts.items()
            if node.kind == "task" and node != key and (days := way * (start - self._plan.start(node))) > 0
        ]
        return Late(
            task=row.id,
            is_open=not done,
            late_days=late_days,
            pushes_tasks=len(pushes),
            pushes=tuple(sorted(pushes, key=lambda push: (-push.days, push.task))[:MOST]),
            pushes_finish_days=max(0, way * (finish - self._plan.finish)),
        )

    def _finishing(self, key: Node, day: date) -> tuple[dict[Node, int], int]:
        """What would start when, and the finish, were that task finished on ``day``; nothing new, where it is not
        planned to be finished before."""
        work, start = self._works[key], self._network.instant(day + DAY) - self._works[key].duration
        if work.pinned is None and start <= self._plan.start(key):
            return {}, self._plan.finish
        return self._plan.moved(key, start)
