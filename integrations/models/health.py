"""How integrations were doing."""

from django.db import models

from estateman.common import clock
from integrations.models.integrations import Integration, Status


class HealthSample(models.Model):
    """The judgement on one integration at one time.

    Each of ``reasons`` is ``{"code", "points", "text"}``. ``level`` is by which the office is alerted; it follows the
    score with some delay, and is ``off`` while the integration is disabled.
    """

    class Level(models.TextChoices):
        GOOD = "good"
        FAIR = "fair"
        POOR = "poor"
        OFF = "off"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="health_samples")
    at = models.DateTimeField(default=clock.now)
    score = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=10, choices=Level.choices)
    status = models.CharField(max_length=20, choices=Status.choices)
    reasons = models.JSONField(default=list)
    calls = models.PositiveIntegerField(default=0)
    success_ratio = models.FloatField(null=True)
    latency_p95_ms = models.PositiveIntegerField(null=True)
    webhook_lag_seconds = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "integration_health_samples"
        indexes = [models.Index(fields=["integration", "-at"], name="health_sample_by_time")]

    def __str__(self) -> str:
        return f"{self.integration_id}: {self.score} at {self.at:%d %b %H:%M}"
