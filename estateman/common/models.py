"""The kept answers of requests that carry an Idempotency-Key, and how much the API is used."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from estateman.common import clock


class IdempotencyKey(models.Model):
    """One key of one caller: what was asked, and the answer once there is one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 over method, path and body")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status of the answer; null while in flight")
    answer = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user")]

    def __str__(self) -> str:
        return self.key


class ApiUsage(models.Model):
    """How often one caller asked one class of routes within one hour, and how often it was too often."""

    hour = models.DateTimeField(help_text="When the hour began")
    caller = models.CharField(max_length=120, help_text="token:<start of its key>, session:<user> or address:<address>")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    route_class = models.CharField(max_length=20)
    requests = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0, help_text="Answered with 5xx")
    total_ms = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "api_rate_limits"
        verbose_name = "API usage"
        verbose_name_plural = "API usage"
        constraints = [
            models.UniqueConstraint(fields=["hour", "caller", "route_class"], name="usage_once_per_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.route_class} {self.hour:%d %b %H:00}: {self.requests}"
