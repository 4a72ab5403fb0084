"""The columns of a board."""

from typing import Any

from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from tasks.activities import BoardChanged
from tasks.models import OPEN_GROUPS, BoardColumn, ColumnGroup, Project
from tasks.permissions import can_manage_project
from tasks.services.locking import lock_project, require
from tasks.services.refusals import ColumnNeeded, ColumnNotEmpty, NameTaken

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
    _require_free_name(project, values["name"])
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

    A limit lower than what is there keeps new cards out and leaves those that are.
    Raises NameTaken, ColumnNotEmpty, ColumnNeeded, ProjectArchived.
    """
    project = column.project
    require(can_manage_project(by, project))
    lock_project(project)
    column.refresh_from_db()
    column.project = project
    if "name" in changes:
        _require_free_name(project, changes["name"], but=column)
    if "group" in changes:
        _require_harmless(column, changes["group"])
    position = changes.pop("position", None)
    for name, value in changes.items():
        setattr(column, name, value)
    column.save(update_fields=list(changes))
    if position is not None:
        _move_to(column, position)
    _announce_change(column, by)
    return column


def _require_free_name(project: Project, name: str, *, but: BoardColumn | None = None) -> None:
    same = project.columns.filter(name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise NameTaken(f"The board has a column called {name} already.")


def _require_harmless(column: BoardColumn, group: str) -> None:
    """Its cards must not be completed or cancelled in one go, nor the board lack a kind."""
    if _meaning(column.group) == _meaning(group):
        return
    cards = column.tasks.count()
    if cards:
        raise ColumnNotEmpty("Move its cards elsewhere first.", tasks=cards)
    others = column.project.columns.exclude(pk=column.pk).values_list("group", flat=True)
    if column.group != ColumnGroup.CANCELLED and _meaning(column.group) not in map(_meaning, others):
        raise ColumnNeeded("This is the board's last column of its kind. Add another one first.")


def _meaning(group: str) -> str:
    return "open" if group in OPEN_GROUPS else group


def _move_to(column: BoardColumn, position: int) -> None:
    columns = list(column.project.columns.exclude(pk=column.pk))
    columns.insert(position, column)
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
