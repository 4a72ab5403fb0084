"""What became of messages, as their providers tell it: in any order, and more than once."""

import itertools

import pytest

from estateman.activity.models import Activity
from integrations.models import Message, Suppression
from integrations.services import send_email
from integrations.services.messages_tracking import track
from integrations.spi import RANKS, MessageTracked, Suppressed, TrackedState
from tests.support.letters import letter

State = Message.State


@pytest.fixture
def sent(sandbox, manager) -> Message:
    """A letter that the sandbox took."""
    send_email(**letter(to="Buyer@Example.com"))
    Message.objects.update(by=manager, provider_message_id="p-1")
    return Message.objects.get()


def told(state: TrackedState, **fields) -> MessageTracked:
    return MessageTracked(state=state, **{"provider_message_id": "p-1", **fields})


def tracked() -> str:
    return Message.objects.get().tracked


def test_every_state_has_its_rank():
    assert set(RANKS) == set(TrackedState)
    assert len(set(RANKS.values())) == len(RANKS)


def test_a_message_is_found_by_its_providers_id_or_by_ours(sent, sandbox):
    assert track(sandbox, told(TrackedState.SENT))
    assert track(sandbox, told(TrackedState.DELIVERED, provider_message_id="", key=sent.key))
    assert tracked() == "delivered"
    assert Message.objects.get().tracked_at is not None


@pytest.mark.parametrize("fields", [{"provider_message_id": "p-2"}, {"provider_message_id": "", "key": ""}])
def test_what_is_told_of_others_messages_is_none_of_ours(sent, sandbox, fields):
    assert not track(sandbox, told(TrackedState.BOUNCED, **fields))
    assert (tracked(), Suppression.objects.count()) == ("", 0)


def test_another_integration_says_nothing_of_it(sent, sandbox, smtp, receiver):
    assert not track(smtp(receiver.port), told(TrackedState.BOUNCED))
    assert tracked() == ""


ORDERS = list(itertools.permutations([TrackedState.SENT, TrackedState.DELIVERED, TrackedState.OPENED]))


@pytest.mark.parametrize("order", ORDERS)
def test_in_whatever_order_they_come_the_furthest_stays(sent, sandbox, order):
    for state in order:
        track(sandbox, told(state))
    assert tracked() == "opened"


def test_what_is_told_twice_is_nothing_new(sent, sandbox):
    assert track(sandbox, told(TrackedState.FAILED, reason="550"))
    assert not track(sandbox, told(TrackedState.FAILED, reason="550"))
    assert Activity.objects.filter(kind="message.failed").count() == 1


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (TrackedState.BOUNCED, Suppression.Reason.BOUNCED),
        (TrackedState.COMPLAINED, Suppression.Reason.COMPLAINED),
        (TrackedState.UNSUBSCRIBED, Suppression.Reason.UNSUBSCRIBED),
    ],
)
def test_who_bounces_complains_or_unsubscribes_is_not_written_to_again(sent, sandbox, state, reason):
    track(sandbox, told(state, reason="550 5.1.1 No such user"))
    suppression = Suppression.objects.get()
    assert (suppression.channel, suppression.address, suppression.reason) == ("email", "buyer@example.com", reason)
    with pytest.raises(Suppressed):
        send_email(**letter(message_id="<another@harbour.example>"))


@pytest.mark.parametrize("state", [TrackedState.DEFERRED, TrackedState.FAILED, TrackedState.DELIVERED])
def test_nothing_else_suppresses(sent, sandbox, state):
    track(sandbox, told(state))
    assert not Suppression.objects.exists()


def test_a_bounce_that_comes_late_suppresses_although_more_is_known(sent, sandbox):
    track(sandbox, told(TrackedState.OPENED))
    assert not track(sandbox, told(TrackedState.BOUNCED))
    assert tracked() == "opened"
    assert Suppression.objects.exists()


@pytest.mark.parametrize("state", [TrackedState.BOUNCED, TrackedState.FAILED, TrackedState.COMPLAINED])
def test_the_sender_is_told_of_what_did_not_arrive(sent, sandbox, manager, settle, state):
    track(sandbox, told(state, reason="550 5.1.1 No such user"))
    fact = Activity.objects.get(kind="message.failed")
    assert fact.payload["sender_id"] == manager.pk
    assert fact.payload["outcome"] == state
    settle()
    line = manager.notifications.get()
    assert line.kind == "message.failed"
    assert "Buyer@Example.com" in line.title
    assert "No such user" in line.body


def test_without_a_sender_nobody_is_told(sent, sandbox, manager, settle):
    Message.objects.update(by=None)
    track(sandbox, told(TrackedState.BOUNCED))
    settle()
    assert not manager.notifications.exists()


def test_a_report_proves_that_a_doubtful_message_was_accepted(sent, sandbox):
    Message.objects.update(state=State.UNKNOWN, provider_message_id="", sent_at=None)
    track(sandbox, told(TrackedState.QUEUED, key=sent.key, provider_message_id="p-9"))
    message = Message.objects.get()
    assert (message.state, message.provider_message_id, message.next_attempt_at) == (State.SENT, "p-9", None)
    assert message.sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_eight_reports_at_once_leave_the_furthest(sandbox, manager, in_threads):
    send_email(**letter())
    Message.objects.update(provider_message_id="p-1")
    states = [TrackedState.QUEUED, TrackedState.SENT, TrackedState.DELIVERED, TrackedState.OPENED] * 2
    failures = [
        each for each in in_threads(8, lambda number: track(sandbox, told(states[number]))) if each not in (True, False)
    ]
    assert failures == []
    assert tracked() == "opened"
