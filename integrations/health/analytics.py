"""How one integration was used over a period, in eight queries. docs/integrations-health.md has the formulas."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import (
    Avg,
    Count,
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Window,
)
from django.db.models.functions import RowNumber, TruncDate

from integrations.models import Integration, IntegrationLog, Message, Payment, WebhookAttempt, WebhookEvent
from integrations.spi import TrackedState

ARRIVED = (TrackedState.DELIVERED, TrackedState.OPENED, TrackedState.CLICKED, TrackedState.COMPLAINED)
"""What can only be said of a message that was delivered."""
HELD_BACK = ("rate_limited", "breaker_open")


@dataclass(frozen=True, kw_only=True)
class OperationUsage:
    """One kind of call. Times are those of the calls that were not held back by a rate limit or the breaker."""

    operation: str
    calls: int
    ok: int
    failed: dict[str, int]
    """How many failed, by kind of error."""
    mean_ms: int | None
    p95_ms: int | None
    waited_ms: int
    """How long all of them together waited for their turn."""
    tries: int
    """Of all of them together; as many as ``calls`` where each went at once."""


@dataclass(frozen=True, kw_only=True)
class DayOfCalls:
    """One day, by UTC."""

    day: date
    calls: int = 0
    ok: int = 0
    mean_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class MessageUsage:
    """What became of the messages that it took."""

    sent: int
    delivered: int
    bounced: int
    failed: int
    delivered_ratio: float | None
    bounced_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class MoneyUsage:
    """The payments of one currency."""

    currency: str
    payments: int
    captured_minor: int
    refunded_minor: int


@dataclass(frozen=True, kw_only=True)
class WebhookUsage:
    """What came in. Replays are not counted."""

    received: int
    repeated: int
    """How often one that was there already was told again."""
    processed: int
    ignored: int
    waiting: int
    dead: int
    median_lag_ms: int | None
    """From its arrival until it was processed."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One integration from the first moment of ``first`` to the last of ``last``, both days by UTC."""

    first: date
    last: date
    operations: tuple[OperationUsage, ...]
    days: tuple[DayOfCalls, ...]
    messages: MessageUsage
    payments: tuple[MoneyUsage, ...]
    webhooks: WebhookUsage


