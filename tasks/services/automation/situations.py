"""How things stand when a rule meets an activity, read only as far as its conditions ask."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from estateman.activity.facts import Fact
from estateman.common import clock
from tasks.automation import FIELDS, Situation
from tasks.models import BoardColumn, Project, Task

Values = frozenset[Any]


@dataclass(frozen=True)
class Met:
    """What a rule met: the project, the task if it is about one, and the fact; a rule that is tried out has none."""

    project: Project
    task: Task | None
    fact: Fact | None


def situation_of(met: Met, fields: Iterable[str]) -> Situation:
    """What each of ``fields`` is. What only the fact would say is left out where there is none."""
    return {name: _READERS[name](met) for name in fields if not (met.fact is None and FIELDS[name].triggers)}


def _one(value: Any) -> Values:
    return frozenset() if value is None else frozenset([value])


def _said(name: str) -> Callable[[Met], Values]:
    """What the fact says of it."""
    return lambda met: _one(getattr(met.fact, name, None))


def _of_task(read: Callable[[Task], Iterable[Any]]) -> Callable[[Met], Values]:
    return lambda met: frozenset(read(met.task)) if met.task else frozenset()


def _column(met: Met) -> Values:
    """Where it was moved to, rather than where it stands by now: of two moves in a row each is met once."""
    said = _said("column_id")(met)
    return said or _of_task(lambda task: [task.column_id])(met)


def _group(met: Met) -> Values:
    columns = BoardColumn.objects.filter(project=met.project, pk__in=_column(met))
    return frozenset(columns.values_list("group", flat=True))


def _assignee_roles(task: Task) -> Iterable[str]:
    members = task.project.memberships.filter(user__in=task.assignees.all()).exclude(deal_role="")
    return members.values_list("deal_role", flat=True)


def _days_until_due(met: Met) -> Values:
    said = _said("days")(met)
    if said or met.task is None or met.task.due_on is None:
        return said
    today = clock.local_date(clock.now(), met.project.timezone)
    return frozenset([(met.task.due_on - today).days])


_READERS: dict[str, Callable[[Met], Values]] = {
    "column": _column,
    "group": _group,
    "from_column": _said("from_column_id"),
    "priority": _of_task(lambda task: [task.priority]),
    "label": _of_task(lambda task: task.labels.values_list("pk", flat=True)),
    "assignee": _of_task(lambda task: task.assignments.values_list("user_id", flat=True)),
    "assignee_role": _of_task(_assignee_roles),
    "is_blocked": _of_task(lambda task: [task.is_blocked]),
    "has_deadline": _of_task(lambda task: [task.deadline_at is not None]),
    "days_until_due": _days_until_due,
    "name": _of_task(lambda task: [task.name]),
    "assigned_to": _said("assignee_id"),
    "added_label": lambda met: frozenset(getattr(met.fact, "added_label_ids", ())),
    "hours_left": _said("hours"),
    "key_date": lambda met: _said("key_date_id")(met) or frozenset(getattr(met.fact, "key_date_ids", ())),
    "project_kind": lambda met: _one(met.project.kind),
    "project_status": lambda met: _one(getattr(met.fact, "status", "") or met.project.status),
}
