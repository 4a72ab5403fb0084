"""Health and use in the admin."""

import re
from datetime import timedelta

import pytest

from estateman.common import clock
from estateman.common.models import ApiUsage
from integrations.models import HealthSample, IntegrationLog, Message

LIST = "/admin/integrations/integration/"


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def sample(sandbox):
    return HealthSample.objects.create(
        integration=sandbox,
        at=clock.now() - timedelta(days=3),
        score=64,
        level="fair",
        status="active",
        reasons=[{"code": "failures", "points": 36, "text": "6 of the last 10 calls failed."}],
    )


def test_the_list_shows_breaker_and_lag(office, sandbox):
    page = text(office.get(LIST))
    assert "Breaker" in page
    assert "Closed" in page
    assert "Webhooks wait" in page


def test_under_the_form_stand_the_line_and_the_use(office, sandbox, sample):
    now = clock.now()
    IntegrationLog.objects.create(integration=sandbox, operation="send_email", ok=True, started_at=now, duration_ms=40)
    Message.objects.create(
        channel="email", key="1", fingerprint="0", to="buyer@example.com", text="", integration=sandbox, sent_at=now,
        state=Message.State.SENT, tracked="delivered",
    )  # fmt: skip
    page = office.get(f"{LIST}{sandbox.pk}/change/")
    assert "Score of the last 7 days: now 64, at its lowest 64" in page.content.decode()
    assert "send_email 1 1 0 40 ms 40 ms 1" in text(page)
    assert "1 message sent, 1 delivered, 0 bounced." in text(page)
    assert f"/admin/integrations/healthsample/?integration__id__exact={sandbox.pk}" in page.content.decode()


def test_the_history_can_be_read_and_not_written(office, sample):
    assert "6 of the last 10 calls failed." in text(office.get("/admin/integrations/healthsample/"))
    assert office.get("/admin/integrations/healthsample/add/").status_code == 403
    assert office.get(f"/admin/integrations/healthsample/{sample.pk}/delete/").status_code == 403


def test_the_use_of_the_api_can_be_read_filtered_and_not_written(office, agent):
    hour = clock.now()
    ApiUsage.objects.create(hour=hour, caller="token:ab12", user=agent, route_class="read", requests=4, total_ms=100)
    ApiUsage.objects.create(hour=hour, caller="address:192.0.2.1", route_class="auth", requests=1)
    page = text(office.get("/admin/common/apiusage/?route_class=read"))
    assert "token:ab12" in page
    assert "25 ms" in page
    assert "192.0.2.1" not in page
    assert office.get("/admin/common/apiusage/add/").status_code == 403


def test_the_dashboard_shows_what_was_given_up_and_what_is_off(office, sandbox):
    sandbox.status, sandbox.disabled_because = "disabled", "24 calls failed in a row."
    sandbox.save(update_fields=["status", "disabled_because"])
    page = text(office.get("/admin/"))
    assert "It was disabled: 24 calls failed in a row." in page
    assert "All connections" in page


def test_the_gauges_for_prometheus_are_there(client, sandbox):
    page = client.get("/metrics").content.decode()
    for gauge in (
        "open_breakers",
        "unprocessed_webhooks",
        "undelivered_webhooks",
        "queued_messages",
        "unknown_payments",
    ):
        assert f"estateman_{gauge} 0.0" in page
