"""What facts of events have in common."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OfEvent:
    """Whatever befalls one event is seen in its calendar's room."""

    event_id: int
    calendar_id: int
    title: str

    def rooms(self) -> tuple[str, ...]:
        return (f"calendar:{self.calendar_id}",)
