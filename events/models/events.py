"""Events keep the local time people wrote down, the zone it is meant in, and the rule that repeats it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import TeamMembership, User
from events.fields import LocalDateTimeField, RuleField
from events.models.attendees import STAYS_AWAY, Attendee, OccurrenceAnswer
from events.models.calendars import Access, Calendar
from events.recurrence import Moved, Series, parse_rule

LONGEST_MINUTES = 366 * 24 * 60


def new_uid() -> str:
    """What an event is called in every other calendar program (RFC 5545, 3.8.4.7)."""
    return f"{uuid4()}@estateman"


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, user: User) -> "EventQuerySet":
        """Events whose details ``user`` may read: in calendars open to them, and those they are invited to."""
        calendars = Calendar.objects.visible_to(user, at_least=Access.READ)
        invited = Attendee.objects.filter(event=OuterRef("pk"), user=user)
        return self.filter(Q(calendar__in=calendars.values("pk")) | Exists(invited), calendar__archived_at=None)

    def not_cancelled(self) -> "EventQuerySet":
        return self.exclude(status=Event.Status.CANCELLED)

    def between(self, start: datetime, end: datetime) -> "EventQuerySet":
        """Events that may have an occurrence between two instants; expansion has the last word."""
        return self.not_over(start).filter(first_utc__lt=end)

    def not_over(self, moment: datetime) -> "EventQuerySet":
        """Events that may have an occurrence which ends later."""
        return self.filter(Q(until_utc=None) | Q(until_utc__gt=moment))

    def of_person(self, user: User) -> "EventQuerySet":
        """Events of their own calendars and invitations, less those that ``user`` stays away from on every date."""
        return self.filter(Q(calendar__owner=user) | _invited(user), calendar__archived_at=None).exclude(_away(user))

    def on_day_of(self, user: User) -> "EventQuerySet":
        """``of_person`` and what their teams have planned for all."""
        of_team = Q(calendar__team__in=TeamMembership.objects.filter(user=user).values("team"))
        mine = Q(calendar__owner=user) | of_team | _invited(user)
        return self.filter(mine, calendar__archived_at=None).exclude(_away(user))

    def with_series(self) -> "EventQuerySet":
        """Load with each event what its expansion needs."""
        return self.select_related("calendar").prefetch_related("exceptions", "overrides")

    def with_dates(self) -> "EventQuerySet":
        """``with_series`` for reading thousands: plain lists, where a queryset for each event would cost more."""
        return self.prefetch_related(
            Prefetch("exceptions", to_attr="exceptions_read"), Prefetch("overrides", to_attr="overrides_read")
        )


def _invited(user: User) -> Q:
    return Q(Exists(Attendee.objects.filter(event=OuterRef("pk"), user=user)))


def _away(user: User) -> Q:
    comes = OccurrenceAnswer.objects.filter(attendee=OuterRef("pk")).exclude(status__in=STAYS_AWAY)
    away = Attendee.objects.filter(event=OuterRef("pk"), user=user, status__in=STAYS_AWAY)
    return Q(Exists(away.exclude(Exists(comes))))


class Event(Versioned):
    """One event or one series. ``starts_at`` is wall-clock time in ``timezone``; an instant is made of it on reading.

    The last three columns are derived by the services for the database's sake: the span of all occurrences as
    instants, and the local bound of the rule with its COUNT counted out.
    """

    class Status(models.TextChoices):
        CONFIRMED = "confirmed"
        TENTATIVE = "tentative"
        CANCELLED = "cancelled"

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="events")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    location = models.CharField(max_length=200, blank=True)
    starts_at = LocalDateTimeField(help_text="Local time, without offset")
    timezone = models.CharField(max_length=64, validators=[clock.validate_zone])
    duration_minutes = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)]
    )
    all_day = models.BooleanField(default=False)
    recurrence = RuleField(blank=True, default="")
    capacity = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    is_busy = models.BooleanField(default=True, help_text="Whether it takes the time of those who come")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CONFIRMED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    uid = models.CharField(max_length=255, default=new_uid, editable=False)
    follows = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="followed_by",
        help_text="The series that this one carries on from a date on which it changed",
    )
    sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="Grows whenever the times change, as iCalendar's SEQUENCE does"
    )
    first_utc = models.DateTimeField(editable=False)
    until_utc = models.DateTimeField(null=True, editable=False)
    last_local = LocalDateTimeField(null=True, editable=False)

    conflicts: list[dict[str, Any]]
    """What it fell on when it was just written (see services.conflicts); not kept."""

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "events"
        indexes = [
            models.Index(fields=["calendar", "first_utc"], name="event_by_calendar"),
            models.Index(fields=["until_utc"], name="event_by_end"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(duration_minutes__gte=1), name="event_takes_time"),
            models.UniqueConstraint(fields=["calendar", "uid"], name="event_uid_once_per_calendar"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

    @property
    def is_over(self) -> bool:
        """Whether its last date has ended."""
        return self.until_utc is not None and self.until_utc <= clock.now()

    @property
    def is_recurring(self) -> bool:
        return bool(self.recurrence) or any(row.kind == EventException.Kind.RDATE for row in self.exceptions.all())

    @property
    def exdates(self) -> list[datetime]:
        """The local starts that were taken out, in order."""
        return self._exceptions(EventException.Kind.EXDATE)

    @property
    def rdates(self) -> list[datetime]:
        """The local starts that were added, in order."""
        return self._exceptions(EventException.Kind.RDATE)

    def _exceptions(self, kind: str) -> list[datetime]:
        return sorted(row.recurrence_id for row in self.exceptions.all() if row.kind == kind)

    def series(self) -> Series:
        """What ``events.recurrence`` expands. Load many events ``with_series`` or ``with_dates``."""
        exceptions = self._read("exceptions")
        return self.series_with(
            exdates=(row.recurrence_id for row in exceptions if row.kind == EventException.Kind.EXDATE),
            rdates=(row.recurrence_id for row in exceptions if row.kind == EventException.Kind.RDATE),
            moved={row.recurrence_id: row.moved(self) for row in self.differing()},
        )

    def series_with(
        self, *, exdates: Iterable[datetime], rdates: Iterable[datetime], moved: Mapping[datetime, Moved] | None = None
    ) -> Series:
        """``series`` with these dates apart instead of those that are stored."""
        return Series(
            starts_at=self.starts_at,
            timezone=self.timezone,
            duration_minutes=self.duration_minutes,
            rule=parse_rule(self.recurrence) if self.recurrence else None,
            last=self.last_local,
            exdates=frozenset(exdates),
            rdates=tuple(rdates),
            moved=moved or {},
        )

    def differing(self) -> "Iterable[EventOverride]":
        """The dates that differ."""
        rows: Iterable[EventOverride] = self._read("overrides")
        return rows

    def words(self, override: "EventOverride") -> tuple[str, str]:
        """Title and location on a date that differs."""
        title, location = override.title, override.location
        return self.title if title is None else title, self.location if location is None else location

    def _read(self, name: str) -> Any:
        read = self.__dict__.get(f"{name}_read")
        return getattr(self, name).all() if read is None else read


class EventException(models.Model):
    """One date of a series that was taken out (EXDATE) or added (RDATE), by its original local start."""

    class Kind(models.TextChoices):
        EXDATE = "exdate", "left out"
        RDATE = "rdate", "added"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="exceptions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    recurrence_id = LocalDateTimeField()

    class Meta:
        db_table = "event_exceptions"
        ordering = ("recurrence_id",)
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "recurrence_id"], name="exception_once_per_date")
        ]

    def __str__(self) -> str:
        return f"{self.recurrence_id:%Y-%m-%d %H:%M} {self.get_kind_display()}"


class EventOverride(models.Model):
    """One date of a series that differs, by its original local start (RECURRENCE-ID); null is as the series has it."""

    PATCHED = ("starts_at", "duration_minutes", "title", "description", "location")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="overrides")
    recurrence_id = LocalDateTimeField()
    starts_at = LocalDateTimeField(null=True)
    duration_minutes = models.PositiveIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)]
    )
    title = models.CharField(max_length=200, null=True)  # noqa: DJ001  empty and "as the series" differ
    description = models.TextField(null=True)  # noqa: DJ001
    location = models.CharField(max_length=200, null=True)  # noqa: DJ001

    class Meta:
        db_table = "event_overrides"
        ordering = ("recurrence_id",)
        constraints = [models.UniqueConstraint(fields=["event", "recurrence_id"], name="override_once_per_date")]

    def __str__(self) -> str:
        return f"{self.recurrence_id:%Y-%m-%d %H:%M} differs"

    def moved(self, event: Event) -> Moved:
        """Where this date of ``event`` really is."""
        start = self.recurrence_id if self.starts_at is None else self.starts_at
        minutes = event.duration_minutes if self.duration_minutes is None else self.duration_minutes
        return Moved(start, minutes)

    def patch(self) -> dict[str, object]:
        """The fields in which this date differs."""
        return {name: value for name in self.PATCHED if (value := getattr(self, name)) is not None}
