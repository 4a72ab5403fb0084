"""What a template gives a project, made as rows: in a number of statements that does not grow with the template.

All of this is called with the project locked.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from estateman.people.models import User
from tasks.blueprints import Blueprint, Day, Rule, Step
from tasks.models import (
    OPEN_GROUPS,
    AppliedTemplate,
    ChecklistItem,
    DateRule,
    KeyDate,
    KeyDateKind,
    Project,
    Task,
    TaskDependency,
)
from tasks.ranking import GAP
from tasks.services.labels import label_by_name
from tasks.services.placing import BOTTOM, first_column, rank_at, require_room
from tasks.services.templates.writing import count_of, profiles_of
from tasks.services.transitions import keep_transitions


@dataclass(frozen=True)
class Made:
    """What is new in the project: tasks by the keys, and key dates by the names they have in the template."""

    tasks: dict[str, Task]
    key_dates: dict[str, KeyDate]


def make_parts(applied: AppliedTemplate, plan: Blueprint, *, by: User, starts_on: date | None) -> Made:
    """All that ``plan`` holds; as yet only what waits for nothing has days."""
    project = applied.project
    days, fresh = _make_key_dates(project, plan.key_dates)
    tasks = _make_tasks(applied, plan, by=by, starts_on=starts_on)
    _link(plan, tasks)
    _make_rules(plan, days, fresh, tasks)
    _make_checklists(plan, tasks)
    label_by_name(project, {tasks[step.key].pk: step.labels for step in plan.tasks})
    return Made(tasks, fresh)


def _make_key_dates(project: Project, wanted: tuple[Day, ...]) -> tuple[dict[str, KeyDate], dict[str, KeyDate]]:
    """The project's key date for each name of the template's, and those of them that are new.

    What it has of that kind, or of our own under that name, it keeps as it is, with the rule it has.
    """
    present = list(project.key_dates.all())
    by_kind = {each.kind: each for each in present if each.kind != KeyDateKind.OWN}
    by_name = {each.name: each for each in present}
    days = {day.name: by_kind.get(day.kind) or by_name.get(day.name) for day in wanted}
    rows = KeyDate.objects.bulk_create(
        KeyDate(project=project, kind=day.kind, name=day.name) for day in wanted if not days[day.name]
    )
    found = {name: each for name, each in days.items() if each}
    made = {each.name: each for each in rows}
    return found | made, made


def _make_tasks(applied: AppliedTemplate, plan: Blueprint, *, by: User, starts_on: date | None) -> dict[str, Task]:
    project = applied.project
    column = first_column(project, *OPEN_GROUPS)
    require_room(column, cards=len(plan.tasks))
    taken = set(Task.every.filter(project=project).values_list("key", flat=True))
    first_rank = rank_at(column, BOTTOM)
    first_days = FirstDays(project, plan, starts_on)
    tasks = {
        step.key: Task(
            project=project,
            column=column,
            rank=first_rank + place * GAP,
            key=_free_key(step.key, taken),
            name=step.name,
            description=step.description,
            priority=step.priority,
            duration_days=step.duration_days,
            estimate_minutes=step.estimate_minutes,
            role=step.role,
            **first_days.of(step),
            applied_template=applied,
            created_by=by,
        )
        for place, step in enumerate(plan.tasks)
    }
    Task.objects.bulk_create(tasks.values())
    parts = [step for step in plan.tasks if step.parent]
    for step in parts:
        tasks[step.key].parent = tasks[step.parent]
    Task.objects.bulk_update([tasks[step.key] for step in parts], ["parent"])
    keep_transitions(tasks.values(), group=column.group)
    return tasks


class FirstDays:
    """When tasks may begin: so many working days after the plan does, which is when the project does or another day."""

    def __init__(self, project: Project, plan: Blueprint, starts_on: date | None) -> None:
        self.workdays = project.workdays()
        self.origin = starts_on or project.starts_on
        self.is_apart = self.origin != project.starts_on
        self.parents = {step.key: step.parent for step in plan.tasks}
        self.wholes = set(self.parents.values())
        self.waiting = {wait.successor for wait in plan.dependencies}

    def of(self, step: Step) -> dict[str, Any]:
        """What waits for nothing begins with the plan; should the project's start move, it moves along."""
        if step.offset_days or (self.is_apart and step.key not in self.wholes):
            return {"not_before": self.workdays.shift(self.origin, step.offset_days)}
        if step.rule or step.key in self.wholes or self._waits(step.key):
            return {}
        first = self.workdays.shift(self.origin, 0)
        return {"starts_on": first, "due_on": self.workdays.last_day(first, step.duration_days)}

    def _waits(self, key: str) -> bool:
        while key:
            if key in self.waiting:
                return True
            key = self.parents[key]
        return False


def _free_key(key: str, taken: set[str]) -> str:
    """``key``, or ``key-2``, ``key-3``, … where another template or a person used it already."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key[: _LONGEST_KEY - 1 - len(str(number))]}-{number}"
    taken.add(free)
    return free


_LONGEST_KEY = 40


def _link(plan: Blueprint, tasks: Mapping[str, Task]) -> None:
    TaskDependency.objects.bulk_create(
        TaskDependency(
            predecessor=tasks[wait.predecessor],
            successor=tasks[wait.successor],
            type=wait.type,
            lag_days=wait.lag_days,
        )
        for wait in plan.dependencies
    )


def _make_rules(plan: Blueprint, days: Mapping[str, KeyDate], fresh: Container[str], tasks: Mapping[str, Task]) -> None:
    wanted: list[tuple[Rule, dict[str, Any]]] = [
        (day.rule, {"key_date": days[day.name]}) for day in plan.key_dates if day.rule and day.name in fresh
    ]
    wanted += [
        (step.rule, {"task": tasks[step.key], "is_deadline": step.is_deadline}) for step in plan.tasks if step.rule
    ]
    profiles = profiles_of(rule for rule, _ in wanted)
    DateRule.objects.bulk_create(
        DateRule(
            **target,
            **count_of(rule, profiles),
            sets=rule.sets,
            after_key_date=days.get(rule.after_key_date),
            after_task=tasks.get(rule.after_task),
        )
        for rule, target in wanted
    )


def _make_checklists(plan: Blueprint, tasks: Mapping[str, Task]) -> None:
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            task=tasks[step.key],
            text=item.text,
            position=position,
            is_required=item.is_required,
            needs_document=item.needs_document,
            needs_review=item.needs_review,
        )
        for step in plan.tasks
        for position, item in enumerate(step.checklist)
    )
