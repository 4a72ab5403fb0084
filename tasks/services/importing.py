"""Taking in a plan from a file: all of it, or nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from tasks.activities import PlanImported
from tasks.exchange.plan import PlanFile, PlanTask
from tasks.models import OPEN_GROUPS, BoardColumn, ColumnGroup, Project, Task, TaskAssignee, TaskDependency
from tasks.permissions import can_manage_project
from tasks.planning import PlannedTask, plan_of
from tasks.ranking import GAP
from tasks.services.assignments import require_workers
from tasks.services.circles import require_no_circle
from tasks.services.days import EARLIEST, LATEST, fitted, require_plannable
from tasks.services.deadlines import deadline_fields
from tasks.services.labels import label_by_name
from tasks.services.locking import lock_project, require
from tasks.services.placing import BOTTOM, first_column, rank_at, require_room
from tasks.services.refusals import DependencyCycle, KeyTaken, PlanTooLong
from tasks.services.transitions import keep_transitions
from tasks.workdays import Workdays

MOST_TASKS, MOST_LINKS = 10_000, 40_000
_BATCH = 500


@dataclass(frozen=True)
class Imported:
    """What an import made; ``warnings`` tell what could not be taken in as it stood."""

    tasks: tuple[Task, ...]
    dependencies: int
    warnings: tuple[str, ...]


@transaction.atomic
def import_plan(project: Project, *, plan: PlanFile, by: User) -> Imported:
    """Add the tasks of ``plan`` and how they hang together, scheduled from the project's start.

    Dependencies may name tasks that the project has already. Those whom the file names by an e-mail address of the
    office get their tasks; others are left out, with a warning. Raises KeyTaken, DependencyCycle (with keys),
    PlanTooLong, WipLimitExceeded, ProjectArchived, and ValidationError for what does not hold together.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    known = set(Task.every.filter(project=project).values_list("key", flat=True))
    _check(plan, project, known, _live_keys(project))
    tasks = _make_tasks(project, plan, by)
    keys = {**_live_keys(project), **{task.key: task.pk for task in tasks.values()}}
    _link(plan, keys)
    _refuse_circles(project, keys)
    _plan_days(project, plan, tasks)
    warnings = _give(project, plan, tasks, by)
    label_by_name(project, {tasks[told.key].pk: told.labels for told in plan.tasks})
    _announce(project, plan, by)
    return Imported(tuple(tasks.values()), len(plan.links), (*plan.warnings, *warnings))


def _check(plan: PlanFile, project: Project, known: Collection[str], live: Mapping[str, int]) -> None:
    if len(plan.tasks) > MOST_TASKS or len(plan.links) > MOST_LINKS:
        raise ValidationError({"tasks": f"At most {MOST_TASKS} tasks and {MOST_LINKS} dependencies at once."})
    counted = Counter(task.key for task in plan.tasks)
    if taken := [key for key in counted if key in known]:
        raise KeyTaken(f"{project} has a task with the key {taken[0]} already.", keys=taken[:50])
    for mistake in _mistakes_in_tasks(plan, counted):
        raise ValidationError({"tasks": mistake})
    for mistake in _mistakes_in_links(plan, counted.keys() | live.keys()):
        raise ValidationError({"dependencies": mistake})


def _mistakes_in_tasks(plan: PlanFile, counted: Mapping[str, int]) -> Iterator[str]:
    for task in plan.tasks:
        for day in (task.starts_on, task.not_before, task.completed_on):
            require_plannable(tasks=day)
        if counted[task.key] > 1:
            yield f"There are two tasks with the key {task.key}."
        if task.parent and task.parent not in counted:
            yield f"{task.key} is part of {task.parent}, which the plan does not hold."
        if task.completed_on and task.completed_on > clock.now().date() + timedelta(days=1):
            yield f"{task.key} cannot be completed on a day that has not come yet."


def _mistakes_in_links(plan: PlanFile, keys: Collection[str]) -> Iterator[str]:
    pairs = Counter((link.predecessor, link.successor) for link in plan.links)
    for link in plan.links:
        if missing := [key for key in (link.predecessor, link.successor) if key not in keys]:
            yield f"There is no task with the key {missing[0]}."
        if pairs[link.predecessor, link.successor] > 1:
            yield f"{link.successor} waits for {link.predecessor} twice."
        if link.predecessor == link.successor:
            yield f"{link.successor} cannot wait for itself."


def _live_keys(project: Project) -> dict[str, int]:
    return dict(project.tasks.values_list("key", "pk"))


