"""Calendars for demo and development: two that are always the same."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.registry import provider
from integrations.sealing import Secret
from integrations.spi import CalendarList, Health, RemoteCalendar
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
