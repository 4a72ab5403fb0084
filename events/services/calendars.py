"""Verbs on calendars and their shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.errors import RuleBroken
from estateman.common.versions import save_changes
from estateman.people.feeds import close_feed, open_feed
from estateman.people.models import Team, User, validate_active
from events.activities import CalendarChanged
from events.feeds import feed_address, feed_name
from events.holidays import UnknownCountry, holidays_of
from events.models import Access, Calendar, CalendarShare, Event
from events.permissions import can_create_calendar_of_office, can_create_calendar_of_team, can_manage_calendar
from events.services.holidays import fill_holidays
from events.services.lock import lock_calendar


class CalendarInUse(RuleBroken):
    """Something is still to take place in the calendar; ``events`` says what."""

    code = "calendar_in_use"


@transaction.atomic
def create_calendar(*, name: str, by: User, team: Team | None = None, office: bool = False, **fields: Any) -> Calendar:
    """A calendar of one's own, of a ``team`` that one leads, or of the ``office``.

    ``fields``: timezone, color, reminder_minutes, conflicts, and of the office's closes_office and
    holidays_of, whose public holidays are filled in at once. Raises PermissionDenied, ValidationError by field.
    """
    if (team and not can_create_calendar_of_team(by, team)) or (office and not can_create_calendar_of_office(by)):
        raise PermissionDenied
    if team and office:
        raise ValidationError({"team": "A calendar belongs to a team or to the office."})
    _check_holidays(fields.get("holidays_of", ""), office=office)
    _check_closing(fields, office=office)
    holder = None if team or office else by
    calendar = Calendar(name=name, owner=holder, team=team, **{"timezone": by.timezone, **fields})
    calendar.full_clean()
    _check_reminders(calendar.reminder_minutes)
    calendar.save()
    if calendar.holidays_of:
        fill_holidays(calendar)
    _announce(calendar, "opened the calendar", by)
    return calendar


def _check_reminders(minutes: Sequence[int]) -> None:
    if len(set(minutes)) < len(minutes):
        raise ValidationError({"reminder_minutes": "Name each time once."})


def _check_holidays(code: str, *, office: bool) -> None:
    if code and not office:
        raise ValidationError({"holidays_of": "Only a calendar of the office shows public holidays."})
    try:
        _ = code and holidays_of(code, ())
    except UnknownCountry as unknown:
        raise ValidationError({"holidays_of": str(unknown)}) from None


def _check_closing(fields: Mapping[str, Any], *, office: bool) -> None:
    if fields.get("closes_office") and not office:
        raise ValidationError({"closes_office": "Only a calendar of the office closes it."})


@transaction.atomic
def change_calendar(calendar: Calendar, *, changes: dict[str, Any], by: User, version: int | None = None) -> Calendar:
    """Change name, timezone, color, conflicts, reminder_minutes or closes_office; events keep what they have.

    Raises VersionConflict, ValidationError by field.
    """
    if not can_manage_calendar(by, calendar):
        raise PermissionDenied
    _check_reminders(changes.get("reminder_minutes", ()))
    _check_closing(changes, office=calendar.is_office)
    save_changes(calendar, changes, version=version)
    _announce(calendar, "changed the calendar", by)
    return calendar


@transaction.atomic
def archive_calendar(calendar: Calendar, *, by: User) -> None:
    """Put a calendar away with its history. Raises CalendarInUse while something in it is still to come.

    Public holidays always are, and keep nobody from it.
    """
    if not can_manage_calendar(by, lock_calendar(calendar.pk)):
        raise PermissionDenied
    now = clock.now()
    ahead = Event.objects.filter(calendar=calendar).not_cancelled().not_over(now)
    if not calendar.holidays_of and (ids := list(ahead.order_by("pk").values_list("pk", flat=True)[:100])):
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


def open_calendar_feed(calendar: Calendar, *, by: User) -> str:
    """A new secret address at which calendar programs read it as ``by`` may; the one before opens nothing any more."""
    if calendar.is_archived or calendar.access_of(by) < Access.FREE_BUSY:
        raise PermissionDenied
    return feed_address(calendar, open_feed(by, feed_name(calendar.pk)))


def close_calendar_feed(calendar: Calendar, *, by: User) -> None:
    """Let nobody read it with ``by``'s address any more."""
    close_feed(by, feed_name(calendar.pk))


def _announce(calendar: Calendar, change: str, by: User) -> None:
    announce(CalendarChanged(by_id=by.pk, calendar_id=calendar.pk, calendar=calendar.name, change=change))
