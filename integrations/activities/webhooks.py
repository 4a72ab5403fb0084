"""What vendors told us, where it concerns more than the row that it moves."""

from dataclasses import dataclass

from estateman.activity.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CalendarMoved(Fact, kind="calendar.moved_outside"):
    """Something changed in a calendar outside; what it is has to be fetched. It may be told twice."""

    integration_id: int
    name: str
    channel: str
    resource: str = ""

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"a calendar changed at {self.name}"


@dataclass(frozen=True, kw_only=True)
class WebhookDied(Fact, kind="webhook.dead"):
    """What a vendor told us could not be processed, however often it was tried."""

    integration_id: int
    name: str
    event_id: int
    event_kind: str
    detail: str

    def rooms(self) -> tuple[str, ...]:
        return (f"integration:{self.integration_id}",)

    def sentence(self) -> str:
        return f"{self.event_kind} from {self.name} was given up: {self.detail}"
