"""What each action of a rule does: the ordinary services, called in the name of whoever made the rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from estateman.activity.services import announce
from estateman.common import clock
from estateman.people.models import User
from tasks.activities import AutomationNotice
from tasks.audience import seeing, workers_of
from tasks.automation import Action
from tasks.models import AutomationRule, Label, Project, Task
from tasks.services.assignments import assign_task, unassign_task
from tasks.services.commenting import comment_on_task
from tasks.services.completion import complete_task
from tasks.services.moving import move_task
from tasks.services.parts import players_of
from tasks.services.tasks import create_task, edit_task

Thing = TypeVar("Thing")


class Hindered(Exception):
    """What the action needs is not there; the text says what."""


@dataclass(frozen=True)
class Acting:
    """Whose rule acts, on what."""

    rule: AutomationRule
    by: User
    project: Project
    task: Task | None

    @property
    def own_task(self) -> Task:
        """The task that set the rule off; only such rules have actions that need one."""
        assert self.task is not None  # noqa: S101  read_rule() refuses others
        return self.task

    def written(self, text: str) -> str:
        """``text`` with the names put in that it asks for."""
        return text.replace("{task}", self.task.name if self.task else "").replace("{project}", self.project.name)


def act(acting: Acting, action: Action) -> None:
    """Do it. Raises Hindered and what the services raise."""
    _DOES[action.name](acting, **action.takes)


def _assign(acting: Acting, *, user: int | None = None, role: str = "") -> None:
    assign_task(acting.own_task, user=_somebody(acting, user, role), by=acting.by)


def _unassign(acting: Acting, *, user: int | None = None, role: str = "") -> None:
    unassign_task(acting.own_task, user=_somebody(acting, user, role), by=acting.by)


def _move(acting: Acting, *, column: int) -> None:
    found = _found(acting.project.columns.filter(pk=column).first(), "The column it would move to")
    if acting.own_task.column_id != found.pk:
        move_task(acting.own_task, column=found, by=acting.by)


def _complete(acting: Acting) -> None:
    complete_task(acting.own_task, by=acting.by)


def _set_priority(acting: Acting, *, priority: str) -> None:
    edit_task(acting.own_task, by=acting.by, changes={"priority": priority})


def _add_label(acting: Acting, *, label: int) -> None:
    found = _label(acting, label)
    edit_task(acting.own_task, by=acting.by, changes={}, labels=[*acting.own_task.labels.all(), found])


def _remove_label(acting: Acting, *, label: int) -> None:
    rest = acting.own_task.labels.exclude(pk=_label(acting, label).pk)
    edit_task(acting.own_task, by=acting.by, changes={}, labels=rest)


def _comment(acting: Acting, *, body: str) -> None:
    comment_on_task(acting.own_task, by=acting.by, body=acting.written(body))


def _set_date(acting: Acting, *, date: str, working_days: int, key_date: int | None = None) -> None:
    counted_from = _today(acting) if key_date is None else _key_date(acting, key_date)
    day = _worked(acting.project, counted_from, working_days)
    edit_task(acting.own_task, by=acting.by, changes={date: day})


def _create_task(acting: Acting, *, name: str, key: str = "", user: int | None = None, **said: Any) -> None:
    if key and Task.every.filter(project=acting.project, key=key).exists():
        return
    days = said.pop("due_in_working_days", None)
    details = {**said, "key": key, "description": acting.written(said.get("description", ""))}
    if days is not None:
        details["due_on"] = _worked(acting.project, _today(acting), days)
    people = [_somebody(acting, user, "")] if user else []
    create_task(acting.project, name=acting.written(name)[:200], by=acting.by, assignees=people, **details)


def _notify(acting: Acting, *, message: str, **whom: Any) -> None:
    told = seeing(acting.project.pk, _people(acting, **whom))
    if not told:
        raise Hindered("There is nobody to tell.")
    announce(
        AutomationNotice(
            by_id=acting.by.pk,
            project_id=acting.project.pk,
            project=acting.project.name,
            rule_id=acting.rule.pk,
            rule=acting.rule.name,
            user_ids=tuple(sorted(told)),
            message=acting.written(message),
            task_id=acting.task.pk if acting.task else None,
            task=acting.task.name if acting.task else "",
        )
    )


def _people(
    acting: Acting,
    *,
    users: Iterable[int] = (),
    roles: Iterable[str] = (),
    assignees: bool = False,
    members: bool = False,
) -> set[int]:
    playing = players_of(acting.project)
    people = {*users, *(playing[role].pk for role in roles if role in playing)}
    if assignees:
        people |= set(acting.own_task.assignments.values_list("user_id", flat=True))
    return people | workers_of(acting.project) if members else people


_DOES: Mapping[str, Callable[..., None]] = {
    "assign": _assign,
    "unassign": _unassign,
    "move": _move,
    "complete": _complete,
    "set_priority": _set_priority,
    "add_label": _add_label,
    "remove_label": _remove_label,
    "comment": _comment,
    "set_date": _set_date,
    "create_task": _create_task,
    "notify": _notify,
}


def _somebody(acting: Acting, user: int | None, role: str) -> User:
    if user:
        return _found(acting.project.members.filter(pk=user).first(), "The person")
    player = players_of(acting.project).get(role)
    if player is None:
        raise Hindered(f"Nobody plays the part {role.replace('_', ' ')} in {acting.project}.")
    return player


def _label(acting: Acting, pk: int) -> Label:
    return _found(acting.project.labels.filter(pk=pk).first(), "The label")


def _key_date(acting: Acting, pk: int) -> date:
    key_date = _found(acting.project.key_dates.filter(pk=pk).first(), "The key date")
    if key_date.on is None:
        raise Hindered(f"It is not known yet when {key_date} is.")
    return key_date.on


def _found(thing: Thing | None, called: str) -> Thing:
    if thing is None:
        raise Hindered(f"{called} is not the project's any more.")
    return thing


def _today(acting: Acting) -> date:
    return clock.local_date(clock.now(), acting.project.timezone)


def _worked(project: Project, day: date, count: int) -> date:
    """So many working days after ``day``; 0 is that day, or the first working day after it."""
    try:
        return project.workdays().shift(day, count)
    except OverflowError:
        raise ValidationError("No calendar goes that far.") from None
