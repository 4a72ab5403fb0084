"""When people work: their usual week, the days that differ, and the time they have off, in their own zone."""

from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from estateman.common import clock

DAY_MINUTES = 24 * 60


def validate_spans(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is like ``[[540, 720], [780, 1020]]``.

    Minutes after midnight, from and until, in order and apart; an empty list is no time at all.
    """
    if not isinstance(value, list) or not all(_is_span(span) for span in value):
        raise ValidationError("Give spans of minutes of the day, like [[540, 1020]].", code="not_spans")
    if any(later[0] < sooner[1] for sooner, later in pairwise(value)):
        raise ValidationError("The spans must be in order and must not overlap.", code="spans_overlap")


def _is_span(span: Any) -> bool:
    is_pair = isinstance(span, list) and len(span) == 2 and all(type(minute) is int for minute in span)
    return is_pair and 0 <= span[0] < span[1] <= DAY_MINUTES


class WeeklyHours(models.Model):
    """One span of somebody's usual week: on ``weekday`` (0 is Monday) from ``start_minute`` until ``end_minute``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    start_minute = models.PositiveSmallIntegerField(validators=[MaxValueValidator(DAY_MINUTES - 1)])
    end_minute = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(DAY_MINUTES)])

    class Meta:
        db_table = "user_availability"
        verbose_name_plural = "weekly hours"
        ordering = ("user", "weekday", "start_minute")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, start_minute__lt=F("end_minute"), end_minute__lte=DAY_MINUTES),
                name="hours_within_a_day",
            ),
            models.UniqueConstraint(fields=["user", "weekday", "start_minute"], name="hours_begin_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, weekday {self.weekday}"


class HoursException(models.Model):
    """One date on which somebody works other hours than usual, or not at all."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hours_exceptions")
    date = models.DateField()
    spans = models.JSONField(default=list, blank=True, validators=[validate_spans])
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "user_availability_exceptions"
        ordering = ("user", "date")
        constraints = [models.UniqueConstraint(fields=["user", "date"], name="hours_differ_once_per_date")]

    def __str__(self) -> str:
        return f"{self.user} on {self.date}"


class TimeOff(models.Model):
    """Whole days that somebody is away, both ends included. Colleagues see that, and not why."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="time_off")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "user_time_off"
        verbose_name_plural = "time off"
        ordering = ("starts_on",)
        indexes = [models.Index(fields=["user", "ends_on"], name="time_off_by_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="time_off_in_order",
                violation_error_message="Time off ends on or after its first day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_on} to {self.ends_on}"
