"""How the calendars of a period did: who came, what was booked, what was kept in step, who was reminded.

The formulas stand in docs/events-analytics.md.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Greatest

from events.availability import Interval, subtracted
from events.models import (
    Answer,
    Attendance,
    Attendee,
    Blackout,
    Calendar,
    DataSync,
    Event,
    ReminderDelivery,
    Resource,
    ResourceBooking,
    SyncConflict,
)
from events.recurrence import occurrences
from events.utilisation import utilisation

Status = DataSync.Status
_CARRIED = ("created_here", "changed_here", "deleted_here", "created_there", "changed_there", "deleted_there")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, kw_only=True)
class AttendanceFigures:
    """Invitations by date: somebody invited to a series of three counts three times."""

    invited: int
    accepted: int
    declined: int
    tentative: int
    waiting: int
    unanswered: int
    present: int
    absent: int

    @property
    def rate(self) -> float | None:
        """Of those whose coming was recorded, the share who came; None where nothing was recorded."""
        return _share(self.present, self.present + self.absent)


@dataclass(frozen=True, kw_only=True)
class ResourceFigures:
    """One resource: minutes booked within its bookable time, beside the bookable minutes of all its units."""

    resource: int
    name: str
    bookings: int
    released: int
    booked_minutes: int
    bookable_minutes: int
    ratio: float | None


@dataclass(frozen=True, kw_only=True)
class SyncFigures:
    """Runs of the links: how many changes they carried over, and how many they could not."""

    runs: int
    failed: int
    carried: int
    failures: int
    conflicts: int
    median_seconds: float | None

    @property
    def effectiveness(self) -> float | None:
        """The share of changes that arrived; None where there was nothing to carry."""
        return _share(self.carried, self.carried + self.failures)


@dataclass(frozen=True, kw_only=True)
class ReminderFigures:
    """Reminders that fell due. Lateness counts from when one fell due, or from when it was asked for if later."""

    sent: int
    skipped_late: int
    failed: int
    pending: int
    median_late_seconds: float | None
    p95_late_seconds: float | None

    @property
    def delivery_rate(self) -> float | None:
        """Of those that were settled, the share that was sent."""
        return _share(self.sent, self.sent + self.skipped_late + self.failed)


@dataclass(frozen=True, kw_only=True)
class EventFigures:
    """A period's figures, over some calendars and all resources."""

    attendance: AttendanceFigures
    utilisation: Sequence[ResourceFigures]
    sync: SyncFigures
    reminders: ReminderFigures


def figures(calendars: QuerySet[Calendar], start: datetime, end: datetime) -> EventFigures:
    """What happened in ``calendars`` from ``start`` until before ``end``; twelve queries, however much there is."""
    ids = list(calendars.values_list("pk", flat=True))
    return EventFigures(
        attendance=_attendance(ids, start, end),
        utilisation=_utilisation(start, end),
        sync=_sync(ids, start, end),
        reminders=_reminders(ids, start, end),
    )


def _attendance(calendars: Sequence[int], start: datetime, end: datetime) -> AttendanceFigures:
    events = Event.objects.filter(calendar__in=calendars).not_cancelled().between(start, end)
    dates = {event.pk: _begun(event, start, end) for event in events.with_series()}
    answers: Counter[str] = Counter()
    recorded: Counter[str] = Counter()
    for attendee in Attendee.objects.filter(event__in=dates).prefetch_related("answers", "attendance"):
        said = {row.recurrence_id: row.status for row in attendee.answers.all()}
        answers.update(said.get(date, attendee.status) for date in dates[attendee.event_id])
        recorded.update(
            row.status for row in attendee.attendance.all() if row.recurrence_id in dates[attendee.event_id]
        )
    return AttendanceFigures(
        invited=answers.total(),
        accepted=answers[Answer.ACCEPTED],
        declined=answers[Answer.DECLINED],
        tentative=answers[Answer.TENTATIVE],
        waiting=answers[Answer.WAITING],
        unanswered=answers[Answer.NEEDS_ACTION],
        present=recorded[Attendance.Status.PRESENT],
        absent=recorded[Attendance.Status.ABSENT],
    )


