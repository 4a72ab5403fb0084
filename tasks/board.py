"""A project's board as people look at it: the columns with their cards, in order."""

from dataclasses import dataclass
from datetime import date

from tasks.models import BoardColumn, ColumnGroup, Project, Task


@dataclass(frozen=True)
class Person:
    """Somebody a card is given to."""

    id: int
    name: str


@dataclass(frozen=True)
class Card:
    """One task on the board; ``blocked_by`` names what it waits for."""

    id: int
    key: str
    name: str
    priority: str
    starts_on: date | None
    due_on: date | None
    progress: int
    is_completed: bool
    people: tuple[Person, ...]
    blocked_by: tuple[str, ...]
    version: int

    @property
    def assignees(self) -> list[int]:
        return [person.id for person in self.people]

    @property
    def is_blocked(self) -> bool:
        return bool(self.blocked_by)


@dataclass(frozen=True)
class Lane:
    """One column with its cards, from top to bottom."""

    id: int
    name: str
    group: str
    wip_limit: int | None
    wip_is_hard: bool
    position: int
    cards: tuple[Card, ...]

    @property
    def count(self) -> int:
        return len(self.cards)

    @property
    def is_over_limit(self) -> bool:
        return self.wip_limit is not None and self.count > self.wip_limit

    @property
    def is_done(self) -> bool:
        return self.group == ColumnGroup.DONE


@dataclass(frozen=True)
class Board:
    """The whole board of one project."""

    project: int
    columns: tuple[Lane, ...]


def board(project: Project) -> Board:
    """The board in four queries, however many cards stand on it."""
    cards: dict[int, list[Card]] = {}
    tasks = project.tasks.with_people().with_blockers().defer("description")
    for task in tasks.order_by("rank", "pk"):
        cards.setdefault(task.column_id, []).append(_card(task))
    columns = project.columns.all()
    return Board(project.pk, tuple(_lane(column, cards.get(column.pk, ())) for column in columns))


def _lane(column: BoardColumn, cards: "list[Card] | tuple[()]") -> Lane:
    return Lane(
        id=column.pk,
        name=column.name,
        group=column.group,
        wip_limit=column.wip_limit,
        wip_is_hard=column.wip_is_hard,
        position=column.position,
        cards=tuple(cards),
    )


def _card(task: Task) -> Card:
    return Card(
        id=task.pk,
        key=task.key,
        name=task.name,
        priority=task.priority,
        starts_on=task.starts_on,
        due_on=task.due_on,
        progress=task.progress,
        is_completed=task.is_completed,
        people=tuple(Person(each.user_id, str(each.user)) for each in task.assignments.all()),
        blocked_by=tuple(blocker.name for blocker in task.blockers),
        version=task.version,
    )
