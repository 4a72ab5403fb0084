"""The gateway for demo and development: it remembers, makes trouble when asked to, and can't be live."""

import pytest
from django.core.exceptions import ValidationError

from estateman.common import clock
from estateman.common.rooms import room_of
from integrations import services as integrations
from integrations.demo import load_integrations, load_payments
from integrations.models import Payment
from integrations.services.payments import (
    PaymentDeclined,
    capture_payment,
    process_payment,
    reconcile_due,
    refresh_payment,
    refund_payment,
)
from tasks.services import open_project
from tests.support.gateway import order

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(manager, settings, tmp_path):
    """Whose only gateway is the sandbox."""
    settings.DATA_DIR = tmp_path
    return integrations.create_integration(
        provider="sandbox_payment", name="Sandbox", mode="sandbox", config={}, credentials={}, by=manager
    )


def test_it_refuses_to_be_live(manager):
    with pytest.raises(ValidationError, match="sandbox only"):
        integrations.create_integration(
            provider="sandbox_payment", name="Sandbox", mode="live", config={}, credentials={}, by=manager
        )


def test_it_says_that_no_money_moves(office, manager):
    assert "moves no money" in integrations.test_integration(office, by=manager).detail


def test_it_takes_holds_captures_and_gives_back(office, manager):
    paid = process_payment(order(), key="1", by=manager)
    assert (paid.status, paid.is_live) == ("captured", False)
    assert refund_payment(paid, amount_minor=100, key="2", by=manager).refunded_minor == 100
    held = process_payment(order(invoice="2", captures_at_once=False), key="3", by=manager)
    assert held.status == "authorised"
    assert capture_payment(held, amount_minor=5, key="4", by=manager).captured_minor == 5


def test_it_remembers_for_another_process(office, manager):
    paid = process_payment(order(), key="1", by=manager)
    refund_payment(paid, key="2", by=manager)
    assert refresh_payment(paid).status == "refunded"


def test_it_declines_when_asked_to(office, manager):
    with pytest.raises(PaymentDeclined, match="sandbox declined"):
        process_payment(order(method="pm_decline"), key="1", by=manager)


def test_it_wants_the_payer_to_act_once(office, manager):
    payment = process_payment(order(method="pm_action"), key="1", by=manager)
    assert payment.status == "requires_action"
    assert payment.action_url
    done = refresh_payment(payment)
    assert (done.status, done.action_url) == ("captured", "")


def test_it_falls_silent_when_asked_to_and_is_found_out(office, manager):
    payment = process_payment(order(method="pm_silence"), key="1", by=manager)
    assert (payment.status, payment.is_unknown) == ("new", True)
    payment.operations.update(next_attempt_at=clock.now())
    reconcile_due()
    payment.refresh_from_db()
    assert (payment.status, payment.is_unknown) == ("captured", False)


def test_the_demo_office_has_some_payments_and_gets_them_once(manager, coordinator, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    deals = [open_project(name=name, kind="listing", starts_on=None, by=coordinator) for name in "abc"]
    load_integrations(staff={"maria": manager})
    for rooms in ([room_of(deal) for deal in deals], [room_of(deal) for deal in reversed(deals)]):
        load_payments(by=manager, rooms=rooms)
    found = Payment.objects.order_by("pk").values_list("status", "room")
    assert list(found) == [
        ("captured", room_of(deals[0])),
        ("authorised", room_of(deals[1])),
        ("partially_refunded", room_of(deals[2])),
    ]
