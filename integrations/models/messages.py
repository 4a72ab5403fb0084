"""The e-mails and texts that leave, and who wants none."""

from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Value, When

from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations.models.integrations import Integration, Kind
from integrations.spi import TrackedState

NOTIFYING = "delivery:"
"""How the correlation id of a message begins that carries somebody's notification."""


def _manages(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and can_manage_integrations(user)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User | AnonymousUser) -> "MessageQuerySet":
        """All, for whoever manages integrations; nothing for anybody else."""
        return self.all() if _manages(user) else self.none()

    def with_open_subject(self) -> "MessageQuerySet":
        """Each with ``open_subject``: its subject, empty where that is private; what may be searched."""
        private = When(correlation_id__startswith=NOTIFYING, then=Value(""))
        return self.annotate(open_subject=Case(private, default="subject"))


class Message(Claimable):
    """One message to one person. ``key`` names it however often it is tried; one row is sent once.

    ``state`` is ours until a provider accepted it; ``tracked`` is what the provider said of it since.
    ``attempts`` counts the tries to send it, ``looks`` how often a provider was asked what became of one.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for its turn"
        SENDING = "sending"
        SENT = "sent", "accepted by the provider"
        UNKNOWN = "unknown", "perhaps accepted"
        FAILED = "failed"
        SUPPRESSED = "suppressed", "the receiver wants none"

    class Channel(models.TextChoices):
        EMAIL = Kind.EMAIL.value, "e-mail"
        SMS = Kind.SMS.value, "SMS"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    key = models.CharField(max_length=255, help_text="The Message-ID of an e-mail")
    fingerprint = models.CharField(max_length=64, editable=False)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    calendar = models.TextField(
        blank=True, default="", help_text="What the receiver's calendar program is told (iTIP), as text/calendar"
    )
    wanted = models.ForeignKey(
        Integration, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The one it was asked to go through; empty for whichever accepts it",
    )  # fmt: skip
    integration = models.ForeignKey(
        Integration, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages",
        help_text="The one that took it, or that may have",
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    provider = models.CharField(max_length=40, blank=True)
    provider_message_id = models.CharField(max_length=300, blank=True)
    tracked = models.CharField(max_length=12, choices=[(state, state) for state in TrackedState], blank=True)
    tracked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why it failed, bounced, was suppressed or went another way")
    looks = models.PositiveSmallIntegerField(default=0, editable=False)
    correlation_id = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        db_table = "integration_messages"
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="message_once_per_key")]
        indexes = [
            models.Index(fields=["provider_message_id"], name="message_by_provider_id"),
            models.Index(fields=["-created_at"], name="message_by_time"),
            models.Index(
                fields=["next_attempt_at"], name="message_due", condition=models.Q(next_attempt_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.to}: {self.state}"

    @property
    def is_private(self) -> bool:
        """Whether its words are its receiver's alone: a notification tells what they may see, others perhaps not."""
        return self.correlation_id.startswith(NOTIFYING)

    @property
    def may_have_been_accepted(self) -> bool:
        """Whether ``integration`` may have it although it did not say so: nobody else may be asked to send it."""
        if self.state in (self.State.SENDING, self.State.UNKNOWN):
            return True
        return self.state == self.State.FAILED and self.integration_id is not None


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: User | AnonymousUser) -> "SuppressionQuerySet":
        """All, for whoever manages integrations; nothing for anybody else."""
        return self.all() if _manages(user) else self.none()


class Suppression(models.Model):
    """An address that is not written to: its owner said stop, or nobody lives there."""

    class Reason(models.TextChoices):
        STOPPED = "stopped", "said stop"
        BOUNCED = "bounced", "nobody lives there"
        COMPLAINED = "complained", "called it spam"
        UNSUBSCRIBED = "unsubscribed"

    channel = models.CharField(max_length=10, choices=Message.Channel.choices)
    address = models.CharField(
        max_length=254, help_text="An e-mail address in lower case, or a number like +12125550123"
    )
    reason = models.CharField(max_length=12, choices=Reason.choices)
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        db_table = "integration_suppressions"
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="suppressed_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"
