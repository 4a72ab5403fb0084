"""The log of every call to a provider."""

from typing import Any

from django.db import models

from integrations.models.integrations import Integration


class IntegrationLog(models.Model):
    """One call to a provider, with all its tries. Nothing secret gets in: see redaction.py."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="logs")
    operation = models.CharField(max_length=40)
    ok = models.BooleanField()
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(help_text="All tries together, without the wait for its turn")
    waited_ms = models.PositiveIntegerField(default=0, help_text="How long it waited for its turn (rate limit)")
    tries = models.PositiveSmallIntegerField(default=1)
    detail = models.TextField(blank=True)
    error_kind = models.CharField(max_length=20, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "integration_logs"
        indexes = [
            models.Index(fields=["integration", "-started_at"], name="integration_log_by_time"),
            models.Index(fields=["correlation_id"], name="integration_log_by_cause"),
            models.Index(fields=["started_at"], name="integration_log_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.operation}: {'ok' if self.ok else self.error_kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("A log entry is never rewritten.")
        super().save(*args, **kwargs)
