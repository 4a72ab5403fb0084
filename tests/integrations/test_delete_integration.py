"""Deleting an integration: not while its money moves, and nothing secret stays behind."""

from contextlib import suppress

import pytest

from integrations import services
from integrations.models import ConsentRequest, Grant, Integration, IntegrationLog, Payment, PaymentOperation
from integrations.services import IntegrationGone, PaymentsUndecided
from integrations.services.payments import (
    cancel_payment,
    capture_payment,
    process_payment,
    refund_payment,
    taking,
)
from integrations.services.payments.orders import choose_gateway
from integrations.spi import PaymentStatus
from tests.support.gateway import order
from tests.support.http import Reply

pytestmark = pytest.mark.django_db
GONE = "was deleted, and its credentials with it"


@pytest.fixture
def paid(paying, manager) -> Payment:
    return process_payment(order(), key="pay", by=manager)


@pytest.mark.parametrize("status", ["new", "requires_action", "processing", "authorised"])
def test_a_payment_that_can_still_be_taken_keeps_it(paying, paid, manager, api, status):
    Payment.objects.update(status=status)
    answer = api(manager).delete(f"/api/v1/integrations/{paying.pk}")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "payments_undecided")
    assert answer.data["payments"] == [paid.pk]
    assert Integration.objects.get(pk=paying.pk).deleted_at is None


@pytest.mark.parametrize("status", ["captured", "partially_refunded", "refunded", "cancelled", "failed"])
def test_one_that_is_over_does_not(paying, paid, manager, status):
    Payment.objects.update(status=status)
    services.delete_integration(paying, by=manager)
    assert Integration.objects.get(pk=paying.pk).deleted_at is not None


def test_what_is_held_is_let_go_first(paying, manager):
    held = process_payment(order(captures_at_once=False), key="hold", by=manager)
    with pytest.raises(PaymentsUndecided, match="capture them or cancel them"):
        services.delete_integration(paying, by=manager)
    cancel_payment(held, key="let go", by=manager)
    services.delete_integration(paying, by=manager)


def test_the_admin_does_not_delete_it_either(paying, manager, client):
    process_payment(order(captures_at_once=False), key="hold", by=manager)
    client.force_login(manager)
    page = f"/admin/integrations/integration/{paying.pk}/delete/"
    assert "2500.00 USD" in client.get(page).content.decode()
    client.post(page, {"post": "yes"})
    assert Integration.objects.get(pk=paying.pk).deleted_at is None


def test_no_secret_of_it_stays(beacon, google, vendor, connected, manager):
    made = beacon(secrets=["whsec_the_older_one", "whsec_the_newer_one"])
    connected(manager)
    services.ask_consent(google, by=manager)
    for integration in (made, google):
        services.delete_integration(integration, by=manager)
        assert Integration.objects.get(pk=integration.pk).secrets() == {}
        assert not integration.webhook_secrets.exists()
    assert not Grant.objects.exists()
    assert not ConsentRequest.objects.exists()


def test_the_vendor_is_told_of_the_consents_once_it_is_deleted(
    google, vendor, connected, manager, api, django_capture_on_commit_callbacks
):
    connected(manager)
    with django_capture_on_commit_callbacks(execute=True):
        assert api(manager).delete(f"/api/v1/integrations/{google.pk}").status_code == 204
        assert vendor.refresh_tokens
    assert not vendor.refresh_tokens
    assert IntegrationLog.objects.get(operation="revoke_tokens").ok


def test_a_vendor_that_cannot_be_told_changes_nothing(
    google, vendor, connected, manager, django_capture_on_commit_callbacks
):
    connected(manager)
    vendor.answer("POST", "/revoke", Reply(500))
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_integration(google, by=manager)
    assert not Grant.objects.exists()
    assert Integration.objects.get(pk=google.pk).status == "disabled"


def test_one_that_is_deleted_is_neither_edited_nor_deleted_again(sandbox, manager):
    stale = Integration.objects.get(pk=sandbox.pk)
    services.delete_integration(sandbox, by=manager)
    with pytest.raises(IntegrationGone, match=GONE):
        services.edit_integration(stale, changes={"status": "active"}, by=manager)
    with pytest.raises(IntegrationGone, match=GONE):
        services.delete_integration(stale, by=manager)
    assert Integration.objects.get().status == "disabled"


def test_no_payment_begins_on_one_that_was_deleted_meanwhile(paying, gateway, manager, monkeypatch):
    def choose_and_delete(wanted):
        found = choose_gateway(wanted)
        services.delete_integration(Integration.objects.get(pk=found.pk), by=manager)
        return found

    monkeypatch.setattr(taking, "choose_gateway", choose_and_delete)
    with pytest.raises(IntegrationGone, match=GONE):
        process_payment(order(), key="k1", by=manager)
    assert not Payment.objects.exists()
    assert gateway.asked == []


@pytest.mark.parametrize(
    ("move", "status"),
    [(capture_payment, "authorised"), (cancel_payment, "authorised"), (refund_payment, "captured")],
)
def test_money_is_not_moved_through_one_that_is_deleted(paying, paid, gateway, manager, move, status):
    services.delete_integration(paying, by=manager)
    Payment.objects.update(status=status, captured_minor=0 if status == "authorised" else paid.captured_minor)
    asked = len(gateway.asked)
    with pytest.raises(IntegrationGone, match=GONE):
        move(paid, key="late", by=manager)
    assert PaymentOperation.objects.count() == 1
    assert len(gateway.asked) == asked


def test_the_api_says_so(paying, paid, manager, api):
    services.delete_integration(paying, by=manager)
    path = f"/api/v1/integrations/payments/{paid.pk}/refund"
    answer = api(manager).post(path, {}, headers={"Idempotency-Key": "late"})
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (409, "integration_gone")


def test_a_refund_that_was_made_before_is_still_answered(paying, paid, manager):
    refund_payment(paid, key="back", by=manager)
    services.delete_integration(paying, by=manager)
    assert refund_payment(paid, key="back", by=manager).status == PaymentStatus.REFUNDED


@pytest.mark.django_db(transaction=True)
def test_paying_and_deleting_at_once_leave_no_payment_without_its_integration(paying, manager, in_threads):
    """Whoever comes first holds the integration: the other finds a payment, or none to pay through."""

    def one(number):
        if number:
            with suppress(PaymentsUndecided):
                services.delete_integration(Integration.objects.get(pk=paying.pk), by=manager)
            return None
        return process_payment(order(captures_at_once=False), key="k1", by=manager)

    came = in_threads(2, one)[0]
    is_gone = Integration.objects.get(pk=paying.pk).deleted_at is not None
    assert is_gone == (not Payment.objects.exists())
    assert isinstance(came, Payment) != is_gone
