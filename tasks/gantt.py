"""A project's plan as a Gantt chart shows it, beside how it once stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from estateman.people.models import User
from tasks.models import Baseline, BaselineTask, KeyDate, Project, TaskAssignee
from tasks.planning import PlannedTask, ProjectPlan, plan_of
from tasks.workdays import Workdays

DAY = timedelta(days=1)


class Kept(NamedTuple):
    """The days a task had in a baseline, both inclusive."""

    starts_on: date
    due_on: date


@dataclass(frozen=True)
class Gantt:
    """The plan, what its bars show, and the baseline it is compared with, if any."""

    plan: ProjectPlan
    assignees: Mapping[int, list[int]]
    people: QuerySet[User]
    key_dates: QuerySet[KeyDate]
    baseline: Baseline | None
    kept: Mapping[int, Kept]

    @property
    def finishes_on(self) -> date:
        """The last day on which anything is planned; the day it starts while nothing is."""
        return max((task.early_finish for task in self.plan.tasks.values()), default=self.plan.starts_on)

    @property
    def milestones(self) -> list[PlannedTask]:
        return [task for task in self.plan.tasks.values() if task.is_milestone]

    def slip_of(self, task: PlannedTask) -> int | None:
        """By how many working days the task is planned to finish later than in the baseline; earlier is below 0."""
        kept = self.kept.get(task.id)
        return kept and slip(self.plan.workdays, kept.due_on, task.early_finish)

    @property
    def slip(self) -> int | None:
        """The same of the whole plan."""
        if not self.kept:
            return None
        return slip(self.plan.workdays, max(kept.due_on for kept in self.kept.values()), self.finishes_on)


def slip(workdays: Workdays, planned: date, now: date) -> int:
    """The working days from the end of ``planned`` to the end of ``now``, below 0 where that is earlier."""
    return workdays.number(now + DAY) - workdays.number(planned + DAY)


def gantt(project: Project, *, baseline: Baseline | None = None) -> Gantt:
    """In a constant number of queries, however many tasks there are."""
    kept: dict[int, Kept] = {}
    if baseline:
        rows = BaselineTask.objects.filter(baseline=baseline).values_list("task_id", *Kept._fields)
        kept = {task: Kept(*days) for task, *days in rows}
    return Gantt(
        plan=plan_of(project),
        assignees=_assignees(project),
        people=User.objects.filter(task_assignments__task__project=project, task_assignments__task__deleted_at=None)
        .distinct()
        .order_by("pk"),
        key_dates=project.key_dates.all(),
        baseline=baseline,
        kept=kept,
    )


def _assignees(project: Project) -> dict[int, list[int]]:
    """Who has each task, longest first."""
    found: dict[int, list[int]] = {}
    given = TaskAssignee.objects.filter(task__project=project).order_by("pk")
    for task, user in given.values_list("task_id", "user_id"):
        found.setdefault(task, []).append(user)
    return found
