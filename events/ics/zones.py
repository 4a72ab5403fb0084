"""Which zone of the IANA's a TZID means: their own names, Microsoft's, and rules that a file brings along."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, islice
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from estateman.common import clock
from events.ics.lines import Component
from events.recurrence import local_starts, localise_until, parse_rule

_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(?:\d{2})?")
_MOST_ONSETS = 500
_MOST_LOOKED_UP = 1000
_LONGEST_NAME = 3
"""In parts, like America/Argentina/Buenos_Aires."""
# Every five days, so that a zone that changes its clocks a week later than another is told from it.
_SAMPLES = tuple(timedelta(days=days, hours=12) for days in range(0, 365, 5))


class ZoneUnknown(ValueError):
    """No zone is known by this name or by these rules."""


class Zones:
    """The zones of one file. ``usual`` is tried first where several fit what it says."""

    def __init__(self, definitions: Iterable[Component], usual: str) -> None:
        self._defined = {part.text("TZID"): part for part in definitions}
        self._usual = usual
        self._known: dict[tuple[str, int], str] = {}
        self._looked_up = 0

    def find(self, tzid: str, year: int) -> str:
        """The IANA name of the zone that ``tzid`` is in ``year``. Raises ZoneUnknown."""
        key = (tzid, year)
        if key not in self._known:
            self._known[key] = _by_name(tzid) or self._by_definition(tzid, year)
        if not self._known[key]:
            raise ZoneUnknown(f"The time zone {tzid[:80]} is not known.")
        return self._known[key]

    def _by_definition(self, tzid: str, year: int) -> str:
        definition = self._defined.get(tzid)
        if definition is None:
            return ""
        # Programs that know but one rule write it for all years: a zone of today is older than its rules.
        years = dict.fromkeys((year, max(year, clock.now().year)))
        found = (self._by_rules(definition, each) for each in years)
        return _by_name(definition.text("X-LIC-LOCATION")) or next(filter(None, found), "")

    def _by_rules(self, definition: Component, year: int) -> str:
        self._looked_up += 1
        if self._looked_up > _MOST_LOOKED_UP:
            return ""
        try:
            offsets = _offsets(definition, year)
        except (ValueError, OverflowError):  # RuleInvalid is a ValueError
            return ""
        candidates = dict.fromkeys([self._usual, *WINDOWS_TO_OLSON.values()])
        return next((zone for zone in candidates if _offsets_in(zone, year) == offsets), "")


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _by_name(tzid: str) -> str:
    """Some programs put their own name and a date before the zone's: /freeassociation.sourceforge.net/Europe/London."""
    parts = tzid.strip().strip("/").split("/")[-_LONGEST_NAME:]
    for start in range(len(parts)):
        if found := _names().get("/".join(parts[start:]).lower()):
            return found
    return WINDOWS_TO_OLSON.get(tzid.strip(), "")


def _offsets(definition: Component, year: int) -> list[timedelta]:
    """The offsets from UTC that a VTIMEZONE says, at the samples of ``year``."""
    said = ((onset, _offset(part.text("TZOFFSETTO"))) for part in definition.parts for onset in _onsets(part, year))
    onsets = sorted(islice(said, _MOST_ONSETS + 1))
    if not 0 < len(onsets) <= _MOST_ONSETS or onsets[0][0].year > year:
        raise ValueError("it says nothing of that year, or too much")
    moments = (datetime(year, 1, 1) + sample for sample in _SAMPLES)  # noqa: DTZ001  local
    return [onsets[max(0, bisect_right(onsets, moment, key=_when) - 1)][1] for moment in moments]


def _when(onset: tuple[datetime, timedelta]) -> datetime:
    return onset[0]


def _onsets(part: Component, year: int) -> Iterator[datetime]:
    """When this offset begins: by its rule in ``year`` and the year before, else whenever it is said to."""
    words = chain((part.text("DTSTART"),), *(line.raw.split(",") for line in part.all("RDATE")))
    starts = (datetime.strptime(word, "%Y%m%dT%H%M%S") for word in words)  # noqa: DTZ007  local
    start = next(starts)
    yield start
    yield from starts
    if rule := part.first("RRULE"):
        after, until = datetime(year - 1, 1, 1), datetime(year, 12, 31)  # noqa: DTZ001  local
        yield from local_starts(parse_rule(localise_until(rule.raw, "UTC")), start, after=after, until=until)


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise ValueError("no offset")
    span = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -span if match[1] == "-" else span


@cache
def _offsets_in(zone: str, year: int) -> list[timedelta | None]:
    known = ZoneInfo(zone)
    return [known.utcoffset(datetime(year, 1, 1) + sample) for sample in _SAMPLES]  # noqa: DTZ001  local
