"""Verbs on calendars and their shares."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.models import Team, User, validate_active
from events.activities import CalendarChanged
from events.models import Access, Calendar, CalendarShare, Event
from events.permissions import can_create_calendar_of_team, can_manage_calendar


class CalendarInUse(RuleBroken):
    """Something is still to take place in the calendar; ``events`` says what."""

    code = "calendar_in_use"


@transaction.atomic
def create_calendar(*, name: str, by: User, team: Team | None = None, **fields: Any) -> Calendar:
    """A calendar of one's own, or of a ``team`` that one leads. ``fields``: timezone, color, reminder_minutes."""
    if team and not can_create_calendar_of_team(by, team):
        raise PermissionDenied
    calendar = Calendar(name=name, owner=None if team else by, team=team, **{"timezone": by.timezone, **fields})
    calendar.full_clean()
    calendar.save()
    _announce(calendar, "opened the calendar", by)
    return calendar


@transaction.atomic
def change_calendar(calendar: Calendar, *, changes: dict[str, Any], by: User, version: int | None = None) -> Calendar:
    """Change name, timezone, color or reminder_minutes; events keep what they have. Raises VersionConflict."""
    if not can_manage_calendar(by, calendar):
        raise PermissionDenied
    save_changes(calendar, changes, version=version)
    _announce(calendar, "changed the calendar", by)
    return calendar


@transaction.atomic
def archive_calendar(calendar: Calendar, *, by: User) -> None:
    """Put a calendar away with its history. Raises CalendarInUse while something in it is still to come."""
    if not can_manage_calendar(by, calendar):
        raise PermissionDenied
    now = clock.now()
    ahead = Event.objects.filter(calendar=calendar).not_cancelled().between(now, now.replace(year=9000))
    if ids := list(ahead.order_by("pk").values_list("pk", flat=True)[:100]):
        raise CalendarInUse("Cancel or move what is still to come in this calendar first.", events=ids)
    save_changes(calendar, {"archived_at": now})
    _announce(calendar, "put away the calendar", by)


@transaction.atomic
def share_calendar(
    calendar: Calendar, *, user: User | None = None, team: Team | None = None, access: Access, by: User
) -> CalendarShare:
    """Open the calendar to one person or one team, or change how far it is open to them."""
    if not can_manage_calendar(by, calendar):
        raise PermissionDenied
    if user:
        validate_active(user)
    share, _ = CalendarShare.objects.update_or_create(
        calendar=calendar, user=user, team=team, defaults={"access": access}
    )
    _announce(calendar, "shared the calendar", by)
    return share


@transaction.atomic
def unshare_calendar(share: CalendarShare, *, by: User) -> None:
    """Close the calendar to whom it was shared with."""
    if not can_manage_calendar(by, share.calendar):
        raise PermissionDenied
    share.delete()
    _announce(share.calendar, "stopped sharing the calendar", by)


def _announce(calendar: Calendar, change: str, by: User) -> None:
    announce(CalendarChanged(by_id=by.pk, calendar_id=calendar.pk, calendar=calendar.name, change=change))
