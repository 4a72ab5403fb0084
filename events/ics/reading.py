"""Reading iCalendar that other programs wrote, event by event: what one cannot be here is told with its reason."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from icalendar import vDuration

from events.ics.entries import Entry, EntryOverride
from events.ics.lines import Component, Line, Malformed, parse
from events.ics.moments import OUT_OF_RANGE, Moment, Unkeepable, in_range
from events.ics.zones import Zones, ZoneUnknown
from events.recurrence import RuleInvalid, bounds, localise_until, parse_rule, span

MOST_EVENTS = 1000
MOST_DATES = 1000
LONGEST_TITLE, LONGEST_LOCATION, LONGEST_DESCRIPTION, LONGEST_UID = 200, 200, 20_000, 255
HIGHEST_SEQUENCE = 2**30
"""Far from what the database holds, for it goes on growing here."""
UNTITLED = "Untitled"
WHOLE_DAY = 24 * 60
_TOO_MANY_DATES = f"At most {MOST_DATES} dates can be added or taken out."
_STATUS = {"TENTATIVE": "tentative", "CANCELLED": "cancelled"}
# RFC 5546: what answers an invitation, or adds to one, is not the event itself.
_ABOUT_EVENTS = frozenset({"REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER", "ADD"})
_DAY_IN_UTC = re.compile(r"(UNTIL=\d{8})T(?:000000|235959)Z", re.IGNORECASE)


@dataclass(frozen=True)
class Refused:
    """An event of the file that cannot be kept here, and the sentence that says why."""

    uid: str
    why: str


@dataclass(frozen=True)
class Found:
    """What a file holds: entries, each UID once, and what was refused."""

    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]


def read_ics(content: bytes, *, zone: str) -> Found:
    """The events of an iCalendar file, with times that name no zone in ``zone``.

    Single events in UTC are told in ``zone`` as well. Raises Malformed, naming the line, for what is no such file or
    holds more than MOST_EVENTS events.
    """
    parts = [part for calendar in parse(content) for part in _parts(calendar)]
    events = [part for part in parts if part.name == "VEVENT"]
    if len(events) > MOST_EVENTS:
        raise Malformed(events[MOST_EVENTS].number, f"At most {MOST_EVENTS} events are taken at once.")
    reader = _Reader(Zones((part for part in parts if part.name == "VTIMEZONE"), zone), zone)
    entries, refused = list[Entry](), list[Refused]()
    for uid, group in _by_uid(events).items():
        try:
            entries.append(reader.entry(uid, group))
        except (Unkeepable, ZoneUnknown, RuleInvalid) as why:
            refused.append(Refused(uid[:LONGEST_UID], str(why)))
    others = (part for part in parts if part.name in {"VTODO", "VJOURNAL", *_ABOUT_EVENTS})
    refused += [Refused(part.text("UID")[:LONGEST_UID], "It is no event.") for part in others]
    return Found(tuple(entries), tuple(refused))


def _parts(calendar: Component) -> list[Component]:
    """Its parts, the events told as its METHOD means them."""
    method = calendar.text("METHOD").upper()
    for part in calendar.parts:
        if part.name == "VEVENT" and method == "CANCEL":
            # RFC 5546, 3.2.5: also where it says nothing of its STATUS, for whoever was sent it.
            part.lines.insert(0, Line(part.number, "STATUS", "", "CANCELLED"))
        elif part.name == "VEVENT" and method in _ABOUT_EVENTS:
            part.name = method
    return calendar.parts


def _by_uid(events: Iterable[Component]) -> dict[str, list[Component]]:
    groups: dict[str, list[Component]] = {}
    for event in events:
        groups.setdefault(event.text("UID"), []).append(event)
    return groups


class _Reader:
    def __init__(self, zones: Zones, zone: str) -> None:
        self.zones, self.zone = zones, zone

    def entry(self, uid: str, group: Sequence[Component]) -> Entry:
        """One event with all its dates that differ. Raises Unkeepable, ZoneUnknown, RuleInvalid."""
        if not uid or len(uid) > LONGEST_UID:
            raise Unkeepable(f"It needs a UID, of at most {LONGEST_UID} characters.")
        masters = [event for event in group if event.first("RECURRENCE-ID") is None]
        dates = [event for event in group if event.first("RECURRENCE-ID") is not None]
        if not masters and len(dates) > 1:
            raise Unkeepable("The series that its dates belong to is not in the file.")
        if not masters:
            # One date of a series that somebody was invited to alone.
            masters, dates = dates, []
        master = max(masters, key=_sequence)
        entry = self._series(uid, master)
        return self._with_dates(entry, dates) if dates else entry

    def _series(self, uid: str, event: Component) -> Entry:
        start, minutes = self._when(event, self.zone)
        repeats = event.first("RRULE") is not None or event.first("RDATE") is not None
        if start.is_utc and not repeats:
            start, minutes = self._shown(start, minutes)
        entry = Entry(
            uid=uid,
            title=_title(event),
            description=event.text("DESCRIPTION")[:LONGEST_DESCRIPTION],
            location=_cut(event.text("LOCATION"), LONGEST_LOCATION),
            starts_at=start.local,
            timezone=start.zone,
            duration_minutes=minutes,
            all_day=start.is_date,
            sequence=_sequence(event),
            is_busy=event.text("TRANSP").upper() != "TRANSPARENT",
            status=_STATUS.get(event.text("STATUS").upper(), "confirmed"),
            is_of_series=event.first("RECURRENCE-ID") is not None,
        )
        return self._repeating(entry, event) if repeats else entry

    def _shown(self, start: Moment, minutes: int) -> tuple[Moment, int]:
        """What is told in UTC on the calendar's clock, if that can name both its ends: in autumn one hour has two."""
        try:
            end = replace(start, local=in_range(start.local + timedelta(minutes=minutes)))
        except OverflowError:
            raise Unkeepable(OUT_OF_RANGE) from None
        local, until = start.within(self.zone), end.within(self.zone)
        shown = max(1, ceil((until - local) / timedelta(minutes=1)))
        meant = span(start.local, start.zone, minutes)
        there = span(local, self.zone, shown)
        is_same = (there.starts_at, there.ends_at) == (meant.starts_at, meant.ends_at)
        return (replace(start, local=local, zone=self.zone), shown) if is_same else (start, minutes)

    def _repeating(self, entry: Entry, event: Component) -> Entry:
        rule, first = self._rule(event, entry)
        rdates = set(self._dates(event, "RDATE", entry))
        exdates = set(self._dates(event, "EXDATE", entry))
        if first != entry.starts_at:
            # RFC 5545, 3.8.5.3: the start is the first date, whether or not the rule names it.
            rdates.add(entry.starts_at)
        if len(rdates | exdates) > MOST_DATES:
            raise Unkeepable(_TOO_MANY_DATES)
        return replace(
            entry,
            starts_at=first,
            recurrence=rule,
            rdates=tuple(sorted(rdates)),
            exdates=tuple(sorted(exdates)),
        )

    def _rule(self, event: Component, entry: Entry) -> tuple[str, datetime]:
        """The rule's text, and the first local start that it names."""
        rules = event.all("RRULE")
        if len(rules) > 1 or event.first("EXRULE"):
            raise Unkeepable("An event follows one rule.")
        if not rules:
            return "", entry.starts_at
        text = _DAY_IN_UTC.sub(r"\1", rules[0].raw) if entry.all_day else rules[0].raw
        rule = parse_rule(localise_until(text, entry.timezone))
        return rule.text, bounds(rule, entry.starts_at).first

    def _with_dates(self, entry: Entry, dates: Iterable[Component]) -> Entry:
        exdates, overrides = set(entry.exdates), dict[datetime, EntryOverride]()
        for event in sorted(dates, key=_sequence):
            line = event.all("RECURRENCE-ID")[0]
            if line.parameter("RANGE"):
                raise Unkeepable("Changes to a date and all that follow it (RANGE) are not taken; split the series.")
            recurrence_id = self._key(self._moment(line), entry)
            if event.text("STATUS").upper() == "CANCELLED":
                exdates.add(recurrence_id)
            else:
                overrides[recurrence_id] = self._override(entry, recurrence_id, event)
        return replace(
            entry,
            exdates=tuple(sorted(exdates)),
            overrides=tuple(each for key, each in sorted(overrides.items()) if key not in exdates),
        )

    def _override(self, entry: Entry, recurrence_id: datetime, event: Component) -> EntryOverride:
        start, minutes = self._when(event, entry.timezone)
        if start.is_date != entry.all_day:
            raise Unkeepable("One of its dates takes the whole day and the others do not, or the other way round.")
        local, title = start.within(entry.timezone), _title(event)
        description = event.text("DESCRIPTION")[:LONGEST_DESCRIPTION]
        location = _cut(event.text("LOCATION"), LONGEST_LOCATION)
        return EntryOverride(
            recurrence_id,
            starts_at=None if local == recurrence_id else local,
            duration_minutes=None if minutes == entry.duration_minutes else minutes,
            title=None if title == entry.title else title,
            description=None if description == entry.description else description,
            location=None if location == entry.location else location,
        )

    def _dates(self, event: Component, name: str, entry: Entry) -> list[datetime]:
        lines = event.all(name)
        if any(line.parameter("VALUE").upper() == "PERIOD" for line in lines):
            raise Unkeepable("Dates that are added as periods (RDATE;VALUE=PERIOD) are not taken.")
        if sum(line.raw.count(",") + 1 for line in lines) > MOST_DATES:
            raise Unkeepable(_TOO_MANY_DATES)
        words = ((line, word.strip()) for line in lines for word in line.raw.split(","))
        return [self._key(self._moment(line, word), entry) for line, word in words if word]

    def _key(self, moment: Moment, entry: Entry) -> datetime:
        """The local start that is meant: some programs name the day alone."""
        if entry.all_day:
            return moment.day_within(entry.timezone)
        local = moment.within(entry.timezone)
        return datetime.combine(local, entry.starts_at.time()) if moment.is_date else local

    def _when(self, event: Component, zone: str) -> tuple[Moment, int]:
        """When it begins, in ``zone`` where it names none, and how long it lasts."""
        line = event.first("DTSTART")
        if line is None:
            raise Unkeepable("It has no start (DTSTART).")
        start = self._moment(line)
        start = replace(start, zone=start.zone or zone)
        return start, self._minutes(event, start)

    def _minutes(self, event: Component, start: Moment) -> int:
        """How long it lasts on the wall clock: at least a minute, and of whole days at least one."""
        end = event.first("DTEND")
        if end is not None:
            lasts = self._moment(end).within(start.zone) - start.local
        else:
            lasts = _duration(event.first("DURATION"))
        if start.is_date:
            return max(1, ceil(lasts / timedelta(days=1))) * WHOLE_DAY
        return max(1, ceil(lasts / timedelta(minutes=1)))

    def _moment(self, line: Line, word: str = "") -> Moment:
        """What ``line`` says, or ``word`` of it. Raises Unkeepable, ZoneUnknown."""
        text = (word or line.raw).strip().upper()
        try:
            form = "%Y%m%d" if len(text) == 8 else "%Y%m%dT%H%M%S"
            local = datetime.strptime(text.removesuffix("Z"), form)  # noqa: DTZ007  its zone is found below
        except ValueError:
            raise Unkeepable(f"{text[:40]} in line {line.number} is no date and no time.") from None
        in_range(local)
        if len(text) == 8:
            return Moment(local, self.zone, is_date=True)
        if text.endswith("Z"):
            return Moment(local, "UTC", is_utc=True)
        return Moment(local, self.zones.find(line.tzid, local.year) if line.tzid else "")


def _duration(line: Line | None) -> timedelta:
    if line is None:
        return timedelta(0)
    try:
        lasts: timedelta = vDuration.from_ical(line.raw.strip())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        raise Unkeepable(f"{line.raw[:40]} in line {line.number} is no duration.") from None
    return lasts


def _title(event: Component) -> str:
    return _cut(" ".join(event.text("SUMMARY").split()), LONGEST_TITLE) or UNTITLED


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _sequence(event: Component) -> int:
    text = event.text("SEQUENCE")
    return min(int(text), HIGHEST_SEQUENCE) if text.isascii() and text.isdigit() and len(text) < 12 else 0
