"""Moving what follows: after a change, every day that hangs off it settles anew, and each move keeps its cause.

Whoever changes days, durations, modes, dependencies, parents, key dates or completion, or deletes or restores tasks,
calls ``replan`` inside their transaction, with the project locked and their own change written.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.many import insert_many
from estateman.common.versions import save_many
from estateman.people.models import User
from tasks.activities import ProjectRescheduled
from tasks.cascade import Cascade, OpenDays
from tasks.causes import Cause, Causes
from tasks.dependencies import Node
from tasks.models import DateChange, KeyDate, Project, Task
from tasks.planning import Reading, read_alone, read_plan
from tasks.reflow import Ruling, Standing
from tasks.services.days import EARLIEST, LATEST
from tasks.services.deadlines import follow_hours, follow_rules
from tasks.services.refusals import PlanTooLong

__all__ = [
    "Cause",
    "Change",
    "KeyDateChange",
    "Outcome",
    "Seeds",
    "proposed",
    "replan",
    "replan_task",
    "replanning_once",
    "write_key_dates",
]

MOST_NAMED = 100
_LONGEST_WHY = 300
_DAYS = ("starts_on", "due_on", "duration_days")
_put_off: ContextVar[dict[Project, set[int]] | None] = ContextVar("put_off", default=None)


@dataclass(frozen=True)
class Seeds:
    """What was changed: only what hangs off these moves.

    ``tasks``: whose own days, duration, mode, parent, completion or predecessors changed. ``before``: the days
    (start, due) that those had which somebody edited, so that their history has that change, too. ``key_dates``: those
    that were moved. ``everything``: the project's start or calendar changed; ``started_on`` is where it started before.
    """

    tasks: frozenset[int] = frozenset()
    before: Mapping[int, OpenDays] = field(default_factory=dict)
    key_dates: frozenset[int] = frozenset()
    everything: bool = False
    started_on: date | None = None


@dataclass(frozen=True)
class Change:
    """A task that gets other days, and what moves it. ``is_move``: they are not the ones written already."""

    task_id: int
    key: str
    name: str
    before: OpenDays
    after: OpenDays
    cause: Cause
    duration_days: int
    is_move: bool = True


@dataclass(frozen=True)
class KeyDateChange:
    """A key date that its rule moves."""

    key_date_id: int
    name: str
    before: date | None
    after: date | None
    why: str


@dataclass(frozen=True)
class Outcome:
    """Where all comes to stand: the tasks that move, the key dates, and what each rule says of its target."""

    changes: tuple[Change, ...] = ()
    key_dates: tuple[KeyDateChange, ...] = ()
    rulings: tuple[Ruling, ...] = ()


def proposed(project: Project, *, seeds: Seeds, cause: Cause) -> Outcome:
    """What ``replan`` would change, in a constant number of queries and without writing.

    Raises PlanTooLong where a task would leave the days that can be planned.
    """
    reading = _read(project, seeds)
    cascade = _cascade(reading, seeds)
    days = _names_of_key_dates(reading)
    return Outcome(
        changes=tuple(_changes(reading, cascade, seeds, cause)),
        key_dates=tuple(
            KeyDateChange(pk, days[pk].name, days[pk].on, on, cascade.rulings[days[pk].ref].why)
            for pk, on in cascade.key_days().items()
        ),
        rulings=tuple(cascade.rulings.values()),
    )


def replan(project: Project, *, by: User | None, seeds: Seeds, cause: Cause) -> Outcome:
    """Write what is ``proposed``: days, versions, and why each date changed. Announces ProjectRescheduled, once.

    The project is locked and what the seeds changed is written. Rows that are in memory do not get the new days. Raises
    PlanTooLong.
    """
    outcome = proposed(project, seeds=seeds, cause=cause)
    moved = [change for change in outcome.changes if change.is_move]
    save_many(
        Task,
        _DAYS,
        ((change.task_id, (*change.after, change.duration_days)) for change in moved),
    )
    write_key_dates(project, outcome.key_dates)
    follow_rules(project, outcome.rulings)
    _keep(outcome.changes, by)
    if moved or outcome.key_dates:
        _announce(project, moved, outcome.key_dates, cause, by)
    return outcome


def write_key_dates(project: Project, changes: Iterable[KeyDateChange]) -> None:
    """Write the days that rules give to key dates; one that had none is given its hour, too. The project is locked."""
    moved = list(changes)
    save_many(KeyDate, ("on",), ((change.key_date_id, (change.after,)) for change in moved))
    if first_dated := [change.key_date_id for change in moved if change.before is None]:
        follow_hours(project, first_dated)


def replan_task(
    task: Task, *, by: User | None, cause: Cause, others: Iterable[int] = (), before: OpenDays | None = None
) -> None:
    """``replan`` what hangs off ``task`` and ``others``; ``task`` itself gets its new days in memory, too.

    ``before`` are the days it had before somebody edited them; without, it may wait for the end of
    ``replanning_once``. Raises PlanTooLong.
    """
    put_off = _put_off.get()
    if put_off is not None and before is None:
        put_off.setdefault(task.project, set()).update((task.pk, *others))
        return
    seeds = Seeds(tasks=frozenset((task.pk, *others)), before={task.pk: before} if before else {})
    outcome = replan(task.project, by=by, seeds=seeds, cause=cause)
    if any(change.task_id == task.pk and change.is_move for change in outcome.changes):
        task.refresh_from_db(fields=[*_DAYS, "version"])


@contextmanager
def replanning_once(*, by: User | None, cause: Cause) -> Iterator[None]:
    """What several tasks bring about, by being completed, say, is planned once at the end, not once for each of them.

    Rows that are in memory do not get their new days. Raises PlanTooLong.
    """
    put_off: dict[Project, set[int]] = {}
    token = _put_off.set(put_off)
    try:
        yield
    finally:
        _put_off.reset(token)
    for project, tasks in put_off.items():
        replan(project, by=by, seeds=Seeds(tasks=frozenset(tasks)), cause=cause)


def _read(project: Project, seeds: Seeds) -> Reading:
    if not (seeds.everything or seeds.key_dates):
        reading = read_alone(project, seeds.tasks | seeds.before.keys())
        if reading:
            return reading
    return read_plan(project, started_on=seeds.started_on)


def _cascade(reading: Reading, seeds: Seeds) -> Cascade:
    try:
        cascade = Cascade(reading.standings, None if seeds.everything else _nodes(reading, seeds))
        _require_plannable(reading, cascade)
        _require_plannable_key_dates(reading, cascade)
    except OverflowError:
        raise PlanTooLong("The plan would leave the calendar. Shorten what comes first.", task=None) from None
    return cascade


def _nodes(reading: Reading, seeds: Seeds) -> list[Node]:
    """The seeds in whichever way they stand in the graph: one that has sub-tasks holds and ends them."""
    tasks = [Node(kind, pk) for pk in seeds.tasks | seeds.before.keys() for kind in ("task", "start", "finish")]
    return [*tasks, *(Node("key_date", pk) for pk in seeds.key_dates)]


def _require_plannable(reading: Reading, cascade: Cascade) -> None:
    """Looks at the tasks without days, too: the plan shows when they could be done."""
    settlement = cascade.settlement
    spans = [(span, pk) for pk, span in settlement.spans.items() if cascade.moves("task", pk)]
    if not spans:
        return
    first, last = min(spans, key=lambda each: each[0].early_start), max(spans, key=lambda each: each[0].early_finish)
    for _, pk in (first, last):
        start, due = settlement.days(pk)
        if start < EARLIEST or due > LATEST:
            task = reading.tasks[pk]
            raise PlanTooLong(
                f"{task['name']} would leave the days from {EARLIEST} to {LATEST}. Shorten what comes first.",
                task={"id": pk, "key": task["key"], "name": task["name"]},
            )


def _require_plannable_key_dates(reading: Reading, cascade: Cascade) -> None:
    days = cascade.key_days()
    for each in reading.standings.key_days:
        if not EARLIEST <= days.get(each.ref.id, EARLIEST) <= LATEST:
            raise PlanTooLong(f"{each.name} would leave the days from {EARLIEST} to {LATEST}.", task=None)


def _names_of_key_dates(reading: Reading) -> dict[int, Standing]:
    return {each.ref.id: each for each in reading.standings.key_days}


def _changes(reading: Reading, cascade: Cascade, seeds: Seeds, cause: Cause) -> Iterator[Change]:
    causes = Causes(
        reading.standings, cascade, seeds=seeds.tasks | seeds.before.keys(), edited=seeds.before.keys(), given=cause
    )
    for pk in {**cascade.days, **seeds.before}:
        task = reading.tasks.get(pk)
        if task is None:
            continue
        stood = (task["starts_on"], task["due_on"])
        before, after = seeds.before.get(pk, stood), cascade.days.get(pk, stood)
        if before != after or after != stood:
            yield Change(
                task_id=pk,
                key=task["key"],
                name=task["name"],
                before=before,
                after=after,
                cause=causes.of(pk),
                duration_days=cascade.duration(pk, after),
                is_move=after != stood,
            )


def _keep(changes: Iterable[Change], by: User | None) -> None:
    at, by_id = clock.now(), by.pk if by else None
    insert_many(
        DateChange,
        (
            *("task", "cause", "caused_by_task", "caused_by_key_date", "why"),
            *("old_starts_on", "old_due_on", "new_starts_on", "new_due_on", "by", "at"),
        ),
        (
            (
                *(change.task_id, str(change.cause.kind), change.cause.task_id, change.cause.key_date_id),
                *(change.cause.why[:_LONGEST_WHY], *change.before, *change.after, by_id, at),
            )
            for change in changes
            if change.before != change.after
        ),
    )


def _announce(
    project: Project, moved: list[Change], key_dates: tuple[KeyDateChange, ...], cause: Cause, by: User | None
) -> None:
    announce(
        ProjectRescheduled(
            by_id=by.pk if by else None,
            project_id=project.pk,
            project=project.name,
            moved=len(moved) + len(key_dates),
            task_ids=tuple(change.task_id for change in moved[:MOST_NAMED]),
            key_date_ids=tuple(change.key_date_id for change in key_dates[:MOST_NAMED]),
            cause=cause.kind,
            why=cause.why,
        )
    )
