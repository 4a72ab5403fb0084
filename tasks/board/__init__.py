"""A project's board as people look at it: the columns with their cards, in order."""

from tasks.board.columns import WAYS, Board, Card, Counted, Lane, Mark, Person, Swimlane, swimlanes
from tasks.board.filters import DUE, Wanted
from tasks.board.reading import board

__all__ = [
    "DUE",
    "WAYS",
    "Board",
    "Card",
    "Counted",
    "Lane",
    "Mark",
    "Person",
    "Swimlane",
    "Wanted",
    "board",
    "swimlanes",
]
