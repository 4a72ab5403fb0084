"""A project's tasks as a network that can be scheduled. On plain rows.

What is here beside ``scheduling``: days that people gave, sub-tasks, and what really happened. A task with sub-tasks
becomes milestones: what it waits for holds one that all its sub-tasks wait for, and they all lead to one that holds
what waits for it.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from tasks.scheduling import Link, Work
from tasks.workdays import Workdays

DAY = timedelta(days=1)
Days = tuple[date, date]


class TaskRow(NamedTuple):
    """One task as it stands. ``ruled`` are the days that a date rule gives it."""

    id: int
    duration: int = 1
    starts_on: date | None = None
    due_on: date | None = None
    parent_id: int | None = None
    is_automatic: bool = True
    not_before: date | None = None
    deadline_on: date | None = None
    completed_on: date | None = None
    is_cancelled: bool = False
    ruled: Days | None = None

    @property
    def is_due_only(self) -> bool:
        """Promised for a day, without saying from when: the plan is bound by that day and leaves it alone."""
        return self.starts_on is None and self.due_on is not None


class LinkRow(NamedTuple):
    """``successor`` waits for ``predecessor``; the lag is in working days."""

    predecessor: int
    successor: int
    type: str = "FS"
    lag: int = 0


class Node(NamedTuple):
    """A task; or of one with sub-tasks what holds them all, the first start among them, or the last finish."""

    kind: Literal["task", "hold", "begin", "finish"]
    task: int


class Network:
    """Tasks and dependencies of one project, counted from ``origin`` on.

    A completed task stays where it really was, a manual one where its days are, one with a date rule where that puts
    it; if ``moving`` are given, so does every other task that has days. A cancelled task is left out, with what it
    held. An automatic one that hangs off nothing that has days starts no earlier than it does; counted from
    ``was_origin``, where the project starts on another day now.
    """

    def __init__(
        self,
        rows: Iterable[TaskRow],
        links: Iterable[LinkRow],
        *,
        workdays: Workdays,
        origin: date,
        moving: Container[int] | None = None,
        was_origin: date | None = None,
    ) -> None:
        self.workdays, self.origin = workdays, origin
        self._zero = workdays.number(origin)
        self._shift = self._zero - workdays.number(was_origin) if was_origin else 0
        self.rows = {row.id: row for row in rows if not row.is_cancelled}
        self.parts = self._parts()
        self.pinned = {task: days for task, row in self.rows.items() if (days := self._given_days(row, moving))}
        waits = [link for link in links if link.predecessor in self.rows and link.successor in self.rows]
        self._held, self._finishing, self.beginning = self._milestones(waits)
        self.links = [*self._links(waits), *self._part_links()]
        self.incoming: dict[Node, list[Link[Node]]] = defaultdict(list)
        for link in self.links:
            self.incoming[link.successor].append(link)
        self._dated = self._with_days()
        self._led = {link.successor for link in self.links if link.predecessor in self._dated}

    def is_whole(self, task: int) -> bool:
        """Whether its days are those of its sub-tasks, not its own."""
        return task in self.parts and task not in self.pinned

    def wholes(self) -> list[int]:
        """Those, each before the ones that are parts of it."""
        roots = [task for task in self.parts if self.rows[task].parent_id not in self.rows]
        for task in roots:  # grows while it is walked
            roots += [part for part in self.parts[task] if part in self.parts]
        return roots

    def leaves(self, whole: int) -> list[int]:
        """The tasks with days of their own that ``whole`` is made of."""
        found, front = [], [whole]
        for task in front:  # grows while it is walked
            if self.is_whole(task):
                front += self.parts[task]
            else:
                found.append(task)
        return found

    def has_days(self, task: int) -> bool:
        """Whether it or anything it hangs off has days: those of a plain thing to do are open."""
        return Node("task", task) in self._dated

    def floor(self, task: int) -> date | None:
        """The day before which an automatic task doesn't start, whatever it waits for."""
        row = self.rows[task]
        if not row.is_automatic or task in self.pinned:
            return None
        led = Node("task", task) in self._led
        if row.not_before or led or not row.starts_on or not self._shift:
            return row.not_before or (None if led else row.starts_on)
        return self.workdays.shift(row.starts_on, self._shift)

    def instant(self, day: date) -> int:
        """The instant at which ``day`` begins."""
        return self.workdays.number(day) - self._zero

    def works(self) -> Iterator[Work[Node]]:
        """What there is to schedule."""
        for task, row in self.rows.items():
            if not self.is_whole(task):
                yield self._work(row)
            elif task in self._finishing:
                deadline = self.instant(row.deadline_on + DAY) if row.deadline_on else None
                yield Work(Node("finish", task), 0, deadline=deadline)
        for task in self._held:
            row = self.rows[task]
            floor = row.not_before if row.is_automatic and self.is_whole(task) else None
            yield Work(Node("hold", task), 0, self.instant(floor) if floor else None)
        for task in self.beginning:
            yield Work(Node("begin", task), 0)

    def fits(self, row: TaskRow) -> bool:
        """Whether its days and its duration say the same, so that they can stay as somebody gave them."""
        if row.starts_on is None or row.due_on is None:
            return False
        if not row.duration:
            return row.starts_on == row.due_on
        return self.workdays.duration_of(row.starts_on, row.due_on) == row.duration

    def _work(self, row: TaskRow) -> Work[Node]:
        node, deadline = Node("task", row.id), self._deadline(row)
        if days := self.pinned.get(row.id):
            return Work(node, self._length(*days, row.duration), pinned=self.instant(days[0]), deadline=deadline)
        floor = self.floor(row.id)
        if floor is None:
            return Work(node, row.duration, deadline=deadline)
        if floor == row.starts_on and row.due_on and self.fits(row):
            length = self._length(floor, row.due_on, row.duration)
        else:
            length = self._length(floor, self.workdays.last_day(floor, row.duration), row.duration)
        start = self.instant(floor)
        # A plan starts what waits for nothing no earlier than itself, but a person may have. When its start is moved
        # they come along.
        is_early = start < 0 and floor == row.starts_on and not self._shift and not self.incoming[node]
        return Work(node, length, start, pinned=start if is_early else None, deadline=deadline)

    def _length(self, start: date, due: date, duration: int) -> int:
        """The working days in between, which are fewer than the duration where a weekend is worked."""
        return max(0, self.instant(due + DAY) - self.instant(start)) if duration else 0

    def _deadline(self, row: TaskRow) -> int | None:
        """The instant by which it should be finished. A milestone is seen on the day after its instant."""
        promised = row.due_on if row.is_due_only and row.is_automatic else None
        days = [day for day in (row.deadline_on, promised) if day]
        if not days or row.completed_on:
            return None
        return self.instant(min(days) + DAY) - (0 if row.duration else 1)

    def _parts(self) -> dict[int, list[int]]:
        parts: dict[int, list[int]] = defaultdict(list)
        for row in self.rows.values():
            if row.parent_id in self.rows:
                parts[row.parent_id].append(row.id)
        return dict(parts)

    def _given_days(self, row: TaskRow, moving: Container[int] | None) -> Days | None:
        """The days that no plan moves."""
        start, due = row.starts_on, row.due_on
        if row.completed_on:
            return self._days_done(row, row.completed_on)
        if row.ruled:
            return row.ruled
        if row.is_automatic and (moving is None or row.id in moving or start is None):
            return None
        if start:
            return start, due or self.workdays.last_day(start, row.duration)
        return (self.workdays.first_day(due, row.duration), due) if due else None

    def _days_done(self, row: TaskRow, done: date) -> Days:
        if not row.duration:
            return done, done
        return min(done, row.starts_on or self.workdays.first_day(done, row.duration)), done

    def _milestones(self, waits: list[LinkRow]) -> tuple[set[int], set[int], set[int]]:
        """Which tasks with sub-tasks need a hold, a finish and a begin: no more than somebody asks for."""
        held = {link.successor for link in waits if link.type[1] == "S"}
        finishing = {link.predecessor for link in waits if link.type[0] == "F"}
        finishing |= {link.successor for link in waits if link.type[1] == "F"}
        beginning = {link.predecessor for link in waits if link.type[0] == "S"}
        holds: set[int] = set()
        finishes: set[int] = set()
        for task in self.wholes():
            row, whole = self.rows[task], self.is_whole(task)
            if task in held or row.parent_id in holds or (whole and row.is_automatic and row.not_before):
                holds.add(task)
            if whole and (task in finishing or row.parent_id in finishes or row.deadline_on):
                finishes.add(task)
        return holds, finishes, {task for task in beginning if self.is_whole(task)}

    def _links(self, waits: list[LinkRow]) -> Iterator[Link[Node]]:
        for before, after, type_, lag in waits:
            source = Node("task", before)
            if self.is_whole(before):
                source = Node("finish" if type_[0] == "F" else "begin", before)
            for target in self._ends(after, type_[1]):
                yield Link(source, target, type_, lag)

    def _ends(self, task: int, end: str) -> Iterator[Node]:
        """What a dependency on that end of the task holds."""
        if end == "S" and task in self._held:
            yield Node("hold", task)
        if not self.is_whole(task):
            yield Node("task", task)
        elif end == "F":
            yield Node("finish", task)

    def _part_links(self) -> Iterator[Link[Node]]:
        for whole in self._held:
            for part in self.parts[whole]:
                for target in self._ends(part, "S"):
                    yield Link(Node("hold", whole), target, "SS")
        for whole in self._finishing:
            for part in self.parts[whole]:
                yield Link(Node("finish" if self.is_whole(part) else "task", part), Node("finish", whole))

    def _with_days(self) -> set[Node]:
        """What has days, or hangs off something that has."""
        following: dict[Node, list[Node]] = defaultdict(list)
        for link in self.links:
            following[link.predecessor].append(link.successor)
        for whole in self.beginning:
            for leaf in self.leaves(whole):
                following[Node("task", leaf)].append(Node("begin", whole))
        front = [Node("task", task) for task, row in self.rows.items() if self._is_dated(row)]
        reached = set(front)
        for node in front:  # grows while it is walked
            fresh = [after for after in following.get(node, ()) if after not in reached]
            reached.update(fresh)
            front += fresh
        return reached

    def _is_dated(self, row: TaskRow) -> bool:
        if self.is_whole(row.id):
            return False
        return bool(row.starts_on or row.not_before or (row.id in self.pinned and not row.completed_on))
