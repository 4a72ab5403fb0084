"""Doing what a rule says, if its conditions hold: all of its actions or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.models import Activity
from estateman.activity.services import overhearing
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from tasks.automation import Action, Condition, Rule, Situation, Unfit, read_rule, unmet
from tasks.models import AutomationRule
from tasks.permissions import can_manage_project
from tasks.services.automation.acting import Acting, Hindered, act
from tasks.services.automation.situations import Met, situation_of
from tasks.services.locking import lock_project, lock_task


class Unmet(Exception):
    """``conditions`` do not hold; the text says how things are instead."""

    def __init__(self, conditions: Sequence[Condition], situation: Situation) -> None:
        super().__init__("\n".join(_says(each, situation) for each in conditions))
        self.conditions = list(conditions)


class Refused(Exception):
    """A rule of the house stands in the way of ``action`` (its place among the rule's), or of all of them."""

    def __init__(self, why: str, action: int | None = None) -> None:
        super().__init__(why)
        self.action = action


@dataclass(frozen=True)
class Step:
    """An action that was done, and what was announced of it."""

    action: Action
    announced: Sequence[Activity]


def nothing() -> None:
    """What is looked at before acting where there is nothing to look at."""


@transaction.atomic
def carry_out(rule: AutomationRule, met: Met, *, before: Callable[[], None] = nothing) -> list[Step]:
    """Do what ``rule`` says about what it ``met``, in the name of whoever made it; calls ``before`` before acting.

    The project is held from the first look at the conditions on, so that they still hold when it acts. Raises Unmet,
    Refused, and what nobody foresaw; nothing is done then.
    """
    written = _read(rule)
    _hold(met)
    situation = situation_of(met, {each.field for each in written.conditions})
    missing = unmet([each for each in written.conditions if each.field in situation], situation)
    if missing:
        raise Unmet(missing, situation)
    before()
    acting = Acting(rule, _answerable(rule), met.project, met.task)
    return [_step(acting, action, at) for at, action in enumerate(written.actions)]


def _hold(met: Met) -> None:
    try:
        if met.task:
            lock_task(met.task)
        else:
            lock_project(met.project)
    except RuleBroken as broken:
        raise Refused(broken.detail) from broken


def _read(rule: AutomationRule) -> Rule:
    try:
        return read_rule(rule.trigger, rule.conditions, rule.actions)
    except Unfit as unfit:
        raise Refused(f"It says what is not understood any more. {unfit}") from None


def _answerable(rule: AutomationRule) -> User:
    """Whoever made the rule, as long as they manage the project."""
    by = rule.created_by
    if by is None or not by.is_active or not can_manage_project(by, rule.project):
        raise Refused(
            f"{by or 'Whoever'}, who made this rule, no longer manages {rule.project}. "
            "It works again once somebody who does switches it off and on."
        )
    return by


def _step(acting: Acting, action: Action, at: int) -> Step:
    with overhearing() as announced:
        try:
            act(acting, action)
        except RuleBroken as broken:
            raise Refused(broken.detail, at) from broken
        except ValidationError as invalid:
            raise Refused(" ".join(invalid.messages), at) from invalid
        except PermissionDenied:
            raise Refused(f"{acting.by} may not do this.", at) from None
        except Hindered as hindered:
            raise Refused(str(hindered), at) from hindered
    return Step(action, announced)


def _says(condition: Condition, situation: Situation) -> str:
    values = ", ".join(sorted(map(str, situation[condition.field]))) or "none"
    return f"{condition.field} {condition.operator} {condition.value}: it is {values}"
