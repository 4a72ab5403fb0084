"""Who is invited, what they answered, and who came."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from estateman.common import clock
from events.fields import LocalDateTimeField


class Answer(models.TextChoices):
    """What somebody says to an invitation. WAITING is a yes for which there is no place yet."""

    NEEDS_ACTION = "needs_action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    WAITING = "waiting"


STAYS_AWAY = frozenset({Answer.DECLINED, Answer.WAITING})
"""Who said no, and who has no place."""


class Attendee(models.Model):
    """One of the staff, or a guest by e-mail, who is invited to an event; ``status`` answers for the whole of it."""

    Status = Answer

    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(blank=True, help_text="Of a guest; staff are reached as themselves")
    name = models.CharField(max_length=120, blank=True, help_text="Of a guest")
    is_required = models.BooleanField(default=True, help_text="Whether it makes no sense without them")
    status = models.CharField(max_length=20, choices=Answer.choices, default=Answer.NEEDS_ACTION)
    responded_at = models.DateTimeField(null=True, editable=False)
    waiting_since = models.DateTimeField(null=True, editable=False, help_text="Their place in the waiting list")

    class Meta:
        db_table = "event_attendees"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(user=None) ^ Q(email=""), name="attendee_is_staff_or_guest"),
            models.UniqueConstraint(fields=["event", "user"], name="attendee_once_per_event"),
            models.UniqueConstraint(fields=["event", "email"], condition=~Q(email=""), name="guest_once_per_event"),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else self.name or self.email

    def answer_on(self, recurrence_id: datetime) -> str:
        """What they say of one date, or else of the whole. Reads ``answers``: prefetch them for many."""
        of_that_date = (each.status for each in self.answers.all() if each.recurrence_id == recurrence_id)
        return next(of_that_date, self.status)


class OccurrenceAnswer(models.Model):
    """What somebody answered for one date of a series; it goes before their answer for the whole."""

    attendee = models.ForeignKey(Attendee, on_delete=models.CASCADE, related_name="answers")
    recurrence_id = LocalDateTimeField()
    status = models.CharField(max_length=20, choices=Answer.choices)
    responded_at = models.DateTimeField(default=clock.now, editable=False)
    waiting_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "event_occurrence_answers"
        ordering = ("recurrence_id",)
        constraints = [models.UniqueConstraint(fields=["attendee", "recurrence_id"], name="answer_once_per_date")]

    def __str__(self) -> str:
        return f"{self.attendee} on {self.recurrence_id:%Y-%m-%d %H:%M}: {self.status}"


class Attendance(models.Model):
    """Whether somebody came on one date."""

    class Status(models.TextChoices):
        PRESENT = "present"
        ABSENT = "absent"

    attendee = models.ForeignKey(Attendee, on_delete=models.CASCADE, related_name="attendance")
    recurrence_id = LocalDateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PRESENT)
    recorded_at = models.DateTimeField(default=clock.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "event_attendance"
        ordering = ("recurrence_id",)
        constraints = [models.UniqueConstraint(fields=["attendee", "recurrence_id"], name="attendance_once_per_date")]

    def __str__(self) -> str:
        return f"{self.attendee} on {self.recurrence_id:%Y-%m-%d %H:%M}: {self.status}"
