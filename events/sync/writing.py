"""What a run writes here, through the services that people's own changes go through, in the name of the link's user."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from estateman.people.models import User
from events import services
from events.models import Calendar, ConflictPolicy, Event
from events.models.events import new_uid
from events.recurrence import find_occurrence
from events.sync.contents import at_least, content_of, cut_location, cut_title, fields_of
from integrations.spi import EventContent, Override

MOST_TOLD = 5
_TOLD = ("name", "title", "starts_at", "ends_at")


def reload(event_id: int) -> Event:
    """The event as it stands now, with all its dates."""
    return Event.objects.with_series().get(pk=event_id)


@transaction.atomic
def create_here(calendar: Calendar, content: EventContent, *, uid: str, by: User) -> Event:
    """A new event with ``content`` and ``uid``, unless an event of the calendar that takes place has that.

    One that was cancelled gives it up: outside, it is the new one that is known by it.
    """
    namesakes = Event.objects.filter(calendar=calendar, uid=uid)
    namesakes.filter(status=Event.Status.CANCELLED).update(uid=new_uid())
    known = not uid or namesakes.exists()
    written: dict[str, Any] = {**fields_of(content), "uid": new_uid() if known else uid}
    with services.no_refusals():
        event = services.create_event(calendar, by=by, **written)
        return _with_overrides(event, content.overrides, by=by)


@transaction.atomic
def change_here(event: Event, before: EventContent, after: EventContent, *, by: User) -> Event:
    """Write what differs from ``before``, what it says now. Raises VersionConflict when it changed since it was read.

    Its guests are told once, when all is written. They were invited here: whoever was invited there is none of them.
    """
    names = {each.name for each in fields(EventContent) if getattr(before, each.name) != getattr(after, each.name)}
    with services.no_invitations(), services.no_refusals():
        services.edit_event(event, changes=fields_of(after, names), by=by, version=event.version)
        changed = _with_overrides(reload(event.pk), after.overrides, by=by)
    if replace(content_of(changed), is_busy=before.is_busy) != before:
        services.tell_guests(changed, by=by)
    return changed


def go_into(calendar: Calendar, event: Event, *, by: User) -> Event:
    """As it was moved outside, ``event`` goes into ``calendar``. Raises HostMayNotWrite, InThatCalendarAlready."""
    with services.no_refusals():
        return services.edit_event(event, changes={"calendar": calendar}, by=by)


def taken_time(event: Event, *, by: User) -> list[dict[str, Any]]:
    """What it falls on, as far as ``by`` may know, where its calendar refuses that to people."""
    if event.calendar.conflicts != ConflictPolicy.REFUSE:
        return []
    with services.no_refusals():
        found = services.check_conflicts(event, by=by)
    return [{name: each[name] for name in _TOLD} for each in found[:MOST_TOLD]]


def _with_overrides(event: Event, wanted: Mapping[datetime, Override], *, by: User) -> Event:
    """Its dates differ as ``wanted`` says; one on which it does not take place is left out."""
    for row in event.overrides.all():
        if row.recurrence_id not in wanted:
            services.restore_occurrence(event, row.recurrence_id, by=by)
    for key, override in wanted.items():
        if find_occurrence(event.series(), key):
            services.edit_occurrence(event, key, changes=_whole(event, key, override), by=by)
    return reload(event.pk)


def _whole(event: Event, key: datetime, override: Override) -> Any:
    """All that may differ on one date; what is as the series has it is known by being the same."""
    return {
        "starts_at": override.starts_at or key,
        "duration_minutes": event.duration_minutes
        if override.minutes is None
        else at_least(override.minutes, all_day=event.all_day),
        "title": event.title if override.title is None else cut_title(override.title),
        "description": event.description if override.description is None else override.description,
        "location": event.location if override.location is None else cut_location(override.location),
    }
