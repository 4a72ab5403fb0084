"""Calendars as others subscribe to them: their events as entries of an iCalendar file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from estateman.common import clock
from estateman.people.feeds import feed_owner
from estateman.people.models import User
from events.ics import About, Entry, EntryOverride, write_feed
from events.models import Access, Calendar, Event, EventException
from events.models.events import EventQuerySet
from events.occurrences import BUSY

BACK, AHEAD = timedelta(days=366), timedelta(days=2 * 366)
"""How far from now single events are shown; series are shown whole."""


@dataclass(frozen=True)
class Feed:
    """A calendar as its subscriber may see it now; ``etag`` is the same as long as that is."""

    about: About
    entries: tuple[Entry, ...]

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(repr((self.about, self.entries)).encode()).hexdigest()[:32]}"'

    def written(self) -> bytes:
        return write_feed(self.about, self.entries)


def feed_name(calendar_id: int) -> str:
    """What the secret of a calendar's feed is kept under."""
    return f"calendar:{calendar_id}"


def feed_address(calendar: Calendar, secret: str) -> str:
    return f"{settings.SITE_URL}{reverse('calendar-ics', args=[calendar.pk])}?token={secret}"


def opened_feed(calendar_id: int, secret: str) -> Feed | None:
    """What the secret shows: no more than whoever opened the feed may see today. None for a wrong secret."""
    owner = feed_owner(feed_name(calendar_id), secret)
    if owner is None:
        return None
    calendar = Calendar.objects.visible_to(owner).filter(pk=calendar_id).first()
    return None if calendar is None else _feed(calendar, owner)


def _feed(calendar: Calendar, owner: User) -> Feed:
    now = clock.now()
    shown = _shown(Event.objects.filter(calendar=calendar), now).with_series().order_by("first_utc", "pk")
    if calendar.access_of(owner) >= Access.READ:
        entries = [entry_of(event) for event in shown]
    else:
        entries = [_veiled(entry_of(event)) for event in shown.filter(is_busy=True)]
    return Feed(About(calendar.name, calendar.timezone, calendar.color), tuple(entries))


def _shown(events: EventQuerySet, now: datetime) -> EventQuerySet:
    added = EventException.objects.filter(event=OuterRef("pk"), kind=EventException.Kind.RDATE)
    near = Q(until_utc__gt=now - BACK, first_utc__lt=now + AHEAD)
    return events.not_cancelled().filter(~Q(recurrence="") | Exists(added) | near)


def entry_of(event: Event, *, changed_at: datetime | None = None) -> Entry:
    """``event`` as an entry. Reads ``exceptions`` and ``overrides``: prefetch them for many events."""
    return Entry(
        uid=event.uid,
        title=event.title,
        starts_at=event.starts_at,
        timezone=event.timezone,
        duration_minutes=event.duration_minutes,
        sequence=event.sequence,
        description=event.description,
        location=event.location,
        all_day=event.all_day,
        recurrence=event.recurrence,
        exdates=tuple(event.exdates),
        rdates=tuple(event.rdates),
        overrides=_overrides(event),
        is_busy=event.is_busy,
        status=event.status,
        changed_at=changed_at or event.created_at,
    )


def _overrides(event: Event) -> tuple[EntryOverride, ...]:
    rows = sorted(event.overrides.all(), key=lambda row: row.recurrence_id)
    return tuple(
        EntryOverride(
            row.recurrence_id,
            starts_at=row.starts_at,
            duration_minutes=row.duration_minutes,
            title=row.title,
            description=row.description,
            location=row.location,
        )
        for row in rows
    )


def _veiled(entry: Entry) -> Entry:
    """When somebody is busy, and nothing else."""
    overrides: Sequence[EntryOverride] = [
        EntryOverride(each.recurrence_id, starts_at=each.starts_at, duration_minutes=each.duration_minutes)
        for each in entry.overrides
    ]
    uid = f"{hashlib.sha256(entry.uid.encode()).hexdigest()[:32]}@estateman"
    return replace(
        entry, uid=uid, title=BUSY, description="", location="", status="confirmed", overrides=tuple(overrides)
    )
