"""Events: calendars that keep local time, recurrence, resources and their bookings, reminders."""
