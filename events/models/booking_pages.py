"""Pages on which people from outside book an appointment, and what they booked."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from estateman.people.permissions import leads_office
from events.constraints import NoOverlap
from events.models.calendars import Calendar
from events.models.events import Event
from events.models.resources import Resource

_DAY = 24 * 60


class BookingPage(Versioned):
    """What can be booked under ``/book/{slug}``: how long it lasts, with whom, and how soon.

    Of several hosts each appointment goes to one: who has the fewest that day, and of those whoever waited longest.
    """

    DECIDED = (
        "slug",
        "title",
        "description",
        "location",
        "timezone",
        "duration_minutes",
        "step_minutes",
        "buffer_before_minutes",
        "buffer_after_minutes",
        "notice_minutes",
        "days_ahead",
        "daily_limit",
        "resource",
        "is_active",
    )
    """What people decide about a page, beside its hosts."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    location = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, validators=[clock.validate_zone])
    duration_minutes = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(5), MaxValueValidator(12 * 60)]
    )
    step_minutes = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(5), MaxValueValidator(_DAY)], help_text="From one start to the next"
    )
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(_DAY)])
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(_DAY)])
    notice_minutes = models.PositiveIntegerField(
        default=120, validators=[MaxValueValidator(90 * _DAY)], help_text="How long before the start it can be booked"
    )
    days_ahead = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(1), MaxValueValidator(366)])
    daily_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Appointments of one host in a day"
    )
    resource = models.ForeignKey(
        Resource,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What is booked along with it",
    )
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "booking_pages"
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class BookingPageHost(models.Model):
    """One of those with whom a page's appointments are, and the calendar that theirs go into."""

    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="hosts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hosts_of")
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "booking_page_hosts"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["page", "user"], name="host_once_per_page")]

    def __str__(self) -> str:
        return f"{self.user} for {self.page}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """Those with ``user``, those on the pages that they made, and all for the office's leaders."""
        return self if leads_office(user) else self.filter(Q(host=user) | Q(page__created_by=user))

    def ahead(self) -> "AppointmentQuerySet":
        """Those whose visitors are expected, or there."""
        return self.filter(status=Appointment.Status.BOOKED, ends_at__gt=clock.now())


class Appointment(models.Model):
    """What a visitor booked with ``host``. ``blocked_*`` is the time with its buffers, which nobody else gets."""

    class Status(models.TextChoices):
        BOOKED = "booked"
        CANCELLED = "cancelled"

    page = models.ForeignKey(BookingPage, on_delete=models.CASCADE, related_name="appointments")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appointments")
    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="appointment")
    visitor_name = models.CharField(max_length=120)
    visitor_email = models.EmailField()
    visitor_phone = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    visitor_timezone = models.CharField(max_length=64, validators=[clock.validate_zone])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocked_from = models.DateTimeField()
    blocked_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BOOKED)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "appointments"
        ordering = ("starts_at",)
        indexes = [models.Index(fields=["host", "starts_at"], name="appointment_by_host")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    ends_at__gt=F("starts_at"), blocked_from__lte=F("starts_at"), blocked_until__gte=F("ends_at")
                ),
                name="appointment_blocks_its_time",
            ),
            NoOverlap(name="no_overlapping_appointments", states=("booked",), over=("host",)),
        ]

    def __str__(self) -> str:
        return f"{self.visitor_name} with {self.host} at {self.starts_at:%Y-%m-%d %H:%M}"
