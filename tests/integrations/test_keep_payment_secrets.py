"""After money was asked for, taken, told of and refused, no secret of a gateway stands anywhere."""

import json
import logging
import time
import traceback
from typing import Any

import pytest
import stripe
from djstripe.models import APIKey, PaymentIntent

from estateman.common import clock
from integrations import services
from integrations.models import Integration, WebhookEvent
from integrations.services.payments import PaymentDeclined, PaymentOrder, process_payment, refresh_payment
from integrations.services.webhooks_processing import process_due
from integrations.services.webhooks_secrets import add_webhook_secret
from integrations.spi import AuthFailed
from tests.support.http import HttpServer, Reply
from tests.support.stored import everything_stored

pytestmark = pytest.mark.django_db(transaction=True)
API_KEY, SIGNING = "sk_test_gateway_0815_4711_abcdef", "whsec_gateway_0815_4711_abcdef"
CLIENT_SECRET, BEARER = "paypal-secret-0815-4711-abcdef", "A21AA-bearer-0815-4711-abcdef"
PAYER_SECRET = "pi_1_secret_0815_4711"
SECRETS = (API_KEY, SIGNING, CLIENT_SECRET, BEARER, PAYER_SECRET)


def intent(status: str = "succeeded", **changes: Any) -> dict[str, Any]:
    charge = {"id": "ch_1", "object": "charge", "amount": 12000, "amount_captured": 12000, "amount_refunded": 0}
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 12000,
        "currency": "eur",
        "status": status,
        "created": int(time.time()),
        "client_secret": PAYER_SECRET,
        "latest_charge": charge,
        **changes,
    }


@pytest.fixture
def vendor():
    with HttpServer() as running:
        yield running


def make(provider: str, vendor: HttpServer, by: Any, **config: Any) -> Integration:
    credentials = {"api_key": API_KEY} if provider == "stripe" else {"client_secret": CLIENT_SECRET}
    return services.create_integration(
        provider=provider,
        name=provider,
        mode="sandbox",
        config={"api_url": vendor.url, **config},
        credentials=credentials,
        by=by,
    )


def quoting(secret: str) -> dict[str, Any]:
    """A refusal that repeats what it was told, as some do."""
    words = f"Not with {secret}"
    return {"message": words, "error": {"type": "invalid_request_error", "message": words}}


def tell(client: Any, integration: Integration) -> Any:
    told = {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": int(time.time())}
    body = json.dumps({**told, "livemode": False, "data": {"object": intent()}})
    signature = stripe.WebhookSignature.generate_signature_header(body, SIGNING, int(clock.now().timestamp()))
    path = f"/api/v1/integrations/webhooks/stripe/{integration.uuid}"
    return client.post(path, body, content_type="application/json", headers={"Stripe-Signature": signature})


def assert_silent(caplog: pytest.LogCaptureFixture, *texts: str) -> None:
    logged = "\n".join(f"{record.getMessage()}\n{record.exc_text}" for record in caplog.records)
    for secret in SECRETS:
        for text in (everything_stored(), logged, *texts):
            assert secret not in text


def test_at_stripe(vendor, manager, client, caplog):
    caplog.set_level(logging.DEBUG)
    made = make("stripe", vendor, manager)
    add_webhook_secret(made, secret=SIGNING, by=manager)
    vendor.answer("POST", "/v1/payment_intents", Reply(200, intent()))
    payment = process_payment(
        PaymentOrder(amount_minor=12000, currency="EUR", method="pm_1", invoice="1"), key="k", by=manager
    )
    assert payment.status == "captured"
    assert tell(client, made).status_code == 200
    vendor.answer("GET", "/v1/payment_intents/pi_1", Reply(200, intent()))
    process_due()
    assert WebhookEvent.objects.get().status == "processed"
    assert PaymentIntent.objects.get().id == "pi_1"
    vendor.answer("GET", "/v1/payment_intents/pi_1", Reply(401, quoting(API_KEY)))
    with pytest.raises(AuthFailed) as refused:
        refresh_payment(payment)
    assert not APIKey.objects.exists()
    shown = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    assert_silent(caplog, "".join(shown.format()))


def test_at_paypal(vendor, manager, caplog):
    caplog.set_level(logging.DEBUG)
    make("paypal", vendor, manager, client_id="client-4711")
    vendor.answer("POST", "/v1/oauth2/token", Reply(200, {"access_token": BEARER, "expires_in": 32400}))
    vendor.answer("POST", "/v2/checkout/orders", Reply(422, quoting(CLIENT_SECRET)))
    with pytest.raises(PaymentDeclined) as refused:
        process_payment(PaymentOrder(amount_minor=12000, currency="EUR", invoice="1"), key="k", by=manager)
    shown = traceback.TracebackException.from_exception(refused.value, capture_locals=True)
    assert_silent(caplog, "".join(shown.format()))
