"""The secrets that prove webhooks: added, ended, replaced, forgotten, and never shown."""

from datetime import timedelta

import pytest

from estateman.activity.models import Activity
from estateman.common import clock
from integrations.models import WebhookSecret
from integrations.services import create_integration
from integrations.services.webhooks_secrets import add_webhook_secret
from tests.support.beacon import OTHER_SECRET, SECRET, tell

pytestmark = pytest.mark.django_db


def secrets_of(integration):
    return f"/api/v1/integrations/{integration.pk}/webhook-secrets"


@pytest.fixture
def google(manager):
    return create_integration(
        provider="google_calendar",
        name="Google",
        config={"client_id": "office"},
        credentials={"client_secret": "secret-of-our-client"},
        by=manager,
    )


def test_one_that_is_given_goes_in_and_never_comes_out(api, manager, beacon):
    made = beacon(secrets=[])
    answer = api(manager).post(secrets_of(made), {"secret": SECRET})
    assert answer.status_code == 201
    assert (answer.data["secret"], answer.data["hint"], answer.data["is_active"]) == (None, "••••4711", True)
    listed = api(manager).get(secrets_of(made))
    assert [one["hint"] for one in listed.data["results"]] == ["••••4711"]
    assert SECRET not in (answer.content + listed.content).decode()
    assert tell({"id": "1"}).status_code == 200
    assert Activity.objects.latest("pk").sentence == "changed the webhook secrets of integration Beacon"


def test_it_is_sealed_to_its_row(beacon):
    made = beacon(secrets=[SECRET, OTHER_SECRET])
    first, second = made.webhook_secrets.order_by("pk")
    assert SECRET not in first.secret.token
    WebhookSecret.objects.filter(pk=second.pk).update(secret=first.secret)
    second.refresh_from_db()
    assert second.hint == ""


def test_where_the_token_is_ours_it_is_made_and_shown_once(api, manager, google):
    answer = api(manager).post(secrets_of(google), {})
    token = answer.data["secret"]
    assert (answer.status_code, len(token)) == (201, 43)
    listed = api(manager).get(secrets_of(google))
    assert token not in listed.content.decode()
    pushed = {"X-Goog-Channel-ID": "c", "X-Goog-Message-Number": "2", "X-Goog-Resource-State": "exists"}
    told = api(None).post(
        "/api/v1/integrations/webhooks/google_calendar", headers={**pushed, "X-Goog-Channel-Token": token}
    )
    assert told.status_code == 200


def test_where_it_is_the_vendors_it_has_to_be_given(api, manager, beacon):
    answer = api(manager).post(secrets_of(beacon(secrets=[])), {})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "secret")
    assert "painted on the lamp" in answer.data["errors"][0]["detail"]


def test_an_integration_whose_vendor_calls_nobody_takes_none(api, manager, sandbox):
    answer = api(manager).post(secrets_of(sandbox), {"secret": SECRET})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "no_webhooks")


def test_one_that_is_over_already_is_refused(api, manager, beacon):
    answer = api(manager).post(secrets_of(beacon()), {"secret": SECRET, "valid_until": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.data["errors"][0]["attr"]) == (400, "valid_until")


@pytest.mark.parametrize(("secret", "status"), [("1", 400), ("fifteen-letters", 400), ("sixteen--letters", 201)])
def test_a_short_one_is_refused(api, manager, beacon, secret, status):
    answer = api(manager).post(secrets_of(beacon(secrets=[])), {"secret": secret})
    assert answer.status_code == status
    assert status == 201 or answer.data["errors"][0]["attr"] == "secret"
    assert WebhookSecret.objects.exists() == (status == 201)


def test_a_new_one_may_end_those_before_it_in_some_hours(api, manager, beacon):
    made = beacon(secrets=[SECRET])
    soon = clock.now() + timedelta(minutes=5)
    sooner = add_webhook_secret(made, secret="ends-soon-anyway", valid_until=soon, by=manager)
    api(manager).post(secrets_of(made), {"secret": OTHER_SECRET, "previous_valid_for_hours": 24})
    new, kept, old = made.webhook_secrets.order_by("-pk")
    assert new.valid_until is None
    assert (kept.pk, kept.valid_until) == (sooner.pk, soon)
    assert clock.now() + timedelta(hours=23) < old.valid_until < clock.now() + timedelta(hours=25)
    assert tell({"id": "1"}, secret=SECRET).status_code == 200
    assert tell({"id": "2"}, secret=OTHER_SECRET).status_code == 200


def test_or_at_once(api, manager, beacon):
    made = beacon(secrets=[SECRET])
    api(manager).post(secrets_of(made), {"secret": OTHER_SECRET, "previous_valid_for_hours": 0})
    assert tell({"id": "1"}, secret=SECRET).status_code == 403
    assert tell({"id": "2"}, secret=OTHER_SECRET).status_code == 200


def test_its_end_can_be_set_and_taken_back(api, manager, beacon):
    made = beacon()
    one = f"{secrets_of(made)}/{made.webhook_secrets.get().pk}"
    answer = api(manager).patch(one, {"valid_until": clock.now()})
    assert (answer.status_code, answer.data["is_active"]) == (200, False)
    assert tell({"id": "1"}).status_code == 403
    assert api(manager).patch(one, {"valid_until": None}).data["is_active"]
    assert tell({"id": "1"}).status_code == 200


def test_it_can_be_forgotten(api, manager, beacon):
    made = beacon()
    assert api(manager).delete(f"{secrets_of(made)}/{made.webhook_secrets.get().pk}").status_code == 204
    assert not WebhookSecret.objects.exists()
    assert tell({"id": "1"}).status_code == 403


def test_it_is_found_at_its_own_integration_only(api, manager, beacon):
    north, south = beacon(name="North"), beacon(name="South")
    elsewhere = f"{secrets_of(south)}/{north.webhook_secrets.get().pk}"
    assert api(manager).patch(elsewhere, {"valid_until": None}).status_code == 404
    assert api(manager).delete(elsewhere).status_code == 404


def test_a_stranger_learns_nothing(api, stranger, beacon):
    made = beacon()
    one = f"{secrets_of(made)}/{made.webhook_secrets.get().pk}"
    assert api(stranger).get(secrets_of(made)).status_code == 404
    assert api(stranger).post(secrets_of(made), {"secret": "x"}).status_code == 404
    assert api(stranger).delete(one).status_code == 404


def test_an_integration_says_where_its_vendor_is_to_call(api, manager, beacon, sandbox, settings):
    made = beacon()
    seen = api(manager).get(f"/api/v1/integrations/{made.pk}").data["webhook_url"]
    assert seen == f"{settings.SITE_URL}/api/v1/integrations/webhooks/beacon/{made.uuid}"
    assert api(manager).get(f"/api/v1/integrations/{sandbox.pk}").data["webhook_url"] is None
