"""Verbs on events: plan, change, cancel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.common.versions import save_changes
from estateman.people.models import User
from events.activities import EventCancelled, EventChanged, EventCreated
from events.models import Attendance, Calendar, Event, EventException, OccurrenceAnswer
from events.permissions import can_write_calendar
from events.recurrence import Series, carry_exdates, carry_keys, carry_rdates
from events.services.answers import seat_waiting
from events.services.appointments_following import follow_event
from events.services.attendees import Invitee, invite
from events.services.conflicts import check_conflicts
from events.services.invitations import TOLD, send_invitations, tell_guests
from events.services.lock import EventCancelledAlready, take_event
from events.services.moves import carry_answers, move_along, rekey, release_bookings, settle_in
from events.services.reminders import ReminderWish, plan_deliveries, set_reminders, usual_reminders
from events.services.timing import (
    TIMING,
    EventFields,
    NewEventFields,
    exception_rows,
    settle_timing,
    write_exceptions,
)
from events.services.transfers import once_in_its_calendar, transfer

DATES = {"exdates", "rdates"}
DERIVED = ("starts_at", "recurrence", "first_utc", "until_utc", "last_local", "sequence")


@transaction.atomic
def create_event(
    calendar: Calendar,
    *,
    by: User,
    attendees: Sequence[User | str | Invitee] = (),
    reminders: Sequence[ReminderWish] | None = None,
    **fields: Unpack[NewEventFields],
) -> Event:
    """Plan an event or a series. ``attendees`` are staff, or guests' e-mail addresses.

    Without ``timezone`` it takes the calendar's zone, without ``reminders`` the calendar's. ``conflicts`` of the event
    says what it falls on. Raises ValidationError by field, TimeTaken, PermissionDenied.
    """
    if not can_write_calendar(by, calendar):
        raise PermissionDenied
    written = {name: value for name, value in fields.items() if name not in DATES}
    event = Event(calendar=calendar, created_by=by, **{"timezone": calendar.timezone, **written})
    exdates, rdates = _settle(event, fields)
    event.save()
    EventException.objects.bulk_create(exception_rows(event, exdates=exdates, rdates=rdates))
    announce(EventCreated(by_id=by.pk, event_id=event.pk, calendar_id=calendar.pk, title=event.title))
    invite(event, attendees=attendees, by=by)
    set_reminders(event, usual_reminders(calendar) if reminders is None else reminders, by=by)
    event.conflicts = check_conflicts(event, by=by)
    return event


def create_recurring_event(calendar: Calendar, *, by: User, **fields: Any) -> Event:
    """``create_event`` for what must repeat: raises ValidationError without ``recurrence`` and without ``rdates``."""
    if not (fields.get("recurrence") or fields.get("rdates")):
        raise ValidationError({"recurrence": "Say how it repeats, like FREQ=WEEKLY;BYDAY=MO;COUNT=10."})
    return create_event(calendar, by=by, **fields)


@transaction.atomic
def edit_event(event: Event, *, changes: EventFields, by: User, version: int | None = None) -> Event:
    """Change an event, a series as a whole. When times change, its bookings and reminders move along.

    Dates that were left out, added or moved, and what was answered for single ones, go with the series. With another
    ``calendar``, all that hangs on it goes there, and all its dates are judged as those of a new event there.

    Raises BookingConflict when a booked resource is taken at the new time (nothing is changed then), TimeTaken,
    InThatCalendarAlready, HostMayNotWrite, VersionConflict, EventCancelledAlready, PermissionDenied, ValidationError
    by field.
    """
    event = take_event(event, by=by)
    before = event.series()
    changed = changed_names(event, changes)
    if not changed:
        return event
    moved, goes_elsewhere = bool(TIMING & set(changed)), "calendar" in changed
    if goes_elsewhere:
        transfer(event, changes["calendar"], by=by, renamed="title" in changed)
    for name in set(changes) - DATES:
        setattr(event, name, changes[name])  # type: ignore[literal-required]
    exdates, rdates = _settle(event, changes, before)
    keys = _carry_keys(event, before, changed, exdates=exdates, rdates=rdates) if moved else {}
    _write(event, changed, version=version, moved=moved)
    announce_changed(event, changed, moved=moved, by=by)
    if moved:
        write_exceptions(event, exdates=exdates, rdates=rdates)
        event.overrides.exclude(recurrence_id__in=keys).delete()
        rekey(event.overrides.all(), keys, of="event_id")
        carry_answers(event, before, keys)
        move_along(event, before, by=by, anew=goes_elsewhere)
    elif goes_elsewhere:
        settle_in(event, by=by)
    if "capacity" in changed:
        seat_waiting(event)
    if TOLD & set(changed):
        tell_guests(event, by=by)
    return event


def changed_names(event: Event, changes: Mapping[str, Any]) -> list[str]:
    """The names whose value really differs; sending back what stands there moves nothing."""
    wanted: dict[str, Any] = {**changes}
    wanted |= {name: sorted(set(wanted[name])) for name in DATES & set(wanted)}
    return sorted(name for name, value in wanted.items() if value != getattr(event, name))


def _settle(event: Event, given: NewEventFields, before: Series | None = None) -> tuple[list[datetime], list[datetime]]:
    """Judge fields and times; returns the exdates and rdates: those given, else those of ``before``, carried along."""
    event.clean_fields(exclude={"calendar", "created_by", "recurrence", "first_utc", "until_utc", "last_local"})
    exdates, rdates = given.get("exdates", []), given.get("rdates", [])
    settle_timing(event, exdates=exdates, rdates=rdates)
    if before:
        after = replace(event.series(), exdates=frozenset(), rdates=())
        exdates = given.get("exdates", carry_exdates(before, after, all_day=event.all_day))
        rdates = given.get("rdates", carry_rdates(before, after, all_day=event.all_day))
        settle_timing(event, exdates=exdates, rdates=rdates)
    return exdates, rdates


def _write(event: Event, changed: Sequence[str], *, version: int | None, moved: bool) -> None:
    if moved:
        event.sequence += 1
    columns = {*changed, *(DERIVED if moved else ())} - DATES
    with once_in_its_calendar(event):
        save_changes(event, {name: getattr(event, name) for name in columns}, version=version)


def _take_usual_times(event: Event) -> None:
    """Dates that were moved stay on their day; an hour and a length of their own fit no other kind of day."""
    for row in event.overrides.exclude(starts_at=None, duration_minutes=None):
        day = (row.starts_at or row.recurrence_id).date()
        is_elsewhere = day != row.recurrence_id.date()
        row.starts_at = datetime.combine(day, event.starts_at.time()) if is_elsewhere else None
        row.duration_minutes = None
        row.save() if row.patch() else row.delete()


def _carry_keys(
    event: Event, before: Series, changed: Iterable[str], *, exdates: Iterable[datetime], rdates: Iterable[datetime]
) -> dict[datetime, datetime]:
    """The new keys of dates that differ or have answers, by the old; settles the times with those that differ."""
    if "all_day" in changed:
        _take_usual_times(event)
    after = replace(event.series(), exdates=frozenset(exdates), rdates=tuple(rdates), moved={})
    keys = carry_keys(before, after, _keys_in_use(event), all_day=event.all_day)
    overrides = [row for row in event.overrides.all() if row.recurrence_id in keys]
    for row in overrides:
        row.recurrence_id = keys[row.recurrence_id]
    settle_timing(event, exdates=exdates, rdates=rdates, moved=[row.moved(event) for row in overrides])
    return keys


def _keys_in_use(event: Event) -> set[datetime]:
    kept = (
        event.overrides.all(),
        OccurrenceAnswer.objects.filter(attendee__event=event),
        Attendance.objects.filter(attendee__event=event),
    )
    return {key for rows in kept for key in rows.values_list("recurrence_id", flat=True)}


def announce_changed(event: Event, changed: Sequence[str], *, moved: bool, by: User) -> None:
    """That it went into another calendar is told apart."""
    if told := tuple(name for name in changed if name != "calendar"):
        announce(
            EventChanged(
                by_id=by.pk,
                event_id=event.pk,
                calendar_id=event.calendar_id,
                title=event.title,
                changed=told,
                moved=moved,
            )
        )


@transaction.atomic
def cancel_event(event: Event, *, by: User) -> Event:
    """It does not take place: bookings that have not begun are free again, pending reminders are dropped.

    Raises EventCancelledAlready.
    """
    return call_off(take_event(event, by=by), by=by)


def call_off(event: Event, *, by: User) -> Event:
    """``cancel_event`` of one that is locked already, whoever ``by`` is. To be called inside a transaction."""
    save_changes(event, {"status": Event.Status.CANCELLED, "sequence": event.sequence + 1})
    release_bookings(event)
    follow_event(event)
    plan_deliveries(event)
    send_invitations(event, event.attendees.filter(user=None), "CANCEL", by)
    announce(EventCancelled(by_id=by.pk, event_id=event.pk, calendar_id=event.calendar_id, title=event.title))
    return event


__all__ = ["EventCancelledAlready", "cancel_event", "create_event", "create_recurring_event", "edit_event"]
