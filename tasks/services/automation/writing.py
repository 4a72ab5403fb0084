"""Making, changing and deleting rules."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import AutomationRuleChanged
from tasks.automation import Kind, Rule, Unfit, read_rule, references, stored
from tasks.models import AutomationRule, Project
from tasks.permissions import can_manage_project
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.names import require_free_name
from tasks.services.refusals import RuleGone

WRITTEN = ("trigger", "conditions", "actions")


@transaction.atomic
def create_automation_rule(
    project: Project, *, by: User, name: str, is_active: bool = True, **written: Any
) -> AutomationRule:
    """Make a rule of ``trigger``, ``conditions`` and ``actions``; it acts in the name of ``by``.

    Raises ValidationError naming what does not fit, like ``actions.0.column``; NameTaken, ProjectArchived.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    require_free_name(project.automation_rules.all(), name, what=f"{project} has a rule")
    fitting = judge_rule(project, **{"conditions": [], **written})
    rule = AutomationRule.objects.create(
        project=project, name=name, is_active=is_active, created_by=by, **stored(fitting)
    )
    _announce(rule, "added", by)
    return rule


@transaction.atomic
def change_automation_rule(
    rule: AutomationRule, *, by: User, changes: dict[str, Any], version: int | None = None
) -> AutomationRule:
    """Change what a rule is called, what it says, or whether it is on.

    Whoever changes what it does, or switches it on, answers for it: it acts in their name from then on. Raises
    what ``create_automation_rule`` raises, RuleGone, VersionConflict.
    """
    require(can_manage_project(by, rule.project))
    _lock(rule)
    if "name" in changes:
        rules = rule.project.automation_rules.all()
        require_free_name(rules, changes["name"], what=f"{rule.project} has a rule", but=rule)
    if changes.keys() & set(WRITTEN):
        written = {name: changes.get(name, getattr(rule, name)) for name in WRITTEN}
        changes = {**changes, **stored(judge_rule(rule.project, **written))}
    fresh = {name: value for name, value in changes.items() if getattr(rule, name) != value}
    if (fresh.keys() & set(WRITTEN) or fresh.get("is_active")) and rule.created_by_id != by.pk:
        fresh["created_by"] = by
    if fresh or version is not None:
        save_changes(rule, fresh, version=version)
    if fresh:
        _announce(rule, "changed", by)
    return rule


@transaction.atomic
def delete_automation_rule(rule: AutomationRule, *, by: User) -> None:
    """Delete a rule, with the log of its runs. Raises RuleGone, ProjectArchived."""
    require(can_manage_project(by, rule.project))
    _lock(rule)
    _announce(rule, "removed", by)
    rule.delete()


def _lock(rule: AutomationRule) -> None:
    """Hold the project and read the rule anew."""
    project = rule.project
    lock_project(project)
    read_anew(rule, gone=RuleGone("This rule was deleted meanwhile."))
    rule.project = project


def judge_rule(project: Project, *, trigger: object, actions: object, conditions: object) -> Rule:
    """The rule that was written for ``project``. Raises ValidationError naming what does not fit by its place."""
    try:
        rule = read_rule(trigger, conditions, actions)
    except Unfit as unfit:
        raise ValidationError(unfit.errors) from None
    errors = _strangers(project, rule)
    if errors:
        raise ValidationError(errors)
    return rule


def _strangers(project: Project, rule: Rule) -> dict[str, str]:
    """What the rule names that is not the project's, by where it stands. One query for each kind of thing."""
    named = list(references(rule))
    errors: dict[str, str] = {}
    for kind in dict.fromkeys(each.kind for each in named):
        says, of_project = _OF_PROJECT[kind]
        wanted = {each.pk for each in named if each.kind == kind}
        known = set(of_project(project).filter(pk__in=wanted).values_list("pk", flat=True))
        errors |= {each.path: says for each in named if each.kind == kind and each.pk not in known}
    return errors


_OF_PROJECT: dict[Kind, tuple[str, Callable[[Project], Any]]] = {
    Kind.COLUMN: ("This column is not on the project's board.", lambda project: project.columns),
    Kind.LABEL: ("This label is not the project's.", lambda project: project.labels),
    Kind.KEY_DATE: ("This key date is not the project's.", lambda project: project.key_dates),
    Kind.USER: ("They do not belong to the project.", lambda project: project.members),
}


def _announce(rule: AutomationRule, change: str, by: User) -> None:
    announce(
        AutomationRuleChanged(
            by_id=by.pk,
            project_id=rule.project_id,
            project=rule.project.name,
            rule_id=rule.pk,
            rule=rule.name,
            change=change,
        )
    )
