"""Hanging the day of a key date or a task off another day, and letting go of it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import DateRuleChanged
from tasks.deal_rules import count_of
from tasks.models import DateChange, DateRule, KeyDate, Project, Task
from tasks.permissions import can_work_on_project
from tasks.reflow import Ref
from tasks.services.circles import require_no_circle
from tasks.services.consequences import DayChange, changes_of, tried
from tasks.services.key_dates import lock_key_date
from tasks.services.locking import lock_task, require
from tasks.services.refusals import DateRuleGone
from tasks.services.replanning import Cause, Seeds, replan

Target = KeyDate | Task


class Ruled(NamedTuple):
    """The rule as it stands, None once it is removed, and what moved with it."""

    rule: DateRule | None
    changes: list[DayChange]


def set_date_rule(target: Target, *, by: User, after: Target, days: int, preview: bool = False, **count: Any) -> Ruled:
    """Let ``target`` stand ``days`` before or after another key date, or after a task's completion.

    It takes the place of the rule that there is, and takes a day that was given by hand over. ``count`` are a
    DateRule's other fields; what is left out is as they are by default. Raises DependencyCycle where days would hang
    off themselves, KeyDateGone, TaskGone, PlanTooLong, ProjectArchived, and ValidationError for an anchor of another
    project.
    """
    require(can_work_on_project(by, target.project))
    with tried(preview):
        _lock(target)
        _require_own(target, after)
        require_no_circle(target.project, rules=[(_ref(after), _ref(target))])
        rule = rule_of(target) or DateRule(**{_ref(target).kind: target})
        _write(rule, after, {**count, "days": days})
        _give_back(target)
        _announce(target, "set", rule, by)
        return Ruled(rule, _replanned(target, by, f"as the rule of {target} was set"))


COUNT = (
    *("direction", "profile", "counting", "weekend_roll", "holiday_roll", "skip_holidays"),
    *("sets", "override_days", "is_deadline"),
)
"""The fields of a rule that say how it counts and what it sets, beside the number of days and the anchor."""


def change_date_rule(target: Target, *, by: User, changes: Mapping[str, Any], preview: bool = False) -> Ruled:
    """Change fields of the rule of ``target``: the days of this deal (``override_days``), or who says its day.

    ``is_overridden`` taken back gives the day to the rule again. Raises DateRuleGone, PlanTooLong, ProjectArchived.
    """
    require(can_work_on_project(by, target.project))
    with tried(preview):
        _lock(target)
        rule = rule_of(target)
        if rule is None:
            raise DateRuleGone(f"{target} has no date rule any more.")
        own = dict(changes)
        if isinstance(target, KeyDate) and "is_overridden" in own:
            is_overridden = own.pop("is_overridden")
            if is_overridden != target.is_overridden:
                save_changes(target, {"is_overridden": is_overridden})
        for name, value in own.items():
            setattr(rule, name, value)
        rule.save(update_fields=own)
        _announce(target, "set", rule, by)
        return Ruled(rule, _replanned(target, by, f"as the rule of {target} was changed"))


def remove_date_rule(target: Target, *, by: User) -> Ruled:
    """Let ``target`` hang off nothing any more: it keeps its day, and a task goes by its schedule from there.

    Nothing happens where there is no rule. Raises KeyDateGone, TaskGone, PlanTooLong, ProjectArchived.
    """
    require(can_work_on_project(by, target.project))
    with transaction.atomic():
        _lock(target)
        rule = rule_of(target)
        if rule is None:
            return Ruled(None, [])
        _announce(target, "removed", rule, by)
        rule.delete()
        _give_back(target)
        return Ruled(None, _replanned(target, by, f"as the rule of {target} was removed"))


def mark_overridden(task: Task) -> bool:
    """That a person gave ``task`` another day: its rule, if any, moves it no more. Returns whether that is new.

    For services that change the days of a task, with the project locked and before they replan.
    """
    return bool(DateRule.objects.filter(task=task, is_overridden=False).update(is_overridden=True))


def rule_of(target: Target) -> DateRule | None:
    """Its rule with all that it is shown with."""
    rules = DateRule.objects.select_related("profile", "after_key_date", "after_task")
    return rules.filter(**{_ref(target).kind: target}).first()


def _lock(target: Target) -> None:
    if isinstance(target, KeyDate):
        lock_key_date(target)
    else:
        lock_task(target)


def _ref(thing: Target) -> Ref:
    return Ref("key_date" if isinstance(thing, KeyDate) else "task", thing.pk)


def _require_own(target: Target, after: Target) -> None:
    rows = target.project.key_dates if isinstance(after, KeyDate) else target.project.tasks
    if not rows.filter(pk=after.pk).exists():
        raise ValidationError({f"after_{_ref(after).kind}": f"{after} does not belong to {target.project}."})


def _write(rule: DateRule, after: Target, values: Mapping[str, Any]) -> None:
    """The whole rule anew: what ``values`` leave out is as it is by default."""
    usual = DateRule()
    for name in ("days", *COUNT):
        setattr(rule, name, values.get(name, getattr(usual, name)))
    rule.after_key_date = after if isinstance(after, KeyDate) else None
    rule.after_task = None if isinstance(after, KeyDate) else after
    rule.is_overridden = False
    rule.save()


def _give_back(target: Target) -> None:
    if isinstance(target, KeyDate) and target.is_overridden:
        save_changes(target, {"is_overridden": False})


def _replanned(target: Target, by: User, why: str) -> list[DayChange]:
    """Where the target and all that hangs off it come to stand now."""
    ref, project = _ref(target), target.project
    if ref.kind == "key_date":
        seeds = Seeds(key_dates=frozenset({ref.id}))
        cause = Cause(DateChange.Cause.KEY_DATE, why, key_date_id=ref.id)
    else:
        seeds = Seeds(tasks=frozenset({ref.id}))
        cause = Cause(DateChange.Cause.EDITED, why, task_id=ref.id)
    outcome = replan(project, by=by, seeds=seeds, cause=cause)
    target.refresh_from_db()
    target.project = project
    return changes_of(outcome, moved={ref})


def _announce(target: Target, change: str, rule: DateRule, by: User) -> None:
    project: Project = target.project
    profile = rule.profile or project.date_profile
    anchor = rule.after_key_date or rule.after_task
    announce(
        DateRuleChanged(
            by_id=by.pk,
            project_id=project.pk,
            project=project.name,
            target_kind=_ref(target).kind,
            target_id=target.pk,
            target=target.name,
            change=change,
            rule=count_of(rule, profile, days=rule.counted_days).describe(str(anchor)),
        )
    )
