"""Providers of kind ``calendar``."""

from dataclasses import dataclass
from typing import Protocol

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


class CalendarProvider(HealthCheck, Protocol):
    """Keeps somebody's calendars."""

    def list_calendars(self) -> CalendarList:
        """Raises ProviderError."""
        ...
