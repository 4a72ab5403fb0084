"""How much an integration was used: every figure held against one worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.health.analytics import usage
from integrations.models import Integration, IntegrationLog, Message, Payment, WebhookAttempt, WebhookEvent

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def logged(integration, durations, *, operation="send_email", ok=True, at=NOON, **fields):
    for duration in durations:
        IntegrationLog.objects.create(
            integration=integration, operation=operation, ok=ok, started_at=at, duration_ms=duration, **fields
        )


def messages(integration, tracked, count, *, at=NOON):
    start = Message.objects.count()
    for number in range(start, start + count):
        Message.objects.create(
            channel="email",
            key=f"<{number}@harbour.example>",
            fingerprint="0" * 64,
            to="buyer@example.com",
            text="Ready.",
            integration=integration,
            state=Message.State.SENT,
            tracked=tracked,
            sent_at=at,
        )


def paid(integration, currency, captured, refunded=0, *, at=NOON):
    number = Payment.objects.count()
    Payment.objects.create(
        integration=integration,
        provider="sandbox",
        idempotency_key=f"k{number}",
        fingerprint="0" * 64,
        purpose=f"purpose {number}",
        amount_minor=max(captured, 1),
        currency=currency,
        captured_minor=captured,
        refunded_minor=refunded,
        status="captured",
        created_at=at,
    )


def heard(integration, status, lag_seconds=None, *, at=NOON, times=1):
    event = WebhookEvent.objects.create(
        integration=integration,
        provider_event_id=f"evt_{WebhookEvent.objects.count()}",
        kind="delivered",
        payload={},
        digest="0" * 64,
        status=status,
        received_at=at,
        times_received=times,
    )
    if lag_seconds is not None:
        WebhookAttempt.objects.create(event=event, at=at + timedelta(seconds=lag_seconds), duration_ms=5, status=status)
    return event


def of_monday(integration):
    return usage(integration, MONDAY, MONDAY)


def test_calls_are_summed_by_operation_with_what_failed_by_kind(sandbox):
    logged(sandbox, [100, 200, 300], tries=1, waited_ms=40)
    logged(sandbox, [400], ok=False, error_kind="transient", tries=3)
    logged(sandbox, [500], ok=False, error_kind="rejected")
    logged(sandbox, [10], operation="test")
    mail, test = of_monday(sandbox).operations
    assert (mail.operation, mail.calls, mail.ok) == ("send_email", 5, 3)
    assert mail.failed == {"rejected": 1, "transient": 1}
    assert mail.mean_ms == 300, "(100 + 200 + 300 + 400 + 500) / 5"
    assert (mail.waited_ms, mail.tries) == (120, 1 + 1 + 1 + 3 + 1)
    assert (test.operation, test.calls, test.failed, test.mean_ms, test.p95_ms) == ("test", 1, {}, 10, 10)


@pytest.mark.parametrize(
    ("count", "p95"),
    [(1, 10), (2, 20), (19, 190), (20, 190), (21, 200), (40, 380), (100, 950)],
    ids=str,
)
def test_the_p95_is_the_smallest_that_95_in_100_do_not_exceed(sandbox, count, p95):
    logged(sandbox, range(10 * count, 0, -10))  # place ceil(0.95 n) of 10, 20, 30 …
    assert of_monday(sandbox).operations[0].p95_ms == p95


def test_calls_that_were_held_back_took_no_time_of_the_provider(sandbox):
    logged(sandbox, [200, 400])
    logged(sandbox, [0] * 20, ok=False, error_kind="breaker_open")
    logged(sandbox, [0] * 20, ok=False, error_kind="rate_limited")
    (mail,) = of_monday(sandbox).operations
    assert (mail.calls, mail.mean_ms, mail.p95_ms) == (42, 300, 400)
    assert mail.failed == {"breaker_open": 20, "rate_limited": 20}


def test_every_day_of_the_period_has_its_figures_and_empty_ones_have_none(sandbox):
    logged(sandbox, [100, 200])
    logged(sandbox, [600], ok=False, error_kind="transient", at=NOON + timedelta(days=2))
    days = usage(sandbox, MONDAY, date(2026, 3, 4)).days
    assert [(each.day.day, each.calls, each.ok, each.mean_ms) for each in days] == [
        (2, 2, 2, 150),
        (3, 0, 0, None),
        (4, 1, 0, 600),
    ]


def test_a_period_holds_its_first_moment_and_its_last_and_no_other(sandbox):
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    for at in (midnight - moment, midnight, midnight + timedelta(days=1) - moment, midnight + timedelta(days=1)):
        logged(sandbox, [1], at=at)
    assert of_monday(sandbox).operations[0].calls == 2


def test_messages_by_what_became_of_them(sandbox):
    for tracked, count in (
        ("", 1),
        ("delivered", 4),
        ("opened", 1),
        ("clicked", 1),
        ("bounced", 2),
        ("failed", 1),
    ):
        messages(sandbox, tracked, count)
    messages(sandbox, "delivered", 5, at=NOON + timedelta(days=1))
    found = of_monday(sandbox).messages
    assert (found.sent, found.delivered, found.bounced, found.failed) == (10, 6, 2, 1)
    assert (found.delivered_ratio, found.bounced_ratio) == (0.6, 0.2)


def test_without_messages_there_are_no_ratios(sandbox):
    found = of_monday(sandbox).messages
    assert (found.sent, found.delivered_ratio, found.bounced_ratio) == (0, None, None)


def test_money_is_summed_by_currency_and_never_across(sandbox):
    paid(sandbox, "EUR", 1000, refunded=250)
    paid(sandbox, "EUR", 500)
    paid(sandbox, "JPY", 90_000, refunded=90_000)
    paid(sandbox, "EUR", 7, at=NOON + timedelta(days=1))
    assert [
        (each.currency, each.payments, each.captured_minor, each.refunded_minor) for each in of_monday(sandbox).payments
    ] == [("EUR", 2, 1500, 250), ("JPY", 1, 90_000, 90_000)]


def test_webhooks_by_what_became_of_them(sandbox):
    state = WebhookEvent.State
    heard(sandbox, state.PROCESSED, 1, times=3)
    heard(sandbox, state.IGNORED, 2)
    heard(sandbox, state.RECEIVED)
    heard(sandbox, state.FAILED)
    heard(sandbox, state.DEAD)
    found = of_monday(sandbox).webhooks
    assert (found.received, found.repeated, found.processed, found.ignored) == (5, 2, 1, 1)
    assert (found.waiting, found.dead) == (2, 1)


@pytest.mark.parametrize(
    ("lags", "median_ms"), [([], None), ([5], 5000), ([9, 1, 5], 5000), ([1, 2, 3, 10], 2500), ([1, 2], 1500)]
)
def test_the_median_lag_is_the_middle_one_or_the_mean_of_the_middle_two(sandbox, lags, median_ms):
    for lag in lags:
        heard(sandbox, WebhookEvent.State.PROCESSED, lag)
    assert of_monday(sandbox).webhooks.median_lag_ms == median_ms


def test_replays_and_tries_in_vain_are_no_lag(sandbox):
    state = WebhookEvent.State
    event = heard(sandbox, state.PROCESSED, 4)
    later = event.received_at + timedelta(days=3)
    WebhookAttempt.objects.create(event=event, at=later, duration_ms=5, status=state.PROCESSED, is_replay=True)
    WebhookAttempt.objects.create(event=event, at=later, duration_ms=5, status=state.FAILED)
    assert of_monday(sandbox).webhooks.median_lag_ms == 4000


def test_anothers_figures_are_not_among_them(sandbox, smtp, closed_port):
    other = smtp(closed_port)
    logged(other, [1])
    messages(other, "delivered", 1)
    paid(other, "EUR", 1)
    heard(other, WebhookEvent.State.PROCESSED, 1)
    found = of_monday(sandbox)
    assert (found.operations, found.messages.sent, found.payments, found.webhooks.received) == ((), 0, (), 0)


def test_the_queries_are_eight_however_much_there_was(sandbox, django_assert_num_queries):
    with django_assert_num_queries(8):
        usage(sandbox, MONDAY, TUESDAY)
    for number in range(30):
        logged(sandbox, [number], operation=f"operation {number}", at=NOON + timedelta(hours=number))
        paid(sandbox, f"A{number:02}", 5)
        heard(sandbox, WebhookEvent.State.PROCESSED, number)
    assert Integration.objects.count() == 1
    with django_assert_num_queries(8):
        usage(sandbox, MONDAY, TUESDAY)
