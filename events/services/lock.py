"""Locks are taken in one order, always: event, the calendar it goes into, people by id, resources by id."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.models import Calendar, Event, Resource
from events.permissions import can_edit_event


class EventCancelledAlready(RuleBroken):
    """The event does not take place; nothing about it can be changed any more."""

    code = "event_cancelled"


def take_event(event: Event, *, by: User) -> Event:
    """The event as it stands now, locked for ``by`` to change. Raises PermissionDenied, EventCancelledAlready."""
    event = lock_event(event.pk)  # it may have gone into another calendar since it was read
    if not can_edit_event(by, event):
        raise PermissionDenied
    return require_planned(event)


def require_planned(event: Event) -> Event:
    """``event`` itself. Raises EventCancelledAlready."""
    if event.is_cancelled:
        raise EventCancelledAlready("This event was cancelled. Plan a new one.")
    return event


def lock_event(event_id: int) -> Event:
    # Without its calendar: PostgreSQL finds no row where that became another one while it waited for the lock.
    return Event.objects.select_for_update(no_key=True).get(pk=event_id)


def lock_calendar(calendar_id: int) -> Calendar:
    """So that nothing goes into it while it is put away. Not for a new event: an import locks others after it."""
    return Calendar.objects.select_for_update(no_key=True).get(pk=calendar_id)


def lock_people(ids: Iterable[int]) -> list[User]:
    """So that what takes somebody's time is judged one after the other."""
    return list(User.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True))


def lock_resources(ids: Iterable[int]) -> list[Resource]:
    """Two people booking the same two things in opposite order would otherwise wait for each other for ever."""
    return list(Resource.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True))
