"""Notifications on their way out by e-mail: what counts as a try, and who holds what."""

from datetime import timedelta

import pytest
import time_machine

from estateman.common import clock
from estateman.common.claims import claim
from integrations.spi import BreakerOpen, ProviderError, RateLimited, SendResult, Unreachable
from notifications import deliveries
from notifications.deliveries import LEASE, MOST_ATTEMPTS, deliver_due
from notifications.models import Category, Delivery
from notifications.services import Message, notify

State = Delivery.State


class Post:
    """Stands where e-mail leaves; ``trouble`` is what befalls each letter, ``meanwhile`` what happens during it."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.trouble: ProviderError | None = None
        self.meanwhile = lambda: None

    def send(self, *, message_id, **fields):
        self.meanwhile()
        if self.trouble:
            raise self.trouble
        self.sent.append(message_id)
        return SendResult(provider="post", provider_message_id=message_id)


@pytest.fixture
def post(monkeypatch):
    made = Post()
    monkeypatch.setattr(deliveries, "send_email", made.send)
    return made


@pytest.fixture
def tell(agent):
    def put(count: int) -> list[Delivery]:
        for number in range(count):
            text = Message(kind="test", category=Category.TASKS, title=f"News {number}", dedupe_key=f"n{number}")
            notify([agent.pk], text)
        return list(Delivery.objects.order_by("pk"))

    return put


def later(**ahead):
    return time_machine.travel(clock.now() + timedelta(**ahead), tick=True)


@pytest.mark.parametrize("error", [RateLimited, BreakerOpen])
def test_while_nobody_may_be_asked_no_try_counts_and_it_comes_back_when_it_was_told_to(post, tell, error):
    (delivery,) = tell(1)
    post.trouble = error("Not now.", retry_after=600.0)
    for minutes in range(0, 11 * (MOST_ATTEMPTS + 2), 11):
        with later(minutes=minutes):
            assert deliver_due() == 1
            delivery.refresh_from_db()
            assert (delivery.state, delivery.attempts, delivery.last_error) == (State.PENDING, 0, "Not now.")
            assert timedelta(seconds=595) < delivery.next_attempt_at - clock.now() <= timedelta(seconds=600)
            assert deliver_due() == 0
    post.trouble = None
    with later(hours=3):
        deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def test_a_pause_of_a_year_is_cut_short(post, tell):
    (delivery,) = tell(1)
    post.trouble = RateLimited("Not now.", retry_after=365 * 86400.0)
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.next_attempt_at <= clock.now() + timedelta(days=1)


def test_without_a_word_on_how_long_it_waits_a_little(post, tell):
    (delivery,) = tell(1)
    post.trouble = RateLimited("Not now.")
    deliver_due()
    delivery.refresh_from_db()
    assert timedelta(seconds=10) < delivery.next_attempt_at - clock.now() <= timedelta(seconds=30)


def test_what_fails_too_often_is_given_up(post, tell):
    (delivery,) = tell(1)
    post.trouble = Unreachable("Nobody there.")
    for hours in range(MOST_ATTEMPTS):
        with later(hours=hours):
            deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.DEAD, MOST_ATTEMPTS)


def test_each_of_a_batch_begins_its_lease_when_its_turn_comes(post, tell):
    _, second = tell(2)
    with time_machine.travel(clock.now(), tick=False) as standing:

        def dawdle():
            standing.shift(LEASE - timedelta(seconds=1))

        post.meanwhile = dawdle
        deliver_due()
        second.refresh_from_db()
    assert (second.state, len(post.sent)) == (State.SENT, 2)


def test_what_another_worker_took_meanwhile_is_left_to_it(post, tell):
    _, second = tell(2)

    def lose_the_rest():
        rest = Delivery.objects.filter(pk=second.pk)
        rest.update(lease_until=clock.now() - timedelta(seconds=1))
        claim(rest, limit=1, lease=LEASE)

    post.meanwhile = lose_the_rest
    deliver_due()
    second.refresh_from_db()
    assert len(post.sent) == 1
    assert (second.state, second.attempts) == (State.PENDING, 2)
