"""What an event says, as both the writer and the reader of iCalendar know it."""

from dataclasses import dataclass
from datetime import UTC, datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EntryOverride:
    """One date that differs, by its original local start (RECURRENCE-ID); None is as the series has it."""

    recurrence_id: datetime
    starts_at: datetime | None = None
    duration_minutes: int | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None


@dataclass(frozen=True)
class Entry:
    """One event or one series. ``starts_at`` and all other dates are wall-clock times in ``timezone``.

    ``recurrence`` is an RRULE's text with a local UNTIL; ``status`` is confirmed, tentative or cancelled;
    ``changed_at`` is the instant that DTSTAMP says; ``is_of_series`` is whether it is one date of a series that the
    file does not hold.
    """

    uid: str
    title: str
    starts_at: datetime
    timezone: str
    duration_minutes: int
    sequence: int = 0
    description: str = ""
    location: str = ""
    all_day: bool = False
    recurrence: str = ""
    exdates: tuple[datetime, ...] = ()
    rdates: tuple[datetime, ...] = ()
    overrides: tuple[EntryOverride, ...] = ()
    is_busy: bool = True
    status: str = "confirmed"
    changed_at: datetime = EPOCH
    is_of_series: bool = False


@dataclass(frozen=True)
class Person:
    """Who organises an event or is invited to it. ``status`` is iCalendar's PARTSTAT, like NEEDS-ACTION."""

    email: str
    name: str = ""
    status: str = "NEEDS-ACTION"
    is_required: bool = True
