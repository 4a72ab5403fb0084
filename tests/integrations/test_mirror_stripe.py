"""Stripe's objects in dj-stripe's tables: as they were told last, with no key and nothing fetched."""

import copy
import logging
from typing import Any

import pytest
from djstripe.models import Account, APIKey, Charge, Customer, Event, PaymentIntent, Refund

from integrations import services
from integrations.models import Integration
from integrations.stripe_mirror import mirror

pytestmark = pytest.mark.django_db
AT = 1_793_000_000


@pytest.fixture
def stripe(manager) -> Integration:
    return services.create_integration(
        provider="stripe", name="Stripe", config={}, credentials={"api_key": "sk_test_0123456789abcdef"}, by=manager
    )


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 2000,
        "currency": "eur",
        "charge": "ch_1",
        "payment_intent": "pi_1",
        "status": "succeeded",
        "created": AT,
        **changes,
    }


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 12000,
        "amount_captured": 12000,
        "amount_refunded": 0,
        "currency": "eur",
        "status": "succeeded",
        "customer": "cus_1",
        "payment_intent": "pi_1",
        "payment_method": "pm_1",
        "balance_transaction": "txn_1",
        "livemode": False,
        "created": AT,
        "metadata": {},
        **changes,
    }


def intent(status: str = "succeeded", **changes: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 12000,
        "currency": "eur",
        "status": status,
        "customer": "cus_1",
        "latest_charge": "ch_1",
        "livemode": False,
        "created": AT,
        "metadata": {"estateman_key": "k-1"},
        **changes,
    }


def customer(**changes: Any) -> dict[str, Any]:
    return {"id": "cus_1", "object": "customer", "email": None, "livemode": False, "created": AT, **changes}


def event(kind: str, told: dict[str, Any], *, ident: str = "", at: int = AT) -> dict[str, Any]:
    return {
        "id": ident or f"evt_{kind}_{at}",
        "object": "event",
        "type": kind,
        "api_version": "2026-05-27.dahlia",
        "created": at,
        "livemode": False,
        "request": {"id": "req_1", "idempotency_key": "k-1"},
        "data": {"object": told},
    }


def test_each_object_is_shown_as_it_was_told_and_knows_those_it_belongs_to(stripe):
    for kind, told in [
        ("customer.created", customer(email="buyer@example.com")),
        ("payment_intent.succeeded", intent()),
        ("charge.succeeded", charge()),
        ("refund.created", refund()),
    ]:
        mirror(stripe, event(kind, told))
    kept = Refund.objects.get()
    assert (kept.id, kept.amount, kept.currency, kept.status) == ("re_1", 2000, "eur", "succeeded")
    assert kept.charge.payment_intent.customer.email == "buyer@example.com"
    assert kept.charge.amount == 120
    assert kept.charge.payment_intent.metadata == {"estateman_key": "k-1"}
    assert Event.objects.count() == 4
    told = Event.objects.get(type="refund.created")
    assert (told.request_id, told.idempotency_key, told.api_version) == ("req_1", "k-1", "2026-05-27.dahlia")


def test_what_stands_inside_an_object_is_shown_too(stripe):
    inside = charge(refunds={"object": "list", "data": [refund()]}, customer=customer())
    mirror(stripe, event("payment_intent.succeeded", intent(latest_charge=inside)))
    assert Refund.objects.get().charge.payment_intent.id == "pi_1"
    assert Charge.objects.get().customer_id == "cus_1"


def test_told_twice_it_stands_there_once(stripe):
    for _ in range(2):
        mirror(stripe, event("payment_intent.succeeded", intent()))
    assert (PaymentIntent.objects.count(), Event.objects.count()) == (1, 1)


def test_what_is_told_late_overwrites_nothing_that_was_told_later(stripe):
    mirror(stripe, event("charge.refunded", charge(amount_refunded=2000), at=AT + 60))
    mirror(stripe, event("charge.succeeded", charge(), at=AT))
    assert Charge.objects.get().amount_refunded == 2000
    mirror(stripe, event("charge.refunded", charge(amount_refunded=5000), at=AT + 90))
    assert Charge.objects.get().amount_refunded == 5000
    assert Event.objects.count() == 3


def test_of_two_told_in_one_second_the_one_further_on_stays(stripe):
    mirror(stripe, event("payment_intent.succeeded", intent()))
    mirror(stripe, event("payment_intent.created", intent("requires_payment_method", latest_charge=None)))
    assert PaymentIntent.objects.get().stripe_data["status"] == "succeeded"
    mirror(stripe, event("charge.refunded", charge(amount_refunded=2000)))
    mirror(stripe, event("charge.succeeded", charge()))
    assert Charge.objects.get().amount_refunded == 2000


def test_a_refund_waits_for_its_charge(stripe):
    mirror(stripe, event("refund.created", refund()))
    assert not Refund.objects.exists()
    mirror(stripe, event("charge.refunded", charge()))
    mirror(stripe, event("refund.updated", refund(), at=AT + 1))
    assert Refund.objects.get().charge_id == "ch_1"


def test_a_customer_who_was_deleted_is_marked(stripe):
    mirror(stripe, event("customer.created", customer()))
    mirror(stripe, event("customer.deleted", customer(), at=AT + 1))
    assert Customer.objects.get().deleted


def test_what_is_not_mirrored_is_kept_as_its_event_alone(stripe):
    mirror(stripe, event("balance.available", {"object": "balance", "livemode": False}))
    assert Event.objects.get().type == "balance.available"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"id": "evt_1"},
        {**event("charge.succeeded", charge()), "data": {}},
        event("charge.succeeded", charge(created="yesterday")),
        event("charge.succeeded", charge(currency="far too long")),
        event("charge.succeeded", charge(amount={"no": "number"})),
        event("charge.succeeded", {"object": "charge", "id": ["no", "id"]}),
    ],
)
def test_what_can_not_be_shown_breaks_nothing(stripe, broken, caplog):
    caplog.set_level(logging.ERROR, "integrations.stripe_mirror")
    mirror(stripe, copy.deepcopy(broken))
    assert Integration.objects.exists()
    mirror(stripe, event("payment_intent.succeeded", intent()))
    assert PaymentIntent.objects.count() == 1


def test_no_key_and_no_account_of_anybody_comes_to_stand_anywhere(stripe):
    mirror(stripe, event("charge.succeeded", charge()))
    assert not APIKey.objects.exists()
    assert not Account.objects.exists()


def test_the_admin_shows_them(stripe, client, admin_user):
    mirror(stripe, event("payment_intent.succeeded", intent(customer=customer(), latest_charge=charge())))
    mirror(stripe, event("refund.created", refund()))
    client.force_login(admin_user)
    for row in (*PaymentIntent.objects.all(), *Charge.objects.all(), *Refund.objects.all(), *Customer.objects.all()):
        name = row._meta.model_name
        listed = client.get(f"/admin/djstripe/{name}/")
        assert listed.status_code == 200
        assert row.id in client.get(f"/admin/djstripe/{name}/{row.pk}/change/").content.decode()
    told = Event.objects.first()
    assert client.get(f"/admin/djstripe/event/{told.pk}/change/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_told_by_several_at_once_the_latest_stays(stripe, in_threads):
    told = [event("charge.refunded", charge(amount_refunded=each * 1000), at=AT + each) for each in range(1, 7)]
    in_threads(6, lambda number: mirror(stripe, told[number]))
    assert Charge.objects.get().amount_refunded == 6000
    assert Event.objects.count() == 6