def _begun(event: Event, start: datetime, end: datetime) -> set[datetime]:
    """The dates that begin within the period, by original local start."""
    found = occurrences(event.series(), start, end)
    return {occurrence.recurrence_id for occurrence in found if start <= occurrence.starts_at < end}


def _utilisation(start: datetime, end: datetime) -> list[ResourceFigures]:
    resources = list(Resource.objects.in_use())
    booked, released = defaultdict(list), Counter[int]()
    near = ResourceBooking.objects.filter(resource__in=resources, starts_at__lt=end, ends_at__gt=start)
    kept = near.filter(status__in=(ResourceBooking.Status.ACCEPTED, ResourceBooking.Status.RELEASED))
    for resource, status, *time in kept.values_list("resource", "status", "starts_at", "ends_at"):
        if status == ResourceBooking.Status.ACCEPTED:
            booked[resource].append((time[0], time[1]))
        else:
            released[resource] += 1
    closed = defaultdict(list)
    blackouts = Blackout.objects.filter(resource__in=resources).between(start, end)
    for resource, *time in blackouts.values_list("resource", "starts_at", "ends_at"):
        closed[resource].append((time[0], time[1]))
    return [_of_resource(each, booked[each.pk], closed[each.pk], (start, end), released[each.pk]) for each in resources]


def _of_resource(
    resource: Resource, booked: Sequence[Interval], closed: Sequence[Interval], window: Interval, released: int
) -> ResourceFigures:
    bookable = subtracted(resource.opened(*window), closed)
    found = utilisation(booked, bookable, window, units=resource.units)
    return ResourceFigures(
        resource=resource.pk,
        name=resource.name,
        bookings=len(booked),
        released=released,
        booked_minutes=_minutes(found.booked),
        bookable_minutes=_minutes(found.bookable),
        ratio=None if found.ratio is None else round(found.ratio, 4),
    )


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))


def _sync(calendars: Sequence[int], start: datetime, end: datetime) -> SyncFigures:
    runs = DataSync.objects.filter(link__calendar__in=calendars, started_at__gte=start, started_at__lt=end)
    ended = runs.exclude(status=Status.RUNNING)
    sums = ended.aggregate(failures=Sum("failures", default=0), **{name: Sum(name, default=0) for name in _CARRIED})
    took = [(run.finished_at - run.started_at).total_seconds() for run in ended if run.finished_at]
    return SyncFigures(
        runs=ended.count(),
        failed=ended.filter(status=Status.FAILED).count(),
        carried=sum(sums[name] for name in _CARRIED),
        failures=sums["failures"],
        conflicts=SyncConflict.objects.filter(run__in=ended).count(),
        median_seconds=round(median(took), 3) if took else None,
    )


def _reminders(calendars: Sequence[int], start: datetime, end: datetime) -> ReminderFigures:
    state = ReminderDelivery.State
    rows = ReminderDelivery.objects.filter(event__calendar__in=calendars, due_at__gte=start, due_at__lt=end)
    states = Counter(rows.values_list("state", flat=True))
    sent = rows.filter(state=state.SENT).annotate(from_when=Greatest("due_at", "created_at"))
    late = [max(taken.total_seconds(), 0) for taken in sent.values_list(F("settled_at") - F("from_when"), flat=True)]
    return ReminderFigures(
        sent=states[state.SENT],
        skipped_late=states[state.SKIPPED_LATE],
        failed=states[state.FAILED],
        pending=states[state.PENDING],
        median_late_seconds=round(median(late), 3) if late else None,
        p95_late_seconds=_p95(late),
    )


def _p95(values: Iterable[float]) -> float | None:
    ordered = sorted(values)
    return round(ordered[ceil(0.95 * len(ordered)) - 1], 3) if ordered else None
