"""The columns of a board."""

from contextlib import ExitStack
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import BoardChanged, ColumnDeleted
from tasks.models import OPEN_GROUPS, BoardColumn, ColumnGroup, Project, Task
from tasks.permissions import can_manage_project
from tasks.ranking import GAP
from tasks.services.locking import lock_project, read_anew, require
from tasks.services.names import require_free_name
from tasks.services.placing import BOTTOM, rank_at, require_room, telling_the_freed
from tasks.services.refusals import ColumnGone, ColumnNeeded, ColumnNotEmpty
from tasks.services.transitions import keep_transitions

DEFAULT_COLUMNS = (
    ("Backlog", ColumnGroup.BACKLOG),
    ("To do", ColumnGroup.BACKLOG),
    ("In progress", ColumnGroup.ACTIVE),
    ("Waiting", ColumnGroup.ACTIVE),
    ("Done", ColumnGroup.DONE),
)


def add_default_columns(project: Project) -> None:
    """The board that every new project starts with."""
    BoardColumn.objects.bulk_create(
        BoardColumn(project=project, name=name, group=group, position=position)
        for position, (name, group) in enumerate(DEFAULT_COLUMNS)
    )


@transaction.atomic
def create_column(project: Project, *, by: User, values: dict[str, Any]) -> BoardColumn:
    """Add a column of ``values`` (name, group, wip_limit, wip_is_hard, position), last by default.

    Raises NameTaken, ProjectArchived.
    """
    require(can_manage_project(by, project))
    lock_project(project)
    require_free_name(project.columns.all(), values["name"], what="The board has a column")
    position = values.pop("position", None)
    count = project.columns.count()
    column = BoardColumn.objects.create(project=project, position=count, **values)
    if position is not None:
        _move_to(column, position)
    _announce_change(column, by)
    return column


@transaction.atomic
def change_column(column: BoardColumn, *, by: User, changes: dict[str, Any]) -> BoardColumn:
    """Change a column's name, meaning, limit or place.

    A limit lower than what is there keeps new cards out and leaves those that are. Where it comes to mean something
    else, what was deleted from it comes back to another column of the kind that it was.
    Raises NameTaken, ColumnNotEmpty, ColumnNeeded, ColumnGone, ProjectArchived.
    """
    project = column.project
    require(can_manage_project(by, project))
    lock_project(project)
    _refresh(column)
    if "name" in changes:
        require_free_name(project.columns.all(), changes["name"], what="The board has a column", but=column)
    if "group" in changes and _meaning(column.group) != _meaning(changes["group"]):
        _require_empty(column)
        _require_another(column)
        _pass_on_the_deleted(column, _heir(column))
    position, origin = changes.pop("position", None), column.group
    for name, value in changes.items():
        setattr(column, name, value)
    column.save(update_fields=list(changes))
    keep_transitions(column.tasks.select_related("project"), origin=origin, group=column.group)
    if position is not None:
        _move_to(column, position)
    _announce_change(column, by)
    return column


@transaction.atomic
def delete_column(column: BoardColumn, *, by: User, move_to: BoardColumn | None = None) -> None:
    """Take ``column`` off the board; its cards go to the end of ``move_to``, in their order.

    There they have to mean the same: none is completed, reopened or cancelled by it. What was deleted goes along, to
    come back there. Raises ColumnNotEmpty without a place for its cards, ColumnNeeded for the last of its kind,
    WipLimitExceeded, ColumnGone, ProjectArchived, ValidationError for a ``move_to`` of another board or meaning.
    """
    project = column.project
    require(can_manage_project(by, project))
    lock_project(project)
    _refresh(column)
    _require_another(column)
    cards = list(column.tasks.select_related("project").order_by("rank", "pk"))
    if move_to is not None:
        move_to = _same_meaning(column, move_to)
        require_room(move_to, cards=len(cards))
    elif cards:
        raise ColumnNotEmpty("Say which column its cards are to stand in.", tasks=len(cards))
    goal = move_to or _heir(column)
    with ExitStack() as freed:
        for card in cards if goal.group != column.group else ():
            freed.enter_context(telling_the_freed(card, by=by))
        _move_cards(cards, column, goal)
    pk = column.pk
    column.delete()
    _number(list(project.columns.all()))
    announce(
        ColumnDeleted(
            by_id=by.pk,
            project_id=project.pk,
            project=project.name,
            column_id=pk,
            column=column.name,
            moved_to_id=goal.pk if cards else None,
            moved_to=goal.name if cards else "",
            tasks=len(cards),
        )
    )


