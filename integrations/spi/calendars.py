"""Providers of kind ``calendar``: an account's calendars, the events in them, and channels that tell of changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from integrations.sealing import Secret
from integrations.spi.answers import Answer, HealthCheck


@dataclass(frozen=True, kw_only=True)
class RemoteCalendar:
    """A calendar over there; ``id`` is what the provider calls it. ``timezone`` may be unknown."""

    id: str
    name: str
    timezone: str = ""
    color: str = ""
    is_primary: bool = False
    may_write: bool = False


@dataclass(frozen=True, kw_only=True)
class CalendarList(Answer):
    """Every calendar that the account may see."""

    calendars: tuple[RemoteCalendar, ...]


@dataclass(frozen=True, kw_only=True)
class Override:
    """How one date of a series differs; None is as the series has it. ``starts_at`` is local, in the series' zone."""

    starts_at: datetime | None = None
    minutes: int | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None


@dataclass(frozen=True, kw_only=True)
class EventContent:
    """What an event says, in one form for all providers.

    ``starts_at`` and every other date is naive local time in the IANA ``timezone``, which is empty for whole days.
    ``minutes`` are of the wall clock. ``rule`` is an RRULE's text whose UNTIL is local too; ``overrides`` are by the
    local start that the rule names (RECURRENCE-ID).

    ``is_private`` is what its owner marked so over there, or one date of it: its words are theirs, and are not written.
    """

    title: str
    starts_at: datetime
    minutes: int
    timezone: str = ""
    all_day: bool = False
    description: str = ""
    location: str = ""
    rule: str = ""
    exdates: frozenset[datetime] = frozenset()
    rdates: frozenset[datetime] = frozenset()
    overrides: Mapping[datetime, Override] = field(default_factory=dict)
    is_busy: bool = True
    is_tentative: bool = False
    is_private: bool = False


@dataclass(frozen=True, kw_only=True)
class RemoteEvent:
    """An event over there. ``stamp`` is the uid of the event of ours that it is a copy of, where we wrote it.

    Without ``content`` it was deleted, or, where there is a ``problem``, can't be kept here. Whatever changes about it,
    one of its dates too, changes its ``etag``.
    """

    id: str
    uid: str = ""
    content: EventContent | None = None
    problem: str = ""
    etag: str = ""
    updated_at: datetime | None = None
    stamp: str = ""

    @property
    def is_deleted(self) -> bool:
        return self.content is None and not self.problem


@dataclass(frozen=True, kw_only=True)
class Changes(Answer):
    """One page of what changed. ``page`` leads to the next one; on the last there is a ``cursor`` to go on from later.

    Where the provider was asked without a cursor, it is a list of all that is there. ``missing`` are the ids of what is
    in the list no longer, deleted or only out of sight.
    """

    events: tuple[RemoteEvent, ...] = ()
    missing: tuple[str, ...] = ()
    page: str = ""
    cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class OneEvent(Answer):
    """An event as it stands there now, or stands after it was written."""

    event: RemoteEvent


@dataclass(frozen=True, kw_only=True)
class Channel(Answer):
    """The provider calls us when the calendar changes, until ``expires_at``."""

    id: str
    resource: str = ""
    expires_at: datetime


class CalendarProvider(HealthCheck, Protocol):
    """Keeps somebody's calendars. ``zone`` is what times mean that name none. Every method raises ProviderError.

    No write makes the provider send mail to those who are invited.
    """

    def list_calendars(self) -> CalendarList: ...

    def list_changes(self, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
        """What changed since ``cursor``, or all there is without one.

        Raises CursorExpired when the cursor is good no more.
        """
        ...

    def fetch_event(self, calendar: str, event_id: str, *, zone: str) -> OneEvent:
        """One event with all its dates; without content when it is gone."""
        ...

    def create_event(self, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
        """Done twice with the same ``key`` it is done once; the event is stamped with ``uid``."""
        ...

    def update_event(
        self, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
    ) -> OneEvent:
        """Write what differs from ``before``, save the words of what ``is_private``; all else about it stays.

        Raises PreconditionFailed unless at ``etag``.
        """
        ...

    def delete_event(self, calendar: str, event_id: str, *, etag: str) -> Answer:
        """Nothing happens when it is gone already. Raises PreconditionFailed unless it stands at ``etag``."""
        ...


class CalendarWatcher(Protocol):
    """A calendar provider that can call us."""

    def watch(self, calendar: str, *, channel: str, address: str, secret: Secret) -> Channel:
        """Have ``address`` told of changes, proven by ``secret``. ``channel`` is its id, where ours to choose."""
        ...

    def unwatch(self, channel: str, resource: str) -> Answer:
        """Nothing happens when it is over already."""
        ...
