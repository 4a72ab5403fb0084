"""From local starts to instants: the one place where a zone touches an occurrence."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import merge
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from events.recurrence.expansion import LONGEST_YEARS, local_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from events.recurrence.rules import Rule

# No zone was ever further from UTC than this, nor jumped further: Samoa left out a whole day in 2011.
_FURTHEST = timedelta(hours=26)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)


@dataclass(frozen=True)
class Moved:
    """Where one date of a series really is: its local start, and how long it lasts on the wall clock."""

    starts_at: datetime
    duration_minutes: int


@dataclass(frozen=True)
class Series:
    """All that decides when something happens. Times are local wall-clock times in ``timezone``.

    ``last`` is where the rule ends with its COUNT counted out (see ``bounds``); without a rule ``starts_at`` is the
    one occurrence. ``exdates`` win over ``rdates``; ``moved`` says by original local start which dates lie elsewhere.
    """

    starts_at: datetime
    timezone: str
    duration_minutes: int
    rule: "Rule | None" = None
    last: datetime | None = None
    exdates: frozenset[datetime] = field(default_factory=frozenset)
    rdates: tuple[datetime, ...] = ()
    moved: "Mapping[datetime, Moved]" = field(default_factory=dict)


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
    offset = _steady_offset(timezone, local.toordinal())
    if offset is None:
        return local.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC)
    return _at(local, offset)


def _at(local: datetime, offset: timedelta) -> datetime:
    return _EPOCH + (local - offset - _NAIVE_EPOCH)


@lru_cache(maxsize=65536)
def _steady_offset(timezone: str, day: int) -> timedelta | None:
    """The offset on a local day (its ordinal) whose neighbours have the same; None when clocks change about then.

    Most days are such, and many events share them, so few times have to be looked up in the zone.
    """
    zone, before = ZoneInfo(timezone), datetime.fromordinal(day - 1)
    offsets = {zone.utcoffset(before + timedelta(hours=hours)) for hours in range(0, 73, 6)}
    return offsets.pop() if len(offsets) == 1 else None


def span(local: datetime, timezone: str, duration_minutes: int) -> Occurrence:
    """The occurrence that begins at ``local`` and lasts ``duration_minutes`` on the wall clock.

    From 00:30 to 03:30 is three hours on the wall and, in a night that gains one, four hours of booked room.
    """
    length, day = timedelta(minutes=duration_minutes), local.toordinal()
    offset = _steady_offset(timezone, day)
    if offset is not None and (local + length).toordinal() == day:
        starts_at = _at(local, offset)
        return Occurrence(local, starts_at, starts_at + length, local)
    starts_at = instant(local, timezone)
    # From the time the wall really shows: a start that spring skips would otherwise end before it begins.
    shown = starts_at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)
    return Occurrence(local, starts_at, instant(shown + length, timezone), shown)


def occurrences(series: Series, start: datetime, end: datetime) -> list[Occurrence]:
    """The occurrences that touch the time from the instant ``start`` until before ``end``, in order.

    Two local starts that fall on one instant (in a zone that skipped a day) are one occurrence, the earlier named. A
    date that was moved is found at its new place and there only, also where another date of the series is.
    """
    named = _as_named(series, start, end)
    if not series.moved:
        return named
    here = [occurrence for occurrence in named if occurrence.recurrence_id not in series.moved]
    elsewhere = (_placed(series, key, place) for key, place in series.moved.items())
    here += [each for each in elsewhere if _touches(each, start, end) and _named(series, each.recurrence_id)]
    return sorted(here, key=lambda occurrence: (occurrence.starts_at, occurrence.recurrence_id))


def next_occurrence(series: Series, after: datetime) -> Occurrence | None:
    """The first occurrence that begins later than ``after``; None when there is none within forty years."""
    for days in (35, 400, 4000, 366 * 40):
        for occurrence in occurrences(series, after, after + timedelta(days=days)):
            if occurrence.starts_at > after:
                return occurrence
    return None


def find_occurrence(series: Series, recurrence_id: datetime) -> Occurrence | None:
    """The occurrence with this key, wherever it was moved; None when the series has none."""
    named = _named(series, recurrence_id)
    place = series.moved.get(recurrence_id)
    return _placed(series, recurrence_id, place) if named and place else named


def first_key(series: Series) -> datetime | None:
    """The key of the first date that was not taken out; None when every one was."""
    far = series.starts_at + timedelta(days=366 * LONGEST_YEARS)
    return next(_keys(series, min([series.starts_at, *series.rdates]), max([far, *series.rdates])), None)


def _placed(series: Series, key: datetime, place: Moved) -> Occurrence:
    return replace(span(place.starts_at, series.timezone, place.duration_minutes), recurrence_id=key)


def _named(series: Series, key: datetime) -> Occurrence | None:
    """The date as the series itself has it, moved or not."""
    try:
        wanted = span(key, series.timezone, series.duration_minutes)
        near = _as_named(series, wanted.starts_at, wanted.ends_at)
    except (OverflowError, ValueError):  # the zone or the length leads out of the calendar
        return None
    return next((found for found in near if found.recurrence_id == key), None)


def _as_named(series: Series, start: datetime, end: datetime) -> list[Occurrence]:
    """What touches the window as if nothing had been moved, each instant once, in order."""
    found: dict[datetime, Occurrence] = {}
    after = _near(start, -_FURTHEST - timedelta(minutes=series.duration_minutes))
    for key in _keys(series, after, _near(end, _FURTHEST)):
        occurrence = span(key, series.timezone, series.duration_minutes)
        if _touches(occurrence, start, end):
            found.setdefault(occurrence.starts_at, occurrence)
    return sorted(found.values(), key=lambda occurrence: occurrence.starts_at)


def _touches(occurrence: Occurrence, start: datetime, end: datetime) -> bool:
    return occurrence.starts_at < end and occurrence.ends_at > start


def _keys(series: Series, after: datetime, until: datetime) -> "Iterator[datetime]":
    """The series' local starts from ``after`` to ``until``, each once and in order, without those taken out."""
    added = sorted(local for local in set(series.rdates) if after <= local <= until)
    previous = None
    regular = _regular(series, after, until)
    for local in merge(regular, added) if added else regular:
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
