"""What counts and what it reaches, on plain values: periods, caps, crossings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar


class PeriodKind(StrEnum):
    """The spans over which a metric is counted. A week is the ISO week, from Monday."""

    ALL = "all"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


# What the all-time period starts with: any fixed day will do, as long as it never changes.
BEGINNING = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something a member did, on its way in.

    ``source`` and ``key`` name the act for good (``tasks``, ``task:7:completed:1``): the same act
    is counted once per member, however often it is delivered. ``details`` are the fact's plain
    values that metrics look at.
    """

    kind: str
    source: str
    key: str
    title: str
    occurred_at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    quantity: int = 1

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError("A deed counts for at least one; what is undone is reversed")


class Threshold(Protocol):
    """One level of an achievement: reached when the count is at least ``threshold``."""

    @property
    def threshold(self) -> int: ...


Level = TypeVar("Level", bound=Threshold)


def period_start(kind: PeriodKind, day: date) -> date:
    """The first day of the period of ``kind`` that ``day`` lies in."""
    return period_starts(day)[kind]


def period_starts(day: date) -> dict[PeriodKind, date]:
    """The first day of each period that ``day`` lies in."""
    return {
        PeriodKind.ALL: BEGINNING,
        PeriodKind.YEAR: day.replace(month=1, day=1),
        PeriodKind.QUARTER: day.replace(month=day.month - (day.month - 1) % 3, day=1),
        PeriodKind.MONTH: day.replace(day=1),
        PeriodKind.WEEK: day - timedelta(days=day.weekday()),
        PeriodKind.DAY: day,
    }


def counts(conditions: Mapping[str, Any], details: Mapping[str, Any]) -> bool:
    """Whether ``details`` meet all ``conditions``: equal in value and in type.

    The type matters because in Python ``True == 1``.
    """
    return all(
        name in details and type(details[name]) is type(wanted) and details[name] == wanted
        for name, wanted in conditions.items()
    )


def fits_cap(counted: int, quantity: int, cap: int | None) -> bool:
    """Whether ``quantity`` more may count on a day that has ``counted``; None is no cap."""
    return cap is None or counted + quantity <= cap


def reached(levels: Iterable[Level], *, before: int, after: int) -> list[Level]:
    """The levels that a count rising from ``before`` to ``after`` reaches, lowest first."""
    crossed = [level for level in levels if before < level.threshold <= after]
    return sorted(crossed, key=lambda level: level.threshold)


def lost(levels: Iterable[Level], *, before: int, after: int) -> list[Level]:
    """The levels that a count falling from ``before`` to ``after`` loses, highest first."""
    return reached(levels, before=after, after=before)[::-1]
