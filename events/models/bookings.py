"""What of the office is booked for which dates of an event. The database itself keeps bookings apart."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from estateman.common import clock
from estateman.people.models import User
from events.constraints import NoOverlap
from events.fields import LocalDateTimeField
from events.models.events import Event
from events.models.resources import Resource


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
        """Requests still to come that ``user`` may approve or decline."""
        mine = Resource.objects.run_by(user)
        return self.requested().filter(ends_at__gt=clock.now(), resource__in=mine.values("pk"))

    def undecided(self) -> "BookingQuerySet":
        """Requests that are over."""
        return self.requested().filter(ends_at__lte=clock.now())

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
