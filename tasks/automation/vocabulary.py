"""The words that rules are written in: triggers, fields of conditions, actions with what each takes.

docs/automation.md lists them for people, ``GET /automation/vocabulary`` for forms; both are held to what stands here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from tasks.automation.values import Kind, Value
from tasks.models import ColumnGroup, DealRole, Priority, ProjectKind, ProjectStatus

IS, IS_NOT, IS_ANY_OF = "is", "is_not", "is_any_of"
AT_MOST, AT_LEAST = "at_most", "at_least"
CONTAINS, LACKS = "contains", "contains_not"
OPERATORS = {
    IS: "the value is this; null means none",
    IS_NOT: "the value is not this",
    IS_ANY_OF: "the value is one of this list",
    AT_MOST: "the number is this or less",
    AT_LEAST: "the number is this or more",
    CONTAINS: "the text has this in it, in upper or lower case",
    LACKS: "the text does not have this in it",
}
_EQUAL = (IS, IS_NOT, IS_ANY_OF)
_COMPARED = (IS, AT_MOST, AT_LEAST)

PLACEHOLDERS = {"{task}": "the task's name", "{project}": "the project's name"}
"""What texts of actions may have in them, and what is put there."""

FURTHEST_DAYS = 365


@dataclass(frozen=True)
class Trigger:
    """What sets a rule off. Without ``has_task`` it is about the project as a whole."""

    name: str
    says: str
    has_task: bool = True
    needs: str = ""
    """A field of which a rule with this trigger has exactly one condition, with ``is``."""


@dataclass(frozen=True)
class Field:
    """What a condition looks at. ``triggers``: the only ones it goes with; empty for all that fit."""

    name: str
    says: str
    value: Value
    operators: tuple[str, ...] = _EQUAL
    has_task: bool = True
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActionWord:
    """What a rule may do. Of ``one_of`` it takes exactly one, of ``some_of`` at least one."""

    name: str
    says: str
    takes: Mapping[str, Value] = field(default_factory=dict)
    needs_task: bool = True
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Word = TypeVar("Word", bound=_Named)


def _by_name(words: Iterable[Word]) -> dict[str, Word]:
    return {word.name: word for word in words}


TRIGGERS = _by_name(
    [
        Trigger(
            "task_created", "a task is added, also by a template; those that a file brings are not told one by one"
        ),
        Trigger("task_moved", "a card comes to another column, also by being completed or reopened"),
        Trigger("task_completed", "a task is completed"),
        Trigger("task_reopened", "a completed task is taken up again"),
        Trigger("task_assigned", "a task is given to somebody"),
        Trigger("task_unblocked", "nothing keeps a task from being completed any more"),
        Trigger(
            "task_due",
            "an open task is due in so many days, or has been overdue for so many (a negative number); told at 08:00 "
            "in the project's time zone",
            needs="days_until_due",
        ),
        Trigger("deadline_near", "the deadline of an open task is 72, 48 or 24 hours away"),
        Trigger("deadline_missed", "the deadline of an open task has passed"),
        Trigger("checklist_done", "the last open item of a task's checklist is settled"),
        Trigger("comment_added", "somebody comments on a task"),
        Trigger("label_added", "a task gets a label"),
        Trigger("project_status_changed", "the project comes to stand elsewhere", has_task=False),
        Trigger("key_date_changed", "a key date is set, moved or met", has_task=False),
    ]
)

_GROUP = Value(kind=Kind.CHOICE, choices=tuple(ColumnGroup.values))
_PRIORITY = Value(kind=Kind.CHOICE, choices=tuple(Priority.values))
_ROLES = tuple(DealRole.values)
_COLUMN = Value(kind=Kind.COLUMN)
_USER = Value(kind=Kind.USER)
_DAYS = Value(kind=Kind.NUMBER, least=-FURTHEST_DAYS, most=FURTHEST_DAYS)

FIELDS = _by_name(
    [
        Field("column", "the column it stands in, or that it was moved to", _COLUMN),
        Field("group", "what that column means", _GROUP),
        Field("from_column", "the column it was moved from", _COLUMN, triggers=("task_moved",)),
        Field("priority", "its priority", _PRIORITY),
        Field("label", "one of its labels", Value(kind=Kind.LABEL, may_be_none=True)),
        Field("assignee", "somebody who has it", Value(kind=Kind.USER, may_be_none=True)),
        Field(
            "assignee_role",
            "the part in the deal of somebody who has it",
            Value(kind=Kind.CHOICE, choices=_ROLES, may_be_none=True),
        ),
        Field("is_blocked", "whether it waits for another task", Value(kind=Kind.YES_NO), operators=(IS,)),
        Field("has_deadline", "whether a contract sets it a deadline", Value(kind=Kind.YES_NO), operators=(IS,)),
        Field("days_until_due", "how many days are left; negative once it is overdue", _DAYS, operators=_COMPARED),
        Field("name", "its name", Value(kind=Kind.TEXT, most=200), operators=(CONTAINS, LACKS)),
        Field("assigned_to", "whom it was given to just now", _USER, triggers=("task_assigned",)),
        Field("added_label", "the label it got just now", Value(kind=Kind.LABEL), triggers=("label_added",)),
        Field(
            "hours_left",
            "how many hours before the deadline this is told: 72, 48 or 24",
            Value(kind=Kind.NUMBER, least=24, most=72),
            operators=_COMPARED,
            triggers=("deadline_near",),
        ),
        Field(
            "key_date",
            "the key date that changed",
            Value(kind=Kind.KEY_DATE),
            has_task=False,
            triggers=("key_date_changed",),
        ),
        Field(
            "project_kind",
            "the project's kind",
            Value(kind=Kind.CHOICE, choices=tuple(ProjectKind.values)),
            has_task=False,
        ),
        Field(
            "project_status",
            "where the project stands",
            Value(kind=Kind.CHOICE, choices=tuple(ProjectStatus.values)),
            has_task=False,
        ),
    ]
)


def _text(most: int, says: str, *, is_optional: bool = False) -> Value:
    return Value(kind=Kind.TEXT, most=most, says=says, is_optional=is_optional)


_SOMEONE = {
    "user": Value(kind=Kind.USER, says="this person", is_optional=True),
    "role": Value(kind=Kind.CHOICE, choices=_ROLES, says="whoever plays this part in the deal", is_optional=True),
}
_WORKING_DAYS = Value(
    kind=Kind.NUMBER, least=-FURTHEST_DAYS, most=FURTHEST_DAYS, says="how many working days after; negative for before"
)

ACTIONS = _by_name(
    [
        ActionWord("assign", "gives the task to somebody, beside whoever has it", _SOMEONE, one_of=("user", "role")),
        ActionWord("unassign", "takes it from somebody who has it", _SOMEONE, one_of=("user", "role")),
        ActionWord("move", "puts its card at the end of a column", {"column": _COLUMN}),
        ActionWord("complete", "completes it, if nothing stands in the way"),
        ActionWord("set_priority", "sets its priority", {"priority": _PRIORITY}),
        ActionWord("add_label", "gives it a label", {"label": Value(kind=Kind.LABEL)}),
        ActionWord("remove_label", "takes a label from it", {"label": Value(kind=Kind.LABEL)}),
        ActionWord("comment", "comments on it", {"body": _text(5000, "in markdown")}),
        ActionWord(
            "set_date",
            "sets the day it starts or is due",
            {
                "date": Value(kind=Kind.CHOICE, choices=("starts_on", "due_on")),
                "working_days": _WORKING_DAYS,
                "key_date": Value(
                    kind=Kind.KEY_DATE, says="counted from this one; from today without", is_optional=True
                ),
            },
        ),
        ActionWord(
            "create_task",
            "adds a task to the project",
            {
                "name": _text(200, "its name"),
                "description": _text(5000, "in markdown", is_optional=True),
                "key": _text(40, "its key; where a task has it already, nothing is done", is_optional=True),
                **_SOMEONE,
                "priority": Value(kind=Kind.CHOICE, choices=tuple(Priority.values), is_optional=True),
                "due_in_working_days": Value(
                    kind=Kind.NUMBER, most=FURTHEST_DAYS, says="working days from today", is_optional=True
                ),
            },
            needs_task=False,
        ),
        ActionWord(
            "notify",
            "tells people, in their inbox and over their channels",
            {
                "message": _text(200, "what they are told"),
                "users": Value(kind=Kind.USER, is_list=True, says="these people", is_optional=True),
                "roles": Value(
                    kind=Kind.CHOICE,
                    choices=_ROLES,
                    is_list=True,
                    says="whoever plays these parts in the deal",
                    is_optional=True,
                ),
                "assignees": Value(kind=Kind.YES_NO, says="whoever has the task", is_optional=True),
                "members": Value(kind=Kind.YES_NO, says="all who work on the project", is_optional=True),
            },
            needs_task=False,
            some_of=("users", "roles", "assignees", "members"),
        ),
    ]
)


def vocabulary() -> dict[str, list[Any]]:
    """All of it, for the forms in which rules are written."""
    return {
        "triggers": list(TRIGGERS.values()),
        "conditions": list(FIELDS.values()),
        "operators": [{"name": name, "says": says} for name, says in OPERATORS.items()],
        "actions": list(ACTIONS.values()),
        "placeholders": [{"name": name, "says": says} for name, says in PLACEHOLDERS.items()],
    }
