"""The API of webhook subscriptions: who may, what is refused, and that a secret is answered once."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from estateman.common import clock
from integrations import services
from integrations.jobs import subscriptions as jobs
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.subscriptions.delivering import deliver_due
from tests.integrations.subscribing import PATH, is_signed_by
from tests.support.http import HttpServer, Reply
from tests.support.stored import everything_stored

SUBSCRIPTIONS = "/api/v1/integrations/webhook-subscriptions"
KINDS = "/api/v1/integrations/webhook-kinds"
NEW: dict[str, Any] = {"name": "Zapier", "url": "https://hooks.example.com/1", "kinds": ["task.completed", "project.*"]}
State = SubscriptionDelivery.State


@pytest.fixture
def subscription(manager):
    return services.create_subscription(**NEW, by=manager)[0]


@pytest.fixture
def path(subscription):
    return f"{SUBSCRIPTIONS}/{subscription.pk}"


@pytest.fixture
def delivery(subscription, manager):
    return services.send_test_event(subscription, by=manager)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.data["errors"][0]["code"]


def test_adding_answers_the_secret_this_once(api, manager):
    answer = api(manager).post(SUBSCRIPTIONS, NEW)
    assert answer.status_code == 201
    data = answer.data
    assert data["secret"].startswith("whsec_")
    assert {name: data[name] for name in NEW} == NEW
    assert (data["is_active"], data["owner"], data["version"]) == (True, manager.pk, 1)
    assert answer["Cache-Control"] == "no-store"
    kept = WebhookSubscription.objects.get()
    assert [secret.reveal() for secret in kept.signing_secrets(clock.now())] == [data["secret"]]
    for later in (SUBSCRIPTIONS, f"{SUBSCRIPTIONS}/{data['id']}"):
        shown = api(manager).get(later)
        assert shown.status_code == 200
        assert "whsec_" not in shown.content.decode()
    assert "secret" not in api(manager).patch(f"{SUBSCRIPTIONS}/{data['id']}", {"name": "n8n"}).data


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"url": "http://hooks.example.com/#1"}, "url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"url": ["https://example.com"]}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["task.complete"]}, "kinds"),
        ({"kinds": "task.completed"}, "kinds"),
        ({"kinds": ["*"] * 101}, "kinds"),
        ({"is_active": "perhaps"}, "is_active"),
    ],
)
def test_what_can_not_work_is_refused_by_name(api, manager, path, change, attr):
    for answer in (api(manager).post(SUBSCRIPTIONS, {**NEW, **change}), api(manager).patch(path, change)):
        assert answer.status_code == 400
        assert attr in {error["attr"].partition(".")[0] for error in answer.data["errors"]}
    assert WebhookSubscription.objects.count() == 1


def test_an_unknown_kind_is_refused_with_those_there_are(api, manager):
    answer = api(manager).post(SUBSCRIPTIONS, {**NEW, "kinds": ["task.complete"]})
    assert "Nothing is called task.complete." in answer.data["errors"][0]["detail"]
    assert "task.completed" in answer.data["errors"][0]["detail"]


def test_a_stale_edit_is_refused_with_what_stands(api, manager, path):
    assert api(manager).patch(path, {"name": "n8n", "version": 1}).data["version"] == 2
    stale = api(manager).patch(path, {"name": "Make", "is_active": False, "version": 1})
    assert code(stale) == (409, "version_conflict")
    assert stale.data["current"]["name"] == "n8n"
    assert "whsec_" not in stale.content.decode()
    assert api(manager).patch(path, {"kinds": ["*"]}).data["kinds"] == ["*"]


def test_rotating_answers_the_new_secret_and_until_when_the_old_one_signs(api, manager, path):
    answer = api(manager).post(f"{path}/rotate-secret")
    assert answer.status_code == 200
    assert answer.data["secret"].startswith("whsec_")
    assert answer.data["previous_secret_valid_until"] is not None
    assert answer.data["version"] == 2
    assert answer["Cache-Control"] == "no-store"


def test_a_test_is_queued_and_a_worker_woken(api, manager, path, monkeypatch):
    woken = []
    monkeypatch.setattr(jobs, "wake", lambda: woken.append(1))
    answer = api(manager).post(f"{path}/test")
    assert (answer.status_code, answer.data["kind"], answer.data["state"]) == (202, "webhook.test", "pending")
    assert woken == [1]


def test_a_test_under_one_key_is_sent_once(api, manager, path):
    first, second = (api(manager).post(f"{path}/test", headers={"Idempotency-Key": "t1"}) for _ in range(2))
    assert first.data["id"] == second.data["id"]
    assert SubscriptionDelivery.objects.count() == 1


def test_a_disabled_one_is_neither_tested_nor_sent_anything_again(api, manager, path, delivery):
    api(manager).patch(path, {"is_active": False})
    assert code(api(manager).post(f"{path}/test")) == (409, "subscription_disabled")
    again = api(manager).post(f"{path}/deliveries/{delivery.pk}/retry")
    assert code(again) == (409, "subscription_disabled")


def test_what_is_under_way_is_not_sent_again(api, manager, path, delivery):
    SubscriptionDelivery.objects.update(lease_until=clock.now() + timedelta(minutes=1))
    assert code(api(manager).post(f"{path}/deliveries/{delivery.pk}/retry")) == (409, "delivery_under_way")


def test_what_was_given_up_is_sent_again(api, manager, path, delivery):
    SubscriptionDelivery.objects.update(state=State.DEAD, next_attempt_at=None, attempts=10)
    answer = api(manager).post(f"{path}/deliveries/{delivery.pk}/retry")
    assert answer.status_code == 202
    assert (answer.data["state"], answer.data["attempts"]) == ("pending", 0)
    assert answer.data["webhook_id"] == delivery.webhook_id


def test_the_log_of_one_narrows(api, manager, path, subscription, delivery):
    other = services.create_subscription(**NEW, by=manager)[0]
    services.send_test_event(other, by=manager)
    SubscriptionDelivery.objects.create(
        subscription=subscription, owner=manager, kind="task.completed", body="{}", state=State.DEAD
    )

    def kinds(**query):
        return [row["kind"] for row in api(manager).get(f"{path}/deliveries", query).data["results"]]

    assert kinds() == ["task.completed", "webhook.test"]
    assert kinds(state="dead") == ["task.completed"]
    assert kinds(kind="webhook.test") == ["webhook.test"]
    assert kinds(since=(clock.now() + timedelta(hours=1)).isoformat()) == []
    assert api(manager).get(f"{path}/deliveries", {"state": "lost"}).status_code == 400


def test_a_delivery_of_another_subscription_is_not_there(api, manager, path, delivery):
    other = services.create_subscription(**NEW, by=manager)[0]
    answer = api(manager).post(f"{SUBSCRIPTIONS}/{other.pk}/deliveries/{delivery.pk}/retry")
    assert answer.status_code == 404


def test_deleting_takes_the_log_along(api, manager, path, delivery):
    assert api(manager).delete(path).status_code == 204
    assert api(manager).get(path).status_code == 404
    assert not SubscriptionDelivery.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_lists_cost_the_same_however_long_they_are(
    api, manager, path, subscription, count, django_assert_max_num_queries
):
    for _ in range(count):
        services.create_subscription(**NEW, by=manager)
        services.send_test_event(subscription, by=manager)
    with django_assert_max_num_queries(2):
        assert len(api(manager).get(SUBSCRIPTIONS).data["results"]) == count + 1
    with django_assert_max_num_queries(3):
        assert len(api(manager).get(f"{path}/deliveries").data["results"]) == count


def test_the_kinds_say_what_they_tell(api, manager):
    rows = {row["kind"]: row for row in api(manager).get(KINDS).data["results"]}
    assert {"name": "task_id", "type": "integer", "nullable": False} in rows["task.completed"]["fields"]
    assert rows["event.created"]["about"] == "An event or a series was put into a calendar."
    assert "subscription.changed" not in rows


@pytest.mark.parametrize(("method", "where"), [("get", SUBSCRIPTIONS), ("post", SUBSCRIPTIONS), ("get", KINDS)])
def test_collections_are_forbidden_to_all_who_do_not_manage_them(api, agent, coordinator, method, where):
    for person in (agent, coordinator):
        assert getattr(api(person), method)(where).status_code == 403
    assert getattr(api(None), method)(where).status_code == 401


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("post", "/test"),
        ("post", "/rotate-secret"),
        ("get", "/deliveries"),
    ],
)
def test_one_is_hidden_from_all_who_do_not_manage_them(api, agent, admin_user, delivery, method, end):
    where = f"{SUBSCRIPTIONS}/{delivery.subscription_id}" + end.format(delivery=delivery.pk)
    assert getattr(api(agent), method)(where).status_code == 404
    assert getattr(api(None), method)(where).status_code == 401
    assert getattr(api(admin_user), method)(where).status_code < 300


def test_what_was_told_is_shown_to_and_sent_again_by_nobody_but_its_owner(
    api, agent, manager, admin_user, path, delivery
):
    def shown(person):
        (row,) = api(person).get(f"{path}/deliveries").data["results"]
        return row["owner"], row["body"]

    assert shown(manager) == (manager.pk, delivery.body)
    assert shown(admin_user) == (manager.pk, None)
    again = f"{path}/deliveries/{delivery.pk}/retry"
    assert code(api(admin_user).post(again)) == (403, "permission_denied")
    assert api(agent).post(again).status_code == 404
    assert api(None).post(again).status_code == 401
    assert api(manager).post(again).data["body"] == delivery.body


@pytest.mark.parametrize(
    "take_over",
    [
        lambda office, path: office.patch(path, {"url": "https://other.example.com/"}),
        lambda office, path: office.patch(path, {"kinds": ["*"]}),
        lambda office, path: office.post(f"{path}/rotate-secret"),
    ],
)
def test_taking_it_over_shows_nothing_that_was_told_before(api, manager, admin_user, path, delivery, take_over):
    assert take_over(api(admin_user), path).data["owner"] == admin_user.pk
    (row,) = api(admin_user).get(f"{path}/deliveries").data["results"]
    assert (row["owner"], row["body"], row["state"]) == (manager.pk, None, "dead")
    for person in (admin_user, manager):
        again = api(person).post(f"{path}/deliveries/{delivery.pk}/retry")
        assert code(again) == (403, "permission_denied")


def test_a_test_by_another_shows_them_no_body(api, admin_user, path):
    answer = api(admin_user).post(f"{path}/test")
    assert (answer.status_code, answer.data["body"]) == (202, None)


@pytest.mark.django_db(transaction=True)
def test_a_secret_stands_nowhere_but_in_the_answer_that_made_it(api, client, admin_user, caplog, settle):
    caplog.set_level(logging.DEBUG)
    staff = api(admin_user)
    with HttpServer() as hook:
        hook.answer("POST", PATH, Reply(500, "what? signature=v1,abc secret=hunter2hunter2"), Reply(200))
        new = {"name": "n8n", "url": f"{hook.url}{PATH}", "kinds": ["*"]}
        made = staff.post(SUBSCRIPTIONS, new, headers={"Idempotency-Key": "made"})
        path = f"{SUBSCRIPTIONS}/{made.data['id']}"
        staff.post(f"{path}/test")
        deliver_due()
        turned = staff.post(f"{path}/rotate-secret", headers={"Idempotency-Key": "turned"})
        (failed,) = staff.get(f"{path}/deliveries").data["results"]
        staff.post(f"{path}/deliveries/{failed['id']}/retry")
        deliver_due()
        settle()
    secrets = (made.data["secret"], turned.data["secret"])
    assert is_signed_by(hook.asked[1], secrets[0])
    assert is_signed_by(hook.asked[1], secrets[1])
    client.force_login(admin_user)
    pages = [
        client.get(f"/admin/integrations/{page}").content.decode()
        for page in (
            "webhooksubscription/",
            f"webhooksubscription/{made.data['id']}/change/",
            f"webhooksubscription/{made.data['id']}/history/",
            "subscriptiondelivery/",
            f"subscriptiondelivery/{failed['id']}/change/",
        )
    ]
    answers = [staff.get(where).content.decode() for where in (SUBSCRIPTIONS, path, f"{path}/deliveries")]
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for text in (everything_stored(), logged, *pages, *answers):
        for secret in (*secrets, "hunter2hunter2"):
            assert secret.removeprefix("whsec_") not in text
