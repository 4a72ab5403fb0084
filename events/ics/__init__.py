"""Events as iCalendar (RFC 5545), to be read by other programs and taken in from them; pure, without Django."""

from events.ics.entries import Entry, EntryOverride, Person
from events.ics.lines import Malformed
from events.ics.reading import Found, Refused, read_ics
from events.ics.writing import About, last_start, write_feed, write_message

__all__ = [
    "About",
    "Entry",
    "EntryOverride",
    "Found",
    "Malformed",
    "Person",
    "Refused",
    "last_start",
    "read_ics",
    "write_feed",
    "write_message",
]