def _refresh(column: BoardColumn) -> None:
    """Reads it anew, the project being locked. Raises ColumnGone."""
    project = column.project
    read_anew(column, gone=ColumnGone("This column was taken off the board meanwhile."))
    column.project = project


def _same_meaning(column: BoardColumn, move_to: BoardColumn) -> BoardColumn:
    """``move_to`` as it stands now. Raises ValidationError where the cards of ``column`` cannot go there."""
    goal = column.project.columns.filter(pk=move_to.pk).first()
    if goal is None:
        raise ValidationError({"move_to": "This column is not on the project's board."})
    if goal.pk == column.pk:
        raise ValidationError({"move_to": "This is the column itself."})
    if _meaning(goal.group) != _meaning(column.group):
        raise ValidationError({"move_to": "Its cards would mean something else there. Move them one by one."})
    return goal


def _heir(column: BoardColumn) -> BoardColumn:
    """Where its deleted tasks would come back to: a column of its kind, or the first for open tasks."""
    others = [each for each in column.project.columns.all() if each.pk != column.pk]
    return next((each for each in others if _meaning(each.group) == _meaning(column.group)), None) or next(
        each for each in others if each.group in OPEN_GROUPS
    )


def _move_cards(cards: list[Task], column: BoardColumn, goal: BoardColumn) -> None:
    first_rank = rank_at(goal, BOTTOM)
    for place, card in enumerate(cards):
        card.column, card.rank, card.version = goal, first_rank + place * GAP, card.version + 1
    Task.objects.bulk_update(cards, ["column", "rank", "version"], batch_size=500)
    keep_transitions(cards, origin=column.group, group=goal.group)
    _pass_on_the_deleted(column, goal)


def _pass_on_the_deleted(column: BoardColumn, goal: BoardColumn) -> None:
    """What was deleted from ``column``, which has no cards any more, comes back to ``goal``."""
    Task.every.filter(column=column).update(column=goal, version=F("version") + 1)


def _require_empty(column: BoardColumn) -> None:
    """Its cards must not be completed or cancelled in one go."""
    cards = column.tasks.count()
    if cards:
        raise ColumnNotEmpty("Move its cards elsewhere first.", tasks=cards)


def _require_another(column: BoardColumn) -> None:
    """Raises ColumnNeeded when the board would have nowhere for open tasks, or for completed ones."""
    others = column.project.columns.exclude(pk=column.pk).values_list("group", flat=True)
    if column.group != ColumnGroup.CANCELLED and _meaning(column.group) not in map(_meaning, others):
        raise ColumnNeeded("This is the board's last column of its kind. Add another one first.")


def _meaning(group: str) -> str:
    return "open" if group in OPEN_GROUPS else group


def _move_to(column: BoardColumn, position: int) -> None:
    columns = list(column.project.columns.exclude(pk=column.pk))
    columns.insert(position, column)
    _number(columns)


def _number(columns: list[BoardColumn]) -> None:
    for place, each in enumerate(columns):
        each.position = place
    BoardColumn.objects.bulk_update(columns, ["position"])


def _announce_change(column: BoardColumn, by: User) -> None:
    announce(
        BoardChanged(
            by_id=by.pk,
            project_id=column.project_id,
            project=column.project.name,
            column_id=column.pk,
            column=column.name,
        )
    )
