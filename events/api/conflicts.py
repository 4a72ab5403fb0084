"""The rules that the event routes may refuse by, as the docs show them."""

from estateman.common.errors import VersionConflict
from events.services import (
    AppointmentOver,
    BookingBegun,
    BookingConflict,
    BookingDecided,
    BookingOver,
    BookingPageInUse,
    CalendarInUse,
    CheckInClosed,
    EventCancelledAlready,
    HasAttended,
    HostMayNotWrite,
    InThatCalendarAlready,
    NeedsApproval,
    NoReminders,
    NotHeld,
    NotThenToCheckIn,
    OutsideBookableHours,
    OverlapsItself,
    ResourceNameTaken,
    ResourceOutOfUse,
    SlotTaken,
    SlugTaken,
    TimeTaken,
    TooLateToAnswer,
    TooManyAppointments,
)
from events.services.links import AlreadyLinked, LinkOutOfUse, SyncUnderWay

_TAKEN = {
    "recurrence_id": "2026-03-09T09:00:00",
    "starts_at": "2026-03-09T13:00:00Z",
    "ends_at": "2026-03-09T14:00:00Z",
    "reason": "booked",
    "booking": 31,
    "title": "Valuation",
}
_CLOSED = {**_TAKEN, "reason": "outside_hours", "booking": None, "title": None}
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
OUTSIDE_HOURS = OutsideBookableHours(
    "Viewing room cannot be booked on 1 of 2 dates: it is outside its hours.",
    resource=2,
    conflicts=[_CLOSED],
    free=[_FREE],
    bookable_hours={"0": [[600, 1080]]},
    timezone="America/New_York",
)
DECIDED = BookingDecided("This was declined already.", status="declined")
NOT_HELD = NotHeld("This booking is cancelled.", status="cancelled")
OVER = BookingOver("That time has passed.")
BEGUN = BookingBegun("It is in use already.")
CHECK_IN_CLOSED = CheckInClosed(
    "Check in from half an hour before the start until the end.",
    opens_at="2026-03-09T12:30:00+00:00",
    closes_at="2026-03-09T14:00:00+00:00",
)
NEEDS_APPROVAL = NeedsApproval("Viewing room takes approval: ask for it by a booking of its own.")
ITSELF = OverlapsItself("The event's own dates overlap, so nothing can be booked for all of them.")
OUT_OF_USE = ResourceOutOfUse("Van is not in use at present.")
CANCELLED = EventCancelledAlready("This event was cancelled. Plan a new one.")
IN_THAT_CALENDAR = InThatCalendarAlready("The same event is in Harbour sales already: “Showing”.", event=31)
HOST_MAY_NOT_WRITE = HostMayNotWrite(
    "Visitors booked this with Alex Agent, who may not write into Harbour sales.",
)
IN_USE = CalendarInUse("Cancel or move what is still to come in this calendar first.", events=[12])
NAME_TAKEN = ResourceNameTaken("There is a resource called Van already.")
NO_REMINDERS = NoReminders("This event has no reminders. Set some first.")
HAS_ATTENDED = HasAttended("Bo Buyer has come to this event; they can decline what is ahead.")
TOO_LATE = TooLateToAnswer("It is over.")
NOT_THEN = NotThenToCheckIn("Checking in begins an hour before the start.")
_COLLISION = {
    "recurrence_id": "2026-03-09T09:00:00",
    "user": 7,
    "name": "Alex Agent",
    "event": 31,
    "title": "Valuation",
    "starts_at": "2026-03-09T13:30:00Z",
    "ends_at": "2026-03-09T14:30:00Z",
}
TIME_TAKEN = TimeTaken("Alex Agent cannot: that time is taken already.", conflicts=[_COLLISION])
SLOT_TAKEN = SlotTaken("That time is not free. Choose another one.", slots=["2026-03-04T15:30:00Z"])
TOO_MANY = TooManyAppointments("seller@example.com has 5 appointments ahead. Cancel one of them first.")
APPOINTMENT_OVER = AppointmentOver("This appointment was cancelled, or has begun.")
PAGE_IN_USE = BookingPageInUse("Visitors are expected. Close the page, or cancel their appointments.", appointments=[4])
SLUG_TAKEN = SlugTaken("There is a page at valuation already.")
ALREADY_LINKED = AlreadyLinked("One of these two calendars is linked already.")
SYNC_UNDER_WAY = SyncUnderWay("Showings is being synchronised just now.")
LINK_OUT_OF_USE = LinkOutOfUse("The link of Showings is out of use at present.")
