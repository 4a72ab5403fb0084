"""What can be booked, and the bookings, which the database itself keeps apart."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import Team, TeamMembership, User
from estateman.people.permissions import leads_office
from events.availability import Hours, Interval, working
from events.constraints import NoOverlap
from events.fields import LocalDateTimeField
from events.models.events import Event
from events.models.hours import validate_spans

LONGEST_BUFFER = timedelta(days=1)


def validate_words(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is a list of short words."""
    if not isinstance(value, list) or any(not isinstance(word, str) or not 0 < len(word) <= 50 for word in value):
        raise ValidationError('Give a list of words, like ["projector", "parking"].', code="not_words")


class ResourceQuerySet(models.QuerySet["Resource"]):
    def bookable_by(self, user: User) -> "ResourceQuerySet":
        """Those that are for everyone, or for a team of theirs, and all that they run."""
        if leads_office(user):
            return self
        mine = TeamMembership.objects.filter(user=user)
        of_team = Q(bookers=Resource.Bookers.TEAM, team__in=mine.values("team"))
        led = Q(team__in=mine.filter(is_lead=True).values("team"))
        return self.filter(Q(bookers=Resource.Bookers.EVERYONE) | of_team | led)

    def in_use(self) -> "ResourceQuerySet":
        return self.filter(is_active=True)

    def fitting(
        self, *, kind: str = "", capacity: int | None = None, features: Sequence[str] = ()
    ) -> "ResourceQuerySet":
        """Of this kind, with room for ``capacity`` people, and with all ``features``."""
        found = self.filter(kind=kind) if kind else self
        found = found.filter(capacity__gte=capacity) if capacity else found
        # The JSON list is compared here, not in SQL: SQLite has no "contains", and an office has dozens of resources.
        wanted = set(features)
        fit = [pk for pk, has in found.values_list("pk", "features") if wanted <= set(has)] if wanted else None
        return found if fit is None else found.filter(pk__in=fit)


def validate_bookable_hours(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is like ``{"0": [[540, 1020]]}``.

    Spans of minutes by weekday (0 is Monday); weekdays that are left out cannot be booked.
    """
    if not isinstance(value, dict) or not set(value) <= {str(weekday) for weekday in range(7)}:
        raise ValidationError('Give spans by weekday, like {"0": [[540, 1020]]}.', code="not_hours")
    for spans in value.values():
        validate_spans(spans)


class Resource(Versioned):
    """A room, a piece of equipment, a vehicle or a set of keys, of which there may be several. All staff see every one.

    ``bookable_hours`` are in its own zone; empty means always.
    """

    class Kind(models.TextChoices):
        ROOM = "room"
        EQUIPMENT = "equipment"
        VEHICLE = "vehicle"
        KEY = "key"

    class Bookers(models.TextChoices):
        EVERYONE = "everyone"
        TEAM = "team"
        LEADERS = "leaders"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="How many people it holds")
    features = models.JSONField(default=list, blank=True, validators=[validate_words])
    location = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[clock.validate_zone])
    is_active = models.BooleanField(default=True)
    units = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text="How many of them there are"
    )
    bookable_hours = models.JSONField(default=dict, blank=True, validators=[validate_bookable_hours])
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(24 * 60)])
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(24 * 60)])
    needs_approval = models.BooleanField(default=False, help_text="Whether a booking holds only once it was approved")
    bookers = models.CharField(max_length=10, choices=Bookers.choices, default=Bookers.EVERYONE)
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Whose it is: its lead approves, and it may be kept for its members",
    )
    release_after_minutes = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 60)],
        help_text="It is free again when nobody has checked in so long after the start; empty keeps it",
    )

    objects = ResourceQuerySet.as_manager()

    class Meta:
        db_table = "resources"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def hours(self) -> Hours | None:
        """When it can be booked; None is always."""
        weekly = {int(weekday): spans for weekday, spans in self.bookable_hours.items()}
        return Hours(self.timezone, weekly) if weekly else None

    def opened(self, start: datetime, end: datetime) -> list[Interval]:
        """When it can be booked, blackouts aside, from ``start`` until before ``end``."""
        hours = self.hours()
        return [(start, end)] if hours is None else working(hours, start, end)

    def is_open(self, start: datetime, end: datetime) -> bool:
        """Whether all that time lies within the bookable hours; buffers may reach out of them."""
        return self.opened(start, end) == [(start, end)]

    def blocked(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The time from ``start`` until ``end`` with what is kept free around it."""
        before, after = (timedelta(minutes=each) for each in (self.buffer_before_minutes, self.buffer_after_minutes))
        return start - before, end + after


class BlackoutQuerySet(models.QuerySet["Blackout"]):
    def between(self, start: datetime, end: datetime) -> "BlackoutQuerySet":
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Blackout(models.Model):
    """A time in which no unit of a resource can be booked: repairs, cleaning, an owner's own use."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="blackouts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = BlackoutQuerySet.as_manager()

    class Meta:
        db_table = "resource_blackouts"
        ordering = ("starts_at",)
        indexes = [models.Index(fields=["resource", "ends_at"], name="blackout_by_resource")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="blackout_takes_time",
                violation_error_message="A blackout ends after it begins.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} from {self.starts_at:%Y-%m-%d %H:%M}"


class EventResource(models.Model):
    """That a resource is booked for a whole event, and up to when its occurrences have become bookings.

    A series without end is booked up to a rolling horizon; this row is what the daily job extends.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="resources_wanted")
    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="wanted_by")
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    booked_until = models.DateTimeField()

    class Meta:
        db_table = "event_resources"
        constraints = [models.UniqueConstraint(fields=["event", "resource"], name="resource_once_per_event")]

    def __str__(self) -> str:
        return f"{self.resource} for {self.event}"


