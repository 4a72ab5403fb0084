"""Calendars, events and what can be booked: readers look, writers plan, owners and the office's leaders arrange."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from estateman.common import clock
from events.appointments import offers
from events.models import BookingPage
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


def run(status: int, **rest: Any) -> Row:
    """Whoever runs the resource: the lead of its team, and the office's leaders."""
    return Row(stranger=403, viewer=403, member=403, owner=status, manager=status, **rest)


def linked(status: int, **rest: Any) -> Row:
    """Whoever made the link, and those who lead the office."""
    return Row(stranger=404, viewer=404, member=404, owner=status, manager=status, **rest)


_LINK = {
    "calendar": "{empty}",
    "integration": "{calendars_account}",
    "remote_id": "showings",
    "direction": "both",
    "winner": "newest",
}
_CALENDAR = {
    "name": "Rentals",
    "timezone": "Europe/London",
    "color": "#0f766e",
    "reminder_minutes": [30],
    "conflicts": "ignore",
}
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
    "units": 2,
    "bookable_hours": {"0": [[540, 720], [780, 1020]]},
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "needs_approval": True,
    "bookers": "team",
    "team": "{team}",
    "release_after_minutes": 15,
}
_BLACKOUT = {"starts_at": "2031-04-07T08:00:00Z", "ends_at": "2031-04-08T08:00:00Z", "reason": "New floor"}


def _calendar_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("empty.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR", content_type="text/calendar")


_WEEK = "from=2031-03-01&to=2031-03-08"

_HOURS = {
    "weekly": {"0": [[540, 720], [780, 1020]]},
    "exceptions": [{"date": "2031-03-05", "spans": [[600, 660]], "note": "Fair"}],
}
_OFF = {"starts_on": "2031-03-04", "ends_on": "2031-03-06", "reason": "Dentist"}
_PAGE = {
    "slug": "second-look",
    "title": "A second look",
    "description": "Bring a friend",
    "location": "12 Quay Street",
    "timezone": "America/New_York",
    "duration_minutes": 45,
    "step_minutes": 15,
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "notice_minutes": 60,
    "days_ahead": 14,
    "daily_limit": 3,
    "resource": "{room}",
    "is_active": True,
    "hosts": [{"user": "{owner}", "calendar": "{calendar}"}],
}
_MEETING = {
    "from": "2031-03-03T00:00:00Z",
    "to": "2031-03-08T00:00:00Z",
    "required": ["{owner}"],
    "optional": ["{viewer}"],
    "resources": [{"resource": "{room}"}, {"kind": "room", "capacity": 4, "features": []}],
    "duration_minutes": 60,
    "step_minutes": 30,
    "limit": 5,
}


def own(status: int, **rest: Any) -> Row:
    """The viewer's, whose hours they are, and the leaders'."""
    return Row(stranger=403, viewer=status, member=403, owner=403, manager=status, **rest)


def opened(status: int, **rest: Any) -> Row:
    """Whoever opened the booking page, and the leaders."""
    return Row(stranger=403, viewer=403, member=403, owner=status, manager=status, **rest)


def anybody(status: int, **rest: Any) -> Row:
    """Visitors from outside, too."""
    return everyone(status, nobody=status, **rest)


def _free_slot() -> str:
    """The last that the world's page has in two weeks."""
    page, now = BookingPage.objects.get(slug="viewing"), clock.now()
    return f"{offers(page, now, now + timedelta(days=14))[-1].starts_at:%Y-%m-%dT%H:%M:%SZ}"


def _visitor() -> dict[str, str]:
    said = {"name": "Sarah", "email": "sarah@example.com", "phone": "+1 212 555 0100", "note": "Two cats"}
    return {**said, "timezone": "Europe/London", "starts_at": _free_slot()}


