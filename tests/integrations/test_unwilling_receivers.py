"""Receivers that are slow, away, gone, overrun, elsewhere or hostile: what that costs them, and nobody else."""

import socket
from datetime import timedelta

import pytest

from estateman.common import clock
from integrations import services
from integrations.models import SubscriptionDelivery, WebhookSubscription
from integrations.sealing import Sealed
from integrations.subscriptions import delivering
from integrations.subscriptions.delivering import DISABLED_AFTER_FAILURES, deliver_due
from integrations.transport import http
from notifications.models import Notification
from tests.integrations.subscribing import NOW, PATH, state_of
from tests.support.http import HttpServer, Reply

pytestmark = pytest.mark.django_db(transaction=True)

State = SubscriptionDelivery.State


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_a_pause_gets_it_for_all_that_waits(hook, subscribe, queue, travel, status):
    hook.answer("POST", PATH, Reply(status, headers={"Retry-After": "600"}), Reply(200))
    subscription, _ = subscribe(hook)
    queue(subscription, 3)
    assert deliver_due() == 1
    travel(seconds=599)
    assert deliver_due() == 0
    travel(seconds=1)
    while deliver_due():
        pass
    assert SubscriptionDelivery.objects.filter(state=State.DELIVERED).count() == 3


def test_a_pause_of_a_year_is_cut_short(hook, subscribe, queue, travel):
    hook.answer("POST", PATH, Reply(503, headers={"Retry-After": str(365 * 86400)}), Reply(200))
    subscription, _ = subscribe(hook)
    (delivery,) = queue(subscription)
    deliver_due()
    travel(days=1)
    deliver_due()
    assert state_of(delivery) == State.DELIVERED


@pytest.mark.usefixtures("agent")
def test_gone_switches_it_off_at_once_with_notice(hook, subscribe, queue, admin_user, settle):
    hook.answer("POST", PATH, Reply(410))
    subscription, _ = subscribe(hook)
    queue(subscription, 3)
    deliver_due()
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.disabled_because) == (False, "The receiver answered 410: it is gone.")
    assert set(SubscriptionDelivery.objects.values_list("state", flat=True)) == {State.DEAD}
    assert len(hook.asked) == 1
    settle()
    told = Notification.objects.filter(kind="subscription.disabled")
    assert {each.user for each in told} == {subscription.owner, admin_user}
    assert {each.title for each in told} == {"Webhooks to n8n were switched off"}
    assert {each.url for each in told} == {f"/admin/integrations/webhooksubscription/{subscription.pk}/change/"}
    assert deliver_due() == 0


def test_five_days_without_one_success_switch_it_off_with_notice(hook, subscribe, queue, manager, settle, travel):
    hook.answer("POST", PATH, Reply(500, "the flow is off"))
    subscription, _ = subscribe(hook)
    for _ in range(DISABLED_AFTER_FAILURES - 1):
        queue(subscription)
        deliver_due()
    travel(days=4, hours=23)
    queue(subscription)
    assert deliver_due() == 1
    subscription.refresh_from_db()
    assert subscription.is_active
    travel(hours=1)
    deliver_due()
    subscription.refresh_from_db()
    assert not subscription.is_active
    assert subscription.disabled_because == "It has failed for 5 days. Last: 500: the flow is off"
    settle()
    assert manager.notifications.get(kind="subscription.disabled").body == subscription.disabled_because
    services.edit_subscription(subscription, changes={"is_active": True}, by=manager)
    hook.answer("POST", PATH, Reply(200))
    queue(subscription)
    assert deliver_due() == 1
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.disabled_because) == (True, "")


def test_one_failure_a_week_after_another_does_not(hook, subscribe, queue, travel):
    hook.answer("POST", PATH, Reply(500))
    subscription, _ = subscribe(hook)
    for _ in range(DISABLED_AFTER_FAILURES - 1):
        queue(subscription)
        deliver_due()
        SubscriptionDelivery.objects.update(next_attempt_at=None)
        travel(days=7)
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.failures_in_row) == (True, DISABLED_AFTER_FAILURES - 1)


def test_a_redirect_is_a_failure_and_is_not_followed(hook, subscribe, queue):
    hook.answer("POST", PATH, Reply(307, headers={"Location": f"{hook.url}/elsewhere"}))
    hook.answer("POST", "/elsewhere", Reply(200))
    hook.answer("GET", "/elsewhere", Reply(200))
    (delivery,) = queue(subscribe(hook)[0])
    deliver_due()
    assert [asked.path for asked in hook.asked] == [PATH]
    assert state_of(delivery) == State.PENDING
    assert delivery.last_error == "307: It redirects elsewhere, which is not followed."


