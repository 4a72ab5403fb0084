from events.models.calendars import Access, Calendar, CalendarShare
from events.models.events import Attendee, Event, EventException
from events.models.reminders import Channel, Reminder, ReminderDelivery
from events.models.resources import EventResource, Resource, ResourceBooking

__all__ = [
    "Access",
    "Attendee",
    "Calendar",
    "CalendarShare",
    "Channel",
    "Event",
    "EventException",
    "EventResource",
    "Reminder",
    "ReminderDelivery",
    "Resource",
    "ResourceBooking",
]
