"""Where things stand on a drawn day: those that overlap stand beside each other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The ``column`` of one thing, of so many ``columns`` that it shares the width with."""

    column: int
    columns: int


def side_by_side(spans: Sequence[tuple[int, int]]) -> list[Place]:
    """A place for each span (from, until), which are in order of their beginnings.

    What overlaps never has the same column, and all that hangs together without a pause shares the width alike.
    """
    places: list[Place] = []
    group: list[int] = []
    ends: list[int] = []
    for since, until in spans:
        if ends and since >= max(ends):
            places += [Place(column, len(ends)) for column in group]
            group, ends = [], []
        column = next((number for number, end in enumerate(ends) if end <= since), len(ends))
        ends[column : column + 1] = [until]
        group.append(column)
    return [*places, *(Place(column, len(ends)) for column in group)]