def test_an_address_that_became_private_is_not_spoken_to(hook, subscribe, queue, settings):
    (delivery,) = queue(subscribe(hook)[0])
    settings.PRIVATE_NETWORKS = []
    deliver_due()
    assert hook.asked == []
    assert state_of(delivery) == State.PENDING
    assert "without encryption" in delivery.last_error


def test_a_name_that_leads_inside_is_not_spoken_to(subscribe, queue, settings, monkeypatch):
    settings.PRIVATE_NETWORKS = []
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr("integrations.transport.addresses.socket.getaddrinfo", lambda *args, **kwargs: inside)
    with HttpServer() as server:
        subscription, _ = subscribe(server, url="https://rebound.example.com/")
    (delivery,) = queue(subscription)
    deliver_due()
    assert state_of(delivery) == State.PENDING
    assert "inside a private network" in delivery.last_error


@pytest.fixture
def silence():
    """A receiver that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_receiver_that_hangs_rests_and_holds_up_nobody(hook, silence, subscribe, queue, travel, monkeypatch):
    monkeypatch.setattr(delivering, "READ_SECONDS", 0.2)
    slow, _ = subscribe(hook, name="Slow", url=silence)
    quick, _ = subscribe(hook, name="Quick")
    waiting = queue(slow, 20)
    queue(quick, 5)
    while deliver_due():
        pass
    assert len(hook.asked) == 5
    tried = [row for row in SubscriptionDelivery.objects.filter(subscription=slow) if row.attempts]
    assert [row.pk for row in tried] == [waiting[0].pk]
    assert "took too long" in tried[0].last_error
    slow.refresh_from_db()
    assert slow.rests_until == NOW + timedelta(seconds=5)
    for rest in (10, 20, 40, 80, 160, 300, 300):
        travel(seconds=(slow.rests_until - clock.now()).total_seconds())
        assert deliver_due() == 1
        slow.refresh_from_db()
        assert slow.rests_until == clock.now() + timedelta(seconds=rest)


def test_a_closed_port_is_tried_again(hook, subscribe, queue, closed_port):
    (delivery,) = queue(subscribe(hook, url=f"http://127.0.0.1:{closed_port}/")[0])
    deliver_due()
    assert state_of(delivery) == State.PENDING
    assert delivery.last_error.startswith("No connection to 127.0.0.1")
    assert delivery.http_status is None


def test_a_secret_that_can_not_be_opened_is_a_failure_and_no_crash(hook, subscribe, queue):
    subscription, _ = subscribe(hook)
    WebhookSubscription.objects.update(secrets=Sealed("00000000", "nonsense"))
    (delivery,) = queue(subscription)
    deliver_due()
    assert hook.asked == []
    assert state_of(delivery) == State.PENDING
    assert "FIELD_KEYS" in delivery.last_error


def test_one_bad_row_does_not_stop_the_rest(hook, subscribe, queue, monkeypatch):
    bad, _ = subscribe(hook, name="Bad", url=f"{hook.url}/bad")
    good, _ = subscribe(hook)
    queue(bad)
    queue(good)
    post = delivering._post

    def fall_over(delivery, *args):
        if delivery.subscription_id == bad.pk:
            raise RuntimeError("a mistake of ours")
        return post(delivery, *args)

    monkeypatch.setattr(delivering, "_post", fall_over)
    assert deliver_due() == 2
    assert [asked.path for asked in hook.asked] == [PATH]
    failed = SubscriptionDelivery.objects.get(subscription=bad)
    assert failed.last_error == "It could not be sent. The log of the server says why."


def test_of_an_answer_only_the_beginning_is_kept(hook, subscribe, queue):
    hook.answer("POST", PATH, Reply(400, b"\x00\xffno\n" + b"x" * 50_000))
    (delivery,) = queue(subscribe(hook)[0])
    deliver_due()
    assert state_of(delivery) == State.PENDING
    assert len(delivery.last_error) <= 505
    assert "\0" not in delivery.last_error


def test_an_answer_of_any_length_that_says_yes_is_a_yes(hook, subscribe, queue, monkeypatch):
    monkeypatch.setattr(http, "LARGEST", 10_000)
    hook.answer("POST", PATH, Reply(200, b"x" * 50_000))
    (delivery,) = queue(subscribe(hook)[0])
    deliver_due()
    assert state_of(delivery) == State.DELIVERED
