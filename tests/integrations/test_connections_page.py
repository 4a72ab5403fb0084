"""The page of the connections: for the office's leaders, with everything that needs a look at the top."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from estateman.common import clock
from estateman.common.models import ApiUsage
from integrations import services
from integrations.health.sparkline import sparkline
from integrations.models import Gate, HealthSample, Integration, IntegrationLog, WebhookEvent

PAGE = "/integrations/health"


@pytest.fixture
def leader(client, manager):
    client.force_login(manager)
    return client


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_page_says_how_each_is_doing_in_words(leader, sandbox):
    now = clock.now()
    Gate.objects.create(integration=sandbox, failures=5, opened_at=now, closed_until=now + timedelta(minutes=5))
    IntegrationLog.objects.create(integration=sandbox, operation="test", ok=True, started_at=now, duration_ms=321)
    WebhookEvent.objects.create(
        integration=sandbox,
        provider_event_id="1",
        kind="delivered",
        payload={},
        digest="0" * 64,
        received_at=now - timedelta(minutes=12),
    )
    page = text(leader.get(PAGE))
    assert "Sandbox" in page
    assert "Health 60 of 100" in page
    assert "Breaker open" in page
    assert "5 failures in a row opened its breaker" in page
    assert "1 webhook waits to be processed; the oldest came 12 min ago." in page
    assert "12 min, 1 waiting" in page
    assert "1 call" in page
    assert "321 ms" in page
    assert "1 of 1 needs a look." in page


def test_the_sickest_comes_first_and_the_disabled_last(leader, manager, sandbox):
    for name, status in (("Well", "active"), ("Off", "disabled")):
        made = services.create_integration(
            provider="sandbox", name=name, mode="sandbox", config={}, credentials={}, by=manager
        )
        Integration.objects.filter(pk=made.pk).update(last_success_at=clock.now(), status=status)
    page = leader.get(PAGE).content.decode()
    assert re.findall(r'<h2 class="cut">(.*?)</h2>', page) == ["Sandbox", "Well", "Off"]


def test_test_now_answers_the_card_and_says_how_it_went(leader, sandbox):
    answer = leader.post(f"/integrations/{sandbox.pk}/test", headers={"HX-Request": "true"})
    assert "Everything works." in text(answer)
    assert f'id="connection-{sandbox.pk}"' in answer.content.decode()
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert told["kind"] == "done"
    assert told["text"].startswith("Sandbox: ")


def test_a_test_that_fails_says_so(leader, smtp, closed_port):
    mail = smtp(closed_port)
    answer = leader.post(f"/integrations/{mail.pk}/test", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["kind"] == "error"


def test_to_htmx_the_page_is_what_changes_about_it(leader, sandbox):
    part = leader.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="connections"' in part


def test_it_hears_in_the_rooms_of_what_it_shows(leader, sandbox):
    assert f'data-rooms="integration:{sandbox.pk}"' in leader.get(PAGE).content.decode()


def test_without_connections_it_offers_the_first(leader):
    page = leader.get(PAGE)
    assert "Nothing is connected yet" in text(page)
    assert "/admin/integrations/integration/add/" in page.content.decode()
    assert "Nobody so far" in text(page)


def test_it_says_who_uses_the_api(leader, agent):
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    ApiUsage.objects.create(
        hour=hour,
        caller="token:ab12cd34ef56",
        user=agent,
        route_class="read",
        requests=200,
        throttled=3,
        total_ms=4000,
    )
    ApiUsage.objects.create(hour=hour, caller="address:192.0.2.1", route_class="auth", requests=5)
    ApiUsage.objects.create(hour=hour - timedelta(days=2), caller="address:192.0.2.9", route_class="auth", requests=5)
    page = text(leader.get(PAGE))
    assert "Alex Agent token ab12cd34… read 200 3 0 20 ms" in page
    assert "192.0.2.1 not signed in" in page
    assert "192.0.2.9" not in page


def test_it_costs_the_same_for_one_as_for_many(leader, manager, sandbox, django_assert_num_queries):
    leader.get(PAGE)
    with django_assert_num_queries(13):
        leader.get(PAGE)
    for number in range(4):
        made = services.create_integration(
            provider="sandbox", name=f"Sandbox {number}", mode="sandbox", config={}, credentials={}, by=manager
        )
        HealthSample.objects.create(integration=made, score=50, level="fair", status="active")
    with django_assert_num_queries(13):
        leader.get(PAGE)


def test_others_are_turned_away_and_see_no_link_to_it(client, agent, sandbox):
    client.force_login(agent)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"/integrations/{sandbox.pk}/test").status_code == 404
    assert PAGE not in client.get("/").content.decode()


def test_strangers_are_led_to_the_door(client, sandbox):
    assert client.get(PAGE).headers["Location"].startswith("/login")
    assert client.post(f"/integrations/{sandbox.pk}/test").status_code == 302


def test_leaders_find_it_from_everywhere(leader):
    assert PAGE in leader.get("/").content.decode()


# The line of the last days.

END = datetime(2026, 3, 8, tzinfo=UTC)
START = END - timedelta(days=7)


def drawn(*scores):
    return sparkline([(START + timedelta(days=day), score) for day, score in scores], start=START, end=END)


def test_each_score_holds_until_the_next():
    line = drawn((0, 100), (3.5, 0))
    assert line.path == "M0.0 2.0H50.0V26.0H100"
    assert line.words == "Score of the last 7 days: now 0, at its lowest 0"


def test_a_line_begins_where_its_scores_do_and_stays_inside():
    assert drawn((-1, 50), (8, 100)).path == "M0.0 14.0H100.0V2.0H100"
    assert drawn((3.5, 50)).path == "M50.0 14.0H100"


@pytest.mark.parametrize("scores", [(), ((6.99, 50),)])
def test_too_little_is_no_line(scores):
    assert drawn(*scores) is None
