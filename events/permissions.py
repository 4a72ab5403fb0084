"""Who may do what with calendars, events and resources; one predicate per verb."""

from estateman.people.models import Team, User
from estateman.people.permissions import leads_office
from events.models import Access, Calendar, Event, ResourceBooking


def can_create_calendar_of_team(user: User, team: Team) -> bool:
    """The team's lead, and the office's leaders."""
    return leads_office(user) or team.memberships.filter(user=user, is_lead=True).exists()


def can_manage_calendar(user: User, calendar: Calendar) -> bool:
    """Rename, share and put away."""
    return _has(user, calendar, Access.MANAGE)


def can_write_calendar(user: User, calendar: Calendar) -> bool:
    """Put events in, change and cancel them, book for them."""
    return _has(user, calendar, Access.WRITE)


def _has(user: User, calendar: Calendar, access: Access) -> bool:
    return not calendar.is_archived and calendar.access_of(user) >= access


def can_edit_event(user: User, event: Event) -> bool:
    return can_write_calendar(user, event.calendar)


def can_manage_resources(user: User) -> bool:
    """What the office has is arranged by its leaders."""
    return leads_office(user)


def can_cancel_booking(user: User, booking: ResourceBooking) -> bool:
    """Whoever booked it, and whoever may change the event."""
    return booking.booked_by_id == user.pk or can_edit_event(user, booking.event)
