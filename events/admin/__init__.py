"""Calendars, events, resources and reminders in the admin; whatever has a rule goes through the services."""

from events.admin.calendars import CalendarAdmin
from events.admin.events import EventAdmin
from events.admin.reminders import ReminderDeliveryAdmin
from events.admin.resources import ResourceAdmin, ResourceBookingAdmin

__all__ = ["CalendarAdmin", "EventAdmin", "ReminderDeliveryAdmin", "ResourceAdmin", "ResourceBookingAdmin"]
