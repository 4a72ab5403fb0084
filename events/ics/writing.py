"""Writing iCalendar: calendars that others subscribe to, and the messages of iTIP (RFC 5546)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vDuration, vRecur, vText

from estateman.common.timezones import vtimezone
from events.ics.entries import Entry, EntryOverride, Person
from events.recurrence import Rule, instant, parse_rule

PRODUCT = "-//Estateman//Events//EN"
REFRESH = timedelta(hours=1)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class About:
    """What a feed says of itself. ``color`` is like #2563eb."""

    name: str
    timezone: str
    color: str = ""


def write_feed(about: About, entries: Iterable[Entry]) -> bytes:
    """A calendar to subscribe to, with the names that Apple's, Google's and Mozilla's programs look for."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", _clean(about.name))
    calendar.add("x-wr-calname", _clean(about.name))
    calendar.add("x-wr-timezone", about.timezone)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    if about.color:
        calendar.add("color", about.color)
        calendar.add("x-apple-calendar-color", about.color)
    return _written(calendar, entries)


def write_message(
    method: Literal["REQUEST", "CANCEL"], entry: Entry, *, organiser: Person, attendees: Sequence[Person], url: str = ""
) -> bytes:
    """``entry`` as it is sent to those invited. ``url`` is where the receiver can answer without a calendar program."""
    calendar = _calendar(method)
    return _written(calendar, [entry], lambda event: _invite(event, organiser, attendees, url))


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _written(
    calendar: Calendar, entries: Iterable[Entry], complete: Callable[[Event], None] = lambda event: None
) -> bytes:
    entries = list(entries)
    for zone, first_year in sorted(_zones(entries).items()):
        calendar.add_component(vtimezone(zone, first_year))
    for entry in entries:
        for event in (_series(entry), *(_date(entry, override) for override in entry.overrides)):
            complete(event)
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _zones(entries: Iterable[Entry]) -> dict[str, int]:
    """The zones that times are written in, and the year in which each is first needed."""
    first: dict[str, int] = {}
    for entry in entries:
        if not entry.all_day and entry.timezone != "UTC":
            moved = (each.starts_at for each in entry.overrides if each.starts_at)
            earliest = min((entry.starts_at, *entry.rdates, *moved)).year
            first[entry.timezone] = min(first.get(entry.timezone, earliest), earliest)
    return first


def _series(entry: Entry) -> Event:
    event = _event(entry, entry.title, entry.description, entry.location)
    _place(event, entry, entry.starts_at, entry.duration_minutes)
    if entry.recurrence:
        event.add("rrule", vRecur.from_ical(_rule(entry)))
    for name, dates in (("exdate", entry.exdates), ("rdate", entry.rdates)):
        if dates:
            _add_dates(event, name, [_moment(entry, local) for local in dates])
    return event


def _date(entry: Entry, override: EntryOverride) -> Event:
    """One date of a series, whole, as it is."""
    event = _event(
        entry,
        entry.title if override.title is None else override.title,
        entry.description if override.description is None else override.description,
        entry.location if override.location is None else override.location,
    )
    event.add("recurrence-id", _moment(entry, override.recurrence_id))
    start = override.recurrence_id if override.starts_at is None else override.starts_at
    minutes = entry.duration_minutes if override.duration_minutes is None else override.duration_minutes
    _place(event, entry, start, minutes)
    return event


def _event(entry: Entry, title: str, description: str, location: str) -> Event:
    event = Event()
    event.add("uid", _clean(entry.uid))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", _clean(title))
    if description:
        event.add("description", _clean(description))
    if location:
        event.add("location", _clean(location))
    event.add("status", entry.status.upper())
    event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
    return event


def _place(event: Event, entry: Entry, local: datetime, minutes: int) -> None:
    event.add("dtstart", _moment(entry, local))
    event.add("dtend", _moment(entry, local + timedelta(minutes=minutes)))


def _moment(entry: Entry, local: datetime) -> date:
    return local.date() if entry.all_day else local.replace(tzinfo=ZoneInfo(entry.timezone))


def _add_dates(event: Event, name: str, moments: list[date]) -> None:
    whole_days = not isinstance(moments[0], datetime)
    event.add(name, moments, parameters={"VALUE": "DATE"} if whole_days else {})


def _rule(entry: Entry) -> str:
    """The rule with its UNTIL as RFC 5545 wants it: in UTC beside a start with a zone, a date beside a date.

    It names the last start that can be, so no two programs differ over an hour that clocks skip or repeat.
    """
    last = last_start(parse_rule(entry.recurrence), entry.starts_at)
    if last is None:
        return entry.recurrence
    written = f"{last:%Y%m%d}" if entry.all_day else f"{instant(last, entry.timezone):%Y%m%dT%H%M%SZ}"
    return re.sub(r"UNTIL=[^;]*", f"UNTIL={written}", entry.recurrence, flags=re.IGNORECASE)


def last_start(rule: Rule, start: datetime) -> datetime | None:
    """The last local start that UNTIL lets be, whether or not the rule names it; None without an UNTIL."""
    if rule.until is None:
        return None
    last = datetime.combine(rule.until, start.time())
    return last if last <= rule.until else last - timedelta(days=1)


def _invite(event: Event, organiser: Person, attendees: Sequence[Person], url: str) -> None:
    event.add("organizer", _address(organiser))
    for person in attendees:
        address = _address(person)
        address.params["CUTYPE"] = vText("INDIVIDUAL")
        address.params["ROLE"] = vText("REQ-PARTICIPANT" if person.is_required else "OPT-PARTICIPANT")
        address.params["PARTSTAT"] = vText(person.status)
        address.params["RSVP"] = vText("TRUE")
        event.add("attendee", address, encode=False)
    if url:
        event.add("url", url)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{_clean(person.email)}")
    if person.name:
        # RFC 5545, 3.1: a parameter can hold no quotation mark.
        address.params["CN"] = vText(_clean(person.name).replace('"', "'").replace("\n", " "))
    return address


def _clean(text: str) -> str:
    """Without what no content line can hold; line breaks are escaped by the writer."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
