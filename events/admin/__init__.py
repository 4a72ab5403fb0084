"""Calendars, events, resources and reminders in the admin; whatever has a rule goes through the services."""

from events.admin.booking_pages import AppointmentAdmin, BookingPageAdmin
from events.admin.calendars import CalendarAdmin
from events.admin.events import EventAdmin
from events.admin.hours import HoursExceptionAdmin, TimeOffAdmin, WeeklyHoursAdmin
from events.admin.links import CalendarLinkAdmin, DataSyncAdmin
from events.admin.reminders import ReminderDeliveryAdmin
from events.admin.resources import BlackoutAdmin, ResourceAdmin, ResourceBookingAdmin

__all__ = [
    "AppointmentAdmin",
    "BlackoutAdmin",
    "BookingPageAdmin",
    "CalendarAdmin",
    "CalendarLinkAdmin",
    "DataSyncAdmin",
    "EventAdmin",
    "HoursExceptionAdmin",
    "ReminderDeliveryAdmin",
    "ResourceAdmin",
    "ResourceBookingAdmin",
    "TimeOffAdmin",
    "WeeklyHoursAdmin",
]
