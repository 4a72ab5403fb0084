"""Rules meet what happens: each rule each activity once, all of its actions or none, and never in a circle."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError

from estateman.activity.facts import Fact
from estateman.activity.models import Activity
from estateman.common import clock
from tasks.automation import TRIGGERS, triggers_of
from tasks.models import AutomatedActivity, AutomationRule, AutomationRun, Task
from tasks.services.automation.doing import Refused, Unmet, carry_out
from tasks.services.automation.situations import Met

logger = logging.getLogger(__name__)

Happened = Sequence[tuple[Fact, Activity]]
Rules = dict[int, list[AutomationRule]]
Outcome = AutomationRun.Outcome

LONGEST_CHAIN = 5
"""So many runs may set each other off, one after the other; the next is stopped."""
_CHAIN = "__".join(["run", *["caused_by"] * (LONGEST_CHAIN - 1)])
KEPT = timedelta(days=180)


def run_rules(happened: Happened) -> None:
    """Let the active rules of the projects meet what happened there: one query where there are none for it.

    Project by project, in the order of their ids: two workers that hold several of them never wait for each other.
    """
    met = sorted(_by_trigger(happened), key=lambda each: (each[0].project_id, each[1].pk))
    rules = _rules(met)
    if not rules:
        return
    causes = _causes([activity for _, activity, _ in met])
    for fact, activity, triggers in met:
        for rule in rules[fact.project_id]:
            # What happened before there was the rule is none of its business.
            if rule.trigger in triggers and rule.created_at <= activity.at:
                _meet(rule, fact, activity, causes.get(activity.pk))


def forget_old_runs() -> None:
    """What rules did half a year ago is no longer looked up."""
    AutomationRun.objects.filter(at__lt=clock.now() - KEPT).delete()


def _by_trigger(happened: Happened) -> Iterator[tuple[Any, Activity, set[str]]]:
    for fact, activity in happened:
        if triggers := triggers_of(fact):
            yield fact, activity, triggers


def _rules(met: Iterable[tuple[Any, Activity, set[str]]]) -> Rules:
    projects = {fact.project_id for fact, _, _ in met}
    triggers = {trigger for _, _, each in met for trigger in each}
    wanted = AutomationRule.objects.filter(is_active=True, project__in=projects, trigger__in=triggers)
    found: Rules = defaultdict(list)
    current = wanted.filter(project__archived_at=None).select_related("project", "created_by")
    for rule in current.order_by("pk"):
        found[rule.project_id].append(rule)
    return found


def _causes(activities: Sequence[Activity]) -> dict[int, AutomationRun]:
    """The runs that announced them, each with those that set it off in turn."""
    announced = AutomatedActivity.objects.filter(activity__in=activities).select_related(_CHAIN)
    return {each.activity_id: each.run for each in announced}


def _meet(rule: AutomationRule, fact: Any, activity: Activity, cause: AutomationRun | None) -> None:
    """Run the rule on it, in a savepoint, and keep what came of it."""
    task = Task.every.filter(pk=fact.task_id).first() if TRIGGERS[rule.trigger].has_task else None
    run, is_new = AutomationRun.objects.get_or_create(
        rule=rule,
        activity_no=activity.pk,
        defaults={
            "activity": activity,
            "task": task,
            "outcome": Outcome.DONE,
            "caused_by": cause,
            "depth": cause.depth + 1 if cause else 0,
        },
    )
    if is_new:
        run.outcome, run.detail = _run(run, task, fact)
        run.save(update_fields=["outcome", "detail"])


def _run(run: AutomationRun, task: Task | None, fact: Fact) -> tuple[Outcome, str]:
    """The outcome, and what was done or why not. The database's own trouble is raised: all is tried again then."""
    rule = run.rule
    try:
        met = Met(rule.project, _workable(rule, task), fact)
        done = carry_out(rule, met, before=lambda: _require_no_circle(run))
    except tuple(_OUTCOMES) as hindrance:
        return _OUTCOMES[type(hindrance)], str(hindrance)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("Rule %s failed on activity %s", rule.pk, run.activity_no)
        return Outcome.FAILED, f"{type(error).__name__}: {error}"[:2000]
    announced = [activity for step in done for activity in step.announced]
    AutomatedActivity.objects.bulk_create(AutomatedActivity(run=run, activity=each) for each in announced)
    return Outcome.DONE, "\n".join(activity.sentence for activity in announced)


def _workable(rule: AutomationRule, task: Task | None) -> Task | None:
    """The task, of the project that the rule has. Raises _Gone."""
    if TRIGGERS[rule.trigger].has_task and (task is None or task.deleted_at):
        raise _Gone("The task was deleted meanwhile.")
    if task:
        task.project = rule.project
    return task


class _Gone(Exception):
    """What set the rule off is not there any more."""


class _Circle(Exception):
    """It was set off, by and by, by what it did itself, or the chain is too long; the text says which."""


def _require_no_circle(run: AutomationRun) -> None:
    if run.depth >= LONGEST_CHAIN:
        raise _Circle(f"{LONGEST_CHAIN} rules have set each other off; a chain ends there.")
    earlier = run.caused_by
    while earlier:
        if earlier.rule_id == run.rule_id:
            raise _Circle("What it did itself set it off again.")
        earlier = earlier.caused_by


_OUTCOMES: dict[type[Exception], Outcome] = {
    _Gone: Outcome.SKIPPED,
    Unmet: Outcome.SKIPPED,
    _Circle: Outcome.STOPPED,
    Refused: Outcome.REFUSED,
}
