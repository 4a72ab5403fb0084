"""What facts of events have in common."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OfEvent:
    """Whatever befalls one event is seen in its calendar's room."""

    event_id: int
    calendar_id: int
    title: str

    def calendars(self) -> tuple[int, ...]:
        """Those that look another way now, by id."""
        return (self.calendar_id,)

    def rooms(self) -> tuple[str, ...]:
        return tuple(f"calendar:{each}" for each in self.calendars())