def usage(integration: Integration, first: date, last: date) -> Usage:
    """How ``integration`` was used."""
    start, end = _midnight(first), _midnight(last + timedelta(days=1))
    calls = IntegrationLog.objects.filter(integration=integration, started_at__gte=start, started_at__lt=end)
    return Usage(
        first=first,
        last=last,
        operations=tuple(_operations(calls)),
        days=tuple(_days(calls, first, last)),
        messages=_messages(Message.objects.filter(integration=integration, sent_at__gte=start, sent_at__lt=end)),
        payments=tuple(
            _money(Payment.objects.filter(integration=integration, created_at__gte=start, created_at__lt=end))
        ),
        webhooks=_webhooks(
            WebhookEvent.objects.filter(integration=integration, received_at__gte=start, received_at__lt=end)
        ),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


Calls = QuerySet[IntegrationLog]


def _operations(calls: Calls) -> Iterator[OperationUsage]:
    failed = _failed(calls)
    slow = _p95s(calls)
    rows = calls.values("operation").annotate(
        calls=Count("pk"),
        worked=Count("pk", filter=Q(ok=True)),
        mean=Avg("duration_ms", filter=~Q(error_kind__in=HELD_BACK)),
        waited=Sum("waited_ms"),
        tried=Sum("tries"),
    )
    for row in rows.order_by("operation"):
        yield OperationUsage(
            operation=row["operation"],
            calls=row["calls"],
            ok=row["worked"],
            failed=failed[row["operation"]],
            mean_ms=_rounded(row["mean"]),
            p95_ms=slow.get(row["operation"]),
            waited_ms=row["waited"],
            tries=row["tried"],
        )


def _failed(calls: Calls) -> Mapping[str, dict[str, int]]:
    """By operation and kind of error, how many failed."""
    failed: dict[str, dict[str, int]] = defaultdict(dict)
    rows = calls.filter(ok=False).values("operation", "error_kind").annotate(number=Count("pk"))
    for row in rows.order_by("error_kind"):
        failed[row["operation"]][row["error_kind"]] = row["number"]
    return failed


def _p95s(calls: Calls) -> dict[str, int]:
    """By operation, the duration at place ceil(0.95 n) of all n in order. The database counts, for they may be many."""
    each = F("operation")
    placed = calls.exclude(error_kind__in=HELD_BACK).annotate(
        hundredfold=Window(RowNumber(), partition_by=each, order_by=[F("duration_ms"), F("pk")]) * 100,
        needed=Window(Count("pk"), partition_by=each) * 95,
    )
    reached = placed.filter(hundredfold__gte=F("needed"), hundredfold__lt=F("needed") + 100)
    return dict(reached.values_list("operation", "duration_ms"))


def _days(calls: Calls, first: date, last: date) -> Iterator[DayOfCalls]:
    rows = (
        calls.annotate(day=TruncDate("started_at", tzinfo=UTC, output_field=DateField()))
        .values("day")
        .annotate(
            calls=Count("pk"),
            worked=Count("pk", filter=Q(ok=True)),
            mean=Avg("duration_ms", filter=~Q(error_kind__in=HELD_BACK)),
        )
        .order_by("day")
    )
    known = {
        row["day"]: DayOfCalls(day=row["day"], calls=row["calls"], ok=row["worked"], mean_ms=_rounded(row["mean"]))
        for row in rows
    }
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        yield known.get(day, DayOfCalls(day=day))


def _messages(messages: QuerySet[Message]) -> MessageUsage:
    found = messages.aggregate(
        sent=Count("pk"),
        delivered=Count("pk", filter=Q(tracked__in=ARRIVED)),
        bounced=Count("pk", filter=Q(tracked=TrackedState.BOUNCED)),
        failed=Count("pk", filter=Q(tracked=TrackedState.FAILED)),
    )
    return MessageUsage(
        **found,
        delivered_ratio=_share(found["delivered"], found["sent"]),
        bounced_ratio=_share(found["bounced"], found["sent"]),
    )


def _money(payments: QuerySet[Payment]) -> Iterator[MoneyUsage]:
    rows = payments.values("currency").annotate(
        payments=Count("pk"), captured=Sum("captured_minor"), refunded=Sum("refunded_minor")
    )
    for row in rows.order_by("currency"):
        yield MoneyUsage(
            currency=row["currency"],
            payments=row["payments"],
            captured_minor=row["captured"],
            refunded_minor=row["refunded"],
        )


def _webhooks(events: QuerySet[WebhookEvent]) -> WebhookUsage:
    state = WebhookEvent.State
    found = events.aggregate(
        received=Count("pk"),
        told=Sum("times_received"),
        processed=Count("pk", filter=Q(status=state.PROCESSED)),
        ignored=Count("pk", filter=Q(status=state.IGNORED)),
        waiting=Count("pk", filter=Q(status__in=(state.RECEIVED, state.FAILED))),
        dead=Count("pk", filter=Q(status=state.DEAD)),
    )
    told = found.pop("told") or 0
    return WebhookUsage(**found, repeated=told - found["received"], median_lag_ms=_median_lag(events))


def _median_lag(events: QuerySet[WebhookEvent]) -> int | None:
    """Over the tries that ended well, replays left out; of an even number the mean of the middle two."""
    done = (WebhookEvent.State.PROCESSED, WebhookEvent.State.IGNORED)
    lag = ExpressionWrapper(F("at") - F("event__received_at"), output_field=DurationField())
    placed = (
        WebhookAttempt.objects.filter(event__in=events, is_replay=False, status__in=done)
        .annotate(lag=lag)
        .annotate(
            double=Window(RowNumber(), order_by=[F("lag"), F("pk")]) * 2,
            all=Window(Count("pk")),
        )
    )
    middle = list(placed.filter(double__gte=F("all"), double__lte=F("all") + 2).values_list("lag", flat=True))
    if not middle:
        return None
    return round(sum(middle, timedelta()) / len(middle) / timedelta(milliseconds=1))


def _rounded(mean: float | None) -> int | None:
    return None if mean is None else round(mean)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None
