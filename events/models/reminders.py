"""Reminders of an event, and the row of work that each one becomes for each person and occurrence."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from estateman.common import clock
from estateman.common.claims import Claimable
from events.fields import LocalDateTimeField
from events.models.events import Event


class Channel(models.TextChoices):
    """How a reminder wants to reach people; their own preferences have the last word."""

    IN_APP = "in_app"
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


def default_channels() -> list[str]:
    return [Channel.IN_APP.value, Channel.EMAIL.value]


def validate_channels(value: Any) -> None:
    """Field validator: raises ValidationError unless ``value`` is a list of channels, each once."""
    named = isinstance(value, list) and all(word in Channel.values for word in value)
    if not named or not 0 < len(value) == len(set(value)):
        raise ValidationError(f"Name some of {', '.join(Channel.values)}, each once.", code="channels")


class Reminder(models.Model):
    """How long before each occurrence of an event people are reminded, and over what.

    With ``user`` it is that person's own, beside those that the event has for all who come.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="own_reminders"
    )
    minutes_before = models.PositiveIntegerField(validators=[MaxValueValidator(28 * 24 * 60)])
    channels = models.JSONField(default=default_channels, validators=[validate_channels])

    class Meta:
        db_table = "event_reminders"
        ordering = ("minutes_before",)
        constraints = [
            models.UniqueConstraint(
                fields=["event", "minutes_before"], condition=Q(user=None), name="reminder_once_per_lead_time"
            ),
            models.UniqueConstraint(fields=["event", "user", "minutes_before"], name="own_reminder_once_per_lead_time"),
        ]

    def __str__(self) -> str:
        return f"{self.minutes_before} minutes before {self.event}"


class ReminderDelivery(Claimable):
    """One reminder for one person about one occurrence; due at ``due_at``.

    ``dedupe_key`` names person, occurrence, lead time and the instant it starts: a moved occurrence reminds again,
    the same one never twice.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        CANCELLED = "cancelled"
        SKIPPED_LATE = "skipped_late", "too late to be of use"
        FAILED = "failed"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminder_deliveries")
    reminder = models.ForeignKey(Reminder, null=True, on_delete=models.SET_NULL, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    recurrence_id = LocalDateTimeField()
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    last_error = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, help_text="When it was sent, or given up")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    dedupe_key = models.CharField(max_length=150, unique=True)

    class Meta:
        db_table = "reminder_deliveries"
        verbose_name_plural = "reminder deliveries"
        indexes = [
            models.Index(fields=["next_attempt_at"], name="reminder_due", condition=Q(next_attempt_at__isnull=False)),
            models.Index(fields=["event", "starts_at"], name="reminder_by_event"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.event} at {self.starts_at:%Y-%m-%d %H:%M}"
