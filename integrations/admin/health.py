"""The health of integrations in the admin: what stands under the form, and its history."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from estateman.common import clock
from estateman.common.admin import ReadOnly
from integrations import health
from integrations.health.analytics import OperationUsage, Usage, usage
from integrations.health.history import recent_lines
from integrations.health.reporting import Report
from integrations.health.words import counted, span
from integrations.models import HealthSample, Integration

USAGE_DAYS = 30
BREAKERS = {"closed": "Closed", "open": "Open", "half_open": "Trying"}


@admin.register(HealthSample)
class HealthSampleAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "integration", "score", "level", "status", "why", "calls", "latency_p95_ms")
    list_filter = ("integration", "level", "status", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("integration",)
    ordering = ("-at", "-pk")

    @admin.display(description="Reasons")
    def why(self, sample: HealthSample) -> str:
        return " ".join(reason["text"] for reason in sample.reasons) or "Everything works."


def health_facts(integration: Integration) -> dict[str, Any]:
    """What stands under the form of ``integration`` about its health and use."""
    now = clock.now()
    today = now.date()
    history = reverse("admin:integrations_healthsample_changelist")
    return {
        "report": health.reports([integration])[integration.pk],
        "line": recent_lines([integration.pk], now=now).get(integration.pk),
        "history": f"{history}?integration__id__exact={integration.pk}",
        "usage": _usage_shown(usage(integration, today - timedelta(days=USAGE_DAYS - 1), today)),
    }


def breaker_words(report: Report) -> str:
    """The breaker in one word."""
    return BREAKERS[report.breaker.state]


def lag_words(report: Report) -> str:
    """How long the oldest webhook has waited; empty where none does."""
    seconds = report.webhooks.lag_seconds
    return "" if seconds is None else span(timedelta(seconds=seconds))


def _usage_shown(found: Usage) -> dict[str, Any]:
    headers = ["Operation", "Calls", "Worked", "Failed", "Mean", "95 in 100 within", "Tries"]
    return {
        "table": {"headers": headers, "rows": [_row(each) for each in found.operations]},
        "lines": list(_lines(found)),
    }


def _row(each: OperationUsage) -> list[str]:
    failed = ", ".join(f"{number} {kind}" for kind, number in each.failed.items())
    return [
        each.operation,
        str(each.calls),
        str(each.ok),
        failed or "0",
        "" if each.mean_ms is None else f"{each.mean_ms} ms",
        "" if each.p95_ms is None else f"{each.p95_ms} ms",
        str(each.tries),
    ]


def _lines(found: Usage) -> Iterator[str]:
    """What became of messages, money and webhooks, where there were any."""
    if sent := found.messages.sent:
        mail = found.messages
        yield f"{counted(sent, 'message')} sent, {mail.delivered} delivered, {mail.bounced} bounced."
    for money in found.payments:
        paid = f"{money.captured_minor} captured and {money.refunded_minor} refunded, in its smallest unit"
        yield f"{counted(money.payments, 'payment')} in {money.currency}: {paid}."
    if received := found.webhooks.received:
        hooks = found.webhooks
        lag = "" if hooks.median_lag_ms is None else f", half of them within {hooks.median_lag_ms} ms"
        yield f"{counted(received, 'webhook')} received, {hooks.processed} processed{lag}; {hooks.dead} given up."
