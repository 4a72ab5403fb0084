"""Who may do what with calendars, events and resources; one predicate per verb."""

from estateman.people.models import Team, User
from estateman.people.permissions import leads_office
from events.models import Access, BookingPage, Calendar, CalendarLink, Event, Resource, ResourceBooking
from integrations.accounts import can_reach
from integrations.models import Integration


def can_create_calendar_of_team(user: User, team: Team) -> bool:
    """The team's lead, and the office's leaders."""
    return leads_office(user) or team.memberships.filter(user=user, is_lead=True).exists()


def can_create_calendar_of_office(user: User) -> bool:
    """What all staff read, public holidays for one, is opened by the office's leaders."""
    return leads_office(user)


def can_manage_calendar(user: User, calendar: Calendar) -> bool:
    """Rename, share and put away."""
    return _has(user, calendar, Access.MANAGE)


def can_write_calendar(user: User, calendar: Calendar) -> bool:
    """Put events in, change and cancel them, book for them. Public holidays are the house's to write."""
    return not calendar.holidays_of and _has(user, calendar, Access.WRITE)


def _has(user: User, calendar: Calendar, access: Access) -> bool:
    return not calendar.is_archived and calendar.access_of(user) >= access


def can_see_event(user: User, event: Event) -> bool:
    """Read its details: who may read its calendar, and who is invited."""
    return Event.objects.visible_to(user).filter(pk=event.pk).exists()


def can_edit_event(user: User, event: Event) -> bool:
    return can_write_calendar(user, event.calendar)


def can_manage_resources(user: User) -> bool:
    """What the office has is arranged by its leaders."""
    return leads_office(user)


def can_book(user: User, resource: Resource) -> bool:
    """Whom it is kept for: everyone, its team, or only those who run it."""
    is_for_all = resource.bookers == Resource.Bookers.EVERYONE
    return is_for_all or Resource.objects.bookable_by(user).filter(pk=resource.pk).exists()


def can_decide_booking(user: User, resource: Resource) -> bool:
    """Approve and decline: the office's leaders, and the lead of the team that it belongs to."""
    return _runs(user, resource)


def can_black_out(user: User, resource: Resource) -> bool:
    """Close it for a time."""
    return _runs(user, resource)


def _runs(user: User, resource: Resource) -> bool:
    return Resource.objects.run_by(user).filter(pk=resource.pk).exists()


def can_cancel_booking(user: User, booking: ResourceBooking) -> bool:
    """Give it back, keep it longer, swap it: whoever booked it, may change the event, or runs the resource."""
    return booking.booked_by_id == user.pk or can_edit_event(user, booking.event) or _runs(user, booking.resource)


def can_check_in(user: User, booking: ResourceBooking) -> bool:
    """They, and the staff who are invited."""
    return can_cancel_booking(user, booking) or booking.event.attendees.filter(user=user).exists()


def can_set_hours(user: User, person: User) -> bool:
    """When they work and are off: they themselves, and the office's leaders."""
    return user.pk == person.pk or leads_office(user)


def can_see_reasons(user: User, person: User) -> bool:
    """Why somebody is off; colleagues see only that they are."""
    return user.pk == person.pk or leads_office(user)


def can_manage_booking_page(user: User, page: BookingPage) -> bool:
    """Change and delete it: whoever made it, and the office's leaders."""
    return page.created_by_id == user.pk or leads_office(user)


def can_make_host(user: User, host: User, calendar: Calendar) -> bool:
    """Have visitors book ``host``'s time: they themselves, the leaders, and who manages the calendar it goes into."""
    return user.pk == host.pk or leads_office(user) or can_manage_calendar(user, calendar)


def can_link_calendar(user: User, calendar: Calendar, integration: Integration) -> bool:
    """Keep it the same as one elsewhere: who manages it and reaches that one."""
    return can_manage_calendar(user, calendar) and can_reach(user, integration)


def can_change_link(user: User, link: CalendarLink) -> bool:
    """Whoever made it, and the office's leaders."""
    return link.user_id == user.pk or leads_office(user)
