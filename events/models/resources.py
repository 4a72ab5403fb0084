"""What can be booked, and the bookings, which the database itself keeps apart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from events.constraints import NoOverlap
from events.fields import LocalDateTimeField
from events.models.events import Event


def validate_words(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is a list of short words."""
    if not isinstance(value, list) or any(not isinstance(word, str) or not 0 < len(word) <= 50 for word in value):
        raise ValidationError('Give a list of words, like ["projector", "parking"].', code="not_words")


class ResourceQuerySet(models.QuerySet["Resource"]):
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

    def free_between(self, start: datetime, end: datetime) -> "ResourceQuerySet":
        """Those without a booking that touches the time from ``start`` until before ``end``."""
        taken = ResourceBooking.objects.holding().between(start, end).filter(resource=OuterRef("pk"))
        return self.filter(~Exists(taken))


class Resource(Versioned):
    """A room, a piece of equipment, a vehicle or a set of keys. All staff may see every one."""

    class Kind(models.TextChoices):
        ROOM = "room"
        EQUIPMENT = "equipment"
        VEHICLE = "vehicle"
        KEY = "key"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="How many people it holds")
    features = models.JSONField(default=list, blank=True, validators=[validate_words])
    location = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, default="America/New_York", validators=[clock.validate_zone])
    is_active = models.BooleanField(default=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        db_table = "resources"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


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

    def between(self, start: datetime, end: datetime) -> "BookingQuerySet":
        return self.filter(blocked_from__lt=end, blocked_until__gt=start)

    def not_begun(self) -> "BookingQuerySet":
        return self.filter(starts_at__gt=clock.now())

    def visible_to(self, user: User) -> "BookingQuerySet":
        """Every booking, as all staff must see what is taken; ``shows_title`` says whether ``user`` may read why."""
        readable = Event.objects.visible_to(user).filter(pk=OuterRef("event"))
        return self.annotate(shows_title=Exists(readable))


class ResourceBooking(models.Model):
    """One resource, taken for one occurrence. ``blocked_*`` is what collides: the time and what is kept around it."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted"
        PENDING = "pending"
        CANCELLED = "cancelled"

    HOLDING = (Status.ACCEPTED, Status.PENDING)

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="bookings")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="bookings")
    recurrence_id = LocalDateTimeField(help_text="The occurrence's original local start")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACCEPTED)
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

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
                states=("accepted", "pending"),
                violation_error_message="It is booked already at that time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} on {self.recurrence_id:%Y-%m-%d %H:%M}"

    @property
    def is_holding(self) -> bool:
        return self.status in self.HOLDING
