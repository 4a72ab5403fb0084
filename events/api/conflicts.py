"""The rules that the event routes may refuse by, as the docs show them."""

from estateman.common.errors import VersionConflict
from events.services import (
    BookingConflict,
    CalendarInUse,
    EventCancelledAlready,
    NoReminders,
    OverlapsItself,
    ResourceNameTaken,
    ResourceOutOfUse,
)

_TAKEN = {
    "recurrence_id": "2026-03-09T09:00:00",
    "starts_at": "2026-03-09T13:00:00Z",
    "ends_at": "2026-03-09T14:00:00Z",
    "booking": 31,
    "title": "Valuation",
}
_FREE = {
    "recurrence_id": "2026-03-16T09:00:00",
    "starts_at": "2026-03-16T13:00:00Z",
    "ends_at": "2026-03-16T14:00:00Z",
}

STALE = VersionConflict(
    "This was changed by somebody else meanwhile. Look at it again.",
    current={"version": 4, "title": "Showing"},
)
TAKEN = BookingConflict("Viewing room is taken on 1 of 2 dates.", resource=2, conflicts=[_TAKEN], free=[_FREE])
ITSELF = OverlapsItself("The event's own dates overlap, so nothing can be booked for all of them.")
OUT_OF_USE = ResourceOutOfUse("Van is not in use at present.")
CANCELLED = EventCancelledAlready("This event was cancelled. Plan a new one.")
IN_USE = CalendarInUse("Cancel or move what is still to come in this calendar first.", events=[12])
NAME_TAKEN = ResourceNameTaken("There is a resource called Van already.")
NO_REMINDERS = NoReminders("This event has no reminders. Set some first.")
