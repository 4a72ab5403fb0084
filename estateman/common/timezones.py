"""VTIMEZONE: how a zone's clocks go, as rules where the zone keeps some, for programs that know no zones' names."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur, vUTCOffset

RULED_FROM = 2020
"""From this year on zones are asked for a rule; what was before is written date by date."""
_PROOF, _WITHOUT_RULE = 10, 30
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Change:
    """The clocks are set: ``local`` is what they showed until then."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    is_summer: bool

    @property
    def kind(self) -> tuple[timedelta, timedelta, str, bool]:
        return self.before, self.after, self.name, self.is_summer


def vtimezone(zone: str, first_year: int) -> Timezone:
    """The zone's VTIMEZONE, right from ``first_year`` on: for ever where it keeps a rule, else for thirty years."""
    written = Timezone()
    written.add("tzid", zone)
    start = datetime(first_year, 1, 1, tzinfo=ZoneInfo(zone))
    offset = start.utcoffset() or timedelta(0)
    at_first = Change(start.replace(tzinfo=None), offset, offset, start.tzname() or zone, bool(start.dst()))
    _add(written, [at_first])
    begins = max(first_year, RULED_FROM)
    ruled = _by_kind(_changes(zone, begins, begins + _PROOF))
    rules = {kind: rule for kind, changes in ruled.items() if (rule := _rule(changes))}
    by_date = (first_year, begins) if len(rules) == len(ruled) else (first_year, begins + _WITHOUT_RULE)
    for changes in _by_kind(_changes(zone, *by_date)).values():
        _add(written, changes)
    if len(rules) == len(ruled):
        for kind, changes in ruled.items():
            _add(written, changes[:1], rules[kind])
    return written


def _add(written: Timezone, changes: list[Change], rule: str = "") -> None:
    first = changes[0]
    part = TimezoneDaylight() if first.is_summer else TimezoneStandard()
    part.add("dtstart", first.local)
    part.add("tzoffsetfrom", vUTCOffset(first.before))
    part.add("tzoffsetto", vUTCOffset(first.after))
    part.add("tzname", first.name)
    if rule:
        part.add("rrule", vRecur.from_ical(rule))
    elif len(changes) > 1:
        part.add("rdate", [change.local for change in changes[1:]])
    written.add_component(part)


def _by_kind(changes: Iterable[Change]) -> dict[tuple[timedelta, timedelta, str, bool], list[Change]]:
    kinds: dict[tuple[timedelta, timedelta, str, bool], list[Change]] = {}
    for change in changes:
        kinds.setdefault(change.kind, []).append(change)
    return kinds


def _rule(changes: list[Change]) -> str:
    """The yearly rule that names all of these and no other date of their years; empty where there is none."""
    first = changes[0].local
    years = [change.local.year for change in changes]
    same = {(each.local.month, each.local.weekday(), each.local.time()) for each in changes}
    if len(same) > 1 or years != list(range(years[0], years[0] + _PROOF)):
        return ""
    for nths in ({_nth(change.local) for change in changes}, {_nth_from_end(change.local) for change in changes}):
        if len(nths) == 1:
            return f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={nths.pop()}{_WEEKDAYS[first.weekday()]}"
    return ""


def _nth(local: datetime) -> int:
    return (local.day - 1) // 7 + 1


def _nth_from_end(local: datetime) -> int:
    return -((monthrange(local.year, local.month)[1] - local.day) // 7 + 1)


def _changes(zone: str, first_year: int, until_year: int) -> Iterator[Change]:
    return (change for year in range(first_year, until_year) for change in _changes_of(zone, year))


@cache
def _changes_of(zone: str, year: int) -> tuple[Change, ...]:
    known, found = ZoneInfo(zone), list[Change]()
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        following = day + timedelta(days=1)
        if _offset(day, known) != _offset(following, known):
            found.append(_change(day, following, known))
        day = following
    return tuple(found)


def _change(early: datetime, late: datetime, zone: ZoneInfo) -> Change:
    """The one change between two instants a day apart."""
    before = _offset(early, zone)
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if _offset(middle, zone) == before else (early, middle)
    shown = late.astimezone(zone)
    local = (late + before).replace(tzinfo=None)
    return Change(local, before, _offset(late, zone), shown.tzname() or zone.key, bool(shown.dst()))


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
