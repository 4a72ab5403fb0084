"""Moving cards on the board."""

from django.core.exceptions import ValidationError
from django.db import transaction

from estateman.people.models import User
from tasks.models import BoardColumn, ColumnGroup, Task
from tasks.permissions import can_work_on_project
from tasks.services.checklists import require_settled
from tasks.services.completion import require_unblocked
from tasks.services.locking import lock_task, require
from tasks.services.placing import BOTTOM, Spot, put, rank_at, require_room
from tasks.services.recurring import make_next
from tasks.services.subtasks import require_subtasks_settled


@transaction.atomic
def move_task(
    task: Task,
    *,
    column: BoardColumn,
    by: User,
    before: Task | None = None,
    after: Task | None = None,
    version: int | None = None,
) -> Task:
    """Put the card into ``column``: right above ``before``, right below ``after``, or at its end.

    The server chooses the rank while it holds the project, so that no two cards share a place.
    Moving into a done column is completing, with the same rules; out of it is reopening. Raises
    ValidationError for a column or a card that is not the project's or the column's, BlockedBy,
    WipLimitExceeded, VersionConflict, ProjectArchived.
    """
    require(can_work_on_project(by, task.project))
    if before and after:
        raise ValidationError({"after_id": "Say before_id or after_id, not both."})
    lock_task(task)
    place(task, column=column, spot=Spot(before=before, after=after), by=by, version=version)
    return task


def place(
    task: Task,
    *,
    column: BoardColumn,
    by: User,
    spot: Spot = BOTTOM,
    version: int | None = None,
) -> None:
    """``move_task`` with the project locked and the permission checked."""
    current = task.project.columns.filter(pk=column.pk).first()
    if current is None:
        raise ValidationError({"column": "This column is not on the project's board."})
    if current.pk != task.column_id:
        require_room(current)
    if current.group == ColumnGroup.DONE and not task.is_completed:
        require_unblocked(task)
        require_subtasks_settled(task)
        require_settled(task)
    rank = rank_at(current, spot, moving=task)
    put(task, column=current, rank=rank, by=by, version=version)
    make_next(task, by=by)
