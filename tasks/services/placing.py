"""Where a card stands: its place in a column, and what standing there means for the task.

All of this is called with the project locked.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from tasks.activities import TaskCompleted, TaskMoved, TaskReopened, TaskUnblocked
from tasks.models import BoardColumn, ColumnGroup, DateChange, Project, Task, TaskDependency, TimeLog
from tasks.ranking import GAP, rank_between
from tasks.services.refusals import WipLimitExceeded
from tasks.services.replanning import Cause, replan_task
from tasks.services.time.stopping import stop_timers
from tasks.services.transitions import keep_transition


@dataclass(frozen=True)
class Spot:
    """Where in a column: right above ``before``, right below ``after``, or at one of its ends."""

    before: Task | None = None
    after: Task | None = None
    at_top: bool = False


_SPREAD = f"""
    UPDATE {Task._meta.db_table} SET rank = %s * fresh.place
    FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY rank, id) - 1 AS place
          FROM {Task._meta.db_table} WHERE column_id = %s AND deleted_at IS NULL) AS fresh
    WHERE {Task._meta.db_table}.id = fresh.id
"""  # noqa: S608  the table's name is ours

_ENDS_TIMERS: dict[str, TimeLog.EndedBy] = {
    ColumnGroup.DONE: TimeLog.EndedBy.COMPLETED,
    ColumnGroup.CANCELLED: TimeLog.EndedBy.CANCELLED,
}

_SETTLED = {ColumnGroup.DONE, ColumnGroup.CANCELLED}

BOTTOM = Spot()
TOP = Spot(at_top=True)


@dataclass(frozen=True)
class Finish:
    """How a task was completed: the day it was really done, and why it was not made to wait."""

    on: date
    forced_reason: str = ""


def first_column(project: Project, *groups: ColumnGroup) -> BoardColumn:
    """The leftmost column of the first of ``groups`` that has any; a board has one of each kind."""
    columns = list(project.columns.all())
    return next(column for group in groups for column in columns if column.group == group)


def has_room(column: BoardColumn, *, cards: int = 1) -> bool:
    """Whether a hard limit lets ``cards`` more in."""
    return not (column.wip_is_hard and column.wip_limit) or column.tasks.count() + cards <= column.wip_limit


def require_room(column: BoardColumn, *, cards: int = 1) -> None:
    """Raises WipLimitExceeded when a hard limit does not let ``cards`` more in."""
    if not has_room(column, cards=cards):
        raise WipLimitExceeded(
            f"{column} takes no more than {column.wip_limit}. Finish something there first.",
            column=column.pk,
            limit=column.wip_limit,
            count=column.tasks.count(),
        )


def rank_at(column: BoardColumn, spot: Spot, *, moving: Task | None = None) -> int:
    """The rank of a card put there. Numbers the column anew when no rank is left in between.

    Raises ValidationError when the card to stand beside is not in the column.
    """
    others = column.tasks.exclude(pk=moving.pk) if moving else column.tasks.all()
    rank = rank_between(*_neighbours(others, spot))
    if rank is None:
        _number_anew(column)
        rank = rank_between(*_neighbours(others, spot))
    assert rank is not None  # noqa: S101  fresh ranks lie a whole gap apart
    return rank


def put(
    task: Task,
    *,
    column: BoardColumn,
    rank: int,
    by: User,
    finish: Finish | None = None,
    version: int | None = None,
) -> None:
    """Put the card there; into the done group is completing it, out of it is reopening it.

    Whoever was waiting for it and no longer is gets told. Raises VersionConflict.
    """
    origin = task.column
    changes: dict[str, Any] = {"column": column, "rank": rank}
    completing = column.group == ColumnGroup.DONE and not task.is_completed
    reopening = column.group != ColumnGroup.DONE and task.is_completed
    if completing:
        finish = finish or Finish(on=clock.local_date(clock.now(), by.timezone))
        changes |= _completed(task, finish, by)
    elif reopening:
        changes |= {"completed_at": None, "completed_on": None, "completed_by": None, "progress": 0}
    stays = origin.group == column.group  # and frees nobody then
    with nullcontext() if stays else telling_the_freed(task, by=by):
        save_changes(task, changes, version=version)
        if ended_by := _ENDS_TIMERS.get(column.group):
            stop_timers(task=task, ended_by=ended_by, by=by)
        keep_transition(task, origin=origin.group, group=column.group, on=finish.on if completing and finish else None)
        if completing and finish:
            _announce_completion(task, finish, by)
        elif reopening:
            _announce_reopening(task, by)
        else:
            _announce_move(task, origin, by)
    if not stays and {origin.group, column.group} & _SETTLED:
        _replan_after(task, origin, by)


@contextmanager
def telling_the_freed(task: Task, *, by: User) -> Iterator[None]:
    """Announce, at the end, which successors of ``task`` were blocked and are no longer."""
    # Ids are handed over as they are: in a query within the query, a database that has not counted the tables of late
    # may look through all tasks for each of them.
    after = set(TaskDependency.objects.filter(predecessor=task).values_list("successor_id", flat=True))
    waiting = _blocked_of(after)
    name = task.name
    yield
    if waiting:
        freed = Task.objects.open().filter(pk__in=waiting - _blocked_of(waiting))
        for successor in freed.select_related("project").with_people().order_by("pk"):
            announce(
                TaskUnblocked(
                    **facts_of(successor, by),
                    assignee_ids=tuple(successor.assignee_ids),
                    by_task=name,
                )
            )


def _blocked_of(tasks: set[int]) -> set[int]:
    return set(Task.objects.blocked().filter(pk__in=tasks).values_list("pk", flat=True)) if tasks else set()


def facts_of(task: Task, by: User | None) -> dict[str, Any]:
    """What every fact about a task says; a clock's have no ``by``."""
    return {
        "by_id": by.pk if by else None,
        "project_id": task.project_id,
        "project": task.project.name,
        "task_id": task.pk,
        "task": task.name,
    }


