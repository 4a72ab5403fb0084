"""A task's checklist: what is on it, and that what it requires holds the task."""

from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import ChecklistChanged
from tasks.models import ChecklistItem, Task
from tasks.permissions import can_relax_checklist, can_work_on_project
from tasks.services.locking import lock_task, read_anew, require
from tasks.services.placing import facts_of
from tasks.services.refusals import ChecklistOpen, DocumentNeeded, ItemGone

_DEMANDS = ("is_required", "needs_document", "needs_review")


class Demands(TypedDict, total=False):
    """What an item asks for beside being ticked; nothing where it is not said."""

    is_required: bool
    needs_document: bool
    needs_review: bool


@transaction.atomic
def add_checklist_item(
    task: Task, *, text: str, by: User, position: int | None = None, **demands: Unpack[Demands]
) -> ChecklistItem:
    """Put ``text`` on the checklist, at its end unless ``position`` says where. Raises TaskGone, ProjectArchived."""
    require(can_work_on_project(by, task.project))
    lock_task(task)
    last = task.checklist.aggregate(last=Max("position"))["last"]
    item = ChecklistItem.objects.create(task=task, text=text, position=0 if last is None else last + 1, **demands)
    if position is not None:
        _move_to(item, position)
    _announce_change(item, "added", by)
    return item


@transaction.atomic
def edit_checklist_item(
    item: ChecklistItem, *, by: User, changes: dict[str, Any], version: int | None = None
) -> ChecklistItem:
    """Change an item's text, its place (``position``) and what it asks for.

    To ask for less than before takes someone who manages the project. Something done that is to be reviewed from now on
    waits for it. Raises DocumentNeeded for something done without one, ItemGone, VersionConflict, TaskGone,
    ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    position = _new_place(item, changes.pop("position", None))
    fresh = {name: value for name, value in changes.items() if getattr(item, name) != value}
    if any(fresh.get(demand) is False for demand in _DEMANDS):
        require(can_relax_checklist(by, item.task))
    if fresh.get("needs_document") and item.state == ChecklistItem.State.DONE and item.document_id is None:
        raise DocumentNeeded("It is done without a document. Take it up again first.")
    if "needs_review" in fresh and item.state == ChecklistItem.State.DONE:
        fresh |= review_afresh(needed=fresh["needs_review"])
    if fresh or position is not None or version is not None:
        save_changes(item, fresh, version=version)
    if position is not None:
        _move_to(item, position)
    if fresh or position is not None:
        _announce_change(item, "changed", by)
    return item


@transaction.atomic
def remove_checklist_item(item: ChecklistItem, *, by: User) -> None:
    """Take it off the checklist; what is required, only those who manage the project.

    Raises ItemGone, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    if item.is_required:
        require(can_relax_checklist(by, item.task))
    ChecklistItem.objects.filter(pk=item.pk).delete()
    _announce_change(item, "removed", by)


def require_settled(task: Task) -> None:
    """Raises ChecklistOpen, with what the checklist requires and is not settled."""
    items = list(task.checklist.holding().values("id", "text"))
    if items:
        raise ChecklistOpen(f"Still open: {', '.join(item['text'] for item in items)}.", items=items)


def lock_item(item: ChecklistItem) -> None:
    """Hold the project of the item's task and read the item anew. Raises ItemGone, TaskGone, ProjectArchived."""
    task = item.task
    lock_task(task)
    read_anew(item, gone=ItemGone("This was taken off the checklist meanwhile."))
    item.task = task


def facts_of_item(item: ChecklistItem, by: User) -> dict[str, Any]:
    """What every fact about an item says."""
    items = ChecklistItem.objects.filter(task=item.task_id)
    return {
        **facts_of(item.task, by),
        "item_id": item.pk,
        "item": item.text,
        "checklist_done": items.settled().count(),
        "checklist_total": items.count(),
    }


def review_afresh(*, needed: bool) -> dict[str, Any]:
    """The fields of an item that waits for its review where one is ``needed``, and of one that knows of none."""
    pending, none = ChecklistItem.Review.PENDING, ChecklistItem.Review.NONE
    return {"review": pending if needed else none, "reviewed_by": None, "reviewed_at": None, "review_note": ""}


def _new_place(item: ChecklistItem, position: int | None) -> int | None:
    """``position``, unless the item stands there already."""
    order = item.task.checklist.values_list("pk", flat=True)
    return None if position is None or list(order).index(item.pk) == position else position


def _move_to(item: ChecklistItem, position: int) -> None:
    """Number the checklist anew, with the item at ``position``, counted from 0, or last."""
    items = list(item.task.checklist.exclude(pk=item.pk))
    items.insert(position, item)
    moved = [each for place, each in enumerate(items) if each.position != place]
    for place, each in enumerate(items):
        each.position = place
    ChecklistItem.objects.bulk_update(moved, ["position"])


def _announce_change(item: ChecklistItem, change: str, by: User) -> None:
    announce(ChecklistChanged(**facts_of_item(item, by), change=change))
