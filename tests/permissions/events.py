"""Calendars, events and what can be booked: readers look, writers plan, owners and the office's leaders arrange."""

from typing import Any

from tests.permissions.table import Row, everyone, only_manager


def read(**rest: Any) -> Row:
    """Whoever may look into the calendar."""
    return Row(stranger=404, viewer=200, member=200, owner=200, manager=200, **rest)


def written(status: int, *, stranger: int = 404, **rest: Any) -> Row:
    """Whoever may write into the calendar."""
    return Row(stranger=stranger, viewer=403, member=status, owner=status, manager=status, **rest)


def arranged(status: int, **rest: Any) -> Row:
    """Whoever manages the calendar."""
    return Row(stranger=404, viewer=403, member=403, owner=status, manager=status, **rest)


_CALENDAR = {"name": "Rentals", "timezone": "Europe/London", "color": "#0f766e", "reminder_minutes": [30]}
_EVENT = {
    "title": "Open house",
    "description": "Bring the keys",
    "location": "12 Quay Street",
    "starts_at": "2031-03-03T09:00:00",
    "timezone": "America/New_York",
    "duration_minutes": 60,
    "all_day": False,
    "recurrence": "FREQ=WEEKLY;BYDAY=MO;COUNT=5",
    "exdates": ["2031-03-10T09:00:00"],
    "rdates": ["2031-03-12T09:00:00"],
    "capacity": 8,
    "status": "tentative",
}
_NEW_EVENT = _EVENT | {
    "calendar": "{calendar}",
    "attendees": [{"user": "{viewer}"}, {"email": "buyer@example.com"}],
    "reminders": [{"minutes_before": 30, "channels": ["in_app", "email"]}],
}
_RESOURCE = {
    "name": "Meeting room",
    "kind": "room",
    "capacity": 8,
    "features": ["projector"],
    "location": "First floor",
    "timezone": "America/New_York",
}
_WEEK = "from=2031-03-01&to=2031-03-08"

ROUTES = {
    # Calendars
    "GET /api/v1/calendars": everyone(200, shows="id=calendar", hidden_from="stranger"),
    "POST /api/v1/calendars": everyone(201, body=_CALENDAR | {"team": None}),
    "GET /api/v1/calendars/{id}": read(),
    "PATCH /api/v1/calendars/{id}": arranged(200, body=_CALENDAR | {"version": 1}),
    "DELETE /api/v1/calendars/{id}": arranged(204, of="empty"),
    "GET /api/v1/calendars/{calendar_id}/shares": arranged(200, shows="user=viewer"),
    "PUT /api/v1/calendars/{calendar_id}/shares": arranged(
        200, body={"user": "{newcomer}", "team": None, "access": "read"}
    ),
    "DELETE /api/v1/calendars/{calendar_id}/shares": arranged(204, query="user={viewer}"),
    # Events. A calendar that one may not look into does not exist, so naming it is a mistake in the body: 400.
    "GET /api/v1/events": everyone(200, shows="id=event", hidden_from="stranger"),
    "POST /api/v1/events": written(201, stranger=400, body=_NEW_EVENT),
    "POST /api/v1/events/recurring": written(201, stranger=400, body=_NEW_EVENT),
    "GET /api/v1/events/{id}": read(),
    "PATCH /api/v1/events/{id}": written(200, body=_EVENT | {"version": 1}),
    "DELETE /api/v1/events/{id}": written(204),
    "GET /api/v1/occurrences": everyone(200, query=_WEEK, shows="event=event", hidden_from="stranger"),
    "GET /api/v1/events/{event_id}/attendees": read(shows="user=viewer"),
    "POST /api/v1/events/{event_id}/attendees": written(201, body={"attendees": [{"user": "{newcomer}"}]}),
    # Only who is invited can answer.
    "POST /api/v1/events/{event_id}/rsvp": Row(
        stranger=404, viewer=200, member=403, owner=403, manager=403, body={"status": "accepted"}
    ),
    "GET /api/v1/events/{event_id}/reminders": read(),
    "POST /api/v1/events/{event_id}/reminders": written(200),
    "PUT /api/v1/events/{event_id}/reminders": written(
        200, body={"reminders": [{"minutes_before": 15, "channels": ["in_app"]}]}
    ),
    # What can be booked is everybody's to see and the office's leaders' to arrange.
    "GET /api/v1/resources": everyone(200, shows="id=room"),
    "POST /api/v1/resources": only_manager(201, body=_RESOURCE),
    "GET /api/v1/resources/{id}": everyone(200),
    "PATCH /api/v1/resources/{id}": only_manager(200, body=_RESOURCE | {"is_active": False, "version": 1}),
    "GET /api/v1/resources/{resource_id}/bookings": everyone(200, of="room", shows="id=booking"),
    "GET /api/v1/events/resources/available": everyone(200, query=_WEEK, shows="id=van"),
    "POST /api/v1/events/{event_id}/resources/{resource_id}/book": written(
        201, body={"recurrence_id": "2031-03-03T09:00:00"}
    ),
    # The member booked it; the others may change the event.
    "POST /api/v1/bookings/{booking_id}/cancel": written(200, stranger=403),
}
