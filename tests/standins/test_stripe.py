"""Stripe's provider against localstripe, a Stripe with a memory (without idempotency: that is proven at a recorder)."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from djstripe.models import APIKey, Charge, Event, PaymentIntent, Refund

from estateman.common import clock
from integrations import services
from integrations.models import Integration, Payment
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.services.payments import PaymentOrder, process_payment, refresh_payment, refund_payment
from integrations.spi import AuthFailed, PaymentMoved, PaymentRequest, PaymentStatus, ProviderError, RawRequest
from integrations.stripe_mirror import mirror
from integrations.transport import Line
from tests.support.http import Asked, HttpServer, Reply
from tests.support.stored import everything_stored
from tests.support.waiting import eventually

API_KEY, WEBHOOK_SECRET = "sk_test_localstripe_0815_4711", "whsec_localstripe_0815_4711"
GOOD, DECLINED, ASKS = "4242424242424242", "4000000000000341", "4000000000003220"


@pytest.fixture
def account(stripe_server):
    return build(stripe_server.url)


def build(url: str, key: str = API_KEY) -> Any:
    found = find_provider("stripe")
    assert found
    return found.build({"api_url": url}, {"api_key": Secret(key)}, Line())


@pytest.fixture
def method(stripe_server):
    """``method(number)``: the token of a card."""

    def create(number: str) -> str:
        card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        body = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
        made = httpx.post(
            f"{stripe_server.url}/v1/payment_methods", data=body, headers={"Authorization": f"Bearer {API_KEY}"}
        )
        return str(made.raise_for_status().json()["id"])

    return create


def request(method: str, **changes: Any) -> PaymentRequest:
    return PaymentRequest(
        **{"key": str(uuid4()), "amount_minor": 12000, "currency": "EUR", "method": method, **changes}
    )


def test_the_check_passes_and_a_wrong_key_does_not(stripe_server, account):
    assert "test key" in account.check().detail
    with pytest.raises(AuthFailed):
        build(stripe_server.url, "rk_test_not_known_here").check()


def test_a_card_is_charged(account, method):
    made = account.create(request(method(GOOD), reference="INV-7"))
    assert (made.status, made.captured_minor, made.is_live) == (PaymentStatus.CAPTURED, 12000, False)
    assert account.fetch(made.ref) == made


def test_a_declined_card_is_a_payment_that_failed(account, method):
    made = account.create(request(method(DECLINED)))
    assert (made.status, made.captured_minor) == (PaymentStatus.FAILED, 0)
    assert made.failure == "Your card was declined. (card_declined)"
    assert made.ref.startswith("pi_")
    assert account.fetch(made.ref).status == PaymentStatus.FAILED


def test_a_card_whose_bank_asks_waits_for_the_payer(account, method):
    assert account.create(request(method(ASKS))).status == PaymentStatus.REQUIRES_ACTION


def test_money_is_held_and_taken(account, method):
    held = account.create(request(method(GOOD), captures_at_once=False))
    assert (held.status, held.captured_minor) == (PaymentStatus.AUTHORISED, 0)
    taken = account.capture(held.ref, amount_minor=12000, currency="EUR", key="k")
    assert (taken.status, taken.captured_minor) == (PaymentStatus.CAPTURED, 12000)
    with pytest.raises(ProviderError) as refused:
        account.capture(held.ref, amount_minor=12000, currency="EUR", key="k2")
    assert refused.value.permanent


def test_money_is_held_and_let_go(account, method):
    held = account.create(request(method(GOOD), captures_at_once=False))
    assert account.cancel(held.ref, key="k").status == PaymentStatus.CANCELLED


def test_it_is_given_back_in_parts(account, method):
    made = account.create(request(method(GOOD)))
    part = account.refund(made.ref, amount_minor=2000, currency="EUR", key="k1")
    assert (part.status, part.refunded_minor) == (PaymentStatus.PARTIALLY_REFUNDED, 2000)
    whole = account.refund(made.ref, amount_minor=10000, currency="EUR", key="k2")
    assert (whole.status, whole.refunded_minor) == (PaymentStatus.REFUNDED, 12000)
    assert account.fetch(made.ref) == whole


def test_it_is_found_by_its_key_and_another_is_not(account, method):
    asked, since = request(method(GOOD)), clock.now() - timedelta(minutes=1)
    made = account.create(asked)
    assert account.find(asked, since).payment == made
    assert account.find(request(""), since).payment is None


def test_what_is_not_there_is_refused_for_good(account):
    with pytest.raises(ProviderError) as refused:
        account.fetch("pi_nobody")
    assert refused.value.permanent


@pytest.fixture
def told(stripe_server):
    """``told(3)``: what localstripe has sent to our address by then."""
    with HttpServer() as ear:
        ear.answer("POST", "/hook", Reply(200, ""))
        hook = {"url": f"{ear.url}/hook", "secret": WEBHOOK_SECRET}
        httpx.post(f"{stripe_server.url}/_config/webhooks/ours", json=hook).raise_for_status()

        def wait_for(count: int) -> list[Asked]:
            eventually(lambda: len(ear.asked) >= count)
            return list(ear.asked)

        yield wait_for


def raw(asked: Asked) -> RawRequest:
    return RawRequest(method="POST", url="https://x/hook", headers=asked.headers, query={}, body=asked.body)


@pytest.fixture
def ours(stripe_server, manager) -> Integration:
    return services.create_integration(
        provider="stripe",
        name="Stripe",
        mode="sandbox",
        config={"api_url": stripe_server.url},
        credentials={"api_key": API_KEY},
        by=manager,
    )


@pytest.mark.django_db(transaction=True)
def test_paid_told_and_given_back_with_every_secret_kept(ours, account, method, told, manager):
    card = method(GOOD)
    order = PaymentOrder(amount_minor=12000, currency="EUR", method=card, invoice="INV-7")
    payment = process_payment(order, key="k1", by=manager)
    assert (payment.status, payment.captured_minor) == ("captured", 12000)
    refund_payment(payment, amount_minor=2000, key="k2", by=manager)
    account.create(request(method(DECLINED)))
    account.create(request(card))
    seen = [_verified(account, asked) for asked in told(3)]
    assert {"payment_intent.succeeded", "payment_intent.payment_failed"} <= {event.kind for event in seen}
    for event in seen:
        mirror(ours, event.payload)
    moved = [moved for event in seen for moved in account.read(event)]
    assert PaymentMoved(ref=payment.ref, key=str(payment.operations.get(kind="create").key)) in moved
    refresh_payment(payment)
    assert (payment.status, payment.refunded_minor) == ("partially_refunded", 2000)
    _assert_mirrored(payment)
    stored = everything_stored()
    assert API_KEY not in stored
    assert WEBHOOK_SECRET not in stored


def _verified(account: Any, asked: Asked) -> Any:
    (event,) = account.verify(raw(asked), [Secret("whsec_other"), Secret(WEBHOOK_SECRET)], clock.now())
    return event


def _assert_mirrored(payment: Payment) -> None:
    assert PaymentIntent.objects.filter(id=payment.ref).exists()
    assert Charge.objects.filter(payment_intent_id=payment.ref).exists()
    assert Event.objects.count() >= 3
    assert not APIKey.objects.exists()


@pytest.mark.django_db
def test_refunds_are_shown_beside_their_charge(ours, account, method):
    made = account.create(request(method(GOOD)))
    account.refund(made.ref, amount_minor=2000, currency="EUR", key="k")
    told = account.client.v1.payment_intents.retrieve(made.ref, {"expand": ["latest_charge"]}).to_dict()
    mirror(ours, {"id": "evt_1", "type": "charge.refunded", "created": told["created"] + 5, "data": {"object": told}})
    assert Refund.objects.get().charge.payment_intent_id == made.ref


def test_many_at_once_share_one_process(account, method):
    """The SDK keeps nothing for all: two accounts in two threads do not meet."""
    card, made = method(GOOD), []
    threads = [threading.Thread(target=lambda: made.append(account.create(request(card)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each.ref for each in made}) == 4
