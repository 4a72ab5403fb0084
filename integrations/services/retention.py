"""Forgetting what was kept long enough."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from estateman.common import clock
from integrations.health.history import KEPT_FOR
from integrations.models import HealthSample, IntegrationLog

BATCH = 5000
"""Rows in one step: whoever writes must not wait until months of them are gone."""


def forget_old_calls() -> None:
    """Drop the log of calls older than LOG_DAYS, and the health of more than 90 days ago."""
    now = clock.now()
    _drop(IntegrationLog.objects.filter(started_at__lt=now - timedelta(days=settings.LOG_DAYS)))
    _drop(HealthSample.objects.filter(at__lt=now - KEPT_FOR))


def _drop(rows: QuerySet[Model]) -> None:
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=ids).delete()
