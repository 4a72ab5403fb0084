"""Addresses of others that are told what happens here (Standard Webhooks)."""

from uuid import uuid4

from django.db import models

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.common.versions import Versioned
from estateman.people.models import User
from integrations import sealing
from integrations.sealing import Place, Sealed, SealedField, Secret


class WebhookSubscription(Versioned):
    """One address, and the kinds of activity that it wants to hear of.

    ``secrets`` holds ``current``, and for a while after a rotation ``previous``.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list, help_text="Kinds of activity, like task.completed; task.* for all of a room")
    secrets = SealedField()
    previous_valid_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures_in_row = models.PositiveIntegerField(default=0, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        db_table = "webhook_subscriptions"

    def __str__(self) -> str:
        return self.name

    def reveal(self) -> dict[str, Secret]:
        """Its signing secrets by name. Raises Unsealable."""
        return sealing.unseal(self.secrets, place=Place.of(self, "secrets"))

    def seal(self, secrets: dict[str, str]) -> Sealed:
        """``secrets`` as this row, and no other, can keep them."""
        return sealing.seal(secrets, place=Place.of(self, "secrets"))


class SubscriptionDelivery(Claimable):
    """One thing that one address is to be told. ``message_id`` is the same however often it is tried."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead", "given up"

    message_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries")
    activity = models.ForeignKey(Activity, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    http_status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    delivered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "webhook_subscription_deliveries"
        verbose_name_plural = "subscription deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "activity"],
                condition=models.Q(activity__isnull=False),
                name="told_once_per_subscription",
            )
        ]
        indexes = [
            models.Index(fields=["subscription", "-created_at"], name="told_by_time"),
            models.Index(
                fields=["next_attempt_at"], name="told_due", condition=models.Q(next_attempt_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.subscription}: {self.state}"
