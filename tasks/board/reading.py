"""Reading a board: a handful of queries for plain rows, however many cards stand on it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from estateman.people.models import User
from tasks.board.columns import Board, Card, Counted, Lane, Mark, Person, swimlanes
from tasks.board.filters import Wanted, wanted_of
from tasks.models import BoardColumn, ChecklistItem, ColumnGroup, Project, Task, TaskAssignee, TaskDependency
from tasks.models.tasks import TaskQuerySet

# Where a card stands and whether it is completed, and what it shows as it is, in the order of a Card's fields.
_COLUMNS = (
    "column_id",
    "completed_at",
    "pk",
    "key",
    "name",
    "priority",
    "starts_on",
    "due_on",
    "deadline_on",
    "deadline_at",
    "progress",
    "parent_id",
    "version",
)


def board(project: Project, *, wanted: Wanted | None = None, by: str = "") -> Board:
    """The board, its cards narrowed to those ``wanted`` and, where ``by`` says so, in swimlanes, too.

    A fixed number of queries for plain rows: a board of thousands would spend most of its time on making models.
    """
    narrowed = wanted is not None and not wanted.is_all
    tasks = wanted_of(project.tasks.all(), wanted) if wanted else project.tasks.all()
    cards = _cards(project, tasks)
    counts = _occupancy(project) if narrowed else {column: len(there) for column, there in cards.items()}
    columns = tuple(
        _lane(column, counts.get(column.pk, 0), cards.get(column.pk, ())) for column in project.columns.all()
    )
    return Board(project.pk, columns, swimlanes(columns, by) if by else None)


def _cards(project: Project, tasks: TaskQuerySet) -> dict[int, list[Card]]:
    """The cards of each column by its id, from top to bottom."""
    on = _attached(project)
    nothing: tuple[Any, ...] = ()
    none = Counted()
    cards: dict[int, list[Card]] = defaultdict(list)
    row: tuple[Any, ...]
    for row in tasks.order_by("rank", "pk").values_list(*_COLUMNS):
        column, completed_at, pk = row[:3]
        cards[column].append(
            Card._make(
                (
                    *row[2:],
                    completed_at is not None,
                    on.people.get(pk, nothing),
                    on.labels.get(pk, nothing),
                    on.checklist.get(pk, none),
                    on.subtasks.get(pk, none),
                    nothing if completed_at else on.blockers.get(pk, nothing),
                )
            )
        )
    return cards


@dataclass(frozen=True)
class _Attached:
    """What hangs on a project's tasks, by their ids."""

    people: Mapping[int, tuple[Person, ...]]
    labels: Mapping[int, tuple[Mark, ...]]
    checklist: Mapping[int, Counted]
    subtasks: Mapping[int, Counted]
    blockers: Mapping[int, tuple[str, ...]]


def _attached(project: Project) -> _Attached:
    present = Task.objects.filter(project=project)
    settled = ChecklistItem.objects.settled().values("pk")
    items = ChecklistItem.objects.filter(task__project=project).values_list("task_id")
    parts = present.filter(parent__isnull=False).exclude(column__group=ColumnGroup.CANCELLED).values_list("parent_id")
    blocking = TaskDependency.objects.blocking().filter(successor__project=project).order_by("pk")
    return _Attached(
        people=_people(project),
        labels=_labels(project),
        checklist=_counted(items.annotate(done=Count("pk", filter=Q(pk__in=settled)), total=Count("pk"))),
        subtasks=_counted(
            parts.annotate(done=Count("pk", filter=Q(column__group=ColumnGroup.DONE)), total=Count("pk"))
        ),
        blockers=_gathered(blocking.values_list("successor_id", "predecessor__name")),
    )


def _people(project: Project) -> dict[int, tuple[Person, ...]]:
    """Who has each task, longest first. Somebody with many cards is one object on all of them."""
    rows = TaskAssignee.objects.filter(task__project=project).order_by("pk")
    given = list(rows.values_list("task_id", "user_id"))
    users = User.objects.in_bulk({user for _, user in given})
    known = {pk: Person(pk, str(user)) for pk, user in users.items()}
    return _gathered((task, known[user]) for task, user in given)


def _labels(project: Project) -> dict[int, tuple[Mark, ...]]:
    """The labels of each task by name."""
    marks = {each.pk: Mark(each.pk, each.name, each.color) for each in project.labels.all()}
    stuck = Task.labels.through.objects.filter(label__project=project).order_by("label__name")
    return _gathered((task, marks[label]) for task, label in stuck.values_list("task_id", "label_id"))


def _counted(rows: Iterable[tuple[int, int, int]]) -> dict[int, Counted]:
    return {task: Counted(done, total) for task, done, total in rows}


def _gathered(pairs: Iterable[tuple[int, Any]]) -> dict[int, tuple[Any, ...]]:
    found: dict[int, tuple[Any, ...]] = {}
    for task, thing in pairs:
        found[task] = (*found.get(task, ()), thing)
    return found


def _occupancy(project: Project) -> dict[int, int]:
    """How many cards stand in each column, whichever of them are shown."""
    return dict(project.tasks.order_by().values_list("column_id").annotate(Count("pk")))


def _lane(column: BoardColumn, count: int, cards: Sequence[Card]) -> Lane:
    return Lane(
        id=column.pk,
        name=column.name,
        group=column.group,
        wip_limit=column.wip_limit,
        wip_is_hard=column.wip_is_hard,
        position=column.position,
        count=count,
        cards=cards,
    )
