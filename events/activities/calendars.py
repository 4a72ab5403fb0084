"""What is announced of calendars."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CalendarChanged(Fact, kind="calendar.changed"):
    """A calendar was made, changed, shared or put away; ``change`` is the verb the feed uses."""

    calendar_id: int
    calendar: str
    change: str

    def rooms(self) -> tuple[str, ...]:
        return (f"calendar:{self.calendar_id}",)

    def sentence(self) -> str:
        return f"{self.change} {self.calendar}"


@dataclass(frozen=True, kw_only=True)
class CalendarSyncFailed(Fact, kind="calendar.sync_failed"):
    """A calendar that was kept the same as one outside is no more; ``user_id`` is whose link it is.

    Told once, until a run goes well again.
    """

    link_id: int
    calendar_id: int
    calendar: str
    user_id: int
    detail: str

    def rooms(self) -> tuple[str, ...]:
        return (f"user:{self.user_id}",)

    def sentence(self) -> str:
        return f"{self.calendar} could not be synchronised: {self.detail}"
