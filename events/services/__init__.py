"""The verbs of calendars, events, attendees, resources and reminders."""

from events.services.attendees import invite, rsvp
from events.services.bookings import (
    BookingConflict,
    OverlapsItself,
    ResourceOutOfUse,
    book_resource,
    book_resources,
    cancel_booking,
    extend_bookings,
)
from events.services.calendars import (
    CalendarInUse,
    archive_calendar,
    change_calendar,
    create_calendar,
    share_calendar,
    unshare_calendar,
)
from events.services.events import (
    EventCancelledAlready,
    cancel_event,
    create_event,
    create_recurring_event,
    edit_event,
)
from events.services.reminders import NoReminders, ReminderWish, send_reminders_now, set_reminders
from events.services.resources import ResourceNameTaken, change_resource, create_resource
from events.services.timing import EventFields

__all__ = [
    "BookingConflict",
    "CalendarInUse",
    "EventCancelledAlready",
    "EventFields",
    "NoReminders",
    "OverlapsItself",
    "ReminderWish",
    "ResourceNameTaken",
    "ResourceOutOfUse",
    "archive_calendar",
    "book_resource",
    "book_resources",
    "cancel_booking",
    "cancel_event",
    "change_calendar",
    "change_resource",
    "create_calendar",
    "create_event",
    "create_recurring_event",
    "create_resource",
    "edit_event",
    "extend_bookings",
    "invite",
    "rsvp",
    "send_reminders_now",
    "set_reminders",
    "share_calendar",
    "unshare_calendar",
]