def _make_tasks(project: Project, plan: PlanFile, by: User) -> dict[str, Task]:
    """The tasks by key: open ones at the end of the first open column, completed ones among the completed."""
    todo, done = first_column(project, *OPEN_GROUPS), first_column(project, ColumnGroup.DONE)
    open_count = sum(task.completed_on is None for task in plan.tasks)
    require_room(todo, cards=open_count)
    require_room(done, cards=len(plan.tasks) - open_count)
    ranks = {column.pk: rank_at(column, BOTTOM) for column in (todo, done)}
    workdays = project.workdays()
    tasks = {}
    for place, told in enumerate(plan.tasks):
        column = done if told.completed_on else todo
        tasks[told.key] = _task(told, column, ranks[column.pk] + place * GAP, workdays, by)
    Task.objects.bulk_create(tasks.values(), batch_size=_BATCH)
    for told in plan.tasks:
        tasks[told.key].parent = tasks.get(told.parent)
    parts = [tasks[told.key] for told in plan.tasks if told.parent]
    Task.objects.bulk_update(parts, ["parent"], batch_size=_BATCH)
    for column in (todo, done):
        keep_transitions([task for task in tasks.values() if task.column_id == column.pk], group=column.group)
    return tasks


def _task(told: PlanTask, column: BoardColumn, rank: int, workdays: Workdays, by: User) -> Task:
    project, duration, keep_due = column.project, told.duration_days, told.due_on is not None
    due_on, duration = fitted(workdays, told.starts_on, told.due_on, duration, keep_due=keep_due)
    return Task(
        project=project,
        column=column,
        rank=rank,
        key=told.key,
        name=told.name,
        description=told.description,
        priority=told.priority,
        scheduling_mode=told.scheduling_mode,
        starts_on=told.starts_on,
        due_on=due_on,
        duration_days=duration,
        not_before=told.not_before or (told.starts_on if told.scheduling_mode == "automatic" else None),
        **deadline_fields(project, told.__dict__),
        progress=100 if told.completed_on else told.progress,
        completed_on=told.completed_on,
        completed_at=clock.now() if told.completed_on else None,
        completed_by=by if told.completed_on else None,
        estimate_minutes=told.estimate_minutes,
        role=told.role,
        created_by=by,
    )


def _link(plan: PlanFile, keys: Mapping[str, int]) -> None:
    TaskDependency.objects.bulk_create(
        (
            TaskDependency(
                predecessor_id=keys[link.predecessor],
                successor_id=keys[link.successor],
                type=link.type,
                lag_days=link.lag_days,
            )
            for link in plan.links
        ),
        batch_size=_BATCH,
    )


def _refuse_circles(project: Project, keys: Mapping[str, int]) -> None:
    try:
        require_no_circle(project)
    except DependencyCycle as circle:
        key_of = {pk: key for key, pk in keys.items()}
        raise DependencyCycle(circle.detail, cycle=[key_of[pk] for pk in circle.extra["cycle"]]) from None


def _plan_days(project: Project, plan: PlanFile, tasks: Mapping[str, Task]) -> None:
    """Date what is scheduled automatically as the whole plan has it, save what is just due. Raises PlanTooLong."""
    planned = _planned(project)
    automatic = [task for task in tasks.values() if task.scheduling_mode == "automatic" and not task.completed_on]
    for task in automatic:
        if task.starts_on or not task.due_on or planned[task.pk].is_parent:
            task.starts_on, task.due_on = planned[task.pk].early_start, planned[task.pk].early_finish
    Task.objects.bulk_update(automatic, ["starts_on", "due_on"], batch_size=_BATCH)


def _planned(project: Project) -> Mapping[int, PlannedTask]:
    try:
        planned = plan_of(project).tasks
    except OverflowError:
        raise PlanTooLong("The plan would leave the calendar. Shorten what comes first.", task=None) from None
    for task in planned.values():
        if task.early_start < EARLIEST or task.early_finish > LATEST:
            span = f"the days from {EARLIEST} to {LATEST}"
            raise PlanTooLong(f"{task.name} would leave {span}. Shorten what comes first.", task=None)
    return planned


def _give(project: Project, plan: PlanFile, tasks: Mapping[str, Task], by: User) -> Iterable[str]:
    """Write who has which task; returns a warning for each address that is nobody's here."""
    asked = {email.lower() for told in plan.tasks for email in told.assignees}
    found = User.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address__in=asked)
    people = {user.email.lower(): user for user in found}
    require_workers(project, people.values(), by=by)
    TaskAssignee.objects.bulk_create(
        (
            TaskAssignee(task=tasks[told.key], user=people[email], assigned_by=by)
            for told in plan.tasks
            for email in dict.fromkeys(address.lower() for address in told.assignees)
            if email in people
        ),
        batch_size=_BATCH,
    )
    return [f"Nobody here has the address {email}." for email in sorted(asked - people.keys())]


def _announce(project: Project, plan: PlanFile, by: User) -> None:
    announce(
        PlanImported(
            by_id=by.pk,
            project_id=project.pk,
            project=project.name,
            tasks=len(plan.tasks),
            dependencies=len(plan.links),
        )
    )
