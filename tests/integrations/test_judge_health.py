"""The score of an integration, and the reasons for it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from estateman.common import clock
from integrations import health, services
from integrations.health import judge, reports
from integrations.health.judging import BreakerState, Call, ConsentState, Signs, WebhookState
from integrations.models import (
    Gate,
    Grant,
    Integration,
    IntegrationLog,
    Status,
    WebhookAttempt,
    WebhookEvent,
    WebhookSecret,
)
from integrations.sealing import Sealed, Secret

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
OK, FAILED = Call(ok=True, duration_ms=20), Call(ok=False, duration_ms=20, error_kind="transient")
REFUSED = Call(ok=False, duration_ms=20, error_kind="rejected")
HELD_BACK = Call(ok=False, duration_ms=0, error_kind="rate_limited")
SHUT_OUT = Call(ok=False, duration_ms=0, error_kind="breaker_open")


def judged(calls, *, status=Status.ACTIVE, **signs):
    return judge(calls, Signs(status=status, **signs), now=NOW)


def test_what_always_works_has_the_full_score():
    report = judged([OK] * 20)
    assert (report.score, report.reasons) == (100, ("Everything works.",))
    assert (report.calls, report.success_ratio, report.latency_p95_ms) == (20, 1.0, 20)


def test_failures_cost_by_their_share_and_are_named():
    report = judged([OK] * 9 + [FAILED])
    assert (report.score, report.success_ratio) == (94, 0.9)
    assert report.reasons == ("1 of the last 10 calls failed.",)


def test_failures_in_a_row_cost_more_than_scattered_ones():
    calls = [OK] * 5 + [FAILED] * 5
    assert judged(calls, failures_in_row=5).score < judged(calls, failures_in_row=0).score


def test_one_letter_refused_for_good_is_not_the_providers_ill_health():
    assert judged([OK, REFUSED]).score == 100


def test_most_letters_refused_for_good_is_worth_a_word():
    report = judged([OK] * 2 + [REFUSED] * 8)
    assert report.score == 80
    assert report.reasons == ("8 of the last 10 messages were refused for good.",)


@pytest.mark.parametrize("not_asked", [HELD_BACK, SHUT_OUT])
def test_calls_that_never_reached_the_provider_are_not_its_failures(not_asked):
    report = judged([OK] * 60 + [not_asked] * 2)
    assert (report.score, report.success_ratio, report.latency_p95_ms) == (100, 1.0, 20)


def test_many_calls_held_back_by_a_rate_limit_cost_a_little_and_are_named():
    report = judged([OK] * 30 + [HELD_BACK] * 10)
    assert (report.score, report.success_ratio) == (95, 1.0)
    assert report.reasons == ("10 of the last 40 calls were held back by a rate limit.",)


@pytest.mark.parametrize(("slow_ms", "score"), [(1999, 100), (2000, 90), (9000, 80)])
def test_slowness_costs(slow_ms, score):
    assert judged([OK] * 18 + [Call(ok=True, duration_ms=slow_ms)] * 2).score == score


@pytest.mark.parametrize("status", [Status.NEEDS_CREDENTIALS, Status.DISABLED])
def test_what_can_not_be_used_has_no_score(status):
    assert judged([OK] * 20, status=status).score == 0


def test_credentials_that_can_not_be_opened_are_told_from_those_that_are_not_accepted():
    shut = judged([], status=Status.NEEDS_CREDENTIALS, is_sealed_shut=True).reasons[0]
    refused = judged([], status=Status.NEEDS_CREDENTIALS).reasons[0]
    assert "can't be opened" in shut
    assert "are not accepted" in refused


def test_why_it_was_disabled_is_the_reason():
    report = judged([], status=Status.DISABLED, disabled_because="25 calls failed in a row.")
    assert report.reasons == ("It was disabled: 25 calls failed in a row.",)


def test_what_never_worked_is_doubted_and_what_merely_rested_is_not():
    assert judged([], ever_worked=False).score == 50
    assert judged([], ever_worked=True).score == 100


def test_an_open_breaker_says_since_when_and_until_when():
    breaker = BreakerState(state="open", since=NOW - timedelta(minutes=7), until=NOW + timedelta(minutes=1), failures=6)
    report = judged([OK], breaker=breaker)
    assert report.score == 70
    assert report.reasons == (
        "6 failures in a row opened its breaker at 13:53 UTC; it is left in peace until 14:01 UTC.",
    )


def test_a_breaker_that_lets_one_call_try_costs_less():
    breaker = BreakerState(state="half_open", since=NOW - timedelta(days=1), until=NOW, failures=9)
    report = judged([OK], breaker=breaker)
    assert report.score == 80
    assert report.reasons == (
        "9 failures in a row opened its breaker at 14:00 UTC on 1 March; the next call tries whether it works again.",
    )


@pytest.mark.parametrize(
    ("minutes", "score", "words"),
    [(4, 100, None), (5, 90, "5 min"), (60, 80, "1 h"), (24 * 60, 70, "24 h"), (3 * 24 * 60, 70, "3 days")],
)
def test_webhooks_that_wait_cost_by_the_age_of_the_oldest(minutes, score, words):
    report = judged([OK], webhooks=WebhookState(lag_seconds=minutes * 60, waiting=7))
    assert report.score == score
    if words:
        assert report.reasons == (f"7 webhooks wait to be processed; the oldest came {words} ago.",)


def test_webhooks_that_were_given_up_are_counted():
    report = judged([OK], webhooks=WebhookState(dead=2))
    assert (report.score, report.reasons) == (90, ("2 webhooks of the last 7 days were given up.",))
    assert judged([OK], webhooks=WebhookState(dead=100)).score == 80


@pytest.mark.parametrize(
    ("days", "score", "words"),
    [(8, 100, None), (3, 85, "ends in 3 days, on 5 March: add a new one."), (-1, 60, "ended on 1 March: nothing that")],
)
def test_webhook_secrets_that_all_end_are_a_warning_before_and_worse_after(days, score, words):
    report = judged([OK], webhooks=WebhookState(secrets_end_at=NOW + timedelta(days=days)))
    assert report.score == score
    if words:
        assert words in report.reasons[0]


def test_people_who_must_consent_again_are_counted_and_idle_consents_too():
    report = judged([OK], consents=ConsentState(people=9, needing=2, idle=1))
    assert report.score == 100 - 7 - 5
    assert report.reasons == (
        "2 of 9 people must consent again.",
        "1 person's consent was not used for 60 days, and may end at the vendor.",
    )


def test_the_weightiest_reason_comes_first():
    report = judged([OK] * 9 + [FAILED], webhooks=WebhookState(lag_seconds=7200, waiting=1))
    assert [each.code for each in report.deductions] == ["webhook_lag", "failures"]


moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive
calls_made = st.builds(
    Call,
    ok=st.booleans(),
    duration_ms=st.integers(0, 60_000),
    error_kind=st.sampled_from(["", "transient", "rejected", "rate_limited", "breaker_open"]),
)
signs_seen = st.builds(
    Signs,
    status=st.sampled_from(list(Status)),
    is_sealed_shut=st.booleans(),
    failures_in_row=st.integers(0, 50),
    ever_worked=st.booleans(),
    breaker=st.builds(
        BreakerState, state=st.sampled_from(["closed", "open", "half_open"]), since=st.none() | moments, until=moments
    ),
    webhooks=st.builds(
        WebhookState,
        lag_seconds=st.none() | st.integers(0, 10**7),
        waiting=st.integers(0, 100),
        dead=st.integers(0, 100),
        secrets_end_at=st.none() | moments,
    ),
    consents=st.builds(ConsentState, people=st.integers(50, 90), needing=st.integers(0, 20), idle=st.integers(0, 20)),
)


@given(st.lists(calls_made, max_size=30), signs_seen)
def test_every_score_is_between_0_and_100_and_every_point_has_its_reason(calls, signs):
    report = judge(calls, signs, now=NOW)
    assert 0 <= report.score <= 100
    assert report.score == max(0, 100 - sum(each.points for each in report.deductions))
    assert all(each.points > 0 and each.text.endswith(".") for each in report.deductions)
    assert (report.score == 100) == (report.reasons == ("Everything works.",))
    assert len({each.code for each in report.deductions}) == len(report.deductions)


# What is read to judge.


def logged(integration, *, ok=True, at=None, **fields):
    return IntegrationLog.objects.create(
        integration=integration,
        operation="send_email",
        ok=ok,
        started_at=at or clock.now(),
        **{"duration_ms": 1, **fields},
    )


def heard(integration, ident, *, minutes=0, **fields):
    return WebhookEvent.objects.create(
        integration=integration,
        provider_event_id=ident,
        kind="delivered",
        payload={},
        digest="0" * 64,
        received_at=clock.now() - timedelta(minutes=minutes),
        **fields,
    )


@pytest.fixture
def well(sandbox):
    """An integration that nothing speaks against."""
    Integration.objects.filter(pk=sandbox.pk).update(last_success_at=clock.now())
    sandbox.refresh_from_db()
    return sandbox


def test_only_the_newest_calls_of_the_last_day_count(sandbox, manager, monkeypatch):
    monkeypatch.setattr("integrations.health.reporting.MOST_CALLS", 3)
    now = clock.now()
    with time_machine.travel(now - timedelta(hours=25), tick=False):
        services.test_integration(sandbox, by=manager)
    assert reports([sandbox])[sandbox.pk].calls == 0
    for minutes in range(5, 0, -1):
        logged(sandbox, ok=minutes < 4, at=now - timedelta(minutes=minutes))
    report = reports([sandbox])[sandbox.pk]
    assert (report.calls, report.success_ratio) == (3, 1.0)
    assert (report.usage.calls, report.usage.ok, report.usage.failed) == (5, 3, 2)


def test_the_use_of_the_day_tells_failures_from_what_was_held_back(well):
    logged(well)
    logged(well, ok=False, error_kind="transient")
    logged(well, ok=False, error_kind="rate_limited")
    logged(well, ok=False, error_kind="breaker_open")
    usage = reports([well])[well.pk].usage
    assert (usage.calls, usage.ok, usage.failed, usage.held_back) == (4, 1, 1, 2)


def test_the_breaker_is_read_from_its_gate(well):
    now = clock.now()
    gate = Gate.objects.create(integration=well, failures=5, opened_at=now, closed_until=now + timedelta(seconds=30))
    assert reports([well])[well.pk].breaker.state == "open"
    Gate.objects.filter(pk=gate.pk).update(closed_until=now - timedelta(seconds=1))
    report = reports([well])[well.pk]
    assert (report.breaker.state, report.breaker.failures, report.score) == ("half_open", 5, 80)


def test_the_oldest_event_that_waits_is_the_lag_and_replays_are_not_counted(well):
    heard(well, "new", minutes=6)
    heard(well, "old", minutes=12, status=WebhookEvent.State.FAILED)
    heard(well, "replayed", minutes=5000, is_replay=True, status=WebhookEvent.State.FAILED)
    done = heard(well, "done", minutes=6000, status=WebhookEvent.State.PROCESSED)
    WebhookAttempt.objects.create(event=done, duration_ms=3, status=WebhookEvent.State.PROCESSED, is_replay=True)
    webhooks = reports([well])[well.pk].webhooks
    assert (webhooks.waiting, webhooks.dead) == (2, 0)
    assert webhooks.lag_seconds == pytest.approx(720, abs=5)


def test_events_that_were_given_up_count_for_a_week(well):
    heard(well, "dead", minutes=60, status=WebhookEvent.State.DEAD)
    heard(well, "long dead", minutes=8 * 24 * 60, status=WebhookEvent.State.DEAD)
    assert reports([well])[well.pk].webhooks.dead == 1


def test_secrets_end_with_the_last_of_them_and_never_where_one_has_no_end(well):
    soon, later = clock.now() + timedelta(days=1), clock.now() + timedelta(days=5)
    for end in (soon, later):
        secret = WebhookSecret(integration=well, valid_until=end)
        secret.secret = secret.seal("whsec_1234567890")
        secret.save()
    assert reports([well])[well.pk].webhooks.secrets_end_at == later
    endless = WebhookSecret(integration=well)
    endless.secret = endless.seal("whsec_0987654321")
    endless.save()
    assert reports([well])[well.pk].webhooks.secrets_end_at is None


def test_consents_are_read_from_the_grants(well, manager, agent, stranger):
    long_ago = clock.now() - timedelta(days=61)
    for user, fields in (
        (manager, {"needs_consent": True}),
        (agent, {"created_at": long_ago}),
        (stranger, {"created_at": long_ago, "refreshed_at": clock.now()}),
    ):
        grant = Grant(integration=well, user=user, expires_at=clock.now(), **fields)
        grant.tokens = grant.seal(access=Secret("a"), refresh=Secret("r"))
        grant.save()
    assert [each.code for each in reports([well])[well.pk].deductions] == ["consents_needed", "consents_idle"]


def test_credentials_that_can_not_be_opened_are_found_without_a_call(well):
    Integration.objects.filter(pk=well.pk).update(credentials=Sealed("gone", "nonsense"))
    well.refresh_from_db()
    report = reports([well])[well.pk]
    assert (report.score, report.deductions[0].code) == (0, "credentials_shut")


def test_the_queries_do_not_grow_with_the_integrations(well, manager, django_assert_num_queries):
    for number in range(5):
        other = services.create_integration(
            provider="sandbox", name=f"Sandbox {number}", mode="sandbox", config={}, credentials={}, by=manager
        )
        logged(other)
        heard(other, "1")
    everything = list(Integration.objects.all())
    with django_assert_num_queries(6):
        reports([well])
    with django_assert_num_queries(6):
        reports(everything)


def test_the_sum_leaves_disabled_ones_out_of_the_mean(sandbox, smtp, closed_port, manager):
    services.test_integration(sandbox, by=manager)
    other = smtp(closed_port)
    services.edit_integration(other, changes={"status": "disabled"}, by=manager)
    everything = list(Integration.objects.all())
    summed = health.totals(everything, health.reports(everything))
    assert (summed.total, summed.active, summed.errors, summed.disabled, summed.score) == (2, 1, 0, 1, 100)
