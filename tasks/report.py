"""How one project goes: what is done, what came late and what that moves, how work flowed and what it took.

Every number is written down with its formula in docs/analytics.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tasks.cascade import Cascade
from tasks.flow import Adherence, Left, Period, Step, adherence, burndown, share, standing, ways
from tasks.impact import Late, impact
from tasks.models import OPEN_GROUPS, Baseline, BaselineTask, ColumnGroup, Project, Task, TaskTransition
from tasks.models.time import TimeLogQuerySet
from tasks.planning import Reading, read_plan
from tasks.settlement import Settlement
from tasks.stats import Hours, KindAdherence, Pace, hours, key_date_adherence, pace
from tasks.time_summary import summary

MINUTE = 60
# Of the estimates those that were missed most.
MOST = 50


class Ref(NamedTuple):
    """A task by what people know it by."""

    id: int
    key: str
    name: str


@dataclass(frozen=True)
class Progress:
    """How far the project is; cancelled tasks do not count.

    ``progress_percent`` is the mean of the tasks' own, each weighing as much as its working days, a milestone one.
    """

    open: int
    completed: int
    overdue: int
    completion_rate: float | None
    progress_percent: float | None


class Standing(NamedTuple):
    """How many tasks stood in each group of columns at the end of a day."""

    on: date
    counts: Counter[str]


@dataclass(frozen=True)
class Estimate:
    """What a task was thought to take, and what it took so far."""

    task: Ref
    is_completed: bool
    estimate_seconds: int
    seconds: int

    @property
    def over_seconds(self) -> int:
        """How much more it took; less is below 0."""
        return self.seconds - self.estimate_seconds


@dataclass(frozen=True)
class Estimates:
    """Estimates beside the time that was spent: summed over completed tasks that have one, and task by task.

    ``ratio`` is time / estimate. ``tasks`` are those with an estimate, most over it first, at most MOST.
    """

    estimate_seconds: int
    seconds: int
    ratio: float | None
    tasks: list[Estimate]


@dataclass(frozen=True)
class Report:
    """All of it. ``names`` are the tasks that ``impact`` speaks of, by their ids."""

    project: Project
    period: Period
    finishes_on: date
    progress: Progress
    adherence: Adherence
    key_dates: list[KindAdherence]
    impact: list[Late]
    names: Mapping[int, Ref]
    flow: list[Standing]
    burndown: list[Left]
    burndown_minutes: list[Left]
    pace: Pace
    estimates: Estimates
    hours: Hours


def report(
    project: Project, *, logs: TimeLogQuerySet, period: Period, today: date, baseline: Baseline | None = None
) -> Report:
    """Of the time spent only ``logs`` count. With a ``baseline`` tasks are due as planned then, not as they are now.

    In a constant number of queries.
    """
    reading = read_plan(project)
    settlement = Cascade(reading.standings, None).settlement
    finishes_on = _last_day(settlement, project)
    flow, remaining, minutes = _flow(project, period, reading, today=today, finish=finishes_on)
    mine = Project.objects.filter(pk=project.pk)
    return Report(
        project=project,
        period=period,
        finishes_on=finishes_on,
        progress=_progress(reading.tasks.values(), today),
        adherence=_adherence(reading, period, baseline),
        key_dates=key_date_adherence(mine, period=period, today=today),
        impact=impact(settlement, today=today),
        names={pk: Ref(pk, task["key"], task["name"]) for pk, task in reading.tasks.items()},
        flow=flow,
        burndown=remaining,
        burndown_minutes=minutes,
        pace=pace(project.tasks.all(), period=period),
        estimates=_estimates(project, logs),
        hours=hours(logs, period),
    )


def _last_day(settlement: Settlement, project: Project) -> date:
    return max((settlement.days(task)[1] for task in settlement.spans), default=project.starts_on)


def _progress(tasks: Iterable[Mapping[str, Any]], today: date) -> Progress:
    counted = [task for task in tasks if task["group"] != ColumnGroup.CANCELLED]
    still_open = [task for task in counted if task["group"] in OPEN_GROUPS]
    weights = [max(1, task["duration_days"]) for task in counted]
    done = sum(weight * task["progress"] for weight, task in zip(weights, counted, strict=True))
    return Progress(
        open=len(still_open),
        completed=len(counted) - len(still_open),
        overdue=sum(bool(task["due_on"] and task["due_on"] < today) for task in still_open),
        completion_rate=share(len(counted) - len(still_open), len(counted)),
        progress_percent=round(done / sum(weights), 2) if weights else None,
    )


def _adherence(reading: Reading, period: Period, baseline: Baseline | None) -> Adherence:
    """Of the tasks completed within the period that had a day to be done by."""
    due: dict[int, date | None] = {pk: task["due_on"] for pk, task in reading.tasks.items()}
    if baseline:
        due = dict(BaselineTask.objects.filter(baseline=baseline).values_list("task_id", "due_on"))
    completed = {pk: task["completed_on"] for pk, task in reading.tasks.items() if task["completed_on"]}
    done = {pk: on for pk, on in completed.items() if on in period}
    return adherence((planned, on) for pk, on in done.items() if (planned := due.get(pk)))


def _flow(
    project: Project, period: Period, reading: Reading, *, today: date, finish: date
) -> tuple[list[Standing], list[Left], list[Left]]:
    """Where tasks stood day by day until today, what remained of them, and what of their estimates, in minutes."""
    steps = TaskTransition.objects.filter(project=project).order_by("pk").values_list("task_id", "to_group", "on")
    found, with_eve = ways([Step(*step) for step in steps]), Period(period.eve, period.last)
    estimates = {
        pk: minutes or 0 for pk, minutes in Task.every.filter(project=project).values_list("pk", "estimate_minutes")
    }
    counts, minutes = standing(found, with_eve), standing(found, with_eve, estimates)
    flow = [Standing(day, count) for day, count in zip(period, counts[1:], strict=True) if day <= today]
    remaining, remaining_minutes = (
        burndown(each, period, today=today, finish=finish, workdays=reading.workdays) for each in (counts, minutes)
    )
    return flow, remaining, remaining_minutes


def _estimates(project: Project, logs: TimeLogQuerySet) -> Estimates:
    took = {group.key: group.seconds for group in summary(logs, "task", None).groups}
    tasks = project.tasks.filter(estimate_minutes__gt=0).order_by("pk")
    found = [
        Estimate(Ref(pk, key, name), done is not None, (minutes or 0) * MINUTE, took.get(pk, 0))
        for pk, key, name, minutes, done in tasks.values_list("pk", "key", "name", "estimate_minutes", "completed_on")
    ]
    completed = [each for each in found if each.is_completed]
    estimated, spent = sum(each.estimate_seconds for each in completed), sum(each.seconds for each in completed)
    most = sorted(found, key=lambda each: (-each.over_seconds, each.task.id))[:MOST]
    return Estimates(estimated, spent, share(spent, estimated), most)
