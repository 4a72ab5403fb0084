"""Calendars kept the same as calendars elsewhere: the link, what is known of each event there, and every run."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.people.models import User
from estateman.people.permissions import leads_office
from events.fields import LocalDateTimeField
from events.models.calendars import Calendar
from events.models.events import Event
from integrations.models import Integration


class CalendarLinkQuerySet(models.QuerySet["CalendarLink"]):
    def visible_to(self, user: User) -> "CalendarLinkQuerySet":
        """One's own, and everybody's for the office's leaders."""
        return self.all() if leads_office(user) else self.filter(user=user)

    def in_use(self) -> "CalendarLinkQuerySet":
        """Those that are run: neither side was put away or switched off."""
        running = self.filter(is_active=True, user__is_active=True, calendar__archived_at=None)
        return running.filter(integration__deleted_at=None).exclude(integration__status="disabled")


class CalendarLink(Claimable):
    """One calendar here and one at a provider, kept the same. Due for a run at ``next_attempt_at``."""

    class Direction(models.TextChoices):
        BOTH = "both"
        PULL = "pull", "from there to here"
        PUSH = "push", "from here to there"

    class Winner(models.TextChoices):
        """Whose word counts when both sides changed the same field."""

        NEWEST = "newest"
        LOCAL = "local"
        REMOTE = "remote"

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_links")
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="calendar_links")
    remote_id = models.CharField(max_length=500)
    remote_name = models.CharField(max_length=200, blank=True)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.BOTH)
    winner = models.CharField(max_length=10, choices=Winner.choices, default=Winner.NEWEST)
    is_active = models.BooleanField(default=True)
    cursor = models.TextField(blank=True, editable=False, help_text="What the provider goes on from")
    channel = models.CharField(max_length=200, blank=True, editable=False, help_text="Over which it tells of changes")
    channel_resource = models.CharField(max_length=500, blank=True, editable=False)
    channel_expires_at = models.DateTimeField(null=True, editable=False)
    last_synced_at = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CalendarLinkQuerySet.as_manager()

    class Meta:
        db_table = "calendar_links"
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["next_attempt_at"], name="link_due", condition=Q(next_attempt_at__isnull=False)),
            models.Index(fields=["channel"], name="link_by_channel"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "integration"], name="calendar_linked_once_per_integration"),
            models.UniqueConstraint(fields=["integration", "user", "remote_id"], name="remote_calendar_linked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} and {self.remote_name or self.remote_id}"

    @property
    def pulls(self) -> bool:
        """Whether what changes there comes here."""
        return self.direction != self.Direction.PUSH

    @property
    def pushes(self) -> bool:
        """Whether what changes here goes there."""
        return self.direction != self.Direction.PULL


class LinkedEvent(models.Model):
    """What one event was on both sides when they were last the same; ``event`` is empty once it was deleted here.

    ``snapshot`` holds its fields then, the base of a three-way merge.
    """

    link = models.ForeignKey(CalendarLink, on_delete=models.CASCADE, related_name="linked_events")
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="links")
    remote_id = models.CharField(max_length=500)
    etag = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0, help_text="The event's version here at that time")
    snapshot = models.JSONField(default=dict)

    class Meta:
        db_table = "linked_events"
        constraints = [
            models.UniqueConstraint(fields=["link", "remote_id"], name="remote_event_linked_once"),
            models.UniqueConstraint(fields=["link", "event"], name="event_linked_once_per_link"),
        ]

    def __str__(self) -> str:
        return self.remote_id


class DataSyncQuerySet(models.QuerySet["DataSync"]):
    def visible_to(self, user: User) -> "DataSyncQuerySet":
        """Runs of one's own links, and all for the office's leaders."""
        return self.all() if leads_office(user) else self.filter(link__user=user)


class DataSync(models.Model):
    """One run of a link: what it changed on either side, and how it ended."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PARTLY = "partly", "done, save for single events"
        FAILED = "failed"

    link = models.ForeignKey(CalendarLink, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RUNNING)
    is_full = models.BooleanField(default=False, help_text="Whether all was listed, and not just what changed")
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    created_here = models.PositiveIntegerField(default=0)
    changed_here = models.PositiveIntegerField(default=0)
    deleted_here = models.PositiveIntegerField(default=0)
    created_there = models.PositiveIntegerField(default=0)
    changed_there = models.PositiveIntegerField(default=0)
    deleted_there = models.PositiveIntegerField(default=0)
    echoes = models.PositiveIntegerField(default=0, help_text="Our own writes, heard again and left alone")
    failures = models.PositiveIntegerField(default=0, help_text="Single events that could not be carried over")
    error = models.TextField(blank=True)

    objects = DataSyncQuerySet.as_manager()

    class Meta:
        db_table = "data_syncs"
        ordering = ("-started_at",)
        indexes = [models.Index(fields=["link", "started_at"], name="sync_by_link")]

    def __str__(self) -> str:
        return f"{self.link} at {self.started_at:%Y-%m-%d %H:%M}"


class SyncConflict(models.Model):
    """That both sides had changed the same field of an event since the last run, and whose word counted."""

    run = models.ForeignKey(DataSync, on_delete=models.CASCADE, related_name="conflicts")
    event = models.ForeignKey(Event, null=True, on_delete=models.SET_NULL, related_name="+")
    recurrence_id = LocalDateTimeField(null=True)
    field = models.CharField(max_length=40)
    local = models.JSONField(null=True)
    remote = models.JSONField(null=True)
    winner = models.CharField(max_length=10, choices=[("local", "local"), ("remote", "remote")])

    class Meta:
        db_table = "sync_conflicts"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.field}: {self.winner}"
