"""How subscribers are told: signed, again by the schedule, never in the way of each other, and until it is no use."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import pytest
from django.db import connections

from estateman.activity.models import Activity
from estateman.activity.services import announce
from estateman.common import clock
from integrations import services
from integrations.jobs.subscriptions import deliver_subscriptions, forget_old_deliveries
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.subscriptions import delivering
from integrations.subscriptions.delivering import SCHEDULE, deliver_due, retry_wait
from tests.integrations.subscribing import NOW, PATH, Told, is_signed_by, state_of
from tests.support.http import HttpServer, Reply

pytestmark = pytest.mark.django_db(transaction=True)

State = SubscriptionDelivery.State


def test_what_happens_arrives_signed_and_is_noted(hook, subscribe, manager, settle):
    subscription, secret = subscribe(hook)
    activity = announce(Told(by_id=manager.pk, number=7))
    settle()
    deliver_subscriptions()
    (asked,) = hook.asked
    delivery = SubscriptionDelivery.objects.get()
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", PATH, "application/json")
    assert asked.headers["webhook-id"] == delivery.webhook_id
    assert is_signed_by(asked, secret)
    assert (asked.json["type"], asked.json["id"], asked.json["data"]["number"]) == ("test.told", activity.pk, 7)
    assert asked.body.decode() == delivery.body
    assert (delivery.state, delivery.http_status, delivery.attempts) == (State.DELIVERED, 204, 1)
    assert delivery.delivered_at is not None
    assert (delivery.next_attempt_at, delivery.lease_until, delivery.last_error) == (None, None, "")
    subscription.refresh_from_db()
    assert subscription.last_success_at is not None
    assert deliver_due() == 0


def test_a_test_is_delivered_like_anything_else(hook, subscribe, manager):
    subscription, secret = subscribe(hook)
    services.send_test_event(subscription, by=manager)
    deliver_due()
    (asked,) = hook.asked
    assert is_signed_by(asked, secret)
    assert asked.json["type"] == "webhook.test"
    assert asked.json["actor"] == {"id": manager.pk, "name": "Maria Manager"}
    assert asked.json["data"] == {"subscription_id": subscription.pk}


def test_after_a_rotation_both_secrets_sign_for_a_day(hook, subscribe, queue, manager, travel):
    subscription, old = subscribe(hook)
    new = services.rotate_secret(subscription, by=manager).reveal()
    queue(subscription)
    deliver_due()
    assert len(hook.asked[0].headers["webhook-signature"].split(" ")) == 2
    assert is_signed_by(hook.asked[0], old)
    assert is_signed_by(hook.asked[0], new)
    travel(hours=24)
    queue(subscription)
    deliver_due()
    assert is_signed_by(hook.asked[1], new)
    assert not is_signed_by(hook.asked[1], old)


def test_it_is_tried_again_by_the_schedule_and_then_given_up(hook, subscribe, queue, travel):
    hook.answer("POST", PATH, Reply(500, "no room, token=abc123"))
    subscription, secret = subscribe(hook)
    (delivery,) = queue(subscription)
    assert deliver_due() == 1
    for wait in SCHEDULE:
        travel(seconds=wait.total_seconds() - 1)
        assert deliver_due() == 0
        travel(seconds=1 + wait.total_seconds() * delivering.JITTER)
        assert deliver_due() == 1
    assert state_of(delivery) == State.DEAD
    assert (delivery.attempts, delivery.next_attempt_at, delivery.http_status) == (10, None, 500)
    assert delivery.last_error.startswith("500: no room")
    assert "abc123" not in delivery.last_error
    assert len({asked.headers["webhook-id"] for asked in hook.asked}) == 1
    assert len({asked.body for asked in hook.asked}) == 1
    times = [int(asked.headers["webhook-timestamp"]) for asked in hook.asked]
    assert len(set(times)) == 10
    assert all(is_signed_by(asked, secret) for asked in hook.asked)
    travel(days=30)
    assert deliver_due() == 0
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.failures_in_row) == (True, 10)


def test_the_waits_are_those_of_standard_webhooks_and_a_fifth_at_most():
    assert [wait.total_seconds() for wait in SCHEDULE] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for attempts, wait in enumerate(SCHEDULE, start=1):
        waits = {each for each in (retry_wait(attempts) for _ in range(50)) if each is not None}
        assert wait <= min(waits) < max(waits) <= wait * 1.2
    assert retry_wait(10) is None


def test_a_success_ends_the_row_of_failures(hook, subscribe, queue, travel):
    hook.answer("POST", PATH, Reply(500), Reply(200))
    subscription, _ = subscribe(hook)
    (delivery,) = queue(subscription)
    deliver_due()
    subscription.refresh_from_db()
    assert (subscription.failures_in_row, subscription.failing_since) == (1, NOW)
    travel(seconds=6)
    deliver_due()
    subscription.refresh_from_db()
    assert state_of(delivery) == State.DELIVERED
    assert (subscription.failures_in_row, subscription.failing_since, subscription.rests_until) == (0, None, None)


@pytest.fixture
def before_answering(monkeypatch):
    """``before_answering(hook, act)``: the receiver does ``act()`` each time before it answers."""

    def put(server, act):
        answer = server.reply_to

        def act_and_answer(asked):
            act()
            return answer(asked)

        monkeypatch.setattr(server, "reply_to", act_and_answer)

    return put


def test_while_one_is_under_way_its_next_waits_and_others_do_not(subscribe, queue, before_answering):
    with HttpServer() as slow_hook, HttpServer() as quick_hook:
        arrived, go_on = Event(), Event()

        def hold():
            arrived.set()
            go_on.wait(10)

        before_answering(slow_hook, hold)
        for server in (slow_hook, quick_hook):
            server.answer("POST", PATH, Reply(200))
        queue(subscribe(slow_hook)[0], 2)
        queue(subscribe(quick_hook)[0], 2)
        with ThreadPoolExecutor(1) as worker:
            first = worker.submit(in_a_worker, deliver_due)
            assert arrived.wait(10)
            assert deliver_due() == 1
            assert (len(quick_hook.asked), len(slow_hook.asked)) == (1, 0)
            go_on.set()
            first.result(10)
        while deliver_due():
            pass
        assert (len(quick_hook.asked), len(slow_hook.asked)) == (2, 2)


def in_a_worker(work):
    try:
        return work()
    finally:
        connections.close_all()


class Killed(BaseException):
    """As if the process had been killed at this line."""


def test_a_worker_killed_before_it_noted_the_yes_leaves_it_to_the_next_under_the_same_id(
    hook, subscribe, queue, travel, monkeypatch
):
    (delivery,) = queue(subscribe(hook)[0])
    with monkeypatch.context() as killing:
        killing.setattr(delivering, "_keep", raise_killed)
        with pytest.raises(Killed):
            deliver_due()
    assert len(hook.asked) == 1
    assert deliver_due() == 0
    travel(minutes=2, seconds=1)
    assert deliver_due() == 1
    first, second = hook.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert state_of(delivery) == State.DELIVERED


def raise_killed(*args):
    raise Killed


def test_a_worker_that_outlived_its_lease_writes_nothing(hook, subscribe, queue, travel, monkeypatch):
    (delivery,) = queue(subscribe(hook)[0])
    sent = delivering._send

    def send_slowly(claimed):
        answer = sent(claimed)
        if claimed.attempts == 1:
            travel(minutes=3)
            hook.answer("POST", PATH, Reply(500))
            deliver_due()
        return answer

    monkeypatch.setattr(delivering, "_send", send_slowly)
    deliver_due()
    assert len(hook.asked) == 2
    assert (state_of(delivery), delivery.attempts, delivery.http_status) == (State.PENDING, 2, 500)


def test_many_workers_at_once_deliver_each_once(hook, subscribe, queue, in_threads):
    for name in ("n8n", "Zapier", "Make"):
        queue(subscribe(hook, name=name)[0], 6)

    def work(number):
        return deliver_subscriptions()

    assert in_threads(4, work) == [None] * 4
    deliver_subscriptions()
    ids = [asked.headers["webhook-id"] for asked in hook.asked]
    assert len(ids) == len(set(ids)) == 18
    assert not SubscriptionDelivery.objects.exclude(state=State.DELIVERED).exists()


def test_one_that_is_deleted_while_it_is_told_leaves_nothing(hook, subscribe, queue, manager, before_answering):
    subscription, _ = subscribe(hook)
    queue(subscription, 3)
    before_answering(hook, lambda: in_a_worker(lambda: services.delete_subscription(subscription, by=manager)))
    assert deliver_due() == 1
    assert len(hook.asked) == 1
    assert not SubscriptionDelivery.objects.exists()
    assert not WebhookSubscription.objects.exists()
    assert deliver_due() == 0


def test_one_that_is_switched_off_while_it_is_told_is_not_told_again(hook, subscribe, queue, travel, before_answering):
    hook.answer("POST", PATH, Reply(500))
    subscription, _ = subscribe(hook)
    queue(subscription, 2)

    def switch(*, on):
        services.edit_subscription(subscription, changes={"is_active": on}, by=subscription.owner)

    before_answering(hook, lambda: in_a_worker(lambda: switch(on=False)))
    deliver_due()
    assert set(SubscriptionDelivery.objects.values_list("state", flat=True)) == {State.DEAD}
    switch(on=True)
    travel(days=1)
    assert deliver_due() == 0


def test_what_fails_while_it_becomes_somebody_elses_never_reaches_them(
    hook, subscribe, queue, travel, before_answering, admin_user
):
    hook.answer("POST", PATH, Reply(500))
    subscription, _ = subscribe(hook)
    queue(subscription, 2)
    with HttpServer() as theirs:
        theirs.answer("POST", PATH, Reply(200))
        change = {"url": f"{theirs.url}{PATH}"}
        take = partial(services.edit_subscription, subscription, changes=change, by=admin_user)
        before_answering(hook, lambda: in_a_worker(take))
        deliver_due()
        travel(days=1)
        assert (deliver_due(), len(hook.asked), theirs.asked) == (0, 1, [])
    assert set(SubscriptionDelivery.objects.values_list("state", flat=True)) == {State.DEAD}


def test_what_was_written_for_the_owner_before_is_not_sent(hook, subscribe, queue, admin_user):
    """Somebody wrote it while another took the subscription over."""
    subscription, _ = subscribe(hook)
    (delivery,) = queue(subscription)
    WebhookSubscription.objects.update(owner=admin_user)
    assert (deliver_due(), deliver_due(), hook.asked) == (1, 0, [])
    assert state_of(delivery) == State.DEAD
    assert (delivery.next_attempt_at, delivery.lease_until) == (None, None)
    assert "somebody else's" in delivery.last_error
    subscription.refresh_from_db()
    assert subscription.is_active


def test_what_was_given_up_is_sent_again_under_the_same_id(hook, subscribe, queue, manager, travel):
    (delivery,) = queue(subscribe(hook)[0])
    SubscriptionDelivery.objects.update(state=State.DEAD, next_attempt_at=None, attempts=10)
    delivery.refresh_from_db()
    services.retry_delivery(delivery, by=manager)
    assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
    deliver_due()
    services.retry_delivery(delivery, by=manager)
    deliver_due()
    assert [asked.headers["webhook-id"] for asked in hook.asked] == [delivery.webhook_id] * 2


def test_what_waits_when_the_owner_leaves_is_not_sent(hook, subscribe, queue, manager):
    subscription, _ = subscribe(hook)
    queue(subscription, 2)
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    deliver_due()
    subscription.refresh_from_db()
    assert (hook.asked, subscription.is_active) == ([], False)
    assert set(SubscriptionDelivery.objects.values_list("state", flat=True)) == {State.DEAD}
    assert Activity.objects.filter(kind="subscription.disabled").count() == 1


def test_old_deliveries_are_forgotten_the_given_up_ones_later(subscribe, queue, travel, hook):
    subscription, _ = subscribe(hook)
    done, dead, waiting = queue(subscription, 3)
    SubscriptionDelivery.objects.filter(pk=done.pk).update(state=State.DELIVERED, delivered_at=clock.now())
    SubscriptionDelivery.objects.filter(pk=dead.pk).update(state=State.DEAD)

    def left():
        forget_old_deliveries()
        return set(SubscriptionDelivery.objects.values_list("pk", flat=True))

    travel(days=30)
    assert left() == {done.pk, dead.pk, waiting.pk}
    travel(seconds=1)
    assert left() == {dead.pk, waiting.pk}
    travel(days=60)
    assert left() == {waiting.pk}
