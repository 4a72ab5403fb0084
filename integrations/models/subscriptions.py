"""Addresses of others that are told what happens here (Standard Webhooks)."""

from datetime import datetime
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.common.versions import Versioned
from estateman.people.models import User
from estateman.people.permissions import can_manage_integrations
from integrations import sealing
from integrations.sealing import Place, Sealed, SealedField, Secret


class WebhookSubscriptionQuerySet(models.QuerySet["WebhookSubscription"]):
    def visible_to(self, user: User | AnonymousUser) -> "WebhookSubscriptionQuerySet":
        """All, for whoever manages integrations; nothing for anybody else."""
        return self.all() if isinstance(user, User) and can_manage_integrations(user) else self.none()


class WebhookSubscription(Versioned):
    """One address, and the kinds of activity that it wants to hear of.

    It is told what its owner may see, as long as they manage integrations. ``secrets`` holds
    ``current``, and after a rotation ``previous``, which signs too until ``previous_valid_until``.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list, help_text="Kinds of activity, like task.completed; task.* or * for many")
    secrets = SealedField()
    previous_valid_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    disabled_because = models.CharField(max_length=300, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures_in_row = models.PositiveIntegerField(default=0, editable=False)
    rests_until = models.DateTimeField(
        null=True, editable=False, help_text="Nothing is sent before: it did not answer, or asked for a pause"
    )
    last_success_at = models.DateTimeField(null=True, editable=False)
    owner = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", help_text="It is told what they may see"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = WebhookSubscriptionQuerySet.as_manager()

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

    def signing_secrets(self, at: datetime) -> list[Secret]:
        """The secrets that sign at that time, the current one first. Raises Unsealable."""
        kept = self.reveal()
        previous = self.previous_valid_until is not None and at < self.previous_valid_until
        return [kept[name] for name in ("current", "previous")[: 1 + previous] if name in kept]


class SubscriptionDelivery(Claimable):
    """One thing that one address is to be told. ``message_id`` is the same however often it is tried.

    ``owner`` is who owned the subscription when it was written, and may see what it says. It stays
    theirs when the subscription changes hands.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead", "given up"

    message_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries")
    owner = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", help_text="It says what they may see"
    )
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
                fields=["subscription", "next_attempt_at"],
                name="told_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["subscription", "lease_until"],
                name="told_under_way",
                condition=models.Q(lease_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.subscription}: {self.state}"

    @property
    def webhook_id(self) -> str:
        """As its receiver knows it."""
        return f"msg_{self.message_id.hex}"
