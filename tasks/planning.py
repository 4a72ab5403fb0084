"""A project's plan: how early and how late each task can be, in days, read and computed anew each time."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from tasks.cascade import Cascade, Standings
from tasks.deal_rules import key_days_of, rules_of
from tasks.models import ColumnGroup, DateRule, Project, SchedulingMode, Task, TaskDependency
from tasks.network import LinkRow, TaskRow
from tasks.reflow import Rule, Standing
from tasks.settlement import Settlement
from tasks.workdays import Workdays

_READ = (
    "pk",
    "key",
    "name",
    "parent_id",
    "duration_days",
    "progress",
    "starts_on",
    "due_on",
    "not_before",
    "deadline_on",
    "completed_on",
    "scheduling_mode",
    "priority",
    "version",
)


class PlannedTask(NamedTuple):
    """One task in the plan. Days are inclusive; a parent's are those of its sub-tasks.

    ``starts_on`` and ``due_on`` are the days it has on the board, if any; the others are the plan's.
    """

    id: int
    key: str
    name: str
    parent_id: int | None
    column_group: str
    duration_days: int
    progress: int
    starts_on: date | None
    due_on: date | None
    completed_on: date | None
    early_start: date
    early_finish: date
    late_start: date
    late_finish: date
    total_slack_days: int
    free_slack_days: int
    is_critical: bool
    is_milestone: bool
    is_parent: bool
    priority: str
    scheduling_mode: str
    not_before: date | None
    deadline_on: date | None
    version: int


class PlannedLink(NamedTuple):
    """One dependency, as the plan keeps it."""

    id: int
    predecessor_id: int
    successor_id: int
    type: str
    lag_days: int


@dataclass(frozen=True)
class ProjectPlan:
    """The plan of a project, ordered by early start and id. Cancelled tasks are not in it.

    ``length_days`` are the working days from the project's start to the last finish. ``warnings`` are sentences, like
    on tasks that a lead pulls before the project's start.
    """

    project_id: int
    starts_on: date
    workdays: Workdays
    tasks: dict[int, PlannedTask]
    links: tuple[PlannedLink, ...]
    length_days: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """All that a plan is made of, as it was read at once."""

    project: Project
    workdays: Workdays
    tasks: Mapping[int, dict[str, Any]]
    links: tuple[PlannedLink, ...]
    standings: Standings


def plan_of(project: Project) -> ProjectPlan:
    """Reads tasks, dependencies and the calendar, in a constant number of queries."""
    reading = read_plan(project)
    settlement = Cascade(reading.standings, None).settlement
    tasks = sorted(_planned(reading, settlement), key=attrgetter("early_start", "id"))
    return ProjectPlan(
        project_id=project.pk,
        starts_on=project.starts_on,
        workdays=reading.workdays,
        tasks={task.id: task for task in tasks},
        links=reading.links,
        length_days=settlement.plan.finish,
        warnings=tuple(_warnings(settlement, tasks)),
    )


def read_plan(project: Project, *, started_on: date | None = None) -> Reading:
    """What stands in ``project``, in a constant number of queries.

    ``started_on`` is the day on which the project started, if that was changed.
    """
    fields = ("pk", "predecessor_id", "successor_id", "type", "lag_days")
    links = TaskDependency.objects.of_project(project.pk).order_by("pk").values_list(*fields)
    return _reading(
        project,
        project.tasks.all(),
        links=tuple(PlannedLink(*link) for link in links),
        rules=tuple(rules_of(project)),
        key_days=tuple(key_days_of(project)),
        started_on=started_on,
    )


def read_alone(project: Project, tasks: Collection[int]) -> Reading | None:
    """Just these tasks, if nothing hangs off them nor they off anything: a board of plain things to do is read no
    further. None if it does. Three queries at most.
    """
    own = TaskDependency.every.filter(Q(predecessor=OuterRef("pk")) | Q(successor=OuterRef("pk")))
    rules = DateRule.objects.filter(Q(task=OuterRef("pk")) | Q(after_task=OuterRef("pk")))
    parts = Task.objects.filter(parent=OuterRef("pk"))
    chosen = project.tasks.filter(pk__in=tasks)
    if chosen.filter(Q(parent__isnull=False) | Exists(own) | Exists(rules) | Exists(parts)).exists():
        return None
    return _reading(project, chosen)


def _reading(
    project: Project,
    tasks: QuerySet[Task],
    *,
    links: tuple[PlannedLink, ...] = (),
    rules: tuple[Rule, ...] = (),
    key_days: tuple[Standing, ...] = (),
    started_on: date | None = None,
) -> Reading:
    workdays = project.workdays()
    read = {row["pk"]: row for row in tasks.order_by("pk").values(*_READ, group=F("column__group"))}
    standings = Standings(
        rows={pk: _row(task) for pk, task in read.items()},
        links=tuple(LinkRow(each.predecessor_id, each.successor_id, each.type, each.lag_days) for each in links),
        rules=rules,
        key_days=key_days,
        names={pk: task["name"] for pk, task in read.items()},
        workdays=workdays,
        starts_on=project.starts_on,
        started_on=started_on,
    )
    return Reading(project, workdays, read, links, standings)


def _row(task: Mapping[str, Any]) -> TaskRow:
    return TaskRow(
        id=task["pk"],
        duration=task["duration_days"],
        starts_on=task["starts_on"],
        due_on=task["due_on"],
        parent_id=task["parent_id"],
        is_automatic=task["scheduling_mode"] == SchedulingMode.AUTOMATIC,
        not_before=task["not_before"],
        deadline_on=task["deadline_on"],
        completed_on=task["completed_on"],
        is_cancelled=task["group"] == ColumnGroup.CANCELLED,
    )


def _planned(reading: Reading, settlement: Settlement) -> Iterator[PlannedTask]:
    for pk, span in settlement.spans.items():
        task = reading.tasks[pk]
        early, late = settlement.days(pk), settlement.late_days(pk)
        yield PlannedTask(
            id=pk,
            key=task["key"],
            name=task["name"],
            parent_id=task["parent_id"],
            column_group=task["group"],
            duration_days=task["duration_days"],
            progress=task["progress"],
            starts_on=task["starts_on"],
            due_on=task["due_on"],
            completed_on=task["completed_on"],
            early_start=early[0],
            early_finish=early[1],
            late_start=late[0],
            late_finish=late[1],
            total_slack_days=span.total_slack,
            free_slack_days=span.free_slack,
            is_critical=span.is_critical,
            is_milestone=span.early_start == span.early_finish and not task["duration_days"],
            is_parent=settlement.network.is_whole(pk),
            priority=task["priority"],
            scheduling_mode=task["scheduling_mode"],
            not_before=task["not_before"],
            deadline_on=task["deadline_on"],
            version=task["version"],
        )


def _warnings(settlement: Settlement, tasks: list[PlannedTask]) -> Iterator[str]:
    for task in tasks:
        given = task.is_parent or task.id in settlement.network.pinned or settlement.network.floor(task.id)
        if not given and settlement.spans[task.id].early_start < 0:
            yield f"{task.name} is pulled before the project starts, by what it waits for."
