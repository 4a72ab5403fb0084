"""From local starts to instants: the one place where a zone touches an occurrence."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from events.recurrence.expansion import local_starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.recurrence.rules import Rule

# No zone was ever further from UTC than this, nor jumped further: Samoa left out a whole day in 2011.
_FURTHEST = timedelta(hours=26)


@dataclass(frozen=True)
class Series:
    """All that decides when something happens. Times are local wall-clock times in ``timezone``.

    ``last`` is where the rule ends with its COUNT counted out (see ``bounds``); without a rule ``starts_at`` is the
    one occurrence. ``exdates`` win over ``rdates``.
    """

    starts_at: datetime
    timezone: str
    duration_minutes: int
    rule: "Rule | None" = None
    last: datetime | None = None
    exdates: frozenset[datetime] = field(default_factory=frozenset)
    rdates: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something happens. ``recurrence_id`` is the local start as the rule names it and stays its key.

    ``local_starts_at`` is what the clock on the wall shows: the same, save where clocks skip that hour.
    """

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    local_starts_at: datetime


def instant(local: datetime, timezone: str) -> datetime:
    """The instant, in UTC, of a wall-clock time.

    Of a time that comes twice in autumn the first is meant; one that spring skips is counted with the offset from
    before the change (RFC 5545, 3.3.5), so 02:30 becomes what is then called 03:30.
    """
    return local.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)


def span(local: datetime, timezone: str, duration_minutes: int) -> Occurrence:
    """The occurrence that begins at ``local`` and lasts ``duration_minutes`` on the wall clock.

    From 00:30 to 03:30 is three hours on the wall and, in a night that gains one, four hours of booked room.
    """
    starts_at = instant(local, timezone)
    # From the time the wall really shows: a start that spring skips would otherwise end before it begins.
    shown = starts_at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)
    return Occurrence(local, starts_at, instant(shown + timedelta(minutes=duration_minutes), timezone), shown)


def occurrences(series: Series, start: datetime, end: datetime) -> list[Occurrence]:
    """The occurrences that touch the time from the instant ``start`` until before ``end``, in order.

    Two local starts that fall on one instant (in a zone that skipped a day) are one occurrence, the earlier named.
    """
    found: dict[datetime, Occurrence] = {}
    for local in _locals(series, start, end):
        occurrence = span(local, series.timezone, series.duration_minutes)
        if occurrence.starts_at < end and occurrence.ends_at > start:
            found.setdefault(occurrence.starts_at, occurrence)
    return sorted(found.values(), key=lambda occurrence: occurrence.starts_at)


def next_occurrence(series: Series, after: datetime) -> Occurrence | None:
    """The first occurrence that begins later than ``after``; None when there is none within forty years."""
    for days in (35, 400, 366 * 40):
        for occurrence in occurrences(series, after, after + timedelta(days=days)):
            if occurrence.starts_at > after:
                return occurrence
    return None


def find_occurrence(series: Series, recurrence_id: datetime) -> Occurrence | None:
    """The occurrence with this key; None when the series has none."""
    wanted = span(recurrence_id, series.timezone, series.duration_minutes)
    near = occurrences(series, wanted.starts_at, wanted.ends_at)
    return next((found for found in near if found.recurrence_id == recurrence_id), None)


def _locals(series: Series, start: datetime, end: datetime) -> "Iterator[datetime]":
    """The local starts that may touch the window, each once and in order, without those taken out."""
    after = _near(start, -_FURTHEST - timedelta(minutes=series.duration_minutes))
    until = _near(end, _FURTHEST)
    added = sorted(local for local in set(series.rdates) if after <= local <= until)
    previous = None
    for local in merge(_regular(series, after, until), added):
        if local != previous and local not in series.exdates:
            yield local
        previous = local


def _near(moment: datetime, offset: timedelta) -> datetime:
    """``moment`` moved by ``offset``, without a zone; the ends of time stay where they are."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    try:
        return naive + offset
    except OverflowError:
        return naive


def _regular(series: Series, after: datetime, until: datetime) -> "Iterator[datetime]":
    if series.rule is None:
        return iter([series.starts_at] if after <= series.starts_at <= until else [])
    return local_starts(series.rule, series.starts_at, after=after, until=min(until, series.last or until))
