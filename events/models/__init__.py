from events.models.attendees import STAYS_AWAY, Answer, Attendance, Attendee, OccurrenceAnswer
from events.models.booking_pages import Appointment, BookingPage, BookingPageHost
from events.models.bookings import EventResource, ResourceBooking
from events.models.calendars import Access, Calendar, CalendarShare, ConflictPolicy
from events.models.events import Event, EventException, EventOverride
from events.models.hours import HoursException, TimeOff, WeeklyHours
from events.models.reminders import Channel, Reminder, ReminderDelivery
from events.models.resources import Blackout, Resource
from events.models.syncs import CalendarLink, DataSync, LinkedEvent, SyncConflict

__all__ = [
    "STAYS_AWAY",
    "Access",
    "Answer",
    "Appointment",
    "Attendance",
    "Attendee",
    "Blackout",
    "BookingPage",
    "BookingPageHost",
    "Calendar",
    "CalendarLink",
    "CalendarShare",
    "Channel",
    "ConflictPolicy",
    "DataSync",
    "Event",
    "EventException",
    "EventOverride",
    "EventResource",
    "HoursException",
    "LinkedEvent",
    "OccurrenceAnswer",
    "Reminder",
    "ReminderDelivery",
    "Resource",
    "ResourceBooking",
    "SyncConflict",
    "TimeOff",
    "WeeklyHours",
]
