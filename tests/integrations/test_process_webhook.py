"""What came in takes effect: once, later, and whatever happens in between."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.db import connections
from django.db.models import Q

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import claim
from integrations.jobs import webhooks as jobs
from integrations.models import Integration, Message, Suppression, WebhookAttempt, WebhookEvent
from integrations.services import delete_integration, queue_message, webhooks_processing
from integrations.services.webhooks_processing import LEASE, MOST_ATTEMPTS, process_due
from integrations.services.webhooks_replay import replay_event
from integrations.spi import BreakerOpen, CalendarChanged, PaymentMoved, RateLimited, SmsReceived, Unreachable
from notifications.models import Notification
from tests.support import beacon as beacons
from tests.support.beacon import MASTER_KEY, tell

# The payments' way leads through the door, which refuses to be used inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def told(**event):
    tell({"id": "1", **event})
    return WebhookEvent.objects.get()


def processed(event):
    process_due()
    event.refresh_from_db()
    return event


def make_due(event):
    WebhookEvent.objects.filter(pk=event.pk).update(next_attempt_at=clock.now())


def tries(event):
    return list(event.tries.order_by("pk").values_list("status", "is_replay"))


def activities(kind):
    return [row.payload for row in Activity.objects.filter(kind=kind)]


def in_a_worker(work):
    try:
        return work()
    finally:
        connections.close_all()


class TestEffects:
    def test_that_a_calendar_changed_is_announced(self, beacon):
        made = beacon()
        event = processed(told(means={"calendar": {"channel": "c1", "resource": "r1"}}))
        assert event.status == "processed"
        assert event.processed_at is not None
        expected = {"integration_id": made.pk, "name": "Beacon", "channel": "c1", "resource": "r1"}
        assert activities("calendar.moved_outside") == [expected]
        assert tries(event) == [("processed", False)]

    def test_that_a_message_moved_on_stands_on_the_message(self, beacon):
        made = beacon()
        message = queue_message(channel="email", to="buyer@example.com", subject="Keys", text="Ready.", key="<k@x>")
        Message.objects.filter(pk=message.pk).update(
            state="sent", integration=made, provider_message_id="b-7", next_attempt_at=None
        )
        processed(told(means={"tracked": {"state": "delivered", "provider_message_id": "b-7"}}))
        message.refresh_from_db()
        assert message.tracked == "delivered"

    def test_that_somebody_wrote_stop_is_heard(self, beacon):
        beacon()
        sms = {"sender": "+12125550123", "recipient": "+12125550100", "text": "STOP", "provider_message_id": "b-8"}
        event = processed(told(means={"sms": sms}))
        suppression = Suppression.objects.get()
        assert (suppression.address, suppression.created_at) == ("+12125550123", event.received_at)

    def test_an_old_start_that_is_replayed_takes_back_no_newer_stop(self, beacon, manager):
        beacon()
        sms = {"sender": "+12125550123", "recipient": "+12125550100", "provider_message_id": "b-8"}
        for number, text in enumerate(("START", "STOP")):
            tell({"id": str(number), "means": {"sms": {**sms, "text": text}}})
            process_due()
        replay_event(WebhookEvent.objects.get(provider_event_id="0"), by=manager)
        assert process_due() == 1
        assert Suppression.objects.exists()

    def test_a_payment_that_is_none_of_ours_is_left_alone(self, beacon):
        beacon()
        assert processed(told(means={"payment": {"ref": "nobody's"}})).status == "processed"

    def test_what_means_nothing_is_ignored(self, beacon):
        beacon()
        event = processed(told())
        assert (event.status, event.last_error, event.next_attempt_at) == ("ignored", "", None)

    def test_what_came_for_an_integration_that_was_deleted_has_none(self, beacon, manager):
        made = beacon()
        event = told(means={"calendar": {"channel": "c1"}})
        delete_integration(made, by=manager)
        assert processed(event).status == "ignored"
        assert activities("calendar.moved_outside") == []

    def test_nor_has_what_came_before_the_mode_was_changed(self, beacon):
        beacon()
        event = told(live=True, means={"calendar": {"channel": "c1"}})
        Integration.objects.update(mode="sandbox")
        assert processed(event).status == "ignored"

    def test_the_job_works_until_nothing_is_due(self, beacon):
        beacon()
        tell(*({"id": str(number)} for number in range(25)))
        jobs.process_webhooks()
        assert set(WebhookEvent.objects.values_list("status", flat=True)) == {"ignored"}

    def test_everything_that_comes_in_wakes_it(self, beacon, monkeypatch):
        woken = []
        monkeypatch.setattr(jobs.process_webhooks, "delay", lambda: woken.append(1))
        beacon()
        tell({"id": "1"})
        assert woken == [1]


class TestTrouble:
    @pytest.mark.parametrize(("trouble", "said"), [
        ("passing", "The fog is thick."), ("unknown", "The line broke."), ("bug", "KeyError: 'lamp'"),
    ])  # fmt: skip
    def test_what_may_pass_is_tried_again_later(self, beacon, trouble, said):
        beacon()
        event = processed(told(trouble=trouble))
        assert (event.status, event.last_error, event.attempts) == ("failed", said, 1)
        assert clock.now() + timedelta(seconds=10) < event.next_attempt_at < clock.now() + timedelta(seconds=31)
        assert event.lease_until is None
        assert process_due() == 0

    def test_once_it_passed_it_takes_effect(self, beacon):
        beacon()
        event = processed(told(trouble="passing"))
        WebhookEvent.objects.update(payload={"id": "1", "means": {"calendar": {"channel": "c1"}}})
        make_due(event)
        event = processed(event)
        assert (event.status, event.last_error) == ("processed", "")
        assert tries(event) == [("failed", False), ("processed", False)]

    def test_what_can_never_succeed_is_given_up_at_once_and_told(self, beacon, admin_user, settle):
        made = beacon()
        event = processed(told(trouble="lasting"))
        assert (event.status, event.attempts, event.next_attempt_at) == ("dead", 1, None)
        expected = {"name": "Beacon", "event_kind": "lamp.lit", "detail": "There is no such ship."}
        (died,) = activities("webhook.dead")
        assert died == {**expected, "integration_id": made.pk, "event_id": event.pk}
        settle()
        notification = Notification.objects.get(user=admin_user, kind="webhook.dead")
        assert notification.title == "lamp.lit from Beacon was given up"

    def test_of_many_given_up_together_the_admins_hear_once(self, beacon, admin_user, settle):
        beacon()
        tell(*({"id": str(number), "trouble": "lasting"} for number in range(3)))
        process_due()
        settle()
        assert len(activities("webhook.dead")) == 3
        assert Notification.objects.filter(user=admin_user, kind="webhook.dead").count() == 1

    def test_what_fails_too_often_is_given_up(self, beacon):
        beacon()
        event = told(trouble="passing")
        for _ in range(MOST_ATTEMPTS):
            make_due(event)
            processed(event)
        assert event.status == "dead"
        assert tries(event) == [*[("failed", False)] * (MOST_ATTEMPTS - 1), ("dead", False)]

    @pytest.mark.parametrize("error", [
        Unreachable("No connection."), BreakerOpen("Left in peace.", retry_after=1.0), RateLimited("Too many."),
    ])  # fmt: skip
    def test_while_its_provider_can_not_be_asked_it_waits_for_a_day_and_no_try_counts(self, beacon, monkeypatch, error):
        monkeypatch.setitem(beacons._TROUBLES, "outage", error)
        beacon()
        event = told(trouble="outage")
        tries_made = 0
        while clock.now() < event.received_at + timedelta(hours=23):
            with time_machine.travel(event.next_attempt_at, tick=True):
                processed(event)
                tries_made += 1
            if event.next_attempt_at > event.received_at + timedelta(hours=23):
                break
        assert (event.status, event.attempts) == ("failed", 0)
        assert 40 < tries_made < 250
        WebhookEvent.objects.update(payload={"id": "1", "means": {"calendar": {"channel": "c1"}}})
        make_due(event)
        assert processed(event).status == "processed"

    def test_after_a_day_such_tries_count_too(self, beacon, monkeypatch):
        monkeypatch.setitem(beacons._TROUBLES, "outage", Unreachable("No connection."))
        beacon()
        event = told(trouble="outage")
        WebhookEvent.objects.update(received_at=clock.now() - timedelta(hours=24))
        for _ in range(MOST_ATTEMPTS):
            make_due(event)
            processed(event)
        assert event.status == "dead"

    def test_a_pause_that_the_provider_asks_for_is_kept(self, beacon, monkeypatch):
        monkeypatch.setitem(beacons._TROUBLES, "outage", RateLimited("Too many.", retry_after=7200.0))
        beacon()
        event = processed(told(trouble="outage"))
        assert event.next_attempt_at > clock.now() + timedelta(minutes=119)

    def test_a_stop_waits_for_no_payment(self, beacon, monkeypatch):
        beacon()
        paying = beacon(name="Till", harbour="south", secrets=["the-till-secret-1234"])
        Integration.objects.filter(pk=paying.pk).update(kind="payment")
        heard = []
        monkeypatch.setitem(webhooks_processing._HANDLERS, SmsReceived, lambda event, sms: heard.append(sms.text))
        arrived, go_on = Event(), Event()

        def hold(event, moved):
            arrived.set()
            assert go_on.wait(20)

        monkeypatch.setitem(webhooks_processing._HANDLERS, PaymentMoved, hold)
        payload = {"means": {"payment": {"ref": "p1"}}}
        for number in range(2):
            WebhookEvent.objects.create(
                integration=paying, provider_event_id=str(number), kind="paid", payload=payload, digest="0"
            )
        with ThreadPoolExecutor(1) as workers:
            held = workers.submit(in_a_worker, jobs.process_webhooks)
            assert arrived.wait(20)
            sms = {"sender": "+12125550123", "recipient": "+12125550100", "text": "STOP", "provider_message_id": "b-8"}
            tell({"id": "9", "means": {"sms": sms}})
            process_due(~Q(integration__kind="payment"))
            go_on.set()
            held.result(20)
        assert heard == ["STOP"]

    def test_what_kills_every_worker_is_given_up(self, beacon):
        beacon()
        event = told(means={"calendar": {"channel": "c1"}})
        WebhookEvent.objects.update(attempts=MOST_ATTEMPTS)
        assert processed(event).status == "dead"
        assert activities("calendar.moved_outside") == []

    def test_one_that_breaks_does_not_stop_the_rest(self, beacon):
        beacon()
        tell({"id": "1", "trouble": "bug"}, {"id": "2", "means": {"calendar": {"channel": "c1"}}})
        process_due()
        assert list(WebhookEvent.objects.order_by("pk").values_list("status", flat=True)) == ["failed", "processed"]

    def test_credentials_that_cannot_be_opened_are_waited_for(self, beacon, smtp, closed_port):
        made = beacon()
        event = told(means={"calendar": {"channel": "c1"}})
        Integration.objects.filter(pk=made.pk).update(credentials=smtp(closed_port).credentials)
        assert processed(event).status == "failed"

    def test_a_failure_gives_no_secret_away(self, beacon, monkeypatch, caplog):
        beacon()
        event = told(trouble="bug")
        monkeypatch.setattr("tests.support.beacon._TROUBLES", {"bug": ValueError(f"with {MASTER_KEY}")})
        caplog.set_level(logging.DEBUG)
        assert processed(event).last_error == "ValueError: with ••••"
        assert MASTER_KEY not in caplog.text


class TestLeases:
    def test_what_one_worker_holds_no_other_takes(self, beacon):
        beacon()
        told()
        assert len(claim(WebhookEvent.objects.all(), limit=1, lease=LEASE)) == 1
        assert process_due() == 0

    def test_a_worker_that_outlived_its_lease_notes_nothing(self, beacon, monkeypatch):
        beacon()
        event = told(means={"calendar": {"channel": "c1"}})

        def take_it_away(*_):
            WebhookEvent.objects.update(lease_until=clock.now() - timedelta(seconds=1))
            claim(WebhookEvent.objects.all(), limit=1, lease=LEASE)

        monkeypatch.setitem(webhooks_processing._HANDLERS, CalendarChanged, take_it_away)
        processed(event)
        assert event.status == "received"
        assert not WebhookAttempt.objects.exists()

    def test_each_of_a_batch_begins_its_lease_when_its_turn_comes(self, beacon, monkeypatch):
        beacon()
        tell({"id": "1", "means": {"calendar": {"channel": "a"}}}, {"id": "2", "means": {"calendar": {"channel": "b"}}})
        effects = []

        def lose_the_rest(integration, moved):
            effects.append(moved.channel)
            rest = WebhookEvent.objects.exclude(provider_event_id="1")
            rest.update(lease_until=clock.now() - timedelta(seconds=1))
            claim(rest, limit=1, lease=LEASE)

        monkeypatch.setitem(webhooks_processing._HANDLERS, CalendarChanged, lose_the_rest)
        process_due()
        assert effects == ["a"]
