"""What sets rules off: which facts are which triggers. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from estateman.activity.facts import Fact
from tasks.activities import (
    ChecklistChanged,
    ChecklistItemDone,
    ChecklistItemNotApplicable,
    ChecklistItemReviewed,
    DeadlineMissed,
    DeadlineNear,
    KeyDateAdded,
    KeyDateChanged,
    ProjectChanged,
    ProjectRescheduled,
    TaskAssigned,
    TaskChanged,
    TaskCommented,
    TaskCompleted,
    TaskCreated,
    TaskDue,
    TaskMoved,
    TaskReopened,
    TaskUnblocked,
)

Holds = Callable[[Any], bool]


def _always(fact: Fact) -> bool:
    return True


def _is_elsewhere(fact: TaskMoved) -> bool:
    return fact.column_id != fact.from_column_id


def _is_whole(fact: ChecklistItemDone) -> bool:
    return 0 < fact.checklist_total == fact.checklist_done


_SETS_OFF: Mapping[type[Fact], Mapping[str, Holds]] = {
    TaskCreated: {"task_created": _always},
    TaskMoved: {"task_moved": _is_elsewhere},
    TaskCompleted: {"task_moved": _always, "task_completed": _always},
    TaskReopened: {"task_moved": _always, "task_reopened": _always},
    TaskAssigned: {"task_assigned": _always},
    TaskUnblocked: {"task_unblocked": _always},
    TaskDue: {"task_due": _always},
    DeadlineNear: {"deadline_near": _always},
    DeadlineMissed: {"deadline_missed": _always},
    TaskCommented: {"comment_added": _always},
    ChecklistItemDone: {"checklist_done": _is_whole},
    ChecklistItemNotApplicable: {"checklist_done": _is_whole},
    ChecklistItemReviewed: {"checklist_done": lambda fact: fact.accepted and _is_whole(fact)},
    ChecklistChanged: {"checklist_done": lambda fact: fact.change == "removed" and _is_whole(fact)},
    TaskChanged: {"label_added": lambda fact: bool(fact.added_label_ids)},
    KeyDateAdded: {"key_date_changed": lambda fact: fact.on is not None},
    KeyDateChanged: {"key_date_changed": lambda fact: not {"on", "met_on"}.isdisjoint(fact.fields)},
    ProjectRescheduled: {"key_date_changed": lambda fact: bool(fact.key_date_ids)},
    ProjectChanged: {"project_status_changed": lambda fact: "status" in fact.fields},
}

TRIGGERING = tuple(_SETS_OFF)
"""The facts that may set rules off."""


def triggers_of(fact: Fact) -> set[str]:
    """What ``fact`` is to rules; nothing, for a card that only changed places."""
    return {trigger for trigger, holds in _SETS_OFF.get(type(fact), {}).items() if holds(fact)}
