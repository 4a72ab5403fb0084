"""Days and deadlines as a calendar that other programs subscribe to (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

PRODUCT = "-//Estateman//Deadlines//EN"
REFRESH = "PT1H"


@dataclass(frozen=True)
class Entry:
    """One day, or one moment of it in a zone, that a calendar shows. Nobody is busy for it."""

    uid: str
    summary: str
    on: date
    changed_at: datetime
    at: time | None = None
    timezone: str = "UTC"
    description: str = ""
    url: str = ""


def write_ics(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar called ``name``; deadlines with a time of day keep it in their own zone."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", REFRESH)
    for entry in entries:
        calendar.add_component(_event(entry))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("summary", entry.summary)
    moment = entry.on if entry.at is None else datetime.combine(entry.on, entry.at, ZoneInfo(entry.timezone))
    event.add("dtstart", moment)
    event.add("transp", "TRANSPARENT")
    if entry.description:
        event.add("description", entry.description)
    if entry.url:
        event.add("url", entry.url)
    return event
