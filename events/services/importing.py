"""Taking in the events of an iCalendar file: each by its UID, so that a second import changes and does not double."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.common.errors import RuleBroken
from estateman.people.models import User
from events.ics import Entry, EntryOverride, Found, Refused, last_start, read_ics
from events.models import Calendar, Event, EventOverride
from events.permissions import can_write_calendar
from events.recurrence import find_occurrence, parse_rule
from events.services.events import cancel_event, create_event, edit_event
from events.services.invitations import no_invitations
from events.services.series import edit_occurrence
from events.services.timing import EventFields


@dataclass
class Imported:
    """How many events were made, changed and left as they were, and which were not taken, and why."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Refused] = field(default_factory=list)


class _Skipped(Exception):
    """This event is not taken; the message says why."""


def import_ics(calendar: Calendar, content: bytes, *, by: User) -> Imported:
    """Put the events of an iCalendar file into ``calendar``; nobody is invited or mailed.

    An event that is there by its UID becomes what the file says: times, words, dates that differ; attendees, reminders
    and bookings stay its own. What was cancelled there is cancelled here. Raises events.ics.Malformed for what is no
    such file (nothing is written then), PermissionDenied.
    """
    if not can_write_calendar(by, calendar):
        raise PermissionDenied
    return _take_all(read_ics(content, zone=calendar.timezone), calendar, by=by)


@transaction.atomic
def _take_all(found: Found, calendar: Calendar, *, by: User) -> Imported:
    events = calendar.events.filter(uid__in=[entry.uid for entry in found.entries])
    there = {event.uid: event for event in events.with_series()}
    done = Imported(skipped=list(found.refused))
    with no_invitations():
        for entry in found.entries:
            _take(entry, there.get(entry.uid), calendar, done, by=by)
    return done


def _take(entry: Entry, event: Event | None, calendar: Calendar, done: Imported, *, by: User) -> None:
    try:
        with transaction.atomic():
            how = _created(entry, calendar, done, by=by) if event is None else _updated(event, entry, done, by=by)
    except _Skipped as why:
        done.skipped.append(Refused(entry.uid, str(why)))
    except RuleBroken as rule:
        done.skipped.append(Refused(entry.uid, rule.detail))
    except ValidationError as refused:
        done.skipped.append(Refused(entry.uid, " ".join(refused.messages)))
    else:
        setattr(done, how, getattr(done, how) + 1)


def _created(entry: Entry, calendar: Calendar, done: Imported, *, by: User) -> str:
    if entry.status == Event.Status.CANCELLED:
        raise _Skipped("It was cancelled there and is not here.")
    event = create_event(calendar, by=by, reminders=(), **_fields(entry), uid=entry.uid, sequence=entry.sequence)  # type: ignore[call-arg, misc]
    _write_dates(event, entry, done, by=by)
    return "created"


def _updated(event: Event, entry: Entry, done: Imported, *, by: User) -> str:
    if entry.is_of_series and event.is_recurring:
        raise _Skipped("It is one date of a series that stands here. Change that date here, or take in the series.")
    if event.is_cancelled:
        if entry.status == Event.Status.CANCELLED:
            return "unchanged"
        raise _Skipped("It was cancelled here; plan it anew.")
    if entry.status == Event.Status.CANCELLED:
        cancel_event(event, by=by)
        return "updated"
    before, fields = event.version, _fields(entry)
    if _is_same_rule(event, entry):
        del fields["recurrence"]
    changed = edit_event(event, changes=fields, by=by)
    _write_dates(changed, entry, done, by=by)
    return "unchanged" if Event.objects.get(pk=event.pk).version == before else "updated"


def _is_same_rule(event: Event, entry: Entry) -> bool:
    """Whether it says the same in other words: programs put its parts in another order and UNTIL in UTC."""
    if not (event.recurrence and entry.recurrence):
        return event.recurrence == entry.recurrence
    mine, theirs = parse_rule(event.recurrence), parse_rule(entry.recurrence)
    same_end = last_start(mine, event.starts_at) == last_start(theirs, entry.starts_at)
    return same_end and replace(mine, text="", until=None) == replace(theirs, text="", until=None)


def _fields(entry: Entry) -> EventFields:
    return {
        "title": entry.title,
        "description": entry.description,
        "location": entry.location,
        "starts_at": entry.starts_at,
        "timezone": entry.timezone,
        "duration_minutes": entry.duration_minutes,
        "all_day": entry.all_day,
        "recurrence": entry.recurrence,
        "exdates": list(entry.exdates),
        "rdates": list(entry.rdates),
        "is_busy": entry.is_busy,
        "status": entry.status,
    }


def _write_dates(event: Event, entry: Entry, done: Imported, *, by: User) -> None:
    """Make the dates that differ those of ``entry``; what it says of a date that the series has not is skipped."""
    event = Event.objects.with_series().get(pk=event.pk)
    series = event.series()
    wanted = {each.recurrence_id: _patch(each) for each in entry.overrides}
    stands = {row.recurrence_id: row.patch() for row in event.overrides.all()}
    for key in sorted({*wanted, *stands}):
        patch = wanted.get(key, {})
        if not event.is_recurring or find_occurrence(series, key) is None:
            if key in wanted:
                done.skipped.append(Refused(entry.uid, f"It does not take place on {key:%Y-%m-%d %H:%M}."))
        elif patch != stands.get(key, {}):
            edit_occurrence(event, key, changes=_changes(event, key, patch), by=by)


def _patch(override: EntryOverride) -> dict[str, object]:
    return {name: value for name in EventOverride.PATCHED if (value := getattr(override, name)) is not None}


def _changes(event: Event, key: datetime, patch: dict[str, object]) -> EventFields:
    """All that may differ on one date: what ``patch`` does not name is as the series has it."""
    usual = {name: getattr(event, name) for name in EventOverride.PATCHED} | {"starts_at": key}
    return usual | patch  # type: ignore[return-value]
