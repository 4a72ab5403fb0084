"""The payer's receipt, and who hears of what became of a payment."""

import pytest

from integrations.models import Message
from integrations.services.payments import (
    capture_payment,
    process_payment,
    queue_receipt,
    reconcile_due,
    refund_payment,
)
from notifications.models import Notification
from tasks.services import open_project
from tests.support.gateway import order

pytestmark = pytest.mark.django_db


WISH = order(receipt_email="buyer@example.com", description="Earnest money")


def told(user) -> list[str]:
    return list(Notification.objects.for_user(user).order_by("seq").values_list("title", flat=True))


def test_a_payer_who_left_an_address_is_sent_a_receipt_once(paying, manager, settle):
    payment = process_payment(
        order(receipt_email="buyer@example.com", description="Earnest money"), key="1", by=manager
    )
    settle()
    queue_receipt(payment)
    message = Message.objects.get()
    assert (message.to, message.channel) == ("buyer@example.com", "email")
    assert message.subject == f"Receipt R-{payment.created_at:%Y}-{payment.pk:06d} from Estateman"
    assert "For: Earnest money, invoice 2026-114" in message.text
    assert "Paid: 2500.00 USD" in message.text
    assert "Given back" not in message.text


def test_what_is_given_back_later_sends_no_second_one(paying, manager, settle):
    payment = process_payment(order(receipt_email="buyer@example.com"), key="1", by=manager)
    settle()
    refund_payment(payment, key="r", by=manager)
    settle()
    payment.refresh_from_db()
    queue_receipt(payment)
    assert Message.objects.count() == 1


def test_what_is_only_held_has_none_until_it_is_captured(paying, manager, settle):
    held = process_payment(order(receipt_email="buyer@example.com", captures_at_once=False), key="1", by=manager)
    settle()
    assert not Message.objects.exists()
    capture_payment(held, key="c", by=manager)
    settle()
    assert Message.objects.count() == 1


def test_who_left_no_address_is_sent_none(paying, manager, settle):
    process_payment(order(), key="1", by=manager)
    settle()
    assert not Message.objects.exists()


def test_a_payment_found_by_reading_sends_its_receipt_too(paying, gateway, manager, settle):
    gateway.after = gateway.hang_up
    payment = process_payment(order(receipt_email="buyer@example.com"), key="1", by=manager)
    settle()
    assert not Message.objects.exists()
    payment.operations.update(next_attempt_at=payment.created_at)
    reconcile_due()
    settle()
    assert Message.objects.count() == 1


def test_whoever_took_it_hears_that_its_outcome_is_not_known(paying, gateway, coordinator, manager, settle):
    gateway.after = gateway.hang_up
    deal = open_project(name="12 Quay Street", kind="listing", starts_on=None, by=coordinator)
    process_payment(order(room=f"project:{deal.pk}"), key="1", by=coordinator)
    settle()
    assert told(coordinator) == ["It is not known yet whether the payment of 2500.00 USD went through"]
    assert Notification.objects.for_user(coordinator).get().url == f"/projects/{deal.pk}/board"
    assert told(manager) == []


def test_whoever_took_it_hears_that_it_failed(paying, coordinator, settle):
    with pytest.raises(Exception, match="declined"):
        process_payment(order(method="pm_decline"), key="1", by=coordinator)
    settle()
    assert told(coordinator) == ["2500.00 USD for invoice 2026-114 was not paid"]
