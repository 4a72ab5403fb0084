"""Time that people spent on tasks. Seconds are whole; what is edited keeps what it was."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from estateman.common import clock
from estateman.common.versions import Versioned
from estateman.people.models import User
from tasks.models.projects import Project
from tasks.timesheets import Days


class TimeLogQuerySet(models.QuerySet["TimeLog"]):
    def visible_to(self, user: User) -> "TimeLogQuerySet":
        """Their own, and all on the projects they manage: how long others work is between them and those."""
        return self.filter(Q(user=user) | Q(task__project__in=Project.objects.managed_by(user)))

    def running(self) -> "TimeLogQuerySet":
        return self.filter(ended_at=None)

    def ended(self) -> "TimeLogQuerySet":
        return self.filter(ended_at__isnull=False)

    def overlapping(self, start: datetime, end: datetime) -> "TimeLogQuerySet":
        """What shares time with ``start`` until before ``end``; ends that touch do not, and what took none neither."""
        lasting = Q(ended_at=None) | Q(ended_at__gt=start, seconds__gt=0)
        return self.filter(lasting, started_at__lt=end)

    def touching(self, days: Days) -> "TimeLogQuerySet":
        """All that may lie on ``days``, wherever the person was, and hardly more."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=days.begin), started_at__lt=days.over)

    def for_display(self) -> "TimeLogQuerySet":
        """With the names of all that a log is about, in one query."""
        return self.select_related("task__project", "user")


class TimeLog(Versioned):
    """From one instant to another, by one person on one task; without an end the timer runs."""

    class Source(models.TextChoices):
        TIMER = "timer"
        MANUAL = "manual"

    class EndedBy(models.TextChoices):
        """What stopped a timer."""

        PERSON = "person", "stopped by hand"
        SWITCH = "switch", "another timer was started"
        COMPLETED = "task_completed", "the task was completed"
        CANCELLED = "task_cancelled", "the task was cancelled"
        DELETED = "task_deleted", "the task was deleted"
        MEMBERSHIP = "membership_ended", "they no longer work on the project"
        ARCHIVED = "project_archived", "the project was archived"

    task = models.ForeignKey("Task", on_delete=models.PROTECT, related_name="time_logs")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="time_logs")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, editable=False, help_text="Whole seconds; empty while it runs")
    timezone = models.CharField(
        max_length=64, validators=[clock.validate_zone], help_text="Where the person was: it decides the day"
    )
    work_date = models.DateField(help_text="The day it was begun, where the person was")
    note = models.CharField(max_length=300, blank=True)
    is_billable = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source.choices, editable=False)
    ended_by = models.CharField(max_length=20, choices=EndedBy.choices, blank=True, editable=False)
    needs_review = models.BooleanField(default=False, help_text="It ran for so long that it was probably forgotten")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TimeLogQuerySet.as_manager()

    class Meta:
        db_table = "task_time_logs"
        indexes = [models.Index(fields=["user", "started_at"], name="time_log_by_person")]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="one_running_timer_per_person"),
            models.CheckConstraint(
                condition=Q(ended_at=None, seconds=None) | Q(ended_at__gte=F("started_at"), seconds__isnull=False),
                name="time_log_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.task}, {self.work_date}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


class TimeLogChangeQuerySet(models.QuerySet["TimeLogChange"]):
    def visible_to(self, user: User) -> "TimeLogChangeQuerySet":
        """What was changed of their own time, and on the projects they manage; also once the log is deleted."""
        managed = Q(task__project__in=Project.objects.managed_by(user))
        return self.filter(Q(before__user=user.pk) | managed)


class TimeLogChange(models.Model):
    """What a time log was before somebody edited or deleted it, kept also when the log is gone."""

    log = models.ForeignKey(TimeLog, null=True, on_delete=models.SET_NULL, related_name="changes")
    log_no = models.PositiveBigIntegerField(help_text="The log's number, also once it is deleted")
    task = models.ForeignKey("Task", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)
    before = models.JSONField()
    after = models.JSONField(null=True, help_text="Empty when it was deleted")

    objects = TimeLogChangeQuerySet.as_manager()

    class Meta:
        db_table = "task_time_log_changes"
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.log_no} at {self.at:%Y-%m-%d %H:%M}"
