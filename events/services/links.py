"""Verbs on links: a calendar here and one at a provider, kept the same."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.claims import claim
from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.activities import CalendarChanged
from events.models import Calendar, CalendarLink, DataSync
from events.permissions import can_change_link, can_link_calendar
from events.sync import engine, watching
from integrations.models import Integration
from integrations.services import list_calendars
from integrations.spi import ProviderError

CHANGEABLE = {"direction", "winner", "is_active"}


class AlreadyLinked(RuleBroken):
    """One of the two calendars is kept the same as another one already."""

    code = "already_linked"


class SyncUnderWay(RuleBroken):
    """A run of this link is not over yet."""

    code = "sync_under_way"


class LinkOutOfUse(RuleBroken):
    """One of its two sides was put away or switched off, or the link itself."""

    code = "link_out_of_use"


def link_calendar(
    calendar: Calendar,
    integration: Integration,
    *,
    remote_id: str,
    direction: str = CalendarLink.Direction.BOTH,
    winner: str = CalendarLink.Winner.NEWEST,
    by: User,
) -> CalendarLink:
    """Keep ``calendar`` the same as the one that the provider calls ``remote_id``; the first run is due at once.

    Asks the provider, so not to be called inside a transaction. Raises AlreadyLinked, KeepsNoCalendars,
    PermissionDenied, ProviderError, ValidationError by field.
    """
    if not can_link_calendar(by, calendar, integration):
        raise PermissionDenied
    remote = next((each for each in list_calendars(integration, by=by) if each.id == remote_id), None)
    if remote is None:
        raise ValidationError({"remote_id": "The account sees no such calendar there."})
    if not remote.may_write and direction != CalendarLink.Direction.PULL:
        raise ValidationError({"direction": "That calendar may only be read: choose pull."})
    link = CalendarLink(
        calendar=calendar,
        integration=integration,
        user=by,
        remote_id=remote_id,
        remote_name=remote.name[:200],
        direction=direction,
        winner=winner,
    )
    link.clean_fields()
    return _written(link, by=by)


@transaction.atomic
def _written(link: CalendarLink, *, by: User) -> CalendarLink:
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:
        raise AlreadyLinked("One of these two calendars is linked already.") from None
    _announce(link, "linked the calendar", by=by)
    return link


@transaction.atomic
def change_link(link: CalendarLink, *, changes: dict[str, Any], by: User) -> CalendarLink:
    """Change ``direction``, ``winner`` or ``is_active``; what starts again is due at once."""
    if not can_change_link(by, link):
        raise PermissionDenied
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"These are not changed: {sorted(unknown)}")
    turned = changes.get("direction", link.direction) != link.direction
    for name, value in changes.items():
        setattr(link, name, value)
    link.clean_fields()
    link.next_attempt_at = clock.now() if link.is_active else None
    # What was told while nothing was taken in is told once only: all has to be listed anew.
    link.cursor = "" if turned else link.cursor
    link.save(update_fields=[*changes, "next_attempt_at", *(["cursor"] if turned else [])])
    _announce(link, "changed the link of the calendar", by=by)
    return link


def unlink_calendar(link: CalendarLink, *, by: User) -> None:
    """Keep them the same no longer; what stands on either side stays.

    Tells the provider, so not to be called inside a transaction.
    """
    if not can_change_link(by, link):
        raise PermissionDenied
    with suppress(ProviderError):
        watching.stop(link)
    _forget(link, by=by)


@transaction.atomic
def _forget(link: CalendarLink, *, by: User) -> None:
    if CalendarLink.objects.filter(pk=link.pk).delete()[0]:
        _announce(link, "ended the link of the calendar", by=by)


def sync_now(link: CalendarLink, *, by: User) -> DataSync:
    """Run ``link`` and return what came of it, good or bad. Not to be called inside a transaction.

    Raises LinkOutOfUse, SyncUnderWay, PermissionDenied.
    """
    if not can_change_link(by, link):
        raise PermissionDenied
    usable = CalendarLink.objects.in_use().filter(pk=link.pk)
    if not usable.update(next_attempt_at=clock.now()):
        raise LinkOutOfUse(f"The link of {link.calendar} is out of use at present.")
    claimed = claim(usable, limit=1, lease=engine.LEASE)
    if not claimed:
        raise SyncUnderWay(f"{link.calendar} is being synchronised just now.")
    return engine.run(claimed[0])


def sync_all(*, by: User) -> list[DataSync]:
    """Run all of ``by``'s own links that are in use, save those that are being run anyway."""
    runs = []
    for link in CalendarLink.objects.in_use().filter(user=by).select_related("calendar").order_by("pk"):
        with suppress(SyncUnderWay, LinkOutOfUse):
            runs.append(sync_now(link, by=by))
    return runs


def _announce(link: CalendarLink, change: str, *, by: User) -> None:
    calendar = link.calendar
    announce(CalendarChanged(by_id=by.pk, calendar_id=calendar.pk, calendar=calendar.name, change=change))
