"""Trying a rule out: everything is done, looked at, and undone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.people.models import User
from tasks.automation import FIELDS, TRIGGERS
from tasks.models import AutomationRule, AutomationRun, Task
from tasks.permissions import can_manage_project
from tasks.services.automation.doing import Refused, Step, Unmet, carry_out
from tasks.services.automation.situations import Met
from tasks.services.locking import require


@dataclass(frozen=True)
class Did:
    """What one action would do, sentence by sentence, as the feed would have it."""

    action: str
    does: Sequence[str]


@dataclass(frozen=True)
class Trial:
    """What would come of the rule.

    ``why_not``: what keeps it from acting, with ``refused_action``, the place of the action that is refused.
    ``assumed``: conditions that only what sets the rule off can answer; here they are taken to hold.
    """

    outcome: str
    why_not: str = ""
    refused_action: int | None = None
    actions: Sequence[Did] = field(default_factory=list)
    assumed: Sequence[str] = field(default_factory=list)


def try_automation_rule(rule: AutomationRule, *, by: User, task: Task | None = None) -> Trial:
    """What ``rule`` would do were it set off now, by ``task`` where it is about one. Nothing stays, nobody hears of it.

    Raises ValidationError without the task that the rule needs, or for one of another project.
    """
    require(can_manage_project(by, rule.project))
    has_task = TRIGGERS[rule.trigger].has_task
    if has_task and (task is None or task.project_id != rule.project_id):
        raise ValidationError({"task": "Say which of the project's tasks would set it off."})
    met = Met(rule.project, task if has_task else None, None)
    assumed = [each["field"] for each in rule.conditions if FIELDS[each["field"]].triggers]
    with transaction.atomic():
        trial = _tried(rule, met, assumed)
        transaction.set_rollback(True)
    return trial


def _tried(rule: AutomationRule, met: Met, assumed: list[str]) -> Trial:
    try:
        steps = carry_out(rule, met)
    except Unmet as unmet:
        return Trial(AutomationRun.Outcome.SKIPPED, why_not=str(unmet), assumed=assumed)
    except Refused as refused:
        return Trial(
            AutomationRun.Outcome.REFUSED, why_not=str(refused), refused_action=refused.action, assumed=assumed
        )
    return Trial(AutomationRun.Outcome.DONE, actions=[_did(step) for step in steps], assumed=assumed)


def _did(step: Step) -> Did:
    return Did(step.action.name, [activity.sentence for activity in step.announced])
