"""What the office has that can be booked, and when it is closed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import Team, TeamMembership, User
from estateman.people.permissions import LEADING, leads_office
from events.availability import Hours, Interval, working
from events.models.hours import validate_spans

LONGEST_BUFFER = timedelta(days=1)


def validate_words(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is a list of short words."""
    if not isinstance(value, list) or any(not isinstance(word, str) or not 0 < len(word) <= 50 for word in value):
        raise ValidationError('Give a list of words, like ["projector", "parking"].', code="not_words")


class ResourceQuerySet(models.QuerySet["Resource"]):
    def bookable_by(self, user: User) -> "ResourceQuerySet":
        """Those that are for everyone, or for a team of theirs, and all that they run."""
        mine = TeamMembership.objects.filter(user=user)
        of_team = Q(bookers=Resource.Bookers.TEAM, team__in=mine.values("team"))
        return self.filter(Q(bookers=Resource.Bookers.EVERYONE) | of_team) | self.run_by(user)

    def run_by(self, user: User) -> "ResourceQuerySet":
        """Those that ``user`` decides about, closes and may always book; ``Resource.runners``, seen from the person."""
        led = TeamMembership.objects.filter(user=user, is_lead=True)
        return self if leads_office(user) else self.filter(team__in=led.values("team"))

    def in_use(self) -> "ResourceQuerySet":
        return self.filter(is_active=True)

    def fitting(
        self, *, kind: str = "", capacity: int | None = None, features: Sequence[str] = ()
    ) -> "ResourceQuerySet":
        """Those that ``Resource.fits``."""
        # Judged here, not in SQL: SQLite has no "contains" for the list of features, and an office has dozens.
        return self.filter(
            pk__in=[each.pk for each in self if each.fits(kind=kind, capacity=capacity, features=features)]
        )


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

    def runners(self) -> models.QuerySet[User]:
        """Who runs it: those who lead the office, and the lead of its team."""
        leads = TeamMembership.objects.filter(team=self.team_id, is_lead=True).exclude(team=None)
        return User.objects.filter(Q(role__in=LEADING) | Q(is_superuser=True) | Q(pk__in=leads.values("user")))

    def fits(self, *, kind: str = "", capacity: int | None = None, features: Iterable[str] = ()) -> bool:
        """Whether it is of this kind, with room for ``capacity`` people, and with all ``features``."""
        return (
            (not kind or self.kind == kind)
            and (not capacity or (self.capacity or 0) >= capacity)
            and set(features) <= set(self.features)
        )

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


def validate_moment(moment: datetime) -> None:
    """Field validator: raises ValidationError for what no clock of every zone can show."""
    if not 1970 <= moment.year < 2200:
        raise ValidationError("Dates lie between 1970 and 2199.", code="out_of_calendar")


class BlackoutQuerySet(models.QuerySet["Blackout"]):
    def between(self, start: datetime, end: datetime) -> "BlackoutQuerySet":
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Blackout(models.Model):
    """A time in which no unit of a resource can be booked: repairs, cleaning, an owner's own use."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="blackouts")
    starts_at = models.DateTimeField(validators=[validate_moment])
    ends_at = models.DateTimeField(validators=[validate_moment])
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
