"""The score of an integration, and the reasons for it."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from estateman.common import clock
from integrations import health, services
from integrations.health import Call, judge, judging
from integrations.models import Integration, IntegrationLog, Status

OK, FAILED = Call(ok=True, duration_ms=20), Call(ok=False, duration_ms=20, error_kind="transient")
REFUSED = Call(ok=False, duration_ms=20, error_kind="rejected")


def judged(calls, *, status=Status.ACTIVE, failures_in_row=0, ever_worked=True):
    return judge(calls, status=status, failures_in_row=failures_in_row, ever_worked=ever_worked)


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


@pytest.mark.parametrize(("slow_ms", "score"), [(1999, 100), (2000, 90), (9000, 80)])
def test_slowness_costs(slow_ms, score):
    assert judged([OK] * 18 + [Call(ok=True, duration_ms=slow_ms)] * 2).score == score


@pytest.mark.parametrize("status", [Status.NEEDS_CREDENTIALS, Status.DISABLED])
def test_what_can_not_be_used_has_no_score(status):
    assert judged([OK] * 20, status=status).score == 0


def test_what_never_worked_is_doubted_and_what_merely_rested_is_not():
    assert judged([], ever_worked=False).score == 50
    assert judged([], ever_worked=True).score == 100


calls_made = st.builds(
    Call,
    ok=st.booleans(),
    duration_ms=st.integers(0, 60_000),
    error_kind=st.sampled_from(["", "transient", "rejected"]),
)


@given(
    st.lists(calls_made, max_size=30),
    st.sampled_from(list(Status)),
    st.integers(0, 50),
    st.booleans(),
)
def test_every_score_is_between_0_and_100_and_has_a_reason(calls, status, failures, worked):
    report = judged(calls, status=status, failures_in_row=failures, ever_worked=worked)
    assert 0 <= report.score <= 100
    assert report.reasons
    assert (report.score == 100) == (report.reasons == ("Everything works.",))


def test_only_the_newest_calls_of_the_last_day_count(sandbox, manager, monkeypatch):
    monkeypatch.setattr(judging, "MOST_CALLS", 3)
    now = clock.now()
    with time_machine.travel(now - timedelta(hours=25), tick=False):
        services.test_integration(sandbox, by=manager)
    assert health.reports([sandbox])[sandbox.pk].calls == 0
    for minutes in range(5, 0, -1):
        IntegrationLog.objects.create(
            integration=sandbox,
            operation="test",
            ok=minutes < 4,
            started_at=now - timedelta(minutes=minutes),
            duration_ms=1,
        )
    report = health.reports([sandbox])[sandbox.pk]
    assert (report.calls, report.success_ratio) == (3, 1.0)


def test_the_sum_leaves_disabled_ones_out_of_the_mean(sandbox, smtp, closed_port, manager):
    services.test_integration(sandbox, by=manager)
    other = smtp(closed_port)
    services.edit_integration(other, changes={"status": "disabled"}, by=manager)
    everything = list(Integration.objects.all())
    summed = health.totals(everything, health.reports(everything))
    assert (summed.total, summed.active, summed.errors, summed.score) == (2, 1, 0, 100)
