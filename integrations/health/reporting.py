"""The reports on integrations: everything that is read to judge them, in as many queries for one as for a hundred."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from estateman.common import clock
from integrations.door.gate import breaker_of
from integrations.health.judging import BreakerState, Call, ConsentState, Judgement, Signs, WebhookState, judge
from integrations.models import Gate, Grant, Integration, IntegrationLog, Status, WebhookEvent, WebhookSecret

WINDOW = timedelta(hours=24)
MOST_CALLS = 200
"""Of each integration, the newest so many calls of the window are judged."""
DEAD_FOR = timedelta(days=7)
"""For so long an event that was given up counts."""
IDLE_AFTER = timedelta(days=60)
"""Vendors let a consent end that is not used: Microsoft after 90 days, Google after half a year."""


@dataclass(frozen=True, kw_only=True)
class DayUsage:
    """All calls of the last 24 hours."""

    calls: int = 0
    ok: int = 0
    failed: int = 0
    held_back: int = 0
    """By a rate limit or an open breaker: not failures of the provider."""


@dataclass(frozen=True, kw_only=True)
class Report(Judgement):
    """How one integration is doing, and by what signs."""

    breaker: BreakerState
    webhooks: WebhookState
    usage: DayUsage


@dataclass(frozen=True)
class Totals:
    """How all of them are doing: counts, and the mean score of those that are not disabled."""

    total: int
    active: int
    errors: int
    disabled: int
    score: int | None


def reports(integrations: Iterable[Integration]) -> dict[int, Report]:
    """The report on each of ``integrations`` by its id."""
    wanted, now = list(integrations), clock.now()
    ids = [each.pk for each in wanted]
    calls, usage = _recent_calls(ids, now), _usage(ids, now)
    breakers, webhooks, consents = _breakers(ids, now), _webhooks(ids, now), _consents(ids, now)
    found = {}
    for each in wanted:
        signs = replace(
            _own_signs(each),
            breaker=breakers.get(each.pk, BreakerState()),
            webhooks=webhooks.get(each.pk, WebhookState()),
            consents=consents.get(each.pk, ConsentState()),
        )
        found[each.pk] = Report(
            **vars(judge(calls.get(each.pk, []), signs, now=now)),
            breaker=signs.breaker,
            webhooks=signs.webhooks,
            usage=usage.get(each.pk, DayUsage()),
        )
    return found


def _own_signs(integration: Integration) -> Signs:
    """What its own row tells."""
    status = integration.shown_status
    return Signs(
        status=status,
        is_sealed_shut=status == Status.NEEDS_CREDENTIALS != integration.status,
        disabled_because=integration.disabled_because,
        failures_in_row=integration.failures_in_row,
        ever_worked=integration.last_success_at is not None,
    )


def _recent_calls(ids: Sequence[int], now: datetime) -> Mapping[int, list[Call]]:
    newest_first = Window(
        RowNumber(),
        partition_by=F("integration_id"),
        order_by=[F("started_at").desc(), F("pk").desc()],
    )
    rows = (
        _calls_of(ids, now)
        .annotate(place=newest_first)
        .filter(place__lte=MOST_CALLS)
        .values_list("integration_id", "ok", "duration_ms", "error_kind")
    )
    calls: dict[int, list[Call]] = defaultdict(list)
    for integration_id, ok, duration_ms, error_kind in rows:
        calls[integration_id].append(Call(ok, duration_ms, error_kind))
    return calls


def _usage(ids: Sequence[int], now: datetime) -> dict[int, DayUsage]:
    held_back = Q(error_kind__in=("rate_limited", "breaker_open"))
    rows = (
        _calls_of(ids, now)
        .order_by()
        .values("integration_id")
        .annotate(
            calls=Count("pk"),
            worked=Count("pk", filter=Q(ok=True)),
            held_back=Count("pk", filter=held_back),
        )
    )
    return {
        row["integration_id"]: DayUsage(
            calls=row["calls"],
            ok=row["worked"],
            failed=row["calls"] - row["worked"] - row["held_back"],
            held_back=row["held_back"],
        )
        for row in rows
    }


def _calls_of(ids: Sequence[int], now: datetime) -> QuerySet[IntegrationLog]:
    return IntegrationLog.objects.filter(integration__in=ids, started_at__gte=now - WINDOW)


def _breakers(ids: Sequence[int], now: datetime) -> dict[int, BreakerState]:
    return {
        gate.pk: BreakerState(
            state="open" if gate.closed_until and gate.closed_until > now else "half_open",
            since=gate.opened_at,
            until=gate.closed_until,
            failures=breaker_of(gate).failures,
        )
        for gate in Gate.objects.filter(pk__in=ids, opened_at__isnull=False)
    }


def _webhooks(ids: Sequence[int], now: datetime) -> dict[int, WebhookState]:
    waiting = Q(status__in=(WebhookEvent.State.RECEIVED, WebhookEvent.State.FAILED), is_replay=False)
    dead = Q(status=WebhookEvent.State.DEAD, received_at__gte=now - DEAD_FOR)
    rows = (
        WebhookEvent.objects.filter(waiting | dead, integration__in=ids)
        .order_by()
        .values("integration_id")
        .annotate(
            waiting=Count("pk", filter=waiting),
            dead=Count("pk", filter=dead),
            oldest=Min("received_at", filter=waiting),
        )
    )
    states = {pk: WebhookState(secrets_end_at=end) for pk, end in _secrets_end(ids).items()}
    for row in rows:
        pk = row["integration_id"]
        states[pk] = replace(
            states.get(pk, WebhookState()),
            lag_seconds=_seconds_since(row["oldest"], now),
            waiting=row["waiting"],
            dead=row["dead"],
        )
    return states


def _seconds_since(at: datetime | None, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds()))


def _secrets_end(ids: Sequence[int]) -> dict[int, datetime]:
    """When the last secret ends, of those integrations that have none without an end."""
    rows = (
        WebhookSecret.objects.filter(integration__in=ids)
        .order_by()
        .values("integration_id")
        .annotate(last=Max("valid_until"), endless=Count("pk", filter=Q(valid_until=None)))
        .filter(endless=0)
    )
    return {row["integration_id"]: row["last"] for row in rows}


def _consents(ids: Sequence[int], now: datetime) -> dict[int, ConsentState]:
    rows = (
        Grant.objects.filter(integration__in=ids)
        .order_by()
        .annotate(used_at=Coalesce("refreshed_at", "created_at"))
        .values("integration_id")
        .annotate(
            people=Count("pk"),
            needing=Count("pk", filter=Q(needs_consent=True)),
            idle=Count("pk", filter=Q(needs_consent=False, used_at__lt=now - IDLE_AFTER)),
        )
    )
    return {
        row["integration_id"]: ConsentState(people=row["people"], needing=row["needing"], idle=row["idle"])
        for row in rows
    }


def totals(integrations: Sequence[Integration], found: Mapping[int, Report]) -> Totals:
    """The sum of the ``found`` reports on ``integrations``."""
    states = [each.shown_status for each in integrations]
    scores = [found[each.pk].score for each in integrations if each.status != Status.DISABLED]
    return Totals(
        total=len(states),
        active=states.count(Status.ACTIVE),
        errors=sum(state in (Status.FAILING, Status.NEEDS_CREDENTIALS) for state in states),
        disabled=states.count(Status.DISABLED),
        score=round(sum(scores) / len(scores)) if scores else None,
    )
