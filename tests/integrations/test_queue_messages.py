"""Messages that a job sends: none is lost, none is sent twice, and at last it is said that it did not work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction

from estateman.activity.models import Activity
from estateman.common import clock
from estateman.common.claims import claim
from integrations import services
from integrations.demo import load_integrations, load_messages
from integrations.door import call
from integrations.jobs.messages import forget_old_messages, send_messages
from integrations.models import Integration, IntegrationLog, Message, Suppression
from integrations.services import messages, sending
from integrations.services.sending import LEASE, LONGEST_TRY, MOST_ATTEMPTS, send_held
from integrations.spi import OutcomeUnknown
from tests.support.letters import letter
from tests.support.lines import misbehaving
from tests.support.phones import BUSY, REFUSED, SILENT, Phones, accepted
from tests.support.smtp import SmtpReceiver
from tests.support.waiting import eventually

LETTER: dict[str, Any] = {
    "channel": "email",
    "to": "buyer@example.com",
    "subject": "Receipt",
    "text": "Paid.",
    "key": "receipt:12",
}
TEXT: dict[str, Any] = {"channel": "sms", "to": "+12125550123", "text": "The keys are ready.", "key": "keys-1"}
State = Message.State


def only() -> Message:
    return Message.objects.get()


def waits(message: Message) -> timedelta:
    assert message.next_attempt_at is not None
    return message.next_attempt_at - clock.now()


def later(**ahead):
    return time_machine.travel(clock.now() + timedelta(**ahead), tick=True)


def test_a_queued_message_is_sent_by_the_job(smtp, receiver, manager):
    integration = smtp(receiver.port)
    message = services.queue_message(**LETTER, html="<p>Paid.</p>", correlation_id="payment:7", by=manager)
    assert (message.state, message.by) == (State.QUEUED, manager)
    assert receiver.messages == []
    send_messages()
    (received,) = receiver.wait_for(1)
    assert (received["Subject"], received["Message-ID"]) == ("Receipt", message.key)
    assert (only().state, only().integration) == (State.SENT, integration)
    assert IntegrationLog.objects.get().correlation_id == "payment:7"


def test_its_key_becomes_a_message_id(db):
    key = services.queue_message(**LETTER).key
    assert key.startswith("<")
    assert key.endswith("@estateman.example>")
    assert services.queue_message(**{**LETTER, "key": "<own@harbour.example>"}).key == "<own@harbour.example>"


def test_queueing_it_twice_is_queueing_it_once(smtp, receiver):
    smtp(receiver.port)
    first, second = services.queue_message(**LETTER), services.queue_message(**LETTER)
    assert first == second
    send_messages()
    services.queue_message(**LETTER)
    send_messages()
    receiver.wait_for(1)
    assert len(receiver.messages) == 1


def test_another_message_under_its_key_is_refused(db):
    services.queue_message(**LETTER)
    with pytest.raises(services.MessageKeyReused):
        services.queue_message(**{**LETTER, "text": "Not paid."})


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_sent(smtp, receiver):
    smtp(receiver.port)
    with transaction.atomic():
        services.queue_message(**LETTER)
        transaction.set_rollback(True)
    with transaction.atomic():
        services.queue_message(**{**LETTER, "key": "receipt:13"})
    send_messages()
    receiver.wait_for(1)
    assert Message.objects.count() == 1


def test_what_was_not_accepted_waits_and_is_tried_again(twilio, phones):
    twilio(phones)
    phones.sends(REFUSED)
    services.queue_message(**TEXT)
    send_messages()
    message = only()
    assert (message.state, message.attempts, message.integration) == (State.QUEUED, 1, None)
    assert waits(message) > timedelta(seconds=10)
    assert "503" in message.reason
    tried = len(phones.sent)
    send_messages()
    assert len(phones.sent) == tried
    phones.sends(accepted())
    with later(minutes=1):
        send_messages()
    assert (only().state, only().reason) == (State.SENT, "")


def test_after_enough_tries_it_is_given_up_and_its_sender_is_told(db, manager):
    services.queue_message(**TEXT, by=manager)
    for hours in range(MOST_ATTEMPTS + 3):
        with later(hours=hours):
            send_messages()
    message = only()
    assert (message.state, message.attempts, message.next_attempt_at) == (State.FAILED, MOST_ATTEMPTS, None)
    told = Activity.objects.get(kind="message.failed")
    assert told.payload["sender_id"] == manager.pk
    assert "No SMS integration" in told.payload["reason"]


def test_what_is_refused_for_good_is_given_up_at_once(smtp):
    with SmtpReceiver(refuse={"buyer@example.com": "550 5.1.1 No such user"}) as strict:
        smtp(strict.port)
        services.queue_message(**LETTER)
        send_messages()
    assert (only().state, only().attempts) == (State.FAILED, 1)
    assert Activity.objects.filter(kind="message.failed").count() == 1


def test_the_rate_limit_is_waited_for_and_never_counts_as_a_try(twilio, phones):
    twilio(phones)
    phones.sends(BUSY)
    services.queue_message(**TEXT)
    for minutes in range(0, 2 * MOST_ATTEMPTS + 2, 2):
        with later(minutes=minutes):
            send_messages()
            message = only()
            assert (message.state, message.attempts) == (State.QUEUED, 0)
            assert waits(message) > timedelta(seconds=50)
    phones.sends(accepted())
    with later(hours=2):
        send_messages()
    assert only().state == State.SENT


def test_our_own_rate_limit_is_waited_for_too(twilio, phones):
    integration = twilio(phones)
    Integration.objects.filter(pk=integration.pk).update(calls_per_minute=1)
    services.queue_message(**TEXT)
    services.queue_message(**{**TEXT, "key": "keys-2"})
    send_messages()
    assert sorted(Message.objects.values_list("state", flat=True)) == [State.QUEUED, State.SENT]
    with later(minutes=2):
        send_messages()
    assert len(phones.sent) == 2


def test_an_email_that_may_have_been_accepted_is_repeated_by_the_same_one_only(smtp, receiver):
    with SmtpReceiver(silent=True) as silent:
        first = smtp(silent.port, name="Silent", priority=1, timeout_seconds=1)
        smtp(receiver.port, name="Other", priority=2)
        services.queue_message(**LETTER)
        send_messages()
        assert (only().state, only().integration) == (State.UNKNOWN, first)
    with later(minutes=1):
        send_messages()  # it is gone now, which says nothing of the first try
    assert (only().state, only().integration) == (State.UNKNOWN, first)
    assert receiver.messages == []
    with SmtpReceiver() as back:
        Integration.objects.filter(pk=first.pk).update(config={**first.config, "port": back.port})
        with later(minutes=5):
            send_messages()
        assert back.wait_for(1)[0]["Message-ID"] == only().key
    assert only().state == State.SENT


def test_a_letter_that_may_have_been_accepted_is_given_up_at_last_and_its_sender_told(smtp, manager):
    with SmtpReceiver(silent=True) as silent:
        integration = smtp(silent.port, timeout_seconds=1)
        services.queue_message(**LETTER, by=manager)
        send_messages()
        Message.objects.update(attempts=MOST_ATTEMPTS - 1)
        with later(minutes=1):
            send_messages()
    message = only()
    assert (message.state, message.integration, message.next_attempt_at) == (State.FAILED, integration, None)
    assert message.reason.startswith("Whether it was accepted is not known: Office mail: ")
    assert message.may_have_been_accepted
    told = Activity.objects.get(kind="message.failed")
    assert (told.payload["sender_id"], told.payload["outcome"]) == (manager.pk, "failed")


def test_one_sent_at_once_stays_open_until_somebody_sends_it_again(smtp, receiver, manager):
    with SmtpReceiver(silent=True) as silent:
        smtp(silent.port, name="Silent", priority=1, timeout_seconds=1)
        smtp(receiver.port, name="Other", priority=2)
        with pytest.raises(OutcomeUnknown):
            services.send_email(**letter())
        assert (only().state, only().next_attempt_at) == (State.UNKNOWN, None)
    Integration.objects.filter(name="Silent").update(status="disabled")
    services.send_again(only(), by=manager)
    send_messages()
    assert receiver.wait_for(1)[0]["Message-ID"] == only().key
    assert only().state == State.SENT


def test_one_that_is_still_tried_is_not_sent_again_by_hand(smtp, manager):
    with SmtpReceiver(silent=True) as silent:
        smtp(silent.port, timeout_seconds=1)
        services.queue_message(**LETTER)
        send_messages()
    assert only().state == State.UNKNOWN
    with pytest.raises(services.NotFailed):
        services.send_again(only(), by=manager)


def test_nothing_is_asked_once_the_lease_is_all_but_over(twilio, phones, monkeypatch):
    twilio(phones)
    services.queue_message(**TEXT)

    def dawdle(*args, **options):
        with later(seconds=(LEASE - LONGEST_TRY).total_seconds() + 1):
            return call(*args, **options)

    monkeypatch.setattr(sending, "call", dawdle)
    send_messages()
    assert phones.sent == []
    assert (only().state, only().integration) == (State.QUEUED, None)
    assert "Nothing was asked" in only().reason
    monkeypatch.undo()
    with later(minutes=1):
        send_messages()
    assert only().state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_a_text_waits_for_no_letter(smtp, twilio, phones):
    with misbehaving(lambda server, line: server.is_over.wait(20)) as slow, ThreadPoolExecutor(2) as workers:
        smtp(slow.port, timeout_seconds=20)
        for number in range(3):
            services.queue_message(**{**LETTER, "key": f"receipt:{number}"})
        held = [workers.submit(in_a_worker, send_messages) for _ in range(2)]
        eventually(lambda: Message.objects.filter(state=State.SENDING).count() == 2)
        twilio(phones)
        services.queue_message(**TEXT)
        send_messages()
        assert len(phones.sent) == 1
        assert Message.objects.get(channel="sms").state == State.SENT
        Message.objects.filter(state=State.QUEUED).delete()
        slow.is_over.set()
        for each in held:
            each.result(20)


def in_a_worker(work):
    try:
        return work()
    finally:
        connections.close_all()


def test_a_worker_that_died_while_sending_leaves_a_letter_to_the_one_it_asked(smtp, receiver, closed_port):
    smtp(closed_port, name="First in line", priority=1)
    asked = smtp(receiver.port, name="Asked", priority=2)
    message = services.queue_message(**LETTER)
    Message.objects.update(state=State.SENDING, integration=asked, lease_until=clock.now() + LEASE)
    send_messages()
    assert receiver.messages == []
    with later(minutes=6):
        send_messages()
    assert receiver.wait_for(1)[0]["Message-ID"] == message.key
    assert set(IntegrationLog.objects.values_list("integration__name", flat=True)) == {"Asked"}


def test_sent_by_hand_meanwhile_it_is_not_sent_again(smtp, receiver):
    smtp(receiver.port)
    services.queue_message(
        **{**LETTER, "key": "<keys-1@harbour.example>", "subject": "Keys", "text": "They are ready."}
    )
    services.send_email(**letter())
    send_messages()
    assert len(receiver.wait_for(1)) == 1


def test_a_queued_text_whose_answer_was_lost_is_looked_for(twilio, phones):
    twilio(phones)
    phones.sends(SILENT, accepted("SM2"))
    services.queue_message(**TEXT)
    send_messages()
    assert only().state == State.UNKNOWN
    with later(minutes=6):
        send_messages()
    assert (only().state, only().provider_message_id) == (State.SENT, "SM2")
    assert len(phones.looks) == 1


def test_a_suppressed_address_gets_nothing_and_its_sender_is_told(smtp, receiver, manager):
    smtp(receiver.port)
    Suppression.objects.create(channel="email", address="buyer@example.com", reason=Suppression.Reason.BOUNCED)
    services.queue_message(**{**LETTER, "to": "Buyer@Example.com"}, by=manager)
    send_messages()
    assert only().state == State.SUPPRESSED
    assert Activity.objects.get(kind="message.failed").payload["outcome"] == "suppressed"
    assert receiver.messages == []


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_message_once(twilio, phones, in_threads):
    twilio(phones)
    for number in range(12):
        services.queue_message(**{**TEXT, "key": f"keys-{number}", "text": f"Number {number}"})

    def work(_: int) -> None:
        while services.send_due_message(channel="sms"):
            pass

    failed = [each for each in in_threads(4, work) if each is not None]
    assert failed == []
    assert sorted(each.form["Body"] for each in phones.sent) == sorted(f"Number {number}" for number in range(12))
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_the_job_and_a_caller_at_once_send_once(twilio, phones, in_threads):
    twilio(phones)
    services.queue_message(**TEXT)

    def work(number: int):
        if number % 2:
            return send_messages()
        return services.send_sms(**{name: TEXT[name] for name in ("to", "text", "key")})

    in_threads(4, work)
    assert len(phones.sent) == 1
    assert only().state == State.SENT


def test_a_worker_that_outlived_its_lease_sends_and_writes_nothing(twilio, phones):
    twilio(phones)
    services.queue_message(**TEXT)
    (slow,) = claim(Message.objects.all(), limit=1, lease=LEASE)
    with later(minutes=6):
        send_messages()
        with pytest.raises(OutcomeUnknown, match="taken this message over"):
            send_held(slow, keeps_trying=True)
    assert len(phones.sent) == 1
    assert only().state == State.SENT


def test_a_row_that_breaks_stops_no_other(twilio, phones, monkeypatch):
    twilio(phones)
    broken = services.queue_message(**TEXT)

    def break_at_it(message, **options):
        if message == broken:
            raise ZeroDivisionError
        return send_held(message, **options)

    monkeypatch.setattr(messages, "send_held", break_at_it)
    services.queue_message(**{**TEXT, "key": "keys-2"})
    send_messages()
    assert len(phones.sent) == 1
    for minutes in range(6, 6 * (MOST_ATTEMPTS + 3), 6):
        with later(minutes=minutes):
            send_messages()
    broken.refresh_from_db()
    assert (broken.state, broken.reason) == (State.FAILED, "It was taken up too often, and nothing came of it.")


def test_a_message_that_failed_is_sent_again_when_somebody_asks(smtp, receiver, manager, agent):
    services.queue_message(**LETTER)
    Message.objects.update(state=State.FAILED, next_attempt_at=None, attempts=MOST_ATTEMPTS, reason="Nobody there")
    with pytest.raises(PermissionDenied):
        services.send_again(only(), by=agent)
    services.send_again(only(), by=manager)
    smtp(receiver.port)
    send_messages()
    receiver.wait_for(1)
    with pytest.raises(services.NotFailed):
        services.send_again(only(), by=manager)


def test_old_messages_are_forgotten_and_those_that_wait_are_not(smtp, receiver):
    smtp(receiver.port)
    services.queue_message(**LETTER)
    send_messages()
    services.queue_message(**{**LETTER, "key": "receipt:13"})
    Message.objects.update(created_at=clock.now() - timedelta(days=181))
    forget_old_messages()
    assert only().state == State.QUEUED


def test_looking_for_work_asks_the_database_little(db, django_assert_max_num_queries):
    Message.objects.bulk_create(
        Message(channel="email", key=f"<{number}@x>", to="a@b.c", text="x", state=State.SENT, next_attempt_at=None)
        for number in range(50)
    )
    with django_assert_max_num_queries(6):  # three for each channel
        send_messages()


def test_failing_over_two_servers_is_said_on_the_row(twilio, phones):
    with Phones() as one, Phones() as two:
        one.sends(REFUSED)
        two.sends(REFUSED)
        twilio(one, name="One", priority=1)
        twilio(two, name="Two", priority=2)
        services.queue_message(**TEXT)
        send_messages()
    assert [line.partition(":")[0] for line in only().reason.splitlines()] == ["One", "Two"]


def test_the_demo_has_messages_of_several_fates_once(manager):
    load_integrations(staff={"maria": manager})
    for _ in range(2):
        load_messages(by=manager)
    found = Message.objects.values_list("channel", "state", "tracked")
    assert sorted(found) == [
        ("email", "sent", "bounced"),
        ("email", "sent", "delivered"),
        ("email", "sent", "opened"),
        ("sms", "sent", "delivered"),
        ("sms", "sent", "failed"),
    ]
    assert Suppression.objects.get().address == "moved@example.com"
