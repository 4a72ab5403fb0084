"""What the leaders are answered about health, use and history."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from estateman.common import clock
from estateman.common.models import ApiUsage
from integrations import services
from integrations.models import Gate, HealthSample, IntegrationLog

INTEGRATIONS = "/api/v1/integrations"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def kept(sandbox):
    return f"{INTEGRATIONS}/{sandbox.pk}"


def logged(integration, *, at=NOON, **fields):
    return IntegrationLog.objects.create(
        integration=integration, operation="send_email", started_at=at, duration_ms=5, **{"ok": True, **fields}
    )


def asked(hour, caller, route_class, *, user=None, **counts):
    return ApiUsage.objects.create(hour=hour, caller=caller, user=user, route_class=route_class, **counts)


def test_the_health_of_all_names_breaker_use_and_webhooks(api, manager, sandbox):
    services.test_integration(sandbox, by=manager)
    logged(sandbox, at=clock.now(), ok=False, error_kind="rate_limited")
    Gate.objects.filter(pk=sandbox.pk).delete()
    opened = clock.now()
    Gate.objects.create(integration=sandbox, failures=5, opened_at=opened, closed_until=opened + timedelta(minutes=1))
    answer = api(manager).get(f"{INTEGRATIONS}/health").data
    assert {name: answer[name] for name in ("total", "active", "errors", "disabled", "score")} == {
        "total": 1,
        "active": 1,
        "errors": 0,
        "disabled": 0,
        "score": 70,
    }
    (one,) = answer["integrations"]
    assert (one["id"], one["provider"], one["status"]) == (sandbox.pk, "sandbox", "active")
    assert (one["breaker"]["state"], one["breaker"]["failures"]) == ("open", 5)
    assert one["usage"] == {"calls": 2, "ok": 1, "failed": 0, "held_back": 1}
    assert one["webhooks"] == {"lag_seconds": None, "waiting": 0, "dead": 0, "secrets_end_at": None}
    assert one["deductions"][0]["code"] == "breaker"
    assert one["reasons"] == [each["text"] for each in one["deductions"]]


def test_the_health_of_all_costs_the_same_for_one_as_for_many(api, manager, sandbox, django_assert_num_queries):
    client = api(manager)
    with django_assert_num_queries(7):
        client.get(f"{INTEGRATIONS}/health")
    for number in range(4):
        other = services.create_integration(
            provider="sandbox", name=f"Sandbox {number}", mode="sandbox", config={}, credentials={}, by=manager
        )
        logged(other, at=clock.now())
    with django_assert_num_queries(7):
        assert len(client.get(f"{INTEGRATIONS}/health").data["integrations"]) == 5


def test_the_use_of_a_period(api, manager, sandbox, kept):
    logged(sandbox)
    logged(sandbox, ok=False, error_kind="transient", at=NOON + timedelta(days=1))
    answer = api(manager).get(f"{kept}/usage", {"from": "2026-03-02", "to": "2026-03-03"}).data
    assert (answer["from"], answer["to"]) == ("2026-03-02", "2026-03-03")
    (mail,) = answer["operations"]
    assert (mail["calls"], mail["ok"], mail["failed"]) == (2, 1, {"transient": 1})
    assert [(each["day"], each["calls"]) for each in answer["days"]] == [("2026-03-02", 1), ("2026-03-03", 1)]


def test_left_out_the_period_is_the_last_30_days(api, manager, kept):
    with time_machine.travel(NOON, tick=False):
        answer = api(manager).get(f"{kept}/usage").data
    assert (answer["from"], answer["to"], len(answer["days"])) == ("2026-02-01", "2026-03-02", 30)


@pytest.mark.parametrize(
    ("period", "attr"),
    [
        ({"from": "2026-03-03", "to": "2026-03-02"}, "to"),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "yesterday"}, "from"),
    ],
)
def test_a_period_that_can_not_be_is_refused(api, manager, kept, period, attr):
    answer = api(manager).get(f"{kept}/usage", period)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.data["errors"]] == [attr]


def test_a_period_may_lie_at_the_beginning_of_time(api, manager, kept):
    assert api(manager).get(f"{kept}/usage", {"to": "0001-01-01"}).status_code == 200


def test_the_history_is_newest_first_and_can_be_cut(api, manager, sandbox, kept):
    for hours, score in ((3, 40), (2, 60), (1, 100)):
        HealthSample.objects.create(
            integration=sandbox,
            at=NOON - timedelta(hours=hours),
            score=score,
            level="good",
            status="active",
            reasons=[{"code": "failures", "points": 100 - score, "text": "3 of the last 10 calls failed."}],
        )
    client = api(manager)
    found = client.get(f"{kept}/health-history").data["results"]
    assert [each["score"] for each in found] == [100, 60, 40]
    assert found[1]["reasons"] == [{"code": "failures", "points": 40, "text": "3 of the last 10 calls failed."}]
    since = (NOON - timedelta(hours=2)).isoformat()
    assert [each["score"] for each in client.get(f"{kept}/health-history", {"since": since}).data["results"]] == [
        100,
        60,
    ]


def test_the_log_is_narrowed_by_kind_of_error_cause_and_end(api, manager, sandbox, kept):
    logged(sandbox, ok=False, error_kind="transient", correlation_id="deal-7")
    logged(sandbox, ok=False, error_kind="rejected", correlation_id="deal-7", at=NOON + timedelta(hours=1))
    logged(sandbox, correlation_id="deal-8")
    client = api(manager)

    def count(**filters: str) -> int:
        return len(client.get(f"{kept}/logs", filters).data["results"])

    assert count(error_kind="transient") == 1
    assert count(correlation_id="deal-7") == 2
    assert count(until=(NOON + timedelta(hours=1)).isoformat()) == 2
    assert count(correlation_id="deal-7", ok="false", until=NOON.isoformat()) == 0


def test_our_own_use_is_listed_and_summed(api, manager, agent):
    asked(NOON, "token:abc", "read", user=agent, requests=10, throttled=2, total_ms=200)
    asked(NOON, "session:9", "write", user=manager, requests=5, errors=1, total_ms=400)
    asked(NOON - timedelta(days=1), "token:abc", "read", user=agent, requests=85, total_ms=400)
    client = api(manager)
    answer = client.get(f"{INTEGRATIONS}/api-usage").data
    assert len(answer["results"]) == 3
    assert answer["totals"] == {"requests": 100, "throttled": 2, "errors": 1, "mean_ms": 10}
    mine = client.get(f"{INTEGRATIONS}/api-usage", {"user": agent.pk, "since": NOON.isoformat()}).data
    assert [(each["caller"], each["requests"], each["throttled"]) for each in mine["results"]] == [("token:abc", 10, 2)]
    assert mine["totals"]["requests"] == 10
    assert client.get(f"{INTEGRATIONS}/api-usage", {"route_class": "write"}).data["totals"]["mean_ms"] == 80


def test_our_own_use_is_summed_over_all_pages(api, manager):
    for number in range(5):
        asked(NOON, f"address:192.0.2.{number}", "read", requests=2)
    answer = api(manager).get(f"{INTEGRATIONS}/api-usage", {"limit": 2, "ordering": "-requests"}).data
    assert (len(answer["results"]), answer["totals"]["requests"]) == (2, 10)
    assert answer["next"]


@pytest.mark.parametrize("path", ["usage", "health-history"])
def test_for_others_an_integration_does_not_exist(api, agent, kept, path):
    assert api(agent).get(f"{kept}/{path}").status_code == 404
    assert api(agent).get(f"{INTEGRATIONS}/api-usage").status_code == 403
