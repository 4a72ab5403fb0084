"""When people work and are taken, and when things can be booked, for many at once in a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q

from estateman.people.models import User
from events.availability import USUAL_WEEK, Hours, Interval, Span
from events.diaries import diaries_of
from events.models import (
    STAYS_AWAY,
    Appointment,
    Attendee,
    Calendar,
    Event,
    HoursException,
    Resource,
    TimeOff,
    WeeklyHours,
)
from events.models.events import EventQuerySet
from events.recurrence import Occurrence, occurrences
from events.slots import Thing

_A_DAY = timedelta(days=1)
"""The longest buffer: what lies so far outside a window may still reach in."""


@dataclass(frozen=True)
class Busy:
    """One occurrence that takes somebody's time, with what its appointment keeps free around it."""

    event: Event
    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    blocked: Interval


def busy_of(
    users: Collection[int], start: datetime, end: datetime, *, leaving_out: Event | None = None
) -> dict[int, list[Busy]]:
    """What takes the time of each user from ``start`` until before ``end``, by user, in order of start.

    That is what stands in calendars of their own, what they are invited to, unless they stay away from it or from that
    date, and what visitors booked with them; less what was cancelled or does not make anybody busy. Five queries.
    """
    invited = _invitations(users, start, end)
    events = _events(users, invited, start, end).exclude(pk=leaving_out.pk if leaving_out else 0)
    found: dict[int, list[Busy]] = {user: [] for user in users}
    for event in events:
        for busy in _occurring(event, start, end):
            for user in whose_time(event, busy.recurrence_id, invited[event.pk]) & found.keys():
                found[user].append(busy)
    for each in found.values():
        each.sort(key=lambda busy: (busy.starts_at, busy.ends_at))
    return found


def _invitations(users: Collection[int], start: datetime, end: datetime) -> defaultdict[int, list[Attendee]]:
    """What they are invited to, by event."""
    running = Q(event__until_utc=None) | Q(event__until_utc__gt=start - _A_DAY)
    rows = Attendee.objects.filter(running, event__first_utc__lt=end + _A_DAY, user__in=users)
    invited: defaultdict[int, list[Attendee]] = defaultdict(list)
    for row in rows.prefetch_related("answers"):
        invited[row.event_id].append(row)
    return invited


def _events(users: Collection[int], invited: Iterable[int], start: datetime, end: datetime) -> EventQuerySet:
    own = Calendar.objects.filter(owner__in=users).values("pk")
    booked = Appointment.objects.filter(
        host__in=users, status=Appointment.Status.BOOKED, starts_at__lt=end + _A_DAY, ends_at__gt=start - _A_DAY
    ).values("event")
    whose = Q(calendar__in=own) | Q(pk__in=list(invited)) | Q(pk__in=booked)
    theirs = Event.objects.filter(whose, calendar__archived_at=None)
    near = theirs.filter(is_busy=True).not_cancelled().between(start - _A_DAY, end + _A_DAY)
    return near.with_series().select_related("appointment")


def _occurring(event: Event, start: datetime, end: datetime) -> Iterable[Busy]:
    before, after = _kept_free(event)
    for occurrence in occurrences(event.series(), start - after, end + before):
        yield _busy(event, occurrence, before, after)


def _kept_free(event: Event) -> tuple[timedelta, timedelta]:
    appointment = getattr(event, "appointment", None)
    if appointment is None:
        return timedelta(0), timedelta(0)
    return appointment.starts_at - appointment.blocked_from, appointment.blocked_until - appointment.ends_at


def _busy(event: Event, occurrence: Occurrence, before: timedelta, after: timedelta) -> Busy:
    return Busy(
        event=event,
        recurrence_id=occurrence.recurrence_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        blocked=(occurrence.starts_at - before, occurrence.ends_at + after),
    )


def whose_time(event: Event, recurrence_id: datetime, invited: Iterable[Attendee]) -> set[int]:
    """Whose time one date of ``event`` takes, by id: the calendar's owner, the ``invited`` who do not stay away, and
    with whom a visitor booked it, whatever calendar it is in.
    """
    owner = event.calendar.owner_id
    coming: set[int | None] = {owner}
    for attendee in invited:
        if attendee.answer_on(recurrence_id) in STAYS_AWAY:
            coming.discard(attendee.user_id)
        else:
            coming.add(attendee.user_id)
    appointment = getattr(event, "appointment", None)
    if appointment and appointment.status == Appointment.Status.BOOKED:
        coming.add(appointment.host_id)
    return {user for user in coming if user is not None}


def hours_of(users: Sequence[User], start: datetime, end: datetime) -> dict[int, Hours]:
    """The hours of each user, as far as they matter from ``start`` until before ``end``. Six queries."""
    first, last = (start - _A_DAY).date(), (end + _A_DAY).date()
    weeks: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for span in WeeklyHours.objects.filter(user__in=users):
        weeks[span.user_id][span.weekday].append((span.start_minute, span.end_minute))
    differing: dict[int, dict[date, list[Span]]] = defaultdict(dict)
    for day in HoursException.objects.filter(user__in=users, date__range=(first, last)):
        differing[day.user_id][day.date] = [(since, until) for since, until in day.spans]
    off: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for time_off in TimeOff.objects.filter(user__in=users, starts_on__lte=last, ends_on__gte=first):
        off[time_off.user_id].append((time_off.starts_on, time_off.ends_on))
    closed = closed_days(first, last)
    return {
        user.pk: Hours(user.timezone, weeks.get(user.pk, USUAL_WEEK), differing[user.pk], off[user.pk], closed)
        for user in users
    }


def closed_days(first: date, last: date) -> frozenset[date]:
    """On which days from ``first`` to ``last`` the office is closed, by its calendars that say so. Three queries."""
    start, end = datetime.combine(first - _A_DAY, time.min, UTC), datetime.combine(last + 2 * _A_DAY, time.min, UTC)
    closing = Event.objects.filter(calendar__closes_office=True, calendar__archived_at=None, all_day=True)
    near = closing.not_cancelled().between(start, end).with_series()
    found = (day for event in near for each in occurrences(event.series(), start, end) for day in _whole_days(each))
    return frozenset(day for day in found if first <= day <= last)


def _whole_days(occurrence: Occurrence) -> list[date]:
    """Whole days last from midnight to midnight on the wall, so as many as there are between."""
    first = occurrence.local_starts_at.date()
    days = round((occurrence.ends_at - occurrence.starts_at) / _A_DAY)
    return [first + number * _A_DAY for number in range(days)]


def things_of(
    resources: Sequence[Resource], start: datetime, end: datetime, *, leaving_out: Event | None = None
) -> dict[int, Thing]:
    """When each resource can be booked from ``start`` until before ``end``, and what takes its units. Two queries."""
    diaries = diaries_of(resources, start, end, leaving_out=leaving_out)
    return {
        resource.pk: Thing(
            key=resource.pk,
            name=resource.name,
            capacity=resource.capacity,
            bookable=resource.opened(start, end),
            taken=[diaries[resource.pk].spans(unit) for unit in range(1, resource.units + 1)],
            before=timedelta(minutes=resource.buffer_before_minutes),
            after=timedelta(minutes=resource.buffer_after_minutes),
        )
        for resource in resources
    }
