"""Where a project's tasks and key dates come to stand together: the schedule and the date rules, settled. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

from tasks.dependencies import Node, Waiting
from tasks.network import LinkRow, Network, TaskRow
from tasks.reflow import Ref, Rule, Ruling, Standing, reflow
from tasks.settlement import Settlement
from tasks.workdays import Workdays

OpenDays = tuple[date | None, date | None]


class Standings(NamedTuple):
    """A project as it stands. ``names`` are its tasks', and ``started_on`` the day it started, if that was moved."""

    rows: Mapping[int, TaskRow]
    links: tuple[LinkRow, ...]
    rules: tuple[Rule, ...]
    key_days: tuple[Standing, ...]
    names: Mapping[int, str]
    workdays: Workdays
    starts_on: date
    started_on: date | None = None


class Cascade:
    """What moves when the ``seeds`` were changed (None: everything), and where to.

    Only what hangs off them moves, by dependencies, as part of a whole, and by date rules; the rest stays where it
    stands. A rule may count from a task that the schedule moves, and then it moves the schedule: so both take turns
    until nothing moves. Raises Circle.
    """

    def __init__(self, stands: Standings, seeds: Iterable[Node] | None) -> None:
        self.stands = stands
        self._reached = None if seeds is None else _waiting(stands).downstream(seeds)
        self.rulings: dict[Ref, Ruling] = {}
        self.settlement = self._settled()

    def moves(self, kind: str, number: int) -> bool:
        """Whether that task or key date may move at all."""
        if self._reached is None:
            return True
        kinds = ("task", "start", "finish") if kind == "task" else ("key_date",)
        return any((each, number) in self._reached for each in kinds)

    def key_days(self) -> dict[int, date]:
        """The days of the key dates that a rule puts elsewhere."""
        found = {}
        for stand in self.stands.key_days:
            ruling = self.rulings.get(stand.ref)
            if ruling and ruling.holds and ruling.on and ruling.on != stand.on:
                found[stand.ref.id] = ruling.on
        return found

    def duration(self, task: int, days: OpenDays) -> int:
        """The working days of a task that has come to stand there: those of one with sub-tasks follow from theirs."""
        network, (start, due) = self.settlement.network, days
        if start is None or due is None or not network.is_whole(task):
            return self.stands.rows[task].duration
        if start == due and not any(network.rows[leaf].duration for leaf in network.leaves(task)):
            return 0
        return network.workdays.duration_of(start, due)

    def _settled(self) -> Settlement:
        stands = self.stands
        rules = [rule if self.moves(*rule.target) else replace(rule, is_overridden=True) for rule in stands.rules]
        anchors = {rule.anchor.id for rule in rules if rule.anchor.kind == "task"}
        dues: dict[int, date | None] = {task: stands.rows[task].due_on for task in anchors if task in stands.rows}
        while True:
            rulings = reflow([*stands.key_days, *self._task_standings(rules, dues)], rules, stands.workdays)
            self.rulings = {ref: ruling for ref, ruling in rulings.items() if self.moves(*ref)}
            settlement = Settlement(self._network())
            found = {task: self._due(settlement, task) for task in dues}
            if found == dues:
                return settlement
            dues = found

    def _task_standings(self, rules: list[Rule], dues: Mapping[int, date | None]) -> list[Standing]:
        ids = {ref.id for rule in rules for ref in (rule.target, rule.anchor) if ref.kind == "task"}
        rows, names = self.stands.rows, self.stands.names
        return [
            Standing(
                Ref("task", task),
                names[task],
                dues.get(task, rows[task].due_on),
                happened_on=rows[task].completed_on,
                duration_days=rows[task].duration,
            )
            for task in sorted(ids)
        ]

    def _network(self) -> Network:
        stands = self.stands
        rows = dict(stands.rows)
        for ref, ruling in self.rulings.items():
            if ref.kind == "task" and ruling.holds and ruling.starts_on and ruling.due_on:
                rows[ref.id] = rows[ref.id]._replace(ruled=(ruling.starts_on, ruling.due_on))
        moving = None
        if self._reached is not None:
            moving = {node.id for node in self._reached if node.is_task}
        return Network(
            rows.values(),
            stands.links,
            workdays=stands.workdays,
            origin=stands.starts_on,
            moving=moving,
            was_origin=stands.started_on,
        )

    def _due(self, settlement: Settlement, task: int) -> date | None:
        row = self.stands.rows[task]
        if row.is_cancelled or not self._is_planned(settlement.network, task):
            return row.due_on
        return settlement.days(task)[1]

    def _is_planned(self, network: Network, task: int) -> bool:
        """Whether the task's days are the plan's to say."""
        row = network.rows[task]
        if not self.moves("task", task) or row.completed_on:
            return False
        if row.ruled:
            return True
        if not row.is_automatic:
            return False
        if network.is_whole(task):
            return any(_says_a_day(network, leaf) for leaf in network.leaves(task))
        return network.has_days(task) and not row.is_due_only

    @cached_property
    def days(self) -> dict[int, OpenDays]:
        """The days of each task that gets others, predecessors first. Raises OverflowError off the calendar."""
        network, found = self.settlement.network, {}
        for task in self.settlement.spans:
            if self._is_planned(network, task):
                row, days = network.rows[task], self._days(task)
                if days != (row.starts_on, row.due_on):
                    found[task] = days
        return found

    def _days(self, task: int) -> OpenDays:
        network = self.settlement.network
        if not network.is_whole(task):
            return self.settlement.days(task)
        parts = [self._days_of_leaf(leaf) for leaf in network.leaves(task) if _says_a_day(network, leaf)]
        starts = [start for start, _ in parts if start]
        dues = [day for days in parts for day in days if day]
        return min(starts, default=None), max(dues, default=None)

    def _days_of_leaf(self, leaf: int) -> OpenDays:
        row = self.settlement.network.rows[leaf]
        return (None, row.due_on) if row.is_due_only and not row.completed_on else self.settlement.days(leaf)


def _says_a_day(network: Network, leaf: int) -> bool:
    return network.has_days(leaf) or network.rows[leaf].is_due_only


def _waiting(stands: Standings) -> Waiting:
    return Waiting(
        {row.id: row.parent_id for row in stands.rows.values() if row.parent_id and row.parent_id in stands.rows},
        [(link.predecessor, link.successor) for link in stands.links],
        [(rule.anchor, rule.target) for rule in stands.rules],
    )
