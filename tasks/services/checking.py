"""Doing what a checklist asks for: ticking, setting aside, filling slots, reviewing."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import (
    ChecklistItemDone,
    ChecklistItemNotApplicable,
    ChecklistItemReopened,
    ChecklistItemReviewed,
)
from tasks.models import Attachment, ChecklistItem
from tasks.permissions import can_review_checklist, can_work_on_project
from tasks.services.checklists import facts_of_item, lock_item, review_afresh
from tasks.services.locking import require
from tasks.services.refusals import DocumentNeeded, NothingToReview

_State, _Review = ChecklistItem.State, ChecklistItem.Review
_UNDONE: dict[str, Any] = {"state": _State.OPEN, "done_by": None, "done_at": None, "reason": ""}


@transaction.atomic
def do_checklist_item(item: ChecklistItem, *, by: User, version: int | None = None) -> ChecklistItem:
    """Tick it; one that needs a review waits for it then. Doing what is done changes and announces nothing.

    Raises DocumentNeeded while its slot is empty, ItemGone, VersionConflict, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    if item.state == _State.DONE:
        return item
    if item.needs_document and item.document_id is None:
        raise DocumentNeeded("It is done by putting a document into its slot.")
    _do(item, by, version)
    return item


@transaction.atomic
def file_document(
    item: ChecklistItem, *, attachment: Attachment, by: User, version: int | None = None
) -> ChecklistItem:
    """Put ``attachment``, a file of the same task, into the item's slot, which does it.

    Another document than before is reviewed anew. Raises ValidationError for a file of another task, ItemGone,
    VersionConflict, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    if not item.task.attachments.filter(pk=attachment.pk).exists():
        raise ValidationError({"attachment": "This file is not the task's."})
    if item.state != _State.DONE or item.document_id != attachment.pk:
        _do(item, by, version, document=attachment)
    return item


@transaction.atomic
def dismiss_checklist_item(item: ChecklistItem, *, reason: str, by: User, version: int | None = None) -> ChecklistItem:
    """Settle it as not applicable, for ``reason``.

    Raises ValidationError without one, ItemGone, VersionConflict, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it does not apply."})
    changes = _UNDONE | review_afresh(needed=False) | {"state": _State.NOT_APPLICABLE, "reason": reason}
    if item.state != _State.NOT_APPLICABLE or item.reason != reason:
        save_changes(item, changes, version=version)
        announce(ChecklistItemNotApplicable(**facts_of_item(item, by), reason=reason))
    return item


@transaction.atomic
def reopen_checklist_item(item: ChecklistItem, *, by: User, version: int | None = None) -> ChecklistItem:
    """Take it up again, whatever settled it; the document stays in its slot. What is open stays as it is.

    Raises ItemGone, VersionConflict, TaskGone, ProjectArchived.
    """
    require(can_work_on_project(by, item.task.project))
    lock_item(item)
    if item.state != _State.OPEN:
        save_changes(item, _UNDONE | review_afresh(needed=False), version=version)
        announce(ChecklistItemReopened(**facts_of_item(item, by)))
    return item


@transaction.atomic
def review_checklist_item(
    item: ChecklistItem, *, accept: bool, by: User, note: str = "", version: int | None = None
) -> ChecklistItem:
    """Accept what was done, or reject it with a ``note``: it is open again then, and whoever did it is told.

    Raises NothingToReview unless it waits for that, ValidationError for a rejection without a note, ItemGone,
    VersionConflict, TaskGone, ProjectArchived.
    """
    require(can_review_checklist(by, item.task))
    lock_item(item)
    if item.review != _Review.PENDING:
        raise NothingToReview("It does not wait for a review.")
    if not accept and not note.strip():
        raise ValidationError({"note": "Say what is wrong with it."})
    done_by_id = item.done_by_id
    verdict = {"review": _Review.ACCEPTED if accept else _Review.REJECTED, "review_note": note}
    changes = verdict | {"reviewed_by": by, "reviewed_at": clock.now()} | ({} if accept else _UNDONE)
    save_changes(item, changes, version=version)
    announce(ChecklistItemReviewed(**facts_of_item(item, by), accepted=accept, note=note, done_by_id=done_by_id))
    return item


def _do(item: ChecklistItem, by: User, version: int | None, **document: Attachment) -> None:
    done = {"state": _State.DONE, "done_by": by, "done_at": clock.now(), "reason": ""}
    save_changes(item, done | document | review_afresh(needed=item.needs_review), version=version)
    announce(
        ChecklistItemDone(
            **facts_of_item(item, by),
            document_id=item.document_id,
            needs_review=item.needs_review,
        )
    )
