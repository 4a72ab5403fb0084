"""Keeping how integrations are doing, alerting the office, and taking out of use what fails for good."""

from datetime import timedelta

from django.db import transaction

from estateman.activity.services import announce
from estateman.common import clock
from integrations import health
from integrations.activities import HealthChanged, IntegrationDisabled
from integrations.health import Report
from integrations.health.history import is_worth_keeping, last_samples, level_of
from integrations.health.words import span
from integrations.models import USABLE, HealthSample, Integration, Kind, Status

DISABLED_AFTER = timedelta(hours=24)
DISABLED_AFTER_FAILURES = 20
"""Both: so long without a success, and so many failures in a row. A site at rest is not a site that is gone."""
KEPT_KINDS = (Kind.PAYMENT, Kind.EMAIL, Kind.SMS)
"""Of these the last one that can be used stays in use."""


def watch_health() -> None:
    """Disable what fails for good, and keep of all others how they are doing where it changed."""
    for integration in Integration.objects.existing().filter(status=Status.FAILING).order_by("pk"):
        disable_failing(integration)
    watched = list(Integration.objects.existing().order_by("pk"))
    found, last, now = health.reports(watched), last_samples(watched), clock.now()
    for integration in watched:
        report, before = found[integration.pk], last.get(integration.pk)
        if is_worth_keeping(before, report, status=integration.shown_status, now=now):
            keep_health(integration, report)


@transaction.atomic
def keep_health(integration: Integration, report: Report) -> HealthSample | None:
    """A sample of ``report``, announced where its level changed; None when somebody else kept the same just now.

    What nobody has to be told is not announced: how a new integration starts out, and that a disabled
    one is off or back.
    """
    now, status = clock.now(), integration.shown_status
    Integration.objects.select_for_update().get(pk=integration.pk)  # two workers would both alert
    last = last_samples([integration]).get(integration.pk)
    if not is_worth_keeping(last, report, status=status, now=now):
        return None
    before = last.level if last else ""
    sample = HealthSample.objects.create(
        integration=integration,
        at=now,
        score=report.score,
        level=level_of(report.score, status=status, before=before),
        status=status,
        reasons=[{"code": each.code, "points": each.points, "text": each.text} for each in report.deductions],
        calls=report.calls,
        success_ratio=report.success_ratio,
        latency_p95_ms=report.latency_p95_ms,
        webhook_lag_seconds=report.webhooks.lag_seconds,
    )
    unsaid = {"", HealthSample.Level.OFF}
    if sample.level != before and not unsaid & {before, sample.level}:
        _announce_level(integration, report, sample, before)
    return sample


def _announce_level(integration: Integration, report: Report, sample: HealthSample, before: str) -> None:
    better = (HealthSample.Level.POOR, HealthSample.Level.FAIR, HealthSample.Level.GOOD)
    announce(
        HealthChanged(
            by_id=None,
            integration_id=integration.pk,
            name=integration.name,
            score=sample.score,
            level=sample.level,
            level_before=before,
            fell=better.index(HealthSample.Level(sample.level)) < better.index(HealthSample.Level(before)),
            reason=report.reasons[0],
        )
    )


@transaction.atomic
def disable_failing(integration: Integration) -> bool:
    """Take it out of use when it has failed for DISABLED_AFTER and DISABLED_AFTER_FAILURES times; whether it was.

    The last one of its kind and mode that can be used stays where there is no doing without it: money
    that went through it must still be captured, refunded and looked up, letters and texts go as soon
    as it is well again, and meanwhile the breaker spares the vendor. A passing test brings any other
    back.
    """
    now = clock.now()
    # All of a kind, in one order: of two that fail at once, one must see that the other is gone.
    rows = {row.pk: row for row in Integration.objects.select_for_update().filter(kind=integration.kind).order_by("pk")}
    row = rows[integration.pk]
    if row.failing_since is None or row.failing_since > now - DISABLED_AFTER:
        return False
    if row.failures_in_row < DISABLED_AFTER_FAILURES or row.status != Status.FAILING or _is_indispensable(row, rows):
        return False
    because = f"{row.failures_in_row} calls failed in a row, none worked for {span(now - row.failing_since)}."
    row.status, row.disabled_because = Status.DISABLED, because
    row.save(update_fields=["status", "disabled_because"])
    announce(
        IntegrationDisabled(
            by_id=None, integration_id=row.pk, name=row.name, failures=row.failures_in_row, because=because
        )
    )
    return True


def _is_indispensable(row: Integration, rows: dict[int, Integration]) -> bool:
    if row.kind not in KEPT_KINDS:
        return False
    others = [
        each
        for each in rows.values()
        if each.pk != row.pk and each.mode == row.mode and each.status in USABLE and each.deleted_at is None
    ]
    return not others
