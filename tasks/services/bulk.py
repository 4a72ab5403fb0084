"""Changing many tasks at once: all of them or none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from tasks.models import BoardColumn, DateChange, Label, Project, Task, TaskDependency
from tasks.permissions import can_work_on_project
from tasks.services.completion import complete_task
from tasks.services.deleting import delete_task
from tasks.services.locking import lock_project, require
from tasks.services.placing import ref_of
from tasks.services.refusals import TaskGone
from tasks.services.replanning import Cause, replanning_once
from tasks.services.tasks import edit_task


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """What is to become of each of the tasks; what is left empty stays as it is.

    ``shift_days`` moves the start and the due day by so many working days, back where it is negative. Of ``column``,
    ``complete`` and ``delete`` one may be said; ``bridge`` is for deleting.
    """

    column: BoardColumn | None = None
    priority: str = ""
    add_assignees: tuple[User, ...] = ()
    remove_assignees: tuple[User, ...] = ()
    add_labels: tuple[Label, ...] = ()
    remove_labels: tuple[Label, ...] = ()
    shift_days: int = 0
    complete: bool = False
    delete: bool = False
    bridge: bool | None = None


@transaction.atomic
def change_tasks(tasks: Iterable[Task], *, changes: Bulk, by: User) -> list[Task]:
    """Change all ``tasks`` as ``changes`` say, or none. Returns them in the order they were changed in.

    What waits for another of them comes after it, so that a chain can be completed in one go. Their projects are held
    in the order of their ids, so that two who change tasks of the same projects wait for each other once, not forever.
    Raises what changing, completing and deleting one raises, naming the task in its words, and in ``task`` where it
    is a rule.
    """
    if sum((changes.column is not None, changes.complete, changes.delete)) > 1:
        raise ValidationError({"changes": "Say one of column, complete and delete."})
    chosen = {task.pk: task for task in tasks}
    projects = {task.project_id: task.project for task in chosen.values()}
    for pk in sorted(projects):
        require(can_work_on_project(by, projects[pk]))
        lock_project(projects[pk])
    ordered = _in_order(_read_anew(chosen, projects))
    with replanning_once(by=by, cause=Cause(DateChange.Cause.TASK, "tasks were changed together")):
        for task in ordered:
            with _naming(task):
                _change(task, changes, by)
    return ordered


def _read_anew(chosen: dict[int, Task], projects: dict[int, Project]) -> dict[int, Task]:
    """The tasks as they stand now that their projects are held. Raises TaskGone."""
    found = {task.pk: task for task in Task.objects.filter(pk__in=chosen).select_related("column").order_by("pk")}
    for pk in chosen.keys() - found.keys():
        with _naming(chosen[pk]):
            raise TaskGone("This task was deleted meanwhile.")
    for task in found.values():
        task.project = projects[task.project_id]
    return found


def _in_order(chosen: dict[int, Task]) -> list[Task]:
    """First what others of them wait for, and sub-tasks before their parents."""
    first: dict[int, set[int]] = {pk: set() for pk in sorted(chosen)}
    links = TaskDependency.objects.filter(predecessor__in=chosen, successor__in=chosen)
    for predecessor, successor in links.values_list("predecessor_id", "successor_id"):
        first[successor].add(predecessor)
    for pk, parent in Task.objects.filter(pk__in=chosen, parent__in=chosen).values_list("pk", "parent_id"):
        first[parent].add(pk)
    return [chosen[pk] for pk in TopologicalSorter(first).static_order()]


def _change(task: Task, changes: Bulk, by: User) -> None:
    if changes.complete:
        complete_task(task, by=by)
    assignees, labels = _people(task, changes), _labels(task, changes)
    edits = _edits(task, changes)
    if edits or changes.column or assignees is not None or labels is not None:
        edit_task(task, by=by, changes=edits, assignees=assignees, labels=labels, column=changes.column)
    if changes.delete:
        delete_task(task, by=by, bridge=changes.bridge)


def _edits(task: Task, changes: Bulk) -> dict[str, Any]:
    edits: dict[str, Any] = {"priority": changes.priority} if changes.priority else {}
    if changes.shift_days:
        field = "starts_on" if task.starts_on else "due_on"  # a due day goes along with its start
        if day := getattr(task, field):
            edits[field] = task.project.workdays().shift(day, changes.shift_days)
    return edits


def _people(task: Task, changes: Bulk) -> list[User] | None:
    """Who is to have it then, if that is to change at all."""
    if not (changes.add_assignees or changes.remove_assignees):
        return None
    present = [given.user for given in task.assignments.select_related("user").order_by("pk")]
    return [user for user in (*present, *changes.add_assignees) if user not in changes.remove_assignees]


def _labels(task: Task, changes: Bulk) -> list[Label] | None:
    if not (changes.add_labels or changes.remove_labels):
        return None
    return [label for label in (*task.labels.all(), *changes.add_labels) if label not in changes.remove_labels]


@contextmanager
def _naming(task: Task) -> Iterator[None]:
    """Says of which task it is that something is wrong or not allowed."""
    try:
        yield
    except RuleBroken as rule:
        rule.detail = f"{task}: {rule.detail}"
        rule.extra = {"task": ref_of(task), **rule.extra}
        raise
    except PermissionDenied as denied:
        raise PermissionDenied(f"{task}: {str(denied) or 'This is not yours to do.'}") from None
    except ValidationError as wrong:
        fields = wrong.error_dict if hasattr(wrong, "error_dict") else {"changes": wrong.error_list}
        raise ValidationError({field: _named(task, errors) for field, errors in fields.items()}) from None


def _named(task: Task, errors: list[ValidationError]) -> list[ValidationError]:
    return [ValidationError(f"{task}: {word}", code=error.code) for error in errors for word in error.messages]
