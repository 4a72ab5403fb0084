"""Verbs on a part of a series: one date, or a date and all that follow."""

from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models, transaction

from estateman.activity.services import announce
from estateman.common import clock
from estateman.common.versions import save_changes
from estateman.people.models import User
from events.activities import EventSplit, OccurrenceCancelled, OccurrenceChanged, OccurrenceRestored
from events.models import Attendance, Event, EventOverride, OccurrenceAnswer, ReminderDelivery
from events.models.events import new_uid
from events.recurrence import Series, find_occurrence, first_key, split
from events.services.answers import is_ahead, seat_waiting, wait_again
from events.services.events import DERIVED, announce_changed, cancel_event, changed_names, edit_event
from events.services.invitations import tell_guests
from events.services.lock import take_event
from events.services.moves import move_along
from events.services.reminders import plan_deliveries
from events.services.timing import EventFields, settle_timing, write_exceptions

SAME_ON_EVERY_DATE = "This is the same on every date. Change the whole series, or this date and all that follow."
State = ReminderDelivery.State
Row = TypeVar("Row", bound=models.Model)
_OF_A_DATE = frozenset(EventOverride.PATCHED)
_MOVES = frozenset({"starts_at", "duration_minutes"})


@transaction.atomic
def edit_occurrence(
    event: Event, recurrence_id: datetime, *, changes: EventFields, by: User, version: int | None = None
) -> Event:
    """Change one date of a series: title, description, location, where it begins and how long it lasts.

    What is as the series has it goes on following the series. Raises BookingConflict when a booked resource is taken at
    the new time, TimeTaken, VersionConflict, EventCancelledAlready, PermissionDenied, ValidationError by field.
    """
    event = take_event(event, by=by)
    before = event.series()
    _require_date(before, recurrence_id)
    if not event.is_recurring:
        return edit_event(event, changes=changes, by=by, version=version)
    _refuse_of_the_whole(event, changes)
    override = _override(event, recurrence_id)
    stood = override.patch()
    _patch(override, event, changes)
    changed = sorted(name for name in _OF_A_DATE if stood.get(name) != override.patch().get(name))
    if changed:
        override.save() if override.patch() else event.overrides.filter(recurrence_id=recurrence_id).delete()
        moved = bool(_MOVES & set(changed))
        _write(event, version=version, moved=moved)
        announce(OccurrenceChanged(**_of(event, recurrence_id, by), changed=tuple(changed), moved=moved))
        if moved:
            _take_back(event, recurrence_id, before)
            move_along(event, before, by=by)
        tell_guests(event, by=by)
    return event


def _take_back(event: Event, recurrence_id: datetime, before: Series) -> None:
    """A date that did not take place, or was over, may be ahead now."""
    if not is_ahead(before, recurrence_id):
        wait_again(event, [recurrence_id])


def _require_date(series: Series, recurrence_id: datetime) -> None:
    if find_occurrence(series, recurrence_id) is None:
        raise ValidationError({"recurrence_id": "The event does not take place then."})


def _refuse_of_the_whole(event: Event, changes: EventFields) -> None:
    rest: dict[str, Any] = {name: value for name, value in changes.items() if name not in _OF_A_DATE}
    if wrong := changed_names(event, rest):
        raise ValidationError(dict.fromkeys(wrong, SAME_ON_EVERY_DATE))


def _override(event: Event, recurrence_id: datetime) -> EventOverride:
    found = event.overrides.filter(recurrence_id=recurrence_id).first()
    return found or EventOverride(event=event, recurrence_id=recurrence_id)


def _patch(override: EventOverride, event: Event, changes: EventFields) -> None:
    for name in _OF_A_DATE & set(changes):
        usual = override.recurrence_id if name == "starts_at" else getattr(event, name)
        wanted = changes[name]  # type: ignore[literal-required]
        setattr(override, name, None if wanted == usual else wanted)
    patch = override.patch()
    # Text may be taken away for one date; only a title there must be.
    unset = {name for name in _OF_A_DATE if name not in patch or (patch[name] == "" and name != "title")}
    override.clean_fields(exclude={"event", *unset})


