"""What providers tell us: the secrets that prove it, and each thing told, once."""

from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from estateman.common import clock
from estateman.common.claims import Claimable
from estateman.people.models import User
from integrations import sealing
from integrations.models.integrations import Integration
from integrations.sealing import Place, Sealed, SealedField, Secret


class WebhookSecretQuerySet(models.QuerySet["WebhookSecret"]):
    def active(self) -> "WebhookSecretQuerySet":
        """Those that still prove something."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=clock.now()))


class WebhookSecret(models.Model):
    """One secret by which a vendor proves itself. Several may be valid while one replaces another."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="webhook_secrets")
    secret = SealedField()
    valid_until = models.DateTimeField(null=True, blank=True, help_text="Empty: until it is deleted")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = WebhookSecretQuerySet.as_manager()

    class Meta:
        db_table = "webhook_secrets"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"webhook secret {self.pk} of {self.integration}"

    def reveal(self) -> Secret:
        """Raises Unsealable."""
        return sealing.unseal(self.secret, place=Place.of(self, "secret"))["secret"]

    def seal(self, text: str) -> Sealed:
        """``text`` as this row, and no other, can keep it."""
        return sealing.seal({"secret": text}, place=Place.of(self, "secret"))

    @property
    def hint(self) -> str:
        """Its last four characters; empty when it can't be opened."""
        try:
            return self.reveal().hint()
        except sealing.Unsealable:
            return ""

    @property
    def is_active(self) -> bool:
        """Whether it still proves something."""
        return self.valid_until is None or self.valid_until > clock.now()


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> "WebhookEventQuerySet":
        """What came in for the integrations that ``user`` may see."""
        return self.filter(integration__in=Integration.objects.visible_to(user))

    def replayable(self) -> "WebhookEventQuerySet":
        """Those that were processed, in vain or not, and that no worker holds."""
        held = Q(lease_until__gt=clock.now())
        return self.exclude(status=WebhookEvent.State.RECEIVED).exclude(held)


class WebhookEvent(Claimable):
    """One thing that a vendor told us. It is kept once, however often it is told, and then processed by a job."""

    class State(models.TextChoices):
        RECEIVED = "received"
        PROCESSED = "processed"
        IGNORED = "ignored", "of no interest"
        FAILED = "failed", "failed, will be tried again"
        DEAD = "dead", "given up"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="webhook_events")
    provider_event_id = models.CharField(max_length=255)
    once = models.CharField(max_length=255, null=True, editable=False)  # noqa: DJ001  null: many have none
    kind = models.CharField(max_length=120, help_text="The vendor's word for it")
    payload = models.JSONField(help_text="As it was told, without what is secret")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body it came in")
    status = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    is_live = models.BooleanField(null=True)
    occurred_at = models.DateTimeField(null=True, help_text="By the vendor's clock")
    received_at = models.DateTimeField(default=clock.now)
    times_received = models.PositiveIntegerField(default=1)
    processed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    is_replay = models.BooleanField(default=False, help_text="Waits to be processed once more because somebody asked")
    replay_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Who asked")
    correlation_id = models.CharField(max_length=64, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        db_table = "webhook_events"
        constraints = [
            models.UniqueConstraint(fields=["integration", "provider_event_id"], name="webhook_event_once"),
            models.UniqueConstraint(fields=["integration", "once"], name="webhook_token_once"),
        ]
        indexes = [
            models.Index(fields=["integration", "-received_at"], name="webhook_event_by_time"),
            models.Index(fields=["status", "-received_at"], name="webhook_event_by_status"),
            models.Index(
                fields=["next_attempt_at"],
                name="webhook_event_due",
                condition=models.Q(next_attempt_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_event_id}"


class WebhookAttempt(models.Model):
    """One try at processing an event. Those of a replay say so, and do not count in health."""

    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=clock.now)
    duration_ms = models.PositiveIntegerField()
    is_replay = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=10, choices=WebhookEvent.State.choices)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "webhook_attempts"

    def __str__(self) -> str:
        return f"{self.event}: {self.status}"
