"""Events keep the local time people wrote down, the zone it is meant in, and the rule that repeats it."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import TeamMembership, User
from events.fields import LocalDateTimeField, RuleField
from events.models.calendars import Access, Calendar
from events.recurrence import Series, parse_rule

LONGEST_MINUTES = 366 * 24 * 60


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
        return self.filter(Q(until_utc=None) | Q(until_utc__gt=start), first_utc__lt=end)

    def of_person(self, user: User) -> "EventQuerySet":
        """What takes ``user``'s time: events of their own calendars, and invitations they did not decline."""
        return self.filter(Q(calendar__owner=user) | _comes(user), calendar__archived_at=None).exclude(_declined(user))

    def on_day_of(self, user: User) -> "EventQuerySet":
        """``of_person`` and what their teams have planned for all."""
        of_team = Q(calendar__team__in=TeamMembership.objects.filter(user=user).values("team"))
        mine = Q(calendar__owner=user) | of_team | _comes(user)
        return self.filter(mine, calendar__archived_at=None).exclude(_declined(user))

    def with_series(self) -> "EventQuerySet":
        """Load with each event what its expansion needs."""
        return self.select_related("calendar").prefetch_related("exceptions")


def _comes(user: User) -> Q:
    return Q(Exists(Attendee.objects.filter(event=OuterRef("pk"), user=user)))


def _declined(user: User) -> Q:
    declined = Attendee.objects.filter(event=OuterRef("pk"), user=user, status=Attendee.Status.DECLINED)
    return Q(Exists(declined))


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
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CONFIRMED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="Grows whenever the times change, as iCalendar's SEQUENCE does"
    )
    first_utc = models.DateTimeField(editable=False)
    until_utc = models.DateTimeField(null=True, editable=False)
    last_local = LocalDateTimeField(null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "events"
        indexes = [
            models.Index(fields=["calendar", "first_utc"], name="event_by_calendar"),
            models.Index(fields=["until_utc"], name="event_by_end"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(duration_minutes__gte=1), name="event_takes_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_cancelled(self) -> bool:
        return self.status == self.Status.CANCELLED

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
        """What ``events.recurrence`` expands. Reads ``exceptions``: prefetch them for many events."""
        return Series(
            starts_at=self.starts_at,
            timezone=self.timezone,
            duration_minutes=self.duration_minutes,
            rule=parse_rule(self.recurrence) if self.recurrence else None,
            last=self.last_local,
            exdates=frozenset(self.exdates),
            rdates=tuple(self.rdates),
        )


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


class Attendee(models.Model):
    """One of the staff, or a guest by e-mail, who is invited to an event."""

    class Status(models.TextChoices):
        NEEDS_ACTION = "needs_action"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        TENTATIVE = "tentative"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(blank=True, help_text="Of a guest; staff are reached as themselves")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NEEDS_ACTION)
    responded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "event_attendees"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(user=None) ^ Q(email=""), name="attendee_is_staff_or_guest"),
            models.UniqueConstraint(fields=["event", "user"], name="attendee_once_per_event"),
            models.UniqueConstraint(fields=["event", "email"], condition=~Q(email=""), name="guest_once_per_event"),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else self.email