def _write(
    event: Event,
    *,
    version: int | None = None,
    moved: bool = True,
    dates: Mapping[str, Collection[datetime]] | None = None,
) -> None:
    """Settle the times with the exceptions that stand there, or with ``dates``, which are written then."""
    dates = dates or {"exdates": event.exdates, "rdates": event.rdates}
    settle_timing(event, **dates, moved=[row.moved(event) for row in event.overrides.all()])
    event.sequence += moved
    save_changes(event, {name: getattr(event, name) for name in DERIVED}, version=version)
    write_exceptions(event, **dates)


def _of(event: Event, recurrence_id: datetime, by: User) -> dict[str, Any]:
    return {
        "by_id": by.pk,
        "event_id": event.pk,
        "calendar_id": event.calendar_id,
        "title": event.title,
        "recurrence_id": recurrence_id.isoformat(),
    }


@transaction.atomic
def cancel_occurrence(event: Event, recurrence_id: datetime, *, by: User) -> Event:
    """One date does not take place. With the last date of all the event is cancelled.

    Raises EventCancelledAlready, PermissionDenied, ValidationError.
    """
    event = take_event(event, by=by)
    before = event.series()
    _require_date(before, recurrence_id)
    exdates = {*event.exdates, recurrence_id}
    if first_key(replace(before, exdates=frozenset(exdates))) is None:
        return cancel_event(event, by=by)
    event.overrides.filter(recurrence_id=recurrence_id).delete()
    _write(event, dates={"exdates": exdates, "rdates": event.rdates})
    announce(OccurrenceCancelled(**_of(event, recurrence_id, by)))
    move_along(event, before, by=by)
    tell_guests(event, by=by)
    return event


@transaction.atomic
def restore_occurrence(event: Event, recurrence_id: datetime, *, by: User) -> Event:
    """Undo what is exceptional about a date: one left out takes place again, one that differs is as the series has it.

    One that was added is gone. Of several, the first that holds is undone. Raises ObjectDoesNotExist when there is
    nothing exceptional, BookingConflict when what is booked for the series is taken then, TimeTaken,
    EventCancelledAlready, PermissionDenied, ValidationError.
    """
    event = take_event(event, by=by)
    before, exdates, rdates = event.series(), set(event.exdates), set(event.rdates)
    if recurrence_id in exdates:
        exdates.remove(recurrence_id)
    elif not event.overrides.filter(recurrence_id=recurrence_id).delete()[0]:
        if recurrence_id not in rdates:
            raise ObjectDoesNotExist
        rdates.remove(recurrence_id)
    _write(event, dates={"exdates": exdates, "rdates": rdates})
    was, now = (find_occurrence(series, recurrence_id) for series in (before, event.series()))
    if now:
        _take_back(event, recurrence_id, before)
        announce(OccurrenceRestored(**_of(event, recurrence_id, by), moved=now != was))
    else:
        announce(OccurrenceCancelled(**_of(event, recurrence_id, by)))
    move_along(event, before, by=by)
    tell_guests(event, by=by)
    return event


@transaction.atomic
def cancel_following(event: Event, recurrence_id: datetime, *, by: User) -> Event:
    """The series ends before this date; what differed, was left out or answered from there on is forgotten.

    From the first date on, that is all of it. Raises EventCancelledAlready, PermissionDenied, ValidationError.
    """
    event = take_event(event, by=by)
    before = event.series()
    _require_date(before, recurrence_id)
    if recurrence_id == first_key(before):
        return cancel_event(event, by=by)
    kept, _ = split(before, recurrence_id)
    OccurrenceAnswer.objects.filter(attendee__event=event, recurrence_id__gte=recurrence_id).delete()
    _become(event, kept)
    announce_changed(event, ["recurrence"], moved=True, by=by)
    move_along(event, before, by=by)
    tell_guests(event, by=by)
    return event


def _become(event: Event, part: Series, *, version: int | None = None) -> None:
    """Make ``event`` that part of itself."""
    event.starts_at, event.recurrence = part.starts_at, str(part.rule or "")
    event.overrides.exclude(recurrence_id__in=part.moved).delete()
    _write(event, version=version, dates={"exdates": part.exdates, "rdates": part.rdates})


