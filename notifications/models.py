"""Each user's stream of notifications, and what leaves for other channels."""

from uuid import uuid4

from django.db import models

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.people.models import User


class Category(models.TextChoices):
    """What a notification is about; people choose channels per category."""

    TASKS = "tasks"
    EVENTS = "events"
    REMINDERS = "reminders"
    ACHIEVEMENTS = "achievements"
    SYSTEM = "system"


class Channel(models.TextChoices):
    """Where a notification may go beside the inbox, which always has it."""

    EMAIL = "email", "e-mail"


class UserStream(models.Model):
    """The order of one user's notifications. Its row lock makes commit order and ``seq`` order the same."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="stream")
    epoch = models.UUIDField(default=uuid4, help_text="Changes when seqs start anew, so that old cursors are refused")
    last_seq = models.PositiveBigIntegerField(default=0)
    pruned_upto = models.PositiveBigIntegerField(default=0, help_text="Notifications up to this seq are gone")
    acked_seq = models.PositiveBigIntegerField(default=0, help_text="The last seq that some device of theirs confirmed")

    class Meta:
        db_table = "user_streams"

    def __str__(self) -> str:
        return f"stream of {self.user_id} at {self.last_seq}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def for_user(self, user: User) -> "NotificationQuerySet":
        """The user's own inbox; nobody sees another's."""
        return self.filter(user=user)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def since(self, seq: int) -> "NotificationQuerySet":
        """What came after ``seq``, in order."""
        return self.filter(seq__gt=seq).order_by("seq")


class Notification(models.Model):
    """One line in one inbox."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=80)
    category = models.CharField(max_length=20, choices=Category.choices)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    activity = models.ForeignKey(Activity, null=True, on_delete=models.SET_NULL, related_name="+")
    dedupe_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        constraints = [
            models.UniqueConstraint(fields=["user", "seq"], name="notification_seq_once"),
            models.UniqueConstraint(fields=["user", "dedupe_key"], name="notification_once_per_cause"),
        ]
        indexes = [
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(Claimable):
    """One notification on its way out over one channel. Due at ``next_attempt_at`` until its state is final."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        DEAD = "dead", "given up"
        SUPPRESSED = "suppressed", "not wanted any more"

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=254)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    idempotency_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=40, blank=True)
    provider_message_id = models.CharField(max_length=300, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "deliveries"
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel", "address"], name="delivery_once_per_address")
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=models.Q(next_attempt_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}: {self.state}"


class Preference(models.Model):
    """That a user does, or does not, want one category over one channel. Without a row: they do."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    category = models.CharField(max_length=20, choices=Category.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    is_on = models.BooleanField(default=True)

    class Meta:
        db_table = "notification_preferences"
        constraints = [
            models.UniqueConstraint(fields=["user", "category", "channel"], name="one_preference_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.category} by {self.channel}: {'on' if self.is_on else 'off'}"


class SocketTicket(models.Model):
    """A single-use pass to open a socket from a page of another origin. Only its hash is kept."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    credential = models.CharField(max_length=200, help_text="The session or token it was made with; it dies with that")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "socket_tickets"

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"
