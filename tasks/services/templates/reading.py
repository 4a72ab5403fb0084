"""A template's rows, read as the plain data that they are."""

from typing import Any

from tasks.blueprints import Blueprint, Day, Item, Rule, Step, Wait
from tasks.models import ProjectTemplate, TemplateDateRule, TemplateDependency, TemplateKeyDate, TemplateTask

_RULE = ("date_rule__profile", "date_rule__after_key_date", "date_rule__after_task")


def blueprint_of(template: ProjectTemplate) -> Blueprint:
    """The whole of ``template``, in four queries."""
    tasks = template.tasks.select_related("parent", *_RULE).prefetch_related("checklist")
    links = TemplateDependency.objects.filter(successor__template=template)
    return Blueprint(
        key=template.key,
        name=template.name,
        kind=template.kind,
        applies_on=template.applies_on,
        description=template.description,
        is_active=template.is_active,
        key_dates=tuple(_day(each) for each in template.key_dates.select_related(*_RULE)),
        tasks=tuple(_step(each) for each in tasks),
        dependencies=tuple(
            Wait(link.predecessor.key, link.successor.key, link.type, link.lag_days)
            for link in links.select_related("predecessor", "successor").order_by("pk")
        ),
    )


def _day(key_date: TemplateKeyDate) -> Day:
    return Day(key_date.kind, key_date.name, _rule_of(key_date))


def _step(task: TemplateTask) -> Step:
    return Step(
        key=task.key,
        name=task.name,
        duration_days=task.duration_days,
        role=task.role,
        description=task.description,
        offset_days=task.offset_days,
        parent=task.parent.key if task.parent else "",
        priority=task.priority,
        estimate_minutes=task.estimate_minutes,
        labels=tuple(task.labels),
        is_deadline=task.is_deadline,
        checklist=tuple(
            Item(each.text, each.is_required, each.needs_document, each.needs_review) for each in task.checklist.all()
        ),
        rule=_rule_of(task),
    )


def _rule_of(ruled: Any) -> Rule | None:
    rule: TemplateDateRule | None = getattr(ruled, "date_rule", None)
    if rule is None:
        return None
    return Rule(
        days=rule.days,
        after_key_date=rule.after_key_date.name if rule.after_key_date else "",
        after_task=rule.after_task.key if rule.after_task else "",
        direction=rule.direction,
        sets=rule.sets,
        profile=rule.profile.key if rule.profile else "",
        counting=rule.counting,
        weekend_roll=rule.weekend_roll,
        holiday_roll=rule.holiday_roll,
        skip_holidays=rule.skip_holidays,
    )
