"""What every process must know before it calls a provider."""

from django.db import models

from estateman.common import clock
from integrations.models.integrations import Integration


class Gate(models.Model):
    """One integration's rate limit and circuit breaker, shared by all processes.

    ``next_free_at`` is when the bucket of tokens would be full again (the theoretical arrival time
    of GCRA). The breaker is closed while ``opened_at`` is null; open until ``closed_until``; after
    that half open, and ``probe_until`` says how long the one call that tries it may take.
    """

    integration = models.OneToOneField(Integration, on_delete=models.CASCADE, primary_key=True, related_name="gate")
    next_free_at = models.DateTimeField(default=clock.now)
    failures = models.PositiveIntegerField(default=0, help_text="Failures in a row that tell of the provider's health")
    opened_at = models.DateTimeField(null=True)
    opened_times = models.PositiveIntegerField(default=0, help_text="How often in a row it opened")
    closed_until = models.DateTimeField(null=True, help_text="Until when nobody is let through")
    probe_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "integration_gates"

    def __str__(self) -> str:
        return f"gate of {self.integration_id}: {'open breaker' if self.opened_at else 'free'}"
