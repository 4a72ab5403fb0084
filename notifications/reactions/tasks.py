"""Who is told what becomes of tasks. Nobody is told of what they may not see any more."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from estateman.activity.models import Activity
from estateman.activity.reactions import on
from notifications import wording
from notifications.models import Category
from notifications.reactions.telling import board_of, tell
from tasks.activities import AutomationNotice, ProjectRescheduled, TaskAssigned, TaskCompleted, TaskUnblocked
from tasks.audience import automated, followers_of, moved_for, seeing

Assignments = list[tuple[TaskAssigned, Activity]]
Completions = list[tuple[TaskCompleted, Activity]]


@on(TaskAssigned, batch=True)
def tell_the_assignees(happened: Sequence[tuple[TaskAssigned, Activity]]) -> None:
    """Whoever got tasks from somebody else, or from a rule. What one template gave to one person is one line."""
    own = [activity.pk for fact, activity in happened if fact.assignee_id == fact.by_id]
    by_rules = automated(own) if own else set()
    bundles: dict[tuple[Any, ...], Assignments] = defaultdict(list)
    for fact, activity in happened:
        if fact.assignee_id != fact.by_id or activity.pk in by_rules:
            alone = None if fact.template_application_id else activity.pk
            bundles[fact.assignee_id, fact.template_application_id, alone].append((fact, activity))
    for bundle in bundles.values():
        _tell_of_assignments(bundle)


def _tell_of_assignments(bundle: Assignments) -> None:
    fact, activity = bundle[0]
    if len(bundle) == 1:
        title, body = f"{fact.task} is yours", f"{fact.project}{_due(fact)}."
    else:
        title = f"{len(bundle)} tasks of {fact.project} are yours"
        body = "\n".join(f"{each.task}{_due(each)}" for each, _ in bundle)
    data = {**fact.payload(), "task_ids": [each.task_id for each, _ in bundle]}
    people = seeing(fact.project_id, [fact.assignee_id])
    tell(people, activity, Category.TASKS, title=title, body=body, url=board_of(fact.project_id), data=data)


def _due(fact: TaskAssigned) -> str:
    return f", due {wording.day(fact.due_on)}" if fact.due_on else ""


@on(TaskUnblocked)
def tell_the_next_assignees(fact: TaskUnblocked, activity: Activity) -> None:
    title, body = f"{fact.task} can start", f"{fact.by_task} is done in {fact.project}."
    people = seeing(fact.project_id, fact.assignee_ids)
    tell(people, activity, Category.TASKS, title=title, body=body, url=board_of(fact.project_id))


@on(TaskCompleted, batch=True)
def tell_of_completed_tasks(happened: Sequence[tuple[TaskCompleted, Activity]]) -> None:
    """Whoever made it or watches it, but not who completed it. What one person completes at once is one line."""
    followers = followers_of({fact.task_id for fact, _ in happened})
    bundles: dict[tuple[int | None, int, int], Completions] = defaultdict(list)
    for fact, activity in happened:
        for user_id in followers.get(fact.task_id, set()) - {fact.by_id}:
            bundles[fact.by_id, fact.project_id, user_id].append((fact, activity))
    for (_, project_id, user_id), bundle in sorted(bundles.items(), key=lambda each: each[0][1:]):
        if seeing(project_id, [user_id]):
            _tell_of_completions(user_id, bundle)


def _tell_of_completions(user_id: int, bundle: Completions) -> None:
    fact, activity = bundle[0]
    names = [each.task for each, _ in bundle]
    by = f" by {activity.actor}" if activity.actor else ""
    if len(bundle) == 1:
        title, body = f"{fact.task} is done", f"{fact.project}{by}."
    else:
        title, body = f"{len(bundle)} tasks of {fact.project} are done", "\n".join([*names, f"All{by}."])
    data = {**fact.payload(), "task_ids": [each.task_id for each, _ in bundle]}
    tell([user_id], activity, Category.TASKS, title=title, body=body, url=board_of(fact.project_id), data=data)


@on(ProjectRescheduled)
def tell_whose_tasks_moved(fact: ProjectRescheduled, activity: Activity) -> None:
    """One line for each person who has open tasks that moved, but not for who moved them."""
    moved = moved_for(fact.task_ids)
    for user_id in sorted(seeing(fact.project_id, moved.keys() - {fact.by_id})):
        tasks = moved[user_id]
        title = f"{tasks[0].name} moved" if len(tasks) == 1 else f"{len(tasks)} of your tasks in {fact.project} moved"
        lines = [f"{task.name}: {_days(task.starts_on, task.due_on)}" for task in tasks]
        body = "\n".join([f"{fact.project}: {fact.why}.", *lines])
        data = {"project_id": fact.project_id, "project": fact.project, "task_ids": [task.pk for task in tasks]}
        tell([user_id], activity, Category.TASKS, title=title, body=body, url=board_of(fact.project_id), data=data)


def _days(starts_on: date | None, due_on: date | None) -> str:
    """The days it has now: "Monday 4 May to Wednesday 6 May"."""
    said = [wording.day(day.isoformat()) for day in dict.fromkeys((starts_on, due_on)) if day]
    return " to ".join(said) or "no day"


@on(AutomationNotice)
def tell_what_a_rule_says(fact: AutomationNotice, activity: Activity) -> None:
    about = f"{fact.task}, {fact.project}" if fact.task else fact.project
    body = f"{about}. So says the rule {fact.rule}."
    people = seeing(fact.project_id, fact.user_ids)
    tell(people, activity, Category.TASKS, title=fact.message, body=body, url=board_of(fact.project_id))
