"""A template's parts, written as rows: all of them anew, in a number of statements that does not grow with them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from tasks.blueprints import Blueprint, Day, Rule, Step, circle, mistakes
from tasks.models import (
    DateProfile,
    ProjectTemplate,
    TemplateChecklistItem,
    TemplateDateRule,
    TemplateDependency,
    TemplateKeyDate,
    TemplateTask,
)
from tasks.services.refusals import DependencyCycle


def require_sound(plan: Blueprint) -> None:
    """Raises ValidationError naming what does not hold together, DependencyCycle with the keys of a circle."""
    wrong = mistakes(plan) or _unknown_profiles(plan)
    if wrong:
        raise ValidationError({place: [message] for place, message in wrong.items()})
    require_no_circle_in(plan)


def require_no_circle_in(plan: Blueprint) -> None:
    """Raises DependencyCycle with the keys of tasks, and the names of key dates, that wait for each other."""
    if found := circle(plan):
        path = " → ".join((*found, found[0]))
        raise DependencyCycle(f"The template's tasks wait for each other: {path}.", cycle=found)


def profiles_of(rules: Iterable[Rule | None]) -> dict[str, DateProfile]:
    """The profiles that ``rules`` count by, by their keys; what is not there is left out."""
    keys = {rule.profile for rule in rules if rule and rule.profile}
    return {each.key: each for each in DateProfile.objects.filter(key__in=keys)} if keys else {}


def write_parts(template: ProjectTemplate, plan: Blueprint) -> None:
    """Make the tasks, key dates, rules and dependencies of ``template`` those of ``plan``, which holds together.

    A rule whose profile is not there counts as the rest of it, or the deal, says.
    """
    template.tasks.all().delete()
    template.key_dates.all().delete()
    days = _write_key_dates(template, plan.key_dates)
    tasks = _write_tasks(template, plan.tasks)
    TemplateDependency.objects.bulk_create(
        TemplateDependency(
            predecessor=tasks[wait.predecessor],
            successor=tasks[wait.successor],
            type=wait.type,
            lag_days=wait.lag_days,
        )
        for wait in plan.dependencies
    )
    profiles = profiles_of(rule for rule, _ in _ruled(plan, days, tasks))
    TemplateDateRule.objects.bulk_create(
        TemplateDateRule(
            **target,
            **count_of(rule, profiles),
            sets=rule.sets,
            after_key_date=days.get(rule.after_key_date),
            after_task=tasks.get(rule.after_task),
        )
        for rule, target in _ruled(plan, days, tasks)
    )


def count_of(rule: Rule, profiles: Mapping[str, DateProfile]) -> dict[str, Any]:
    """The fields of a DayCount."""
    return {
        "days": rule.days,
        "direction": rule.direction,
        "profile": profiles.get(rule.profile),
        "counting": rule.counting,
        "weekend_roll": rule.weekend_roll,
        "holiday_roll": rule.holiday_roll,
        "skip_holidays": rule.skip_holidays,
    }


def _write_key_dates(template: ProjectTemplate, days: Iterable[Day]) -> dict[str, TemplateKeyDate]:
    rows = TemplateKeyDate.objects.bulk_create(
        TemplateKeyDate(template=template, kind=day.kind, name=day.name, position=position)
        for position, day in enumerate(days)
    )
    return {row.name: row for row in rows}


def _write_tasks(template: ProjectTemplate, steps: tuple[Step, ...]) -> dict[str, TemplateTask]:
    rows = TemplateTask.objects.bulk_create(
        TemplateTask(
            template=template,
            key=step.key,
            name=step.name,
            description=step.description,
            duration_days=step.duration_days,
            offset_days=step.offset_days,
            role=step.role,
            priority=step.priority,
            estimate_minutes=step.estimate_minutes,
            labels=list(step.labels),
            is_deadline=step.is_deadline,
            position=position,
        )
        for position, step in enumerate(steps)
    )
    tasks = {row.key: row for row in rows}
    parts = [step for step in steps if step.parent]
    for step in parts:
        tasks[step.key].parent = tasks[step.parent]
    TemplateTask.objects.bulk_update([tasks[step.key] for step in parts], ["parent"])
    TemplateChecklistItem.objects.bulk_create(
        TemplateChecklistItem(
            task=tasks[step.key],
            text=item.text,
            position=position,
            is_required=item.is_required,
            needs_document=item.needs_document,
            needs_review=item.needs_review,
        )
        for step in steps
        for position, item in enumerate(step.checklist)
    )
    return tasks


def _ruled(
    plan: Blueprint, days: Mapping[str, TemplateKeyDate], tasks: Mapping[str, TemplateTask]
) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """Every rule, with whose it is."""
    for day in plan.key_dates:
        if day.rule:
            yield day.rule, {"key_date": days[day.name]}
    for step in plan.tasks:
        if step.rule:
            yield step.rule, {"task": tasks[step.key]}


def _unknown_profiles(plan: Blueprint) -> dict[str, str]:
    ruled = [(f"key_dates.{place}", day.rule) for place, day in enumerate(plan.key_dates)]
    ruled += [(f"tasks.{place}", step.rule) for place, step in enumerate(plan.tasks)]
    known = profiles_of(rule for _, rule in ruled)
    return {
        f"{place}.rule.profile": "There is no date profile with this key."
        for place, rule in ruled
        if rule and rule.profile and rule.profile not in known
    }