def ref_of(task: Task) -> dict[str, Any]:
    """What a refusal says of a task, for people to find it."""
    return {"id": task.pk, "key": task.key, "name": task.name}


def _neighbours(others: QuerySet[Task], spot: Spot) -> tuple[int | None, int | None]:
    """The ranks above and below the spot, each found at one end of a range of the index, however long the column."""
    if spot.before:
        rank, pk = _anchor(others, spot.before, "before_id")
        above = others.filter(Q(rank__lt=rank) | Q(pk__lt=pk), rank__lte=rank)
        return _first_rank(above.order_by("-rank", "-pk")), rank
    if spot.after:
        rank, pk = _anchor(others, spot.after, "after_id")
        below = others.filter(Q(rank__gt=rank) | Q(pk__gt=pk), rank__gte=rank)
        return rank, _first_rank(below.order_by("rank", "pk"))
    if spot.at_top:
        return None, _first_rank(others.order_by("rank", "pk"))
    return _first_rank(others.order_by("-rank", "-pk")), None


def _anchor(others: QuerySet[Task], card: Task, field: str) -> tuple[int, int]:
    found = others.filter(pk=card.pk).values_list("rank", "pk").first()
    if found is None:
        raise ValidationError({field: "This card does not stand in the column."})
    return found


def _first_rank(cards: QuerySet[Task]) -> int | None:
    return cards.values_list("rank", flat=True).first()


def _number_anew(column: BoardColumn) -> None:
    """Spread the column's cards a gap apart. One statement: the rows never leave the database."""
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD, [GAP, column.pk])


def _completed(task: Task, finish: Finish, by: User) -> dict[str, Any]:
    return {
        "completed_at": clock.now(),
        "completed_on": finish.on,
        "completed_by": by,
        "completion_no": task.completion_no + 1,
        "progress": 100,
    }


def _announce_completion(task: Task, finish: Finish, by: User) -> None:
    announce(
        TaskCompleted(
            **facts_of(task, by),
            completion_no=task.completion_no,
            assignee_ids=tuple(task.assignee_ids),
            on_time=None if task.due_on is None else finish.on <= task.due_on,
            completed_on=finish.on.isoformat(),
            column_id=task.column_id,
            forced_reason=finish.forced_reason,
        )
    )


def _announce_reopening(task: Task, by: User) -> None:
    announce(
        TaskReopened(
            **facts_of(task, by),
            completion_no=task.completion_no,
            assignee_ids=tuple(task.assignee_ids),
            column_id=task.column_id,
        )
    )


def _replan_after(task: Task, origin: BoardColumn, by: User) -> None:
    """What waits for it goes by the day on which it was really done, and by nothing if it was cancelled."""
    words = {
        ColumnGroup.DONE: f"{task} was completed on {task.completed_on}",
        ColumnGroup.CANCELLED: f"{task} was cancelled",
    }
    why = words.get(ColumnGroup(task.column.group), f"{task} was taken up again")
    replan_task(task, by=by, cause=Cause(DateChange.Cause.TASK, why, task_id=task.pk))


def _announce_move(task: Task, origin: BoardColumn, by: User) -> None:
    announce(
        TaskMoved(
            **facts_of(task, by),
            column_id=task.column_id,
            column=task.column.name,
            from_column_id=origin.pk,
        )
    )
