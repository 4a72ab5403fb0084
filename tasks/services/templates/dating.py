"""When a template's tasks are to be done: as the rules and the whole plan of the project say."""

from datetime import date

from tasks.blueprints import Blueprint
from tasks.causes import Cause
from tasks.models import DateChange, Project, Task
from tasks.services.deadlines import deadline_fields, follow_rules
from tasks.services.replanning import Seeds, proposed, write_key_dates
from tasks.services.templates.making import Made

_CAUSE = Cause(DateChange.Cause.PROJECT, "as the template has it")
_DEADLINE = ("deadline_on", "deadline_time", "deadline_timezone", "deadline_at")


def date_parts(project: Project, plan: Blueprint, made: Made) -> None:
    """Give the tasks that were ``made`` of ``plan`` their days, and the key dates those that their rules say.

    Nobody moved anything, so no change is told: this is where they stand from the first. What waits for nothing but a
    day that is not known yet stays without days until it is.
    """
    by_id = {task.pk: task for task in made.tasks.values()}
    seeds = Seeds(tasks=frozenset(by_id), key_dates=frozenset(each.pk for each in made.key_dates.values()))
    outcome = proposed(project, seeds=seeds, cause=_CAUSE)
    for change in outcome.changes:
        task = by_id[change.task_id]
        (task.starts_on, task.due_on), task.duration_days = change.after, change.duration_days
    for step in plan.tasks:
        if step.is_deadline and not step.rule:
            _promise(made.tasks[step.key])
    _rank_by_days(list(by_id.values()))
    Task.objects.bulk_update(by_id.values(), ["starts_on", "due_on", "duration_days", "rank", *_DEADLINE])
    write_key_dates(project, outcome.key_dates)
    follow_rules(project, outcome.rulings)


def _promise(task: Task) -> None:
    """The contract sets the day that it is due on now."""
    for name, value in deadline_fields(task.project, {"deadline_on": task.due_on}).items():
        setattr(task, name, value)


def _rank_by_days(tasks: list[Task]) -> None:
    """Let the board show them in the order of their days, those without any last."""
    ranks = [task.rank for task in tasks]
    days = sorted(tasks, key=lambda task: (task.starts_on or date.max, task.due_on or date.max, task.rank))
    for task, rank in zip(days, ranks, strict=True):
        task.rank = rank
