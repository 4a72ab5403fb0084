"""What late tasks do to those behind them: by how many working days each pushes the others, and the end. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tasks.network import DAY, Network, Node, TaskRow
from tasks.scheduling import Link, Plan, Work, schedule
from tasks.settlement import Settlement

# Each costs a pass over the whole plan.
MOST = 50


@dataclass(frozen=True)
class Push:
    """That ``task`` starts and ends ``days`` working days later than it would."""

    task: int
    days: int


@dataclass(frozen=True)
class Late:
    """A task that is ``late_days`` working days late, and what that moves: other tasks, the most first, and the end."""

    task: int
    is_open: bool
    late_days: int
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
    """The plan once as it is, and again for each "what if"."""

    def __init__(self, settlement: Settlement) -> None:
        self._network = network = settlement.network
        self._works = {work.key: work for work in network.works()}
        firsts = {
            whole: min(network.leaves(whole), key=lambda leaf: (settlement.spans[leaf].early_start, leaf))
            for whole in network.beginning
        }
        begins = [Link(Node("task", leaf), Node("begin", whole), "SS") for whole, leaf in firsts.items()]
        self._links = [*network.links, *begins]
        self._plan = self._scheduled(self._works)

    def of(self, row: TaskRow, *, late_days: int, done: bool, today: date) -> Late:
        assert row.due_on  # noqa: S101  or it would not be late
        key, now = Node("task", row.id), self._plan
        other = self._finishing(key, row.due_on if done else today)
        before, after = (other, now) if done else (now, other)
        pushes = [
            Push(node.task, days)
            for node, span in after.spans.items()
            if node.kind == "task" and node != key and (days := span.early_finish - before.spans[node].early_finish) > 0
        ]
        return Late(
            task=row.id,
            is_open=not done,
            late_days=late_days,
            pushes=tuple(sorted(pushes, key=lambda push: (-push.days, push.task))),
            pushes_finish_days=max(0, after.finish - before.finish),
        )

    def _finishing(self, key: Node, day: date) -> Plan[Node]:
        """The plan with that task finished on ``day``; as it is, where it is not planned to be finished before."""
        work, finish = self._works[key], self._network.instant(day + DAY)
        if work.pinned is None and finish <= self._plan.spans[key].early_finish:
            return self._plan
        return self._scheduled(self._works | {key: work._replace(pinned=finish - work.duration)})

    def _scheduled(self, works: dict[Node, Work[Node]]) -> Plan[Node]:
        return schedule(works.values(), self._links)
