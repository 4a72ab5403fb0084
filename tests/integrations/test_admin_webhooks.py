"""What came in, and what proves it, in the admin."""

import pytest

from integrations.models import WebhookEvent, WebhookSecret
from integrations.services import webhooks_replay
from integrations.services.webhooks_processing import process_due
from tests.support.beacon import MASTER_KEY, OTHER_SECRET, SECRET, tell

pytestmark = pytest.mark.django_db
EVENTS = "/admin/integrations/webhookevent/"
SECRETS = "/admin/integrations/webhooksecret/"


@pytest.fixture
def office(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def events(beacon):
    """Three that were of no interest; their payload names a secret."""
    beacon()
    tell(*({"id": str(number), "kind": f"lamp.{number}", "text": f"by {MASTER_KEY}"} for number in range(3)))
    process_due()
    return list(WebhookEvent.objects.order_by("pk"))


def page(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def act(office, action, *events, query=""):
    asked = {"action": action, "index": "0", "_selected_action": [event.pk for event in events]}
    return page(office.post(f"{EVENTS}{query}", asked, follow=True))


def test_one_is_shown_with_its_payload_and_tries_and_without_secrets(office, events):
    shown = page(office.get(f"{EVENTS}{events[0].pk}/change/"))
    assert "lamp.0" in shown
    assert "by ••••" in shown
    assert MASTER_KEY not in shown
    assert "of no interest" in page(office.get(EVENTS))


def test_nobody_writes_or_deletes_what_was_told(office, events):
    assert office.get(f"{EVENTS}add/").status_code == 403
    assert office.post(f"{EVENTS}{events[0].pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(f"{EVENTS}{events[0].pk}/change/", {"kind": "other"}).status_code == 403


def test_those_that_are_ticked_are_replayed(office, events, admin_user):
    assert "2 are being processed once more" in act(office, "replay", *events[:2])
    waiting = WebhookEvent.objects.filter(is_replay=True, replay_by=admin_user)
    assert set(waiting) == set(events[:2])


def test_all_that_match_the_filters_are_replayed_ticked_or_not(office, events):
    act(office, "replay_all_that_match", query="?kind=lamp.1")
    assert WebhookEvent.objects.get(is_replay=True) == events[1]
    act(office, "replay_all_that_match")
    assert WebhookEvent.objects.filter(is_replay=True).count() == 3


def test_too_many_at_once_are_refused_with_what_to_do(office, events, monkeypatch):
    monkeypatch.setattr(webhooks_replay, "MOST_AT_ONCE", 2)
    assert "3 events match; at most 2 are replayed at once" in act(office, "replay_all_that_match")
    assert not WebhookEvent.objects.filter(is_replay=True).exists()


def test_a_secret_is_added_and_never_shown(office, beacon):
    made = beacon(secrets=[])
    entered = {"integration": made.pk, "new_secret": SECRET, "valid_until_0": "", "valid_until_1": ""}
    added = page(office.post(f"{SECRETS}add/", entered, follow=True))
    secret = WebhookSecret.objects.get()
    assert "••••4711" in added
    one = page(office.get(f"{SECRETS}{secret.pk}/change/"))
    history = page(office.get(f"{SECRETS}{secret.pk}/history/"))
    assert SECRET not in added + one + history
    assert tell({"id": "1"}).status_code == 200


def test_it_may_end_those_before_it(office, beacon):
    made = beacon(secrets=[SECRET])
    entered = {"integration": made.pk, "new_secret": OTHER_SECRET, "previous_valid_for_hours": "0"}
    office.post(f"{SECRETS}add/", entered)
    assert tell({"id": "1"}, secret=SECRET).status_code == 403
    assert tell({"id": "2"}, secret=OTHER_SECRET).status_code == 200


@pytest.mark.parametrize(("entered", "said"), [
    ({"new_secret": ""}, "painted on the lamp"),
    ({"new_secret": SECRET, "valid_until_0": "2020-01-01", "valid_until_1": "00:00"}, "over already"),
    ({"new_secret": SECRET, "previous_valid_for_hours": "-1"}, "greater than or equal to 0"),
])  # fmt: skip
def test_what_cannot_work_is_said_at_its_field(office, beacon, entered, said):
    made = beacon(secrets=[])
    assert said in page(office.post(f"{SECRETS}add/", {"integration": made.pk, **entered}))
    assert not WebhookSecret.objects.exists()


def test_only_integrations_whose_vendor_calls_us_can_be_chosen(office, beacon, sandbox):
    made = beacon()
    form = page(office.get(f"{SECRETS}add/"))
    assert f'value="{made.pk}"' in form
    assert f'value="{sandbox.pk}"' not in form


def test_it_can_be_ended_now_and_deleted(office, beacon):
    made = beacon()
    secret = made.webhook_secrets.get()
    office.post(SECRETS, {"action": "end_now", "index": "0", "_selected_action": [secret.pk]})
    assert tell({"id": "1"}).status_code == 403
    office.post(f"{SECRETS}{secret.pk}/delete/", {"post": "yes"})
    assert not WebhookSecret.objects.exists()


def test_whoever_may_not_manage_integrations_sees_nothing(client, agent, events):
    agent.is_staff = True
    agent.save(update_fields=["is_staff"])
    client.force_login(agent)
    assert client.get(EVENTS).status_code == client.get(SECRETS).status_code == 403
