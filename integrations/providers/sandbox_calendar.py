"""Calendars for demo and development: two that are always the same, and keep nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from estateman.common import clock
from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import (
    Answer,
    CalendarList,
    Changes,
    EventContent,
    Health,
    OneEvent,
    RemoteCalendar,
    RemoteEvent,
)
from integrations.transport import Line

_CALENDARS = (
    RemoteCalendar(
        id="showings", name="Showings", timezone="America/New_York", color="#0d6b5e", is_primary=True, may_write=True
    ),
    RemoteCalendar(id="holidays", name="Public holidays", timezone="America/New_York", color="#a33b20"),
)


@dataclass(frozen=True)
class SandboxCalendarConfig:
    """It has nothing to set."""


@provider(
    "sandbox_calendar",
    kind="calendar",
    label="Sandbox: two calendars that nobody keeps",
    config=SandboxCalendarConfig,
    modes=("sandbox",),
)
class SandboxCalendar:
    """One calendar that may be written, and one that may only be read."""

    def __init__(self, config: SandboxCalendarConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        """Takes what every provider takes and needs none of it."""

    def check(self) -> Health:
        return Health(ok=True, detail="The sandbox has two calendars, and keeps nothing that is written to them.")

    def list_calendars(self) -> CalendarList:
        return CalendarList(calendars=_CALENDARS, detail=f"{len(_CALENDARS)} calendars")

    def list_changes(self, calendar: str, *, cursor: str, page: str, zone: str) -> Changes:
        """Nothing ever changes there."""
        return Changes(cursor="nothing", detail="0 changes")

    def fetch_event(self, calendar: str, event_id: str, *, zone: str) -> OneEvent:
        return OneEvent(event=RemoteEvent(id=event_id), detail="Gone")

    def create_event(self, calendar: str, content: EventContent, *, uid: str, key: str, zone: str) -> OneEvent:
        """Accepted, and seen by nobody."""
        event_id = hashlib.sha256(key.encode()).hexdigest()[:40]
        return OneEvent(event=_accepted(event_id, content, stamp=uid), detail=f"Accepted {content.title}")

    def update_event(
        self, calendar: str, event_id: str, content: EventContent, *, before: EventContent, etag: str, zone: str
    ) -> OneEvent:
        return OneEvent(event=_accepted(event_id, content), detail=f"Accepted {content.title}")

    def delete_event(self, calendar: str, event_id: str, *, etag: str) -> Answer:
        return Answer(detail="Deleted")


def _accepted(event_id: str, content: EventContent, *, stamp: str = "") -> RemoteEvent:
    return RemoteEvent(
        id=event_id, uid=stamp, content=content, etag=f"{clock.now().timestamp()}", updated_at=clock.now(), stamp=stamp
    )
