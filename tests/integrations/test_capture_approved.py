"""A payer says yes at PayPal, or never answers: what was to be taken at once is taken then, once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from estateman.activity.models import Activity
from estateman.common import clock
from integrations import services
from integrations.models import Integration, Payment, PaymentOperation, WebhookEvent
from integrations.services.payments import (
    PaymentOrder,
    cancel_payment,
    capture_approved,
    capture_payment,
    look_after_waiting,
    process_payment,
    refresh_payment,
    refresh_payment_by_ref,
)
from integrations.services.payments.approvals import MOST_TRIES
from integrations.services.payments.keeping import FORGOTTEN
from integrations.services.webhooks_processing import process_due
from integrations.spi import Gone
from tests.support.http import HttpServer, Reply

pytestmark = pytest.mark.django_db
ORDERS = "/v2/checkout/orders"
ORDER = f"{ORDERS}/5O1"


def order(status: str, **payments: Any) -> dict[str, Any]:
    unit = {"reference_id": "default", "amount": {"currency_code": "EUR", "value": "120.50"}, "payments": payments}
    link = {"rel": "payer-action", "href": "https://www.paypal.com/checkoutnow?token=5O1"}
    return {"id": "5O1", "intent": "CAPTURE", "status": status, "purchase_units": [unit], "links": [link]}


def paid(status: str = "COMPLETED") -> dict[str, Any]:
    capture = {"id": "C-1", "status": status, "amount": {"currency_code": "EUR", "value": "120.50"}}
    return order("COMPLETED", captures=[capture])


@pytest.fixture
def paypal():
    with HttpServer() as running:
        running.answer("POST", "/v1/oauth2/token", Reply(200, {"access_token": "t", "expires_in": 32400}))
        running.answer("POST", ORDERS, Reply(201, order("PAYER_ACTION_REQUIRED")))
        running.answer("GET", ORDER, Reply(200, order("APPROVED")))
        running.answer("POST", f"{ORDER}/capture", Reply(201, paid()))
        yield running


@pytest.fixture
def account(paypal, manager) -> Integration:
    return services.create_integration(
        provider="paypal",
        name="PayPal",
        config={"client_id": "client-4711", "api_url": paypal.url},
        credentials={"client_secret": "paypal-secret-0123456789"},
        by=manager,
    )


@pytest.fixture
def waiting(account, manager) -> Payment:
    """A payment whose payer was sent to PayPal."""
    payment = process_payment(PaymentOrder(amount_minor=12050, currency="EUR", invoice="INV-7"), key="k", by=manager)
    assert payment.status == "requires_action"
    assert payment.action_url.startswith("https://www.paypal.com/")
    return payment


def told(account: Integration, ident: str = "WH-1") -> WebhookEvent:
    return WebhookEvent.objects.create(
        integration=account,
        provider_event_id=ident,
        kind="CHECKOUT.ORDER.APPROVED",
        payload={"id": ident, "event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "5O1"}},
        digest="d",
    )


def captures(paypal: HttpServer) -> int:
    return len(paypal.asked_for("POST", f"{ORDER}/capture"))


def test_an_approved_order_is_captured_when_it_is_told(paypal, account, waiting):
    event = told(account)
    process_due()
    waiting.refresh_from_db()
    event.refresh_from_db()
    assert (waiting.status, waiting.captured_minor, event.status) == ("captured", 12050, "processed")
    operation = waiting.operations.get(kind="capture")
    (asked,) = paypal.asked_for("POST", f"{ORDER}/capture")
    assert asked.headers["paypal-request-id"] == str(operation.key)


def test_told_again_it_is_captured_no_more(paypal, account, waiting):
    told(account)
    told(account, "WH-2")
    process_due()
    refresh_payment_by_ref(account, ref="5O1")
    waiting.refresh_from_db()
    capture_approved(waiting)
    assert captures(paypal) == 1


def test_what_is_only_to_be_held_waits_for_people(paypal, account, waiting, manager):
    Payment.objects.update(captures_at_once=False)
    told(account)
    process_due()
    waiting.refresh_from_db()
    assert (waiting.status, captures(paypal)) == ("authorised", 0)


def test_where_it_is_refused_people_may_try_again(paypal, account, waiting, manager):
    refused = {"details": [{"issue": "INSTRUMENT_DECLINED", "description": "Choose another."}]}
    paypal.answer("POST", f"{ORDER}/capture", Reply(422, refused), Reply(201, paid()))
    told(account)
    told(account, "WH-2")
    process_due()
    waiting.refresh_from_db()
    assert (waiting.status, captures(paypal)) == ("authorised", 1)
    assert "INSTRUMENT_DECLINED" in waiting.operations.get(kind="capture").error
    told_of = Activity.objects.get(kind="payment.operation_failed").payload
    assert (told_of["operation"], told_of["amount_minor"]) == ("capture", 12050)
    assert "INSTRUMENT_DECLINED" in told_of["reason"]
    assert capture_payment(waiting, key="again", by=manager).status == "captured"


def test_a_cancelled_order_is_not_captured_though_its_payer_approves(paypal, account, waiting, manager):
    paypal.answer("GET", ORDER, Reply(200, order("PAYER_ACTION_REQUIRED")))
    paypal.answer("PATCH", ORDER, Reply(204, ""))
    cancel_payment(waiting, key="c", by=manager)
    mark = paypal.asked_for("PATCH", ORDER)[0].json[0]["value"]
    approved = order("APPROVED")
    approved["purchase_units"][0]["custom_id"] = mark
    paypal.answer("GET", ORDER, Reply(200, approved))
    told(account)
    process_due()
    waiting.refresh_from_db()
    assert (waiting.status, captures(paypal)) == ("cancelled", 0)


@pytest.mark.django_db(transaction=True)
def test_told_to_several_at_once_it_is_captured_once(paypal, account, waiting, in_threads):
    refresh_payment_by_ref(account, ref="5O1")
    in_threads(4, lambda number: capture_approved(Payment.objects.get(pk=waiting.pk)))
    assert captures(paypal) == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.captured_minor) == ("captured", 12050)


def test_an_approval_that_nobody_told_of_is_seen_by_looking(paypal, account, waiting):
    assert look_after_waiting() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert look_after_waiting() == 1
        assert look_after_waiting() == 0
    waiting.refresh_from_db()
    assert (waiting.status, waiting.captured_minor, captures(paypal)) == ("captured", 12050, 1)


def test_the_longer_a_payer_waits_the_rarer_is_the_look_and_in_the_end_there_is_none(paypal, account, waiting):
    paypal.answer("GET", ORDER, Reply(200, order("PAYER_ACTION_REQUIRED")))
    looked = []
    for hours in (10, 10.5, 11.5, 24 * 31):
        with time_machine.travel(waiting.created_at + timedelta(hours=hours)):
            looked.append(look_after_waiting())
    assert looked == [1, 0, 1, 0]


def test_one_that_can_not_be_looked_at_does_not_stop_the_rest(paypal, account, waiting, manager):
    paypal.answer("POST", ORDERS, Reply(201, order("PAYER_ACTION_REQUIRED") | {"id": "5O2"}))
    other = process_payment(PaymentOrder(amount_minor=12050, currency="EUR", invoice="INV-8"), key="k2", by=manager)
    paypal.answer("GET", ORDER, Reply(422, {"message": "No."}))
    paypal.answer("GET", f"{ORDERS}/5O2", Reply(200, order("PAYER_ACTION_REQUIRED") | {"id": "5O2"}))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert look_after_waiting() == 2
        other.refresh_from_db()
    assert other.read_at > waiting.read_at


BUSY = Reply(429, {"name": "RATE_LIMIT_REACHED"}, {"Retry-After": "60"})


def failures_told() -> int:
    return Activity.objects.filter(kind="payment.operation_failed").count()


def test_what_failed_for_a_passing_reason_is_tried_anew_by_the_next_look(paypal, account, waiting):
    paypal.answer("POST", f"{ORDER}/capture", BUSY, Reply(201, paid()))
    told(account)
    process_due()
    waiting.refresh_from_db()
    assert (waiting.status, captures(paypal)) == ("authorised", 1)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        look_after_waiting()
    waiting.refresh_from_db()
    assert (waiting.status, captures(paypal), failures_told()) == ("captured", 2, 0)
    kept = waiting.operations.filter(kind="capture").order_by("pk").values_list("idempotency_key", "state")
    assert list(kept) == [("on-approval:1", "failed"), ("on-approval:2", "done")]


def test_or_by_the_next_webhook(paypal, account, waiting):
    paypal.answer("POST", f"{ORDER}/capture", BUSY, Reply(201, paid()))
    told(account)
    process_due()
    told(account, "WH-2")
    process_due()
    waiting.refresh_from_db()
    assert waiting.status == "captured"


def test_what_fails_again_and_again_is_given_up_and_told_once(paypal, account, waiting):
    refresh_payment_by_ref(account, ref="5O1")
    paypal.answer("POST", f"{ORDER}/capture", BUSY)
    waiting.refresh_from_db()
    for tried in range(1, MOST_TRIES + 3):
        capture_approved(waiting)
        assert failures_told() == (1 if tried >= MOST_TRIES else 0)
    assert PaymentOperation.objects.filter(kind="capture").count() == captures(paypal) == MOST_TRIES


class TestAnOrderThatPayPalForgot:
    @pytest.fixture(autouse=True)
    def forgotten(self, paypal, waiting):
        """Nobody approved it for hours."""
        details = [{"issue": "INVALID_RESOURCE_ID", "description": "Specified resource ID does not exist."}]
        paypal.answer("GET", ORDER, Reply(404, {"name": "RESOURCE_NOT_FOUND", "details": details}))

    def test_is_cancelled_when_it_is_looked_at_and_its_invoice_may_be_paid_anew(self, paypal, waiting, manager):
        with time_machine.travel(clock.now() + timedelta(hours=7)):
            assert look_after_waiting() == 1
            assert look_after_waiting() == 0
        waiting.refresh_from_db()
        assert (waiting.status, waiting.failure, waiting.can) == ("cancelled", FORGOTTEN, [])
        assert Activity.objects.filter(kind="payment.cancelled").count() == 1
        paypal.answer("POST", ORDERS, Reply(201, order("PAYER_ACTION_REQUIRED") | {"id": "5O2"}))
        anew = PaymentOrder(amount_minor=12050, currency="EUR", invoice="INV-7")
        assert process_payment(anew, key="k2", by=manager).status == "requires_action"

    def test_is_cancelled_when_people_cancel_it(self, waiting, manager):
        assert cancel_payment(waiting, key="c", by=manager).status == "cancelled"
        assert waiting.operations.get(kind="cancel").state == "done"

    def test_is_a_mistake_where_it_was_paid(self, waiting):
        Payment.objects.update(status="captured", captured_minor=12050)
        with pytest.raises(Gone):
            refresh_payment(waiting)
        waiting.refresh_from_db()
        assert waiting.status == "captured"

    def test_is_not_told_by_any_other_404(self, paypal, waiting):
        paypal.answer("GET", ORDER, Reply(404, "Not here", {"Content-Type": "text/plain"}))
        with time_machine.travel(clock.now() + timedelta(hours=7)):
            look_after_waiting()
        waiting.refresh_from_db()
        assert waiting.status == "requires_action"


def test_a_look_that_fails_counts_as_a_look(paypal, account, waiting):
    paypal.answer("GET", ORDER, Reply(422, {"message": "No."}))
    looked = []
    for hours in (10, 10.5, 11.5):
        with time_machine.travel(waiting.created_at + timedelta(hours=hours)):
            looked.append(look_after_waiting())
    assert looked == [1, 0, 1]


def test_whatever_breaks_does_not_stop_the_rest_and_those_unseen_for_longest_go_first(
    paypal, account, waiting, manager, monkeypatch
):
    paypal.answer("POST", ORDERS, Reply(201, order("PAYER_ACTION_REQUIRED") | {"id": "5O2"}))
    other = process_payment(PaymentOrder(amount_minor=12050, currency="EUR", invoice="INV-8"), key="k2", by=manager)
    Payment.objects.filter(pk=waiting.pk).update(looked_at=clock.now() + timedelta(minutes=1))
    seen, lookout = [], "integrations.services.payments.waiting"

    def break_down(payment):
        seen.append(payment.pk)
        raise LookupError

    monkeypatch.setattr(f"{lookout}.refresh_payment", break_down)
    monkeypatch.setattr(f"{lookout}.BATCH", 1)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        while look_after_waiting():
            pass
    assert seen == [other.pk, waiting.pk]