ROUTES = {
    # Calendars
    "GET /api/v1/calendars": everyone(200, shows="id=calendar", hidden_from="stranger"),
    "POST /api/v1/calendars": everyone(201, body=_CALENDAR | {"team": None, "office": False, "holidays_of": ""}),
    "GET /api/v1/calendars/{id}": read(),
    "PATCH /api/v1/calendars/{id}": arranged(200, body=_CALENDAR | {"version": 1}),
    "DELETE /api/v1/calendars/{id}": arranged(204, of="empty"),
    "GET /api/v1/calendars/{calendar_id}.ics": everyone(200, nobody=200, query="token={calendar_secret}"),
    "POST /api/v1/calendars/{calendar_id}/feed": Row(stranger=404, viewer=201, member=201, owner=201, manager=201),
    "DELETE /api/v1/calendars/{calendar_id}/feed": Row(stranger=404, viewer=204, member=204, owner=204, manager=204),
    "POST /api/v1/calendars/{calendar_id}/import": written(200, body={"file": _calendar_file}, format="multipart"),
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
    "GET /api/v1/events/{event_id}/exceptions": read(),
    "DELETE /api/v1/events/{event_id}/exceptions/{recurrence_id}": written(204),
    "GET /api/v1/occurrences": everyone(200, query=_WEEK, shows="event=event", hidden_from="stranger"),
    "GET /api/v1/events/{event_id}/attendees": read(shows="user=viewer"),
    "POST /api/v1/events/{event_id}/attendees": written(201, body={"attendees": [{"user": "{newcomer}"}]}),
    "DELETE /api/v1/events/{event_id}/attendees/{attendee_id}": written(204),
    "GET /api/v1/events/{event_id}/check-in": read(),
    # The viewer is invited, and says so themselves.
    "POST /api/v1/events/{event_id}/check-in": Row(
        stranger=404,
        viewer=200,
        member=200,
        owner=200,
        manager=200,
        of="running_event",
        body={"recurrence_id": "{running_date}", "attendee": "{running_attendee}", "status": "present"},
    ),
    "GET /api/v1/events/analytics": everyone(200, query=_WEEK),
    # Only who is invited can answer.
    "POST /api/v1/events/{event_id}/rsvp": Row(
        stranger=404,
        viewer=200,
        member=403,
        owner=403,
        manager=403,
        body={"status": "accepted", "recurrence_id": "2031-03-03T09:00:00"},
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
    "GET /api/v1/resources/{resource_id}/blackouts": everyone(200, shows="id=blackout"),
    # The owner leads the team that the van and the car belong to.
    "POST /api/v1/resources/{resource_id}/blackouts": run(201, body=_BLACKOUT),
    "DELETE /api/v1/resources/{resource_id}/blackouts/{blackout_id}": run(204),
    "GET /api/v1/bookings": everyone(200, shows="id=booking"),
    "POST /api/v1/bookings/{booking_id}/approve": run(200, of="request", body={"whole_series": False}),
    "POST /api/v1/bookings/{booking_id}/decline": run(200, of="request", body={"whole_series": True}),
    # The member booked it; the others may change the event.
    "POST /api/v1/bookings/{booking_id}/cancel": written(200, stranger=403),
    # The viewer is invited.
    "POST /api/v1/bookings/{booking_id}/check-in": Row(
        stranger=403, viewer=200, member=200, owner=200, manager=200, of="running_booking"
    ),
    "POST /api/v1/bookings/{booking_id}/release": written(200, stranger=403),
    "POST /api/v1/bookings/{booking_id}/extend": written(200, stranger=403, body={"minutes": 15}),
    "POST /api/v1/bookings/{booking_id}/swap": written(200, stranger=403, body={"resource": "{van}"}),
    # Everybody's free and busy time is the office's to see; the hours are their own to set.
    "GET /api/v1/users/{user_id}/availability": everyone(200, query=_WEEK),
    "PUT /api/v1/users/{user_id}/availability": own(200, body=_HOURS),
    "GET /api/v1/users/{user_id}/time-off": everyone(200, shows="id=time_off"),
    "POST /api/v1/users/{user_id}/time-off": own(201, body=_OFF),
    "DELETE /api/v1/users/{user_id}/time-off/{time_off_id}": own(204),
    "POST /api/v1/scheduling/find-slots": everyone(200, body=_MEETING),
    # Booking pages.
    "GET /api/v1/booking-pages": everyone(200, shows="id=booking_page"),
    "POST /api/v1/booking-pages": opened(201, body=_PAGE),
    "GET /api/v1/booking-pages/{id}": everyone(200),
    "PATCH /api/v1/booking-pages/{id}": opened(200, body=_PAGE | {"version": 1}),
    "DELETE /api/v1/booking-pages/{id}": opened(204, of="empty_page"),
    "GET /api/v1/booking-pages/{page_id}/appointments": everyone(
        200, shows="id=appointment", hidden_from="stranger viewer member"
    ),
    "GET /api/v1/book/{slug}/slots": anybody(200, query="timezone=Europe/London"),
    "POST /api/v1/book/{slug}": anybody(201, body=_visitor),
    "GET /api/v1/book/appointments/{token}": anybody(200),
    "PATCH /api/v1/book/appointments/{token}": anybody(200, body=lambda: {"starts_at": _free_slot()}),
    "DELETE /api/v1/book/appointments/{token}": anybody(200),
    "GET /api/v1/book/appointments/{token}/slots": anybody(200, query="timezone=Europe/London"),
    # A link is its maker's and the leaders'; the office's one account is used by those who manage it.
    "GET /api/v1/calendar/places": everyone(200),
    "GET /api/v1/calendar/links": everyone(200, shows="id=calendar_link", hidden_from="stranger viewer member"),
    "POST /api/v1/calendar/links": Row(stranger=400, viewer=403, member=403, owner=403, manager=201, body=_LINK),
    "GET /api/v1/calendar/links/{id}": linked(200),
    "PATCH /api/v1/calendar/links/{id}": linked(200, body={"direction": "pull", "winner": "local", "is_active": True}),
    "DELETE /api/v1/calendar/links/{id}": linked(204),
    "POST /api/v1/calendar/sync": linked(200, body={"link": "{calendar_link}"}),
    "GET /api/v1/integrations/syncs": everyone(200, shows="id=data_sync", hidden_from="stranger viewer member"),
}
