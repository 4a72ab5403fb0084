"""What stands on a board, as plain values: cards in columns, and in swimlanes across them. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

DONE = "done"
# The lanes of priorities, from the one that matters most.
PRIORITIES = ("urgent", "high", "normal", "low")
# The key of the lane for cards that would stand in none.
NONE = "none"


class Person(NamedTuple):
    """Somebody a card is given to."""

    id: int
    name: str


class Mark(NamedTuple):
    """A label on a card."""

    id: int
    name: str
    color: str


class Counted(NamedTuple):
    """How many of a card's checklist items or sub-tasks are settled, of how many."""

    done: int = 0
    total: int = 0


class Card(NamedTuple):
    """One task on the board; ``blocked_by`` names what it waits for."""

    id: int
    key: str
    name: str
    priority: str
    starts_on: date | None
    due_on: date | None
    deadline_on: date | None
    deadline_at: datetime | None
    progress: int
    parent: int | None
    version: int
    is_completed: bool
    people: tuple[Person, ...]
    labels: tuple[Mark, ...]
    checklist: Counted
    subtasks: Counted
    blocked_by: tuple[str, ...]

    @property
    def assignees(self) -> list[int]:
        return [person.id for person in self.people]

    @property
    def is_blocked(self) -> bool:
        return bool(self.blocked_by)


@dataclass(frozen=True)
class Lane:
    """One column with the cards that are shown, from top to bottom.

    ``count`` is how many stand in it, shown or not: limits are about those.
    """

    id: int
    name: str
    group: str
    wip_limit: int | None
    wip_is_hard: bool
    position: int
    count: int
    cards: Sequence[Card]

    @property
    def shown(self) -> int:
        return len(self.cards)

    @property
    def is_over_limit(self) -> bool:
        return self.wip_limit is not None and self.count > self.wip_limit

    @property
    def is_done(self) -> bool:
        return self.group == DONE


@dataclass(frozen=True)
class Swimlane:
    """One row across the board: of every column the cards that belong to one person, priority or label."""

    key: str
    name: str
    columns: tuple[Lane, ...]

    @property
    def shown(self) -> int:
        return sum(lane.shown for lane in self.columns)


@dataclass(frozen=True)
class Board:
    """The board of one project; ``swimlanes`` is None where nobody asked for any."""

    project: int
    columns: tuple[Lane, ...]
    swimlanes: tuple[Swimlane, ...] | None = None


# What a lane is called, and what it is sorted by.
Row = tuple[str, str]


def _by_assignee(card: Card) -> Iterable[Row]:
    return [(str(person.id), person.name) for person in card.people]


def _by_priority(card: Card) -> Iterable[Row]:
    return [(card.priority, card.priority.capitalize())]


def _by_label(card: Card) -> Iterable[Row]:
    return [(str(label.id), label.name) for label in card.labels]


WAYS: Mapping[str, tuple[Callable[[Card], Iterable[Row]], str]] = {
    "assignee": (_by_assignee, "Nobody"),
    "priority": (_by_priority, "No priority"),
    "label": (_by_label, "No label"),
}


def swimlanes(columns: Sequence[Lane], by: str) -> tuple[Swimlane, ...]:
    """The board's cards row by row, ``by`` one of WAYS.

    A card with two assignees or labels stands in the lanes of both, one with neither in the last. Lanes come in the
    order of their names, priorities from the most urgent; one without a card is left out.
    """
    rows_of, nobody = WAYS[by]
    cells: dict[Row, dict[int, list[Card]]] = {}
    for lane in columns:
        for card in lane.cards:
            for row in rows_of(card) or [(NONE, nobody)]:
                cells.setdefault(row, {}).setdefault(lane.id, []).append(card)
    return tuple(
        Swimlane(key, name, tuple(replace(lane, cards=cells[key, name].get(lane.id, ())) for lane in columns))
        for key, name in sorted(cells, key=_place)
    )


def _place(row: Row) -> tuple[bool, int, str, str]:
    key, name = row
    urgency = PRIORITIES.index(key) if key in PRIORITIES else 0
    return key == NONE, urgency, name.casefold(), key
