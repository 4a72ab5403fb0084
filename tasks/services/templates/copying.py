"""Templates made from what there is: another template, or a deal that went well."""

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any

from django.db import transaction

from estateman.people.models import User
from tasks.blueprints import Blueprint, Day, Item, Rule, Step, Wait
from tasks.models import ColumnGroup, DateRule, KeyDate, Project, ProjectTemplate, Task, TaskDependency
from tasks.permissions import can_edit_templates
from tasks.services.locking import require
from tasks.services.templates.editing import create_template
from tasks.services.templates.reading import blueprint_of
from tasks.workdays import Workdays

_LONGEST_NAME = 120


@transaction.atomic
def duplicate_template(template: ProjectTemplate, *, by: User, name: str = "") -> ProjectTemplate:
    """A copy of ``template`` to be changed, by default "Lease (copy)". It is never applied by itself."""
    plan = blueprint_of(template)
    suffix = " (copy)"
    name = name or plan.name[: _LONGEST_NAME - len(suffix)] + suffix
    return create_template(replace(plan, key="", name=name, applies_on="", is_active=True), by=by)


@transaction.atomic
def save_as_template(project: Project, *, by: User, name: str, description: str = "") -> ProjectTemplate:
    """Keep the plan of ``project`` as a template of its kind, for deals to come.

    Taken over are its key dates, rules, tasks (save cancelled ones) with their checklists, parts, labels, durations and
    sub-tasks, and how they hang together; not its days, people, hours and words. A task without a part has the part of
    who it is given to. Raises DependencyCycle, ValidationError.
    """
    require(can_edit_templates(by))
    plan = Blueprint(key="", name=name, kind=project.kind, description=description)
    return create_template(replace(plan, **_parts_of(project)), by=by)


def _parts_of(project: Project) -> dict[str, Any]:
    rows = project.tasks.exclude(column__group=ColumnGroup.CANCELLED).select_related("parent", "date_rule")
    tasks = list(rows.with_people().prefetch_related("checklist", "labels").order_by("starts_on", "due_on", "pk"))
    kept = {task.pk: task.key for task in tasks}
    days = {each.pk: each for each in project.key_dates.order_by("on", "pk")}
    links = TaskDependency.objects.filter(predecessor__in=kept, successor__in=kept).order_by("pk")
    rules = _rules(project, days, kept, parents={task.parent_id for task in tasks})
    parts = dict(project.memberships.exclude(deal_role="").values_list("user", "deal_role"))
    free = _free_of_waits(tasks, waiting={link.successor_id for link in links}, rules=rules)
    workdays = project.workdays()
    return {
        "key_dates": tuple(Day(each.kind, each.name, rules.get(("key_date", each.pk))) for each in days.values()),
        "tasks": tuple(
            replace(
                _step(task, kept, parts, rules.get(("task", task.pk))),
                offset_days=_offset(task, project, workdays, is_free=task.pk in free),
            )
            for task in tasks
        ),
        "dependencies": tuple(
            Wait(kept[link.predecessor_id], kept[link.successor_id], link.type, link.lag_days) for link in links
        ),
    }


def _step(task: Task, kept: dict[int, str], parts: dict[int, str], rule: Rule | None) -> Step:
    return Step(
        key=task.key,
        name=task.name,
        duration_days=task.duration_days,
        role=task.role or next((parts[who] for who in task.assignee_ids if who in parts), ""),
        description=task.description,
        parent=kept.get(task.parent_id or 0, ""),
        priority=task.priority,
        estimate_minutes=task.estimate_minutes,
        labels=tuple(label.name for label in task.labels.all()),
        is_deadline=task.deadline_on is not None or (rule is not None and task.date_rule.is_deadline),
        checklist=tuple(
            Item(each.text, each.is_required, each.needs_document, each.needs_review) for each in task.checklist.all()
        ),
        rule=rule,
    )


def _free_of_waits(tasks: list[Task], *, waiting: set[int], rules: Container[tuple[str, int]]) -> set[int]:
    """Those that only their own day puts where they are: not a predecessor, a rule, their parts, or what they are
    part of."""
    parents = {task.pk: task.parent_id for task in tasks}
    wholes = set(parents.values())

    def waits(pk: int | None) -> bool:
        while pk in parents and pk not in waiting:
            pk = parents[pk]
        return pk in waiting

    return {pk for pk in parents if pk not in wholes and ("task", pk) not in rules and not waits(pk)}


def _offset(task: Task, project: Project, workdays: Workdays, *, is_free: bool) -> int:
    """How many working days in it begins, where nothing but a day says when."""
    begins = task.not_before or (task.starts_on if is_free else None)
    return max(0, workdays.number(begins) - workdays.number(project.starts_on)) if begins else 0


def _rules(
    project: Project, days: dict[int, KeyDate], kept: dict[int, str], parents: Iterable[int | None]
) -> dict[tuple[str, int], Rule]:
    """The rules of what is taken over that count from what is taken over."""
    rows = DateRule.objects.of_project(project.pk).select_related("profile")
    wholes = set(parents) - {None}
    rules = {}
    for row in rows:
        after_task = kept.get(row.after_task_id or 0, "")
        if (row.after_task_id and not after_task) or row.task_id in wholes:
            continue
        target = ("task", row.task_id) if row.task_id else ("key_date", row.key_date_id or 0)
        rules[target] = Rule(
            days=row.counted_days,
            after_key_date=days[row.after_key_date_id].name if row.after_key_date_id else "",
            after_task=after_task,
            direction=row.direction,
            sets=row.sets,
            profile=row.profile.key if row.profile else "",
            counting=row.counting,
            weekend_roll=row.weekend_roll,
            holiday_roll=row.holiday_roll,
            skip_holidays=row.skip_holidays,
        )
    return rules
