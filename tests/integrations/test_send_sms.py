"""Sending texts: once per key, by whoever accepts them, and never again on a guess."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from estateman.common import clock
from integrations import services
from integrations.jobs.messages import send_messages
from integrations.models import Integration, IntegrationLog, Message, Status, Suppression
from integrations.services import send_sms
from integrations.spi import NoProvider, OutcomeUnknown, ProviderError, SendResult, Suppressed, Unreachable
from tests.support.http import Reply
from tests.support.phones import BUSY, REFUSED, SILENT, Phones, accepted, text_listed

TO = "+12125550123"
TEXT: dict[str, Any] = {"to": TO, "text": "The keys are ready.", "key": "keys-1"}
State = Message.State


def only() -> Message:
    return Message.objects.get()


def listed(sid: str = "SM1", **fields):
    return text_listed(sid, to=TO, body=TEXT["text"], at=clock.now(), **fields)


def test_a_text_is_sent_and_its_row_says_by_whom(twilio, phones):
    integration = twilio(phones)
    result = send_sms(**TEXT, correlation_id="visit-7")
    assert (result.provider, result.provider_message_id) == ("twilio", "SM1")
    message = only()
    assert (message.state, message.integration, message.provider_message_id) == (State.SENT, integration, "SM1")
    assert (message.attempts, message.reason, message.next_attempt_at) == (1, "", None)
    assert message.sent_at is not None
    assert IntegrationLog.objects.get().correlation_id == "visit-7"


def test_what_was_sent_under_a_key_is_not_sent_again(twilio, phones):
    twilio(phones)
    first, second = send_sms(**TEXT), send_sms(**TEXT)
    assert second.provider_message_id == first.provider_message_id
    assert len(phones.sent) == 1


@pytest.mark.parametrize("other", [{"text": "Another"}, {"to": "+12125550124"}])
def test_another_text_under_a_key_that_was_used_is_refused(twilio, phones, other):
    twilio(phones)
    send_sms(**TEXT)
    with pytest.raises(services.MessageKeyReused):
        send_sms(**{**TEXT, **other})
    assert len(phones.sent) == 1


def test_what_certainly_went_nowhere_may_be_worded_anew(twilio, phones):
    twilio(phones)
    phones.sends(REFUSED)
    with pytest.raises(ProviderError):
        send_sms(**TEXT)
    phones.sends(accepted())
    send_sms(**{**TEXT, "text": "The keys are here."})
    assert phones.sent[-1].form["Body"] == only().text == "The keys are here."


def test_without_any_integration_there_is_no_provider(db):
    with pytest.raises(NoProvider):
        send_sms(**TEXT)
    assert only().state == State.FAILED


def test_the_next_one_takes_over_when_the_first_certainly_did_not_accept_it(twilio, phones):
    with Phones() as broken:
        broken.sends(REFUSED)
        twilio(broken, name="Broken", priority=1)
        second = twilio(phones, name="Working", priority=2)
        send_sms(**TEXT)
    message = only()
    assert message.integration == second
    assert message.reason.startswith("Broken: 503: ")


def test_nobody_takes_over_what_may_have_been_accepted(twilio, phones):
    with Phones() as silent:
        silent.sends(SILENT)
        first = twilio(silent, name="Silent", priority=1)
        twilio(phones, name="Other", priority=2)
        with pytest.raises(OutcomeUnknown):
            send_sms(**TEXT)
    assert phones.sent == []
    message = only()
    assert (message.state, message.integration) == (State.UNKNOWN, first)


def test_nobody_takes_over_what_is_refused_for_good(twilio, phones):
    with Phones() as strict:
        strict.sends(Reply(400, {"code": 21211, "message": "No such number"}))
        twilio(strict, name="Strict", priority=1)
        twilio(phones, name="Other", priority=2)
        with pytest.raises(ProviderError, match="No such number") as caught:
            send_sms(**TEXT)
    assert caught.value.permanent
    assert phones.sent == []
    message = only()
    assert (message.state, message.integration, message.next_attempt_at) == (State.FAILED, None, None)


def test_the_one_that_was_chosen_is_asked_and_no_other(twilio, phones, closed_port, manager):
    with Phones() as other:
        twilio(other, name="First in line", priority=1)
        chosen = twilio(phones, name="Chosen", priority=9)
        send_sms(**TEXT, integration=chosen)
        assert other.sent == []
    assert only().integration == chosen


def test_a_chosen_one_that_fails_has_no_deputy(twilio, phones):
    with Phones() as gone:
        chosen = twilio(gone, name="Chosen")
    twilio(phones, name="Other")
    with pytest.raises(Unreachable):
        send_sms(**TEXT, integration=chosen)
    assert phones.sent == []


@pytest.mark.parametrize("change", [{"status": Status.DISABLED}, {"deleted_at": clock.now()}, {"kind": "email"}])
def test_a_chosen_one_that_is_not_in_use_is_no_provider(twilio, phones, change):
    chosen = twilio(phones)
    Integration.objects.filter(pk=chosen.pk).update(**change)
    chosen.refresh_from_db()
    with pytest.raises(NoProvider):
        send_sms(**TEXT, integration=chosen)


def test_the_sandbox_keeps_a_text_in_its_log_and_delivers_nothing(manager):
    made = services.create_integration(
        provider="sandbox_sms", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
    )
    assert services.test_integration(made, by=manager).ok
    assert send_sms(**TEXT).provider == "sandbox_sms"
    assert "The keys are ready." in made.logs.latest("pk").detail


def test_a_number_that_said_stop_gets_nothing(twilio, phones):
    twilio(phones)
    Suppression.objects.create(channel="sms", address=TO, reason=Suppression.Reason.STOPPED)
    with pytest.raises(Suppressed, match="said stop") as caught:
        send_sms(**TEXT)
    assert caught.value.permanent
    assert phones.sent == []
    message = only()
    assert (message.state, message.attempts) == (State.SUPPRESSED, 1)
    assert "said stop" in message.reason
    Suppression.objects.all().delete()
    send_sms(**TEXT)
    assert only().state == State.SENT


def test_twilio_may_know_of_a_stop_that_we_do_not_and_no_other_texts_there_either(twilio, phones):
    with Phones() as knowing:
        knowing.sends(Reply(400, {"code": 21610, "message": "unsubscribed recipient"}))
        twilio(knowing, name="Knowing", priority=1)
        other = twilio(phones, name="Other", priority=2)
        with pytest.raises(Suppressed):
            send_sms(**TEXT)
    assert only().state == State.SUPPRESSED
    suppression = Suppression.objects.get()
    assert (suppression.address, suppression.reason) == (TO, "stopped")
    assert "21610" in suppression.detail
    with pytest.raises(Suppressed):
        send_sms(**{**TEXT, "key": "keys-2"}, integration=other)
    assert phones.sent == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_from_inside_a_transaction(twilio, phones):
    twilio(phones)
    with pytest.raises(RuntimeError), transaction.atomic():
        send_sms(**TEXT)
    assert phones.sent == []
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_under_one_key_send_once(twilio, phones, in_threads):
    twilio(phones)
    results = in_threads(8, lambda _: send_sms(**TEXT))
    assert len(phones.sent) == 1
    sent = [each for each in results if isinstance(each, SendResult)]
    assert sent
    assert all(isinstance(each, SendResult | OutcomeUnknown) for each in results)
    assert only().state == State.SENT
    assert only().attempts == 1


# --- What became of it ----------------------------------------------------------------------------


@pytest.fixture
def lost(twilio, phones) -> Message:
    """A text whose answer was lost."""
    twilio(phones)
    phones.sends(SILENT, accepted("SM2"))
    with pytest.raises(OutcomeUnknown):
        send_sms(**TEXT)
    return only()


def later(**ahead):
    return time_machine.travel(clock.now() + timedelta(**ahead), tick=True)


def test_it_is_not_sent_again_before_it_was_looked_for(lost, phones):
    with pytest.raises(OutcomeUnknown, match="not known"):
        send_sms(**TEXT)
    send_messages()
    assert len(phones.sent) == 1
    assert phones.looks == []


def test_what_is_found_was_sent(lost, phones):
    phones.lists(listed("SM1"))
    with later(seconds=40):
        send_messages()
    message = only()
    assert (message.state, message.provider_message_id) == (State.SENT, "SM1")
    assert send_sms(**TEXT).provider_message_id == "SM1"
    assert len(phones.sent) == 1


def test_what_is_not_found_is_sent_again_only_when_that_is_certain(lost, phones):
    with later(seconds=40):
        send_messages()
        assert (only().state, len(phones.sent)) == (State.UNKNOWN, 1)
    with later(minutes=6):
        send_messages()
    message = only()
    assert (message.state, message.provider_message_id, message.attempts) == (State.SENT, "SM2", 2)
    assert len(phones.sent) == 2


def test_when_nobody_can_say_it_is_given_up_and_never_sent_again(lost, phones, manager):
    phones.lists(otherwise=Reply(500, {"code": 20500, "message": "broken"}))
    for hours in range(1, 12):
        with later(hours=hours):
            send_messages()
    message = only()
    assert message.state == State.FAILED
    assert "could not be found out" in message.reason
    assert message.may_have_been_accepted
    with pytest.raises(OutcomeUnknown):
        send_sms(**TEXT)
    assert len(phones.sent) == 1
    services.send_again(message, by=manager)
    with later(hours=12):
        send_messages()
    assert (only().state, len(phones.sent)) == (State.SENT, 2)


def test_an_equal_text_that_is_anothers_decides_nothing(lost, phones):
    Message.objects.create(
        channel="sms", key="another", to=TO, text=TEXT["text"], state=State.SENT, provider="twilio",
        provider_message_id="SM1", next_attempt_at=None,
    )  # fmt: skip
    phones.lists(listed("SM1"))
    with later(minutes=6):
        send_messages()
    message = Message.objects.get(key="keys-1")
    assert (message.state, message.may_have_been_accepted) == (State.FAILED, True)
    assert len(phones.sent) == 1


def test_a_worker_that_died_while_sending_leaves_a_text_to_be_looked_for(twilio, phones):
    integration = twilio(phones)
    Message.objects.create(
        channel="sms", key="keys-1", to=TO, text=TEXT["text"], state=State.SENDING, integration=integration,
        tried_at=clock.now(), lease_until=clock.now() + timedelta(minutes=5), attempts=1,
    )  # fmt: skip
    send_messages()
    assert (phones.sent, phones.looks) == ([], [])
    phones.lists(listed("SM1"))
    with later(minutes=5, seconds=1):
        send_messages()
    assert (only().state, only().provider_message_id, phones.sent) == (State.SENT, "SM1", [])


def test_the_rate_limit_is_the_callers_to_wait_for(twilio, phones):
    twilio(phones)
    phones.sends(BUSY)
    with pytest.raises(ProviderError, match="429"):
        send_sms(**TEXT)
    assert (only().state, only().next_attempt_at) == (State.FAILED, None)
