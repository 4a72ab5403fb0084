"""PayPal's provider against a mock of PayPal's own description of its orders: no request breaks it."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from integrations.providers.paypal import rest
from integrations.registry import find_provider
from integrations.sealing import Secret
from integrations.spi import PaymentRequest, ProviderError
from integrations.transport import Line
from tests.support import standins
from tests.support.http import HttpServer, Reply
from tests.support.standins import SPECS, StandIn, violations

KEY, ORDER = "3f2a9c1b-0000-4000-8000-000000000001", "5O190127TN364715T"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def description(tmp_path_factory) -> str:
    """PayPal's description, with what Prism stumbles over taken out.

    Three patterns are none to JavaScript, for which Prism silently checks no body at all; and without examples of money
    it makes up amounts that are none.
    """
    told = json.loads((SPECS / "paypal_checkout_orders_v2.json").read_text(encoding="utf-8"))
    schemas = told["components"]["schemas"]
    del schemas["email"]["pattern"]
    del schemas["level_2_card_processing_data"]["properties"]["invoice_id"]["pattern"]
    del schemas["vault_venmo_wallet_base"]["allOf"][1]["properties"]["description"]["pattern"]
    for money in (schemas["money"], schemas["money-2"]):
        money["properties"]["value"]["example"] = "120.50"
    for currency in (schemas["currency_code"], schemas["currency_code-2"]):
        currency["example"] = "USD"
    path = tmp_path_factory.mktemp("paypal") / "orders.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return str(path)


@pytest.fixture
def orders(prism, description) -> StandIn:
    return prism(description)


@pytest.fixture
def account(orders, monkeypatch):
    """Its tokens come from elsewhere: the description knows none."""
    monkeypatch.setattr(rest, "tokens", rest._Tokens())
    with HttpServer() as tokens:
        tokens.answer("POST", "/v1/oauth2/token", Reply(200, {"access_token": "t-1", "expires_in": 32400}))
        found = find_provider("paypal")
        assert found
        config = {"client_id": "c", "api_url": orders.url, "token_url": f"{tokens.url}/v1/oauth2/token"}
        yield found.build(config, {"client_secret": Secret("s")}, Line())


def request(**changes: Any) -> PaymentRequest:
    return PaymentRequest(**{"key": KEY, "amount_minor": 12050, "currency": "USD", **changes})


def test_an_order_is_asked_for_as_paypal_describes_it(orders, account):
    made = account.create(
        request(description="Reservation", reference="INV-7", return_url="https://office.example/paid")
    )
    assert (made.amount_minor, made.currency) == (12050, "USD")
    assert account.find(request(), SINCE).payment.ref == made.ref
    account.create(request(captures_at_once=False, amount_minor=500, currency="JPY"))
    assert violations(orders) == []


def test_every_other_call_is_as_described_too(orders, account):
    assert account.fetch(ORDER).ref
    order = account._order(ORDER)
    account.rest.post(f"/v2/checkout/orders/{ORDER}/capture", {}, key=KEY)
    account.rest.post(f"/v2/checkout/orders/{ORDER}/authorize", {}, key=f"{ORDER}-authorize")
    account._mark_cancelled({**order, "id": ORDER})
    assert violations(orders) == []


def test_the_mock_does_find_what_is_wrong(description):
    with standins.prism(description) as another:
        headers = {"Authorization": "Bearer t"}
        asked = httpx.post(f"{another.url}/v2/checkout/orders", json={"intent": "STEAL"}, headers=headers)
        assert asked.status_code == 422
        assert violations(another) != []


def test_what_is_no_order_is_told_as_the_vendor_does(orders, account):
    with pytest.raises(ProviderError):
        account.rest.get("/v2/checkout/nothing")
