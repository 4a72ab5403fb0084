"""Pages of calendars, events and what can be booked."""
