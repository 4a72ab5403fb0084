"""STOP and START: whoever says so by text is left in peace, or written to again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import services
from integrations.models import Suppression
from integrations.services import messages_tracking
from integrations.services.suppressions import suppress
from integrations.spi import SmsReceived, Suppressed

THEM, US = "+12125550123", "+12125550100"


def written(text: str, *, sender: str = THEM) -> SmsReceived:
    return SmsReceived(sender=sender, recipient=US, text=text, provider_message_id="SM1")


def hear(phone, received, *, minutes_ago=0):
    messages_tracking.hear(phone, received, said_at=clock.now() - timedelta(minutes=minutes_ago))


@pytest.fixture
def phone(twilio, phones):
    return twilio(phones)


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop \n", "STOPALL", "Unsubscribe", "cancel", "END", "quit"])
def test_each_word_stops(phone, phones, text):
    hear(phone, written(text))
    suppression = Suppression.objects.get()
    assert (suppression.channel, suppression.address, suppression.reason) == ("sms", THEM, "stopped")
    with pytest.raises(Suppressed):
        services.send_sms(to=THEM, text="Ready.", key="k")
    assert phones.sent == []


@pytest.mark.parametrize(
    "text", ["Please stop by at 5", "STOP it", "stopp", "Weekend", "HELP", "", "Yes, five is fine"]
)
def test_other_words_stop_and_start_nothing(phone, text):
    suppress("sms", "+12125550999", reason="stopped")
    hear(phone, written(text))
    hear(phone, written(text, sender="+12125550999"))
    assert [each.address for each in Suppression.objects.all()] == ["+12125550999"]


@pytest.mark.parametrize("text", ["START", "yes", " Unstop "])
def test_each_word_starts_again(phone, phones, text):
    hear(phone, written("STOP"))
    hear(phone, written(text))
    services.send_sms(to=THEM, text="Ready.", key="k")
    assert len(phones.sent) == 1


def test_an_old_start_takes_back_no_newer_stop(phone):
    hear(phone, written("STOP"), minutes_ago=10)
    hear(phone, written("START"), minutes_ago=8)
    hear(phone, written("STOP"), minutes_ago=5)
    hear(phone, written("START"), minutes_ago=8)
    assert Suppression.objects.get().address == THEM


def test_nor_does_it_when_they_had_stopped_before_already(phone):
    hear(phone, written("STOP"), minutes_ago=10)
    hear(phone, written("STOP"), minutes_ago=5)
    hear(phone, written("START"), minutes_ago=8)
    assert Suppression.objects.exists()


def test_a_stop_that_is_heard_late_counts_from_when_it_was_said(phone):
    hear(phone, written("STOP"), minutes_ago=10)
    hear(phone, written("START"), minutes_ago=8)
    assert not Suppression.objects.exists()


def test_stop_said_twice_is_said_once(phone):
    hear(phone, written("STOP"))
    hear(phone, written("STOP"))
    assert Suppression.objects.count() == 1
    assert Activity.objects.filter(kind="suppression.changed").count() == 1


def test_start_of_somebody_who_never_stopped_is_nothing(phone):
    hear(phone, written("START"))
    assert not Activity.objects.filter(kind="suppression.changed").exists()


def test_what_is_written_is_announced_with_whose_phone_it_is(phone, agent):
    agent.phone = THEM
    agent.save(update_fields=["phone"])
    hear(phone, written("x" * 500))
    hear(phone, written("Hello", sender="+12125550999"))
    known, unknown = Activity.objects.filter(kind="sms.received").order_by("pk")
    assert (known.payload["user_id"], unknown.payload["user_id"]) == (agent.pk, None)
    assert len(known.payload["text"]) == 160
    assert [room.room for room in known.rooms.all()] == [f"integration:{phone.pk}"]


def test_people_who_manage_integrations_may_suppress_and_lift_by_hand(manager):
    kept, is_new = services.suppress_address(
        channel="email", address="Buyer@Example.com", reason="unsubscribed", by=manager
    )
    assert (kept.address, is_new) == ("buyer@example.com", True)
    _, is_new = services.suppress_address(channel="email", address="buyer@example.com", reason="bounced", by=manager)
    assert not is_new
    services.lift_suppression(kept, by=manager)
    assert not Suppression.objects.exists()
    changes = Activity.objects.filter(kind="suppression.changed").order_by("pk")
    assert [(each.payload["change"], each.actor) for each in changes] == [("added", manager), ("lifted", manager)]


@pytest.mark.parametrize(
    ("channel", "address"), [("email", "nobody"), ("sms", "2125550123"), ("sms", "a@b.c"), ("sms", "")]
)
def test_what_is_no_address_is_refused(manager, channel, address):
    with pytest.raises(ValidationError):
        services.suppress_address(channel=channel, address=address, reason="stopped", by=manager)


def test_nobody_else_may(agent):
    with pytest.raises(PermissionDenied):
        services.suppress_address(channel="email", address="a@b.c", reason="stopped", by=agent)
    with pytest.raises(PermissionDenied):
        services.lift_suppression(Suppression(channel="email", address="a@b.c"), by=agent)


@pytest.mark.django_db(transaction=True)
def test_eight_stops_at_once_are_one(phone, in_threads):
    failures = [each for each in in_threads(8, lambda _: hear(phone, written("STOP"))) if each is not None]
    assert failures == []
    assert Suppression.objects.count() == 1
