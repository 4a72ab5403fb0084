"""The one place of raw SQL: counting up, in one statement, in every period at once.

Django's ``bulk_create(update_conflicts=True)`` can overwrite a row that exists but not add to it.
The text runs on PostgreSQL and on SQLite from 3.35.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Sum

from gamification.models import ActivityEvent, Counter
from gamification.rules import PeriodKind, period_starts

_ROW = "(%s, %s, %s, %s, %s)"
_ADD = """
    INSERT INTO gamification_counters (member_id, metric_id, period_kind, period_start, value)
    VALUES {rows}
    ON CONFLICT (member_id, metric_id, period_kind, period_start)
    DO UPDATE SET value = gamification_counters.value + EXCLUDED.value
    RETURNING metric_id, period_kind, period_start, value
"""


@dataclass(frozen=True)
class Count:
    """How one counter moved."""

    metric_id: int
    period_kind: PeriodKind
    period_start: date
    before: int
    after: int


def add(member_id: int, *, day: date, quantities: Mapping[int, int]) -> list[Count]:
    """Add ``quantities`` (by metric id) to all periods that ``day`` lies in."""
    if not quantities:
        return []
    keys = sorted(
        (metric_id, kind.value, start) for metric_id in quantities for kind, start in period_starts(day).items()
    )
    values = [
        value
        for metric_id, kind, start in keys
        for value in (member_id, metric_id, kind, _as_stored(start), quantities[metric_id])
    ]
    with connection.cursor() as cursor:
        # Keys in one order for everyone: writers that meet wait for each other, never in a circle.
        cursor.execute(_ADD.format(rows=", ".join([_ROW] * len(keys))), values)
        return list(_counts(cursor.fetchall(), quantities))


def _as_stored(day: date) -> date | str:
    # Python no longer adapts dates for SQLite by itself.
    return connection.ops.adapt_datefield_value(day) or day


def _counts(rows: list[tuple[int, str, object, int]], quantities: Mapping[int, int]) -> Iterator[Count]:
    for metric_id, kind, start, after in rows:
        # SQLite answers text where PostgreSQL answers a date.
        first_day = date.fromisoformat(str(start))
        yield Count(metric_id, PeriodKind(kind), first_day, after - quantities[metric_id], after)


def rebuild(member_id: int) -> None:
    """Set a member's counters to what their events say; the caller holds the member's account."""
    Counter.objects.filter(member_id=member_id).delete()
    per_day = (
        ActivityEvent.objects.filter(member_id=member_id)
        .counted()
        .values_list("metric_id", "local_date")
        .annotate(quantity=Sum("quantity"))
        .order_by("metric_id", "local_date")
    )
    values: defaultdict[tuple[int, PeriodKind, date], int] = defaultdict(int)
    for metric_id, day, quantity in per_day:
        for kind, start in period_starts(day).items():
            values[metric_id, kind, start] += quantity
    Counter.objects.bulk_create(
        Counter(
            member_id=member_id,
            metric_id=metric_id,
            period_kind=kind.value,
            period_start=start,
            value=value,
        )
        for (metric_id, kind, start), value in values.items()
    )
