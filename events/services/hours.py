"""Verbs on when people work: their usual week, days that differ, time off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from estateman.activity.services import announce
from estateman.people.models import User
from events.activities import HoursChanged
from events.availability import Span
from events.models import HoursException, TimeOff, WeeklyHours
from events.models.hours import validate_spans
from events.permissions import can_set_hours
from events.services.lock import lock_people


@dataclass(frozen=True)
class DifferentDay:
    """A date with hours of its own; without spans it is free."""

    date: date
    spans: Sequence[Span] = ()
    note: str = ""


@transaction.atomic
def set_hours(
    person: User,
    *,
    weekly: Mapping[int, Sequence[Span]] | None = None,
    exceptions: Sequence[DifferentDay] | None = None,
    by: User,
) -> None:
    """Replace the usual week (by weekday, 0 is Monday), the days that differ, or both; None leaves them.

    An empty week is the usual one again, Monday to Friday from nine to five. Raises ValidationError by field.
    """
    if not can_set_hours(by, person):
        raise PermissionDenied
    lock_people([person.pk])
    if weekly is not None:
        _check_week(weekly)
        person.weekly_hours.all().delete()
        WeeklyHours.objects.bulk_create(
            WeeklyHours(user=person, weekday=weekday, start_minute=since, end_minute=until)
            for weekday, spans in sorted(weekly.items())
            for since, until in spans
        )
    if exceptions is not None:
        _check_days(exceptions)
        person.hours_exceptions.all().delete()
        HoursException.objects.bulk_create(
            HoursException(user=person, date=day.date, spans=[list(span) for span in day.spans], note=day.note)
            for day in exceptions
        )
    _announce(person, "changed the working hours", by)


def _check_week(weekly: Mapping[int, Sequence[Span]]) -> None:
    if not set(weekly) <= set(range(7)):
        raise ValidationError({"weekly": "Weekdays go from 0, which is Monday, to 6."})
    for spans in weekly.values():
        _check_spans("weekly", spans)


def _check_days(days: Sequence[DifferentDay]) -> None:
    if len({day.date for day in days}) < len(days):
        raise ValidationError({"exceptions": "Name each date once."})
    for day in days:
        _check_spans("exceptions", day.spans)


def _check_spans(field: str, spans: Sequence[Span]) -> None:
    try:
        validate_spans([list(span) for span in spans])
    except ValidationError as refused:
        raise ValidationError({field: refused.messages}) from None


@transaction.atomic
def add_time_off(person: User, *, starts_on: date, ends_on: date, reason: str = "", by: User) -> TimeOff:
    """Whole days off, both ends included. Raises ValidationError by field."""
    if not can_set_hours(by, person):
        raise PermissionDenied
    if ends_on < starts_on:
        raise ValidationError({"ends_on": "Time off ends on or after its first day."})
    time_off = TimeOff(user=person, starts_on=starts_on, ends_on=ends_on, reason=reason)
    time_off.clean_fields()
    time_off.save()
    _announce(person, "wrote down time off", by)
    return time_off


@transaction.atomic
def remove_time_off(time_off: TimeOff, *, by: User) -> None:
    """They are there after all."""
    if not can_set_hours(by, time_off.user):
        raise PermissionDenied
    time_off.delete()
    _announce(time_off.user, "took back time off", by)


def _announce(person: User, change: str, by: User) -> None:
    announce(HoursChanged(by_id=by.pk, user_id=person.pk, user=str(person), change=change))
