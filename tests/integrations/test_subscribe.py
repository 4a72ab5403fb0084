"""Who subscribes to what, and of what they are then told: what the subscription's owner may see, and no more."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from estateman.activity.models import Activity
from estateman.activity.services import announce
from estateman.common.errors import VersionConflict
from estateman.people.models import OfficeRole
from integrations import reactions, services
from integrations.demo import load_integrations
from integrations.jobs import subscriptions as jobs
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.sealing import Sealed
from integrations.services.subscriptions import DeliveryUnderWay, SubscriptionGone, SubscriptionIsDisabled
from integrations.subscriptions.kinds import described, is_wanted, tellable_kinds
from tasks.services import create_task, edit_project, open_project
from tests.integrations.subscribing import Told, Whispered

URL = "https://hooks.example.com/estateman"
State = SubscriptionDelivery.State


@pytest.fixture
def subscribed(manager):
    """``subscribed("test.told", name=…, by=…)``."""

    def create(*kinds, by=None, **fields):
        values = {"name": "Zapier", "url": URL, "kinds": list(kinds) or ["*"], **fields}
        return services.create_subscription(**values, by=by or manager)[0]

    return create


def told(subscription=None) -> list[dict]:
    """The bodies of what was queued, the oldest first."""
    rows = SubscriptionDelivery.objects.order_by("pk")
    if subscription:
        rows = rows.filter(subscription=subscription)
    return [json.loads(row.body) for row in rows]


def test_what_happens_is_told_as_standard_webhooks_has_it(subscribed, manager, settle):
    subscription = subscribed("test.told")
    activity = announce(Told(by_id=manager.pk, number=7))
    settle()
    delivery = SubscriptionDelivery.objects.get()
    assert (delivery.subscription, delivery.kind, delivery.activity) == (subscription, "test.told", activity)
    assert json.loads(delivery.body) == {
        "type": "test.told",
        "timestamp": activity.at.isoformat().replace("+00:00", "Z"),
        "id": activity.pk,
        "actor": {"id": manager.pk, "name": "Maria Manager"},
        "sentence": "told of 7",
        "rooms": ["office"],
        "data": {"number": 7, "where": ["office"]},
    }


def test_what_nobody_did_has_no_actor(subscribed, settle):
    subscribed("test.told")
    announce(Told(by_id=None))
    settle()
    assert told()[0]["actor"] is None


@pytest.mark.parametrize(
    ("kinds", "count"), [(["test.told"], 1), (["test.*"], 1), (["*"], 1), (["task.*"], 0), (["task.completed"], 0)]
)
def test_only_what_was_asked_for_is_told(subscribed, settle, kinds, count):
    subscribed(*kinds)
    announce(Told(by_id=None))
    settle()
    assert len([one for one in told() if one["type"] == "test.told"]) == count


@pytest.mark.parametrize(
    ("kinds", "kind", "wanted"),
    [
        (["task.*"], "task.completed", True),
        (["task.*"], "tasks.completed", False),
        (["task.*"], "task", False),
        (["project.*", "task.completed"], "task.completed", True),
        (["task.completed"], "task.completed_again", False),
        (["*"], "anything", True),
        ([], "anything", False),
    ],
)
def test_a_beginning_ends_at_its_dot(kinds, kind, wanted):
    assert is_wanted(kinds, kind) is wanted


def test_several_subscriptions_are_each_told_once_however_often_it_reacts(subscribed, settle):
    for name in ("Zapier", "n8n"):
        subscribed("test.told", name=name)
    activity = announce(Told(by_id=None))
    settle()
    with transaction.atomic():
        reactions.tell_subscribers([(activity.fact, activity)])
    assert SubscriptionDelivery.objects.count() == 2
    assert len({row.webhook_id for row in SubscriptionDelivery.objects.all()}) == 2


def test_what_has_no_room_and_what_happens_to_subscriptions_is_never_told(subscribed, manager, settle):
    subscription = subscribed("*")
    announce(Whispered(by_id=manager.pk))
    services.rotate_secret(subscription, by=manager)
    services.disable_subscription(subscribed("test.told", name="Gone"), reason="410")
    settle()
    assert [one["type"] for one in told()] == []
    assert "test.whispered" not in tellable_kinds()
    assert not [kind for kind in tellable_kinds() if kind.startswith("subscription.")]
    assert {"task.completed", "event.created", "integration.failed"} <= set(tellable_kinds())


def test_a_private_projects_doings_are_told_to_its_people_only(subscribed, manager, agent, settle):
    theirs = subscribed("task.*")
    project = open_project(name="Secret sale", kind="listing", starts_on=date(2026, 5, 4), is_private=True, by=agent)
    create_task(project, name="Photos", by=agent)
    settle()
    assert told() == []
    edit_project(project, changes={"is_private": False}, by=agent)
    create_task(project, name="Sign", by=agent)
    settle()
    assert {one["data"]["task"] for one in told(theirs)} == {"Sign"}


def test_of_several_rooms_those_that_the_owner_may_not_enter_are_not_named(subscribed, agent, settle):
    subscribed("test.told")
    announce(Told(by_id=None, where=("office", f"user:{agent.pk}")))
    announce(Told(by_id=None, where=(f"user:{agent.pk}",)))
    settle()
    assert [one["rooms"] for one in told()] == [["office"]]


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": OfficeRole.AGENT}])
def test_when_its_owner_leaves_it_is_switched_off_with_notice(subscribed, manager, admin_user, settle, change):
    subscription = subscribed("test.told")
    type(manager).objects.filter(pk=manager.pk).update(**change)
    announce(Told(by_id=None))
    settle()
    subscription.refresh_from_db()
    assert (subscription.is_active, told()) == (False, [])
    assert "no longer manages integrations" in subscription.disabled_because
    assert Activity.objects.filter(kind="subscription.disabled").count() == 1
    assert admin_user.notifications.get().kind == "subscription.disabled"


def test_whoever_switches_it_on_owns_it(subscribed, manager, admin_user, settle):
    subscription = subscribed("test.told")
    manager.delete()
    announce(Told(by_id=None))
    settle()
    subscription.refresh_from_db()
    services.edit_subscription(subscription, changes={"is_active": True}, by=admin_user)
    announce(Told(by_id=None, number=2))
    settle()
    assert (subscription.owner, subscription.disabled_because) == (admin_user, "")
    assert [one["data"]["number"] for one in told()] == [2]


@pytest.mark.parametrize("change", [{"url": "https://other.example.com/"}, {"kinds": ["*"]}])
def test_whoever_changes_where_it_goes_or_what_it_hears_owns_it_and_gets_nothing_that_waited(
    subscribed, manager, admin_user, settle, change
):
    subscription = subscribed("test.told")
    announce(Told(by_id=None, where=(f"user:{manager.pk}",)))
    settle()
    services.edit_subscription(subscription, changes=change, by=admin_user)
    delivery = SubscriptionDelivery.objects.get()
    assert (subscription.owner, delivery.owner) == (admin_user, manager)
    assert (delivery.state, delivery.next_attempt_at) == (State.DEAD, None)
    assert "somebody else's" in delivery.last_error
    announce(Told(by_id=None, where=(f"user:{manager.pk}",)))
    settle()
    assert SubscriptionDelivery.objects.count() == 1


def test_whoever_takes_a_new_secret_owns_it_and_what_waited_is_given_up(subscribed, manager, admin_user):
    subscription = subscribed("test.told")
    services.send_test_event(subscription, by=manager)
    services.rotate_secret(subscription, by=admin_user)
    subscription.refresh_from_db()
    assert subscription.owner == admin_user
    assert SubscriptionDelivery.objects.get().state == State.DEAD


def test_it_stays_its_owners_when_another_renames_tests_or_writes_what_stands(subscribed, manager, admin_user):
    subscription = subscribed("test.told")
    same = {"name": "n8n", "url": URL, "kinds": ["test.told"], "is_active": True}
    services.edit_subscription(subscription, changes=same, by=admin_user)
    services.send_test_event(subscription, by=admin_user)
    delivery = SubscriptionDelivery.objects.get()
    assert (subscription.owner, delivery.owner, delivery.state) == (manager, manager, State.PENDING)


def test_its_owner_may_change_it_and_what_waits_is_sent(subscribed, manager):
    subscription = subscribed("test.told")
    services.send_test_event(subscription, by=manager)
    services.edit_subscription(subscription, changes={"url": "https://other.example.com/", "kinds": ["*"]}, by=manager)
    services.rotate_secret(subscription, by=manager)
    assert SubscriptionDelivery.objects.get().state == State.PENDING


def test_a_stale_edit_takes_nothing_over(subscribed, manager, admin_user):
    subscription = subscribed("test.told")
    services.send_test_event(subscription, by=manager)
    services.edit_subscription(subscription, changes={"name": "n8n"}, by=manager)
    with pytest.raises(VersionConflict):
        services.edit_subscription(subscription, changes={"kinds": ["*"]}, version=1, by=admin_user)
    subscription.refresh_from_db()
    assert subscription.owner == manager
    assert SubscriptionDelivery.objects.get().state == State.PENDING


def test_only_its_owner_may_have_it_sent_again_and_only_while_the_subscription_is_theirs(
    subscribed, manager, admin_user
):
    subscription = subscribed("test.told")
    delivery = services.send_test_event(subscription, by=manager)
    with pytest.raises(PermissionDenied, match="Only the owner"):
        services.retry_delivery(delivery, by=admin_user)
    services.edit_subscription(subscription, changes={"url": "https://other.example.com/"}, by=admin_user)
    for person in (manager, admin_user):
        with pytest.raises(PermissionDenied):
            services.retry_delivery(delivery, by=person)
    services.edit_subscription(subscription, changes={"url": URL}, by=manager)
    assert services.retry_delivery(delivery, by=manager).state == State.PENDING


def test_what_nobody_owns_any_more_is_sent_by_nobody(subscribed, manager, admin_user):
    delivery = services.send_test_event(subscribed("test.told"), by=manager)
    manager.delete()
    delivery.refresh_from_db()
    with pytest.raises(PermissionDenied):
        services.retry_delivery(delivery, by=admin_user)


def test_one_that_is_switched_off_hears_nothing_and_what_waited_is_given_up(subscribed, manager, settle):
    subscription = subscribed("test.told")
    announce(Told(by_id=None))
    settle()
    services.edit_subscription(subscription, changes={"is_active": False}, by=manager)
    announce(Told(by_id=None))
    settle()
    delivery = SubscriptionDelivery.objects.get()
    assert (delivery.state, delivery.next_attempt_at) == (State.DEAD, None)
    assert "switched off" in delivery.last_error


def test_without_subscriptions_it_costs_one_query_for_all(db):
    happened = [(fact, announce(fact)) for fact in (Told(by_id=None, number=number) for number in range(5))]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        reactions.tell_subscribers(happened)
    assert len(asked) == 1


@pytest.mark.parametrize("rooms", [1, 500])
def test_ten_thousand_at_once_are_read_in_as_few_queries_as_one(subscribed, manager, rooms):
    subscribed("test.told")
    subscribed("test.told", name="n8n")
    facts = [
        Told(by_id=manager.pk, number=number, where=("office", f"project:{number % rooms}")) for number in range(10_000)
    ]
    rows = Activity.objects.bulk_create(
        Activity(kind=fact.kind, actor_id=fact.by_id, payload=fact.payload(), sentence=fact.sentence())
        for fact in facts
    )
    with CaptureQueriesContext(connection) as asked:
        reactions.tell_subscribers(list(zip(facts, rows, strict=True)))
    reads = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    assert len(reads) <= 10, reads
    assert SubscriptionDelivery.objects.count() == 20_000


def test_deliveries_of_one_transaction_wake_the_worker_once_it_commits(
    subscribed, django_capture_on_commit_callbacks, monkeypatch
):
    woken = []
    monkeypatch.setattr(jobs, "wake", lambda: woken.append(1))
    subscribed("test.told")
    activity = announce(Told(by_id=None))
    with django_capture_on_commit_callbacks(execute=True):
        reactions.tell_subscribers([(activity.fact, activity)])
        assert woken == []
    assert woken == [1]


def test_only_who_manages_integrations_may(subscribed, agent, coordinator):
    subscription = subscribed("test.told")
    delivery = SubscriptionDelivery.objects.create(subscription=subscription, kind="test.told", body="{}")
    for person in (agent, coordinator):
        for forbidden in (
            lambda by: subscribed("test.told", by=by),
            lambda by: services.edit_subscription(subscription, changes={}, by=by),
            lambda by: services.delete_subscription(subscription, by=by),
            lambda by: services.rotate_secret(subscription, by=by),
            lambda by: services.send_test_event(subscription, by=by),
            lambda by: services.retry_delivery(delivery, by=by),
        ):
            with pytest.raises(PermissionDenied):
                forbidden(person)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "http://hooks.example.com/x#part",
        "https://hooks.example.com/#",
        "https://user:pass@hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://hooks.example.com:99999/",
        "https://[::1/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\n",
        "https://hooks.example.com\\@evil.example/",
        "https://höoks.example.com/",
        "https://hooks.example.com/" + "x" * 500,
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "http://8.8.8.8/",
    ],
)
def test_an_address_that_may_not_be_told_is_refused(subscribed, url):
    with pytest.raises(ValidationError) as caught:
        subscribed("test.told", url=url)
    assert set(caught.value.message_dict) == {"url"}


def test_without_private_networks_neither_plain_http_nor_this_machine_is_told(subscribed, settings):
    settings.PRIVATE_NETWORKS = []
    for url in ("http://n8n:5678/webhook/a", "http://127.0.0.1/", "https://127.0.0.1/", "https://[::1]/"):
        with pytest.raises(ValidationError):
            subscribed("test.told", url=url)
    settings.PRIVATE_NETWORKS = ["172.16.0.0/12"]
    assert subscribed("test.told", url="http://n8n:5678/webhook/a").url == "http://n8n:5678/webhook/a"
    assert subscribed("test.told", url="https://172.16.0.9/").pk
    with pytest.raises(ValidationError):
        subscribed("test.told", url="https://192.168.0.9/")


@pytest.mark.parametrize(
    "kinds", [[], ["task.complete"], ["task"], ["tasks.*"], ["**"], ["subscription.*"], ["test.whispered"]]
)
def test_a_kind_that_nothing_would_ever_fit_is_refused_with_those_there_are(subscribed, kinds):
    with pytest.raises(ValidationError) as caught:
        services.create_subscription(name="Zapier", url=URL, kinds=kinds, by=subscribed("*").owner)
    (why,) = caught.value.message_dict["kinds"]
    assert not kinds or ("task.completed" in why and kinds[0] in why)


def test_a_kind_that_is_named_twice_is_kept_once(subscribed):
    assert subscribed("test.told", "task.*", "test.told").kinds == ["test.told", "task.*"]


def test_what_can_be_subscribed_to_says_its_fields():
    found = {each.kind: each for each in described()}
    assert found["test.told"].about == "Something that anybody in its rooms may hear of."
    assert [(field.name, field.type, field.nullable) for field in found["test.told"].fields] == [
        ("number", "integer", False),
        ("where", "array", False),
    ]
    assigned = {field.name: (field.type, field.nullable) for field in found["task.assigned"].fields}
    assert assigned["due_on"] == ("string", True)
    assert all(each.about for kind, each in found.items() if not kind.startswith("test."))


def test_the_secret_is_sealed_and_a_new_one_leaves_the_one_before_valid_for_a_day(subscribed, manager, time_machine):
    time_machine.move_to("2026-05-04T09:00:00Z", tick=False)
    subscription, first = services.create_subscription(name="Zapier", url=URL, kinds=["*"], by=manager)
    assert first.reveal() not in str(subscription.secrets.token)
    second = services.rotate_secret(subscription, by=manager)
    subscription.refresh_from_db()
    at = subscription.previous_valid_until
    assert at is not None
    assert subscription.signing_secrets(at - timedelta(seconds=1)) == [second, first]
    assert subscription.signing_secrets(at) == [second]
    third = services.rotate_secret(subscription, by=manager)
    assert subscription.signing_secrets(at - timedelta(seconds=1)) == [third, second]
    assert subscription.version == 3


def test_a_secret_that_can_not_be_opened_is_replaced_at_once(subscribed, manager):
    subscription = subscribed("*")
    subscription.secrets = Sealed("00000000", "nonsense")
    subscription.save()
    secret = services.rotate_secret(subscription, by=manager)
    subscription.refresh_from_db()
    assert subscription.signing_secrets(subscription.created_at) == [secret]
    assert subscription.previous_valid_until is None


def test_of_two_who_edit_at_once_the_stale_one_is_told_what_stands(subscribed, manager):
    subscription = subscribed("*")
    services.edit_subscription(subscription, changes={"name": "n8n"}, version=1, by=manager)
    with pytest.raises(VersionConflict) as caught:
        services.edit_subscription(subscription, changes={"name": "Make"}, version=1, by=manager)
    assert caught.value.extra["current"] == {"version": 2, "name": "n8n"}


def test_a_new_address_starts_anew(subscribed, manager):
    subscription = subscribed("*")
    WebhookSubscription.objects.update(
        failures_in_row=9, failing_since=subscription.created_at, rests_until=subscription.created_at
    )
    services.edit_subscription(subscription, changes={"url": "https://other.example.com/"}, by=manager)
    subscription.refresh_from_db()
    assert (subscription.failures_in_row, subscription.failing_since, subscription.rests_until) == (0, None, None)


def test_what_is_deleted_meanwhile_is_said_so(subscribed, manager):
    subscription = subscribed("*")
    WebhookSubscription.objects.all().delete()
    for verb in (services.rotate_secret, services.send_test_event, services.delete_subscription):
        with pytest.raises(SubscriptionGone):
            verb(subscription, by=manager)


def test_a_disabled_one_is_sent_neither_a_test_nor_anything_again(subscribed, manager):
    subscription = subscribed("*")
    delivery = services.send_test_event(subscription, by=manager)
    services.disable_subscription(subscription, reason="It failed.")
    with pytest.raises(SubscriptionIsDisabled):
        services.send_test_event(subscription, by=manager)
    with pytest.raises(SubscriptionIsDisabled):
        services.retry_delivery(delivery, by=manager)


def test_what_is_being_delivered_is_not_sent_again(subscribed, manager):
    delivery = services.send_test_event(subscribed("*"), by=manager)
    SubscriptionDelivery.objects.update(lease_until=delivery.created_at + timedelta(days=1))
    with pytest.raises(DeliveryUnderWay):
        services.retry_delivery(delivery, by=manager)


def test_it_is_disabled_once_however_often_it_is_asked(subscribed):
    subscription = subscribed("*")
    for _ in range(3):
        services.disable_subscription(subscription, reason="It failed.")
    assert Activity.objects.filter(kind="subscription.disabled").count() == 1


def test_the_demo_has_one_that_is_off_and_is_not_doubled(manager):
    for _ in range(2):
        load_integrations(staff={"Maria": manager})
    demo = WebhookSubscription.objects.get()
    assert (demo.name, demo.is_active, demo.owner) == ("Demo receiver", False, manager)