class BookingQuerySet(models.QuerySet["ResourceBooking"]):
    def holding(self) -> "BookingQuerySet":
        """Bookings that keep others out."""
        return self.filter(status__in=ResourceBooking.HOLDING)

    def open(self) -> "BookingQuerySet":
        """Those that hold their time, and requests for it."""
        return self.filter(status__in=ResourceBooking.OPEN)

    def requested(self) -> "BookingQuerySet":
        return self.filter(status=ResourceBooking.Status.PENDING)

    def to_decide(self, user: User) -> "BookingQuerySet":
        """Requests still to come that ``user`` may approve or decline, as ``can_decide_booking`` says."""
        waiting = self.requested().filter(ends_at__gt=clock.now())
        if leads_office(user):
            return waiting
        leading = TeamMembership.objects.filter(user=user, is_lead=True)
        return waiting.filter(resource__team__in=leading.values("team"))

    def nobody_came(self) -> "BookingQuerySet":
        """Running ones that nobody has checked in to, of resources that are released then; how late, each says."""
        now = clock.now()
        return self.holding().filter(
            checked_in_at=None, resource__release_after_minutes__isnull=False, starts_at__lt=now, ends_at__gt=now
        )

    def between(self, start: datetime, end: datetime) -> "BookingQuerySet":
        return self.filter(blocked_from__lt=end, blocked_until__gt=start)

    def not_begun(self) -> "BookingQuerySet":
        return self.filter(starts_at__gt=clock.now())

    def visible_to(self, user: User) -> "BookingQuerySet":
        """Every booking, as all staff must see what is taken; ``shows_title`` says whether ``user`` may read why."""
        readable = Event.objects.visible_to(user).filter(pk=OuterRef("event"))
        return self.annotate(shows_title=Exists(readable))


class ResourceBooking(models.Model):
    """One unit of a resource, taken for one occurrence, or asked for it.

    ``blocked_*`` is what collides: the time and what is kept around it. Several may ask for one time; whoever is
    approved has it.
    """

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        PENDING = "pending"
        DECLINED = "declined"
        CANCELLED = "cancelled"
        RELEASED = "released", "released: nobody came"

    HOLDING = (Status.ACCEPTED,)
    OPEN = (Status.ACCEPTED, Status.PENDING)

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="bookings")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="bookings")
    unit = models.PositiveSmallIntegerField(default=1)
    recurrence_id = LocalDateTimeField(help_text="The occurrence's original local start")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACCEPTED)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    checked_in_at = models.DateTimeField(null=True, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta:
        db_table = "resource_bookings"
        indexes = [
            models.Index(fields=["resource", "blocked_until"], name="booking_by_resource"),
            models.Index(fields=["event", "starts_at"], name="booking_by_event"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="booking_takes_time"),
            models.CheckConstraint(
                condition=Q(blocked_from__lte=F("starts_at"), blocked_until__gte=F("ends_at")),
                name="booking_blocks_its_time",
            ),
            NoOverlap(
                name="no_overlapping_bookings",
                states=("accepted",),
                over=("resource", "unit"),
                violation_error_message="It is booked already at that time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} on {self.recurrence_id:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()