@transaction.atomic
def edit_following(
    event: Event, recurrence_id: datetime, *, changes: EventFields, by: User, version: int | None = None
) -> Event:
    """Change a series from one date on; ``starts_at`` is when that date begins now. Returns the series it becomes.

    That is a series of its own which ``follows`` this one: it has the rest of the dates with all that is exceptional,
    answered, booked and to be reminded of; this one ends before. From the first date on the series itself is changed.
    Raises as ``edit_event`` does.
    """
    event = take_event(event, by=by)
    before = event.series()
    _require_date(before, recurrence_id)
    if recurrence_id == first_key(before):
        return edit_event(event, changes=_shifted(event, recurrence_id, changes), by=by, version=version)
    changes = _different(event, recurrence_id, changes)
    if not changes:
        return event
    kept, rest = split(before, recurrence_id)
    child = _split_off(event, rest)
    _hand_over(event, child, recurrence_id, rest)
    _become(event, kept, version=version)
    announce(EventSplit(**_of(event, recurrence_id, by), into_id=child.pk))
    for part in (event, child):
        seat_waiting(part)
        plan_deliveries(part)
    tell_guests(event, by=by)
    child = edit_event(child, changes=_shifted(child, recurrence_id, changes), by=by)
    # Also where nothing that guests know of is another: it is an event that they have not heard of.
    tell_guests(child, by=by)
    return child


def _different(event: Event, recurrence_id: datetime, changes: Mapping[str, Any]) -> EventFields:
    """Those that really differ; the whole's COUNT, sent back as it stands, is not asked for of what follows."""
    rest = {name: value for name, value in changes.items() if name != "starts_at"}
    different = {name: changes[name] for name in changed_names(event, rest)}
    if changes.get("starts_at", recurrence_id) != recurrence_id:
        different["starts_at"] = changes["starts_at"]
    return different  # type: ignore[return-value]


def _shifted(event: Event, recurrence_id: datetime, changes: Mapping[str, Any]) -> EventFields:
    """``changes`` of the series, by as much as those of the date at ``recurrence_id``."""
    shifted: dict[str, Any] = dict(changes)
    if "starts_at" in shifted:
        shifted["starts_at"] += event.starts_at - recurrence_id
    return shifted  # type: ignore[return-value]


def _split_off(event: Event, part: Series) -> Event:
    child = _twin(
        event, uid=new_uid(), follows=event, sequence=0, version=1, created_at=clock.now(), starts_at=part.starts_at
    )
    child.recurrence = str(part.rule or "")
    settle_timing(child, exdates=part.exdates, rdates=part.rdates, moved=part.moved.values())
    child.save()
    write_exceptions(child, exdates=part.exdates, rdates=part.rdates)
    return child


def _hand_over(event: Event, child: Event, start: datetime, part: Series) -> None:
    """What hangs on the dates from ``start`` on belongs to ``child`` from now on."""
    event.overrides.filter(recurrence_id__in=part.moved).update(event=child)
    event.bookings.filter(recurrence_id__gte=start).update(event=child)
    _copied(event.resources_wanted.all(), event=child)
    people = _copied(event.attendees.all(), event=child)
    for model in (OccurrenceAnswer, Attendance):
        for old, attendee in people.items():
            model.objects.filter(attendee=old, recurrence_id__gte=start).update(attendee=attendee)
    _hand_over_reminders(event, child, start)


def _hand_over_reminders(event: Event, child: Event, start: datetime) -> None:
    """What was sent is not sent again by ``child``; what was not has a new row there, as a worker may hold the old."""
    reminders = _copied(event.reminders.all(), event=child)
    theirs = event.reminder_deliveries.filter(recurrence_id__gte=start)
    settled = list(theirs.exclude(state__in=(State.PENDING, State.CANCELLED)))
    pending = [_twin(row, lease_until=None, lease_token=None) for row in theirs.filter(state=State.PENDING)]
    for row in (*settled, *pending):
        row.event, row.reminder = child, reminders.get(row.reminder_id or 0)
        row.dedupe_key = row.dedupe_key.replace(f":{event.pk}:", f":{child.pk}:", 1)
    ReminderDelivery.objects.bulk_update(settled, ["event", "reminder", "dedupe_key"])
    ReminderDelivery.objects.bulk_create(pending)


def _copied(rows: models.QuerySet[Row], **changes: Any) -> dict[int, Row]:
    """Copies with ``changes``, written, by the id of what each is a copy of."""
    copies = {row.pk: _twin(row, **changes) for row in rows}
    rows.model._base_manager.bulk_create(copies.values())
    return copies


def _twin(row: Row, **changes: Any) -> Row:
    twin = copy(row)
    twin.pk, twin._state.adding = None, True
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin
