"""Payments through PayPal's orders (v2): the payer approves at PayPal, and then it is captured."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from integrations.limits import Rate
from integrations.money import BadAmount, to_paypal
from integrations.providers.paypal.orders import (
    CANCELLED_MARK,
    Order,
    amount_of,
    is_cancelled,
    merged,
    open_authorization,
    payments_of,
    refundable_capture,
    snapshot_of,
    unit_of,
    with_payments,
    with_unit,
)
from integrations.providers.paypal.rest import App, Rest, fetch_token
from integrations.providers.paypal.webhooks import PayPalWebhooks
from integrations.registry import provider
from integrations.schema import Credential, setting, web_address
from integrations.sealing import Secret
from integrations.spi import (
    Found,
    Health,
    OutcomeUnknown,
    PaymentRequest,
    PaymentSnapshot,
    PaymentStatus,
    ProviderError,
)
from integrations.transport import Line

ORDERS, PAYMENTS = "/v2/checkout/orders", "/v2/payments"
_LIVE_HOSTS = {"api-m.paypal.com", "api.paypal.com"}


@dataclass(frozen=True)
class PayPalConfig:
    """The app, and where PayPal answers."""

    client_id: str = setting("Apps & Credentials > the app > Client ID")
    api_url: str = setting(
        "PayPal's API; https://api-m.sandbox.paypal.com is its sandbox",
        default="https://api-m.paypal.com",
        is_address=True,
    )
    token_url: str = setting("Where tokens come from, if not from PayPal's API", default="", is_address=True)
    webhook_hours: int = setting(
        "How old a webhook may be; PayPal repeats one for three days", default=80, least=1, most=720
    )


@provider(
    "paypal",
    kind="payment",
    label="PayPal",
    config=PayPalConfig,
    credentials=[Credential("client_secret", about="Apps & Credentials > the app > Secret")],
    rate=Rate(per_minute=300, burst=30),
    webhook_secret="Apps & Credentials > the app > Webhooks > Webhook ID",
)
class PayPalOrders(PayPalWebhooks):
    """One app of one PayPal account. What is paid with is chosen by the payer, at PayPal."""

    def __init__(self, config: PayPalConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        api_url = web_address("config.api_url", config.api_url)
        token_url = web_address("config.token_url", config.token_url or f"{api_url}/v1/oauth2/token")
        self.line = line
        self.app = App(config.client_id, secrets["client_secret"], token_url)
        self.rest = Rest(api_url, self.app, line)
        self.tolerance = timedelta(hours=config.webhook_hours)
        self.is_live = urlsplit(api_url).hostname in _LIVE_HOSTS

    def check(self) -> Health:
        """Ask for a new token: one that is kept would be good although the secret is not any more."""
        told = fetch_token(self.app, self.line)
        where = "PayPal, where real money moves" if self.is_live else "PayPal's sandbox, where no real money moves"
        return Health(ok=True, detail=f"{where}, accepts the app {told.get('app_id') or self.app.client_id}.")

    def create(self, request: PaymentRequest) -> PaymentSnapshot:
        """An order that waits for its payer. Nothing is taken or held by making it."""
        unit = _wanted_unit(request)
        wanted = {
            "intent": "CAPTURE" if request.captures_at_once else "AUTHORIZE",
            "purchase_units": [unit],
            "payment_source": {"paypal": {"experience_context": _experience(request)}},
        }
        with self._reading():
            made = self.rest.post(ORDERS, wanted, key=request.key)
            return self._seen(merged({"purchase_units": [unit]}, made))

    def find(self, request: PaymentRequest, since: datetime) -> Found:
        """Ask for the order once more under the same key.

        PayPal answers with the first one as it stands, for six hours. Afterwards it makes another, which is as good:
        the payer is sent to an order by its answer, so nobody was ever sent to one whose answer never came.
        """
        return Found(payment=self.create(request))

    def fetch(self, ref: str) -> PaymentSnapshot:
        """The order as it stands. One that its payer approved to be held is held now: PayPal waits to be told.

        Being told twice is being told once, by the key; no money moves by it.
        """
        with self._reading():
            order = self._order(ref)
            try:
                return self._seen(self._held(order))
            except ProviderError as refused:
                if not refused.permanent:
                    raise
                return replace(self._seen(order), status=PaymentStatus.REQUIRES_ACTION, failure=str(refused))

    def capture(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        """What is left of a hold is let go. Of what was not held first, only the whole can be taken."""
        money = _money(amount_minor, currency)
        with self._reading():
            order = self._held(self._order(ref))
            if is_cancelled(order):
                raise ProviderError("This order was cancelled.", permanent=True)
            if order["intent"] == "AUTHORIZE":
                return self._seen(self._capture_hold(order, money, key))
            if amount_minor != amount_of(order):
                raise ProviderError("PayPal takes the whole of an order, or nothing.", permanent=True)
            return self._seen(merged(order, self.rest.post(f"{ORDERS}/{_in_path(ref)}/capture", {}, key=key)))

    def cancel(self, ref: str, *, key: str) -> PaymentSnapshot:
        """Let go of a hold. An order without one is marked as cancelled, and then never captured.

        PayPal can't take an order back: it forgets those that nobody paid after some hours.
        """
        with self._reading():
            order = self._order(ref)
            if payments_of(order, "captures"):
                raise ProviderError("It was paid already, and can only be refunded.", permanent=True)
            if hold := open_authorization(order):
                self.rest.post(f"{PAYMENTS}/authorizations/{_in_path(hold['id'])}/void", {}, key=key)
                return self._seen(with_payments(order, "authorizations", [{**hold, "status": "VOIDED"}]))
            return self._seen(order if is_cancelled(order) else self._mark_cancelled(order))

    def refund(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        money = _money(amount_minor, currency)
        with self._reading():
            order = self._order(ref)
            capture = refundable_capture(order, amount_minor)
            if capture is None:
                raise ProviderError("There is no payment of that much to be given back.", permanent=True)
            path = f"{PAYMENTS}/captures/{_in_path(capture['id'])}/refund"
            refund = {"status": "PENDING", "amount": money, **self.rest.post(path, {"amount": money}, key=key)}
            if refund["status"] in {"FAILED", "CANCELLED"}:
                raise ProviderError(f"PayPal says that the refund is {refund['status']}.", permanent=True)
            return self._seen(with_payments(order, "refunds", [*payments_of(order, "refunds"), refund]))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Raises ProviderError for an answer that is none of PayPal's, although it looks like one."""
        try:
            yield
        except (LookupError, TypeError, AttributeError, ValueError):
            words = "The answer is not PayPal's."
            raise (OutcomeUnknown(words) if self.rest.wrote else ProviderError(words)) from None

    def _seen(self, order: Order) -> PaymentSnapshot:
        return snapshot_of(order, is_live=self.is_live)

    def _order(self, ref: str) -> Order:
        return self.rest.get(f"{ORDERS}/{_in_path(ref)}")

    def _held(self, order: Order) -> Order:
        """``order``, held if it is to be and its payer has approved it."""
        is_due = order.get("intent") == "AUTHORIZE" and order.get("status") == "APPROVED"
        if not is_due or is_cancelled(order) or payments_of(order, "authorizations"):
            return order
        path = f"{ORDERS}/{_in_path(order['id'])}/authorize"
        return merged(order, self.rest.post(path, {}, key=f"{order['id']}-authorize"))

    def _capture_hold(self, order: Order, money: dict[str, str], key: str) -> Order:
        hold = open_authorization(order)
        if hold is None:
            raise ProviderError("Nothing is held any more, or not yet.", permanent=True)
        path = f"{PAYMENTS}/authorizations/{_in_path(hold['id'])}/capture"
        taken = self.rest.post(path, {"amount": money, "final_capture": True}, key=key)
        return with_payments(order, "captures", [{"status": "PENDING", "amount": money, **taken}])

    def _mark_cancelled(self, order: Order) -> Order:
        unit = unit_of(order)
        mark = f"{CANCELLED_MARK}{unit.get('custom_id', '')}"
        path = f"/purchase_units/@reference_id=='{unit.get('reference_id', 'default')}'/custom_id"
        change = {"op": "replace", "path": path, "value": mark}
        self.rest.patch(f"{ORDERS}/{_in_path(order['id'])}", [change])
        return with_unit(order, custom_id=mark)


def _wanted_unit(request: PaymentRequest) -> dict[str, Any]:
    if request.method:
        raise ProviderError("The payer chooses at PayPal what to pay with: leave the method empty.", permanent=True)
    unit: dict[str, Any] = {"custom_id": request.key, "amount": _money(request.amount_minor, request.currency)}
    if request.description:
        unit["description"] = request.description[:127]
    if request.reference:
        # PayPal takes each invoice number once, also where the first try came to nothing.
        unit["invoice_id"] = f"{request.reference[:100]} / {request.key[:8]}"
    return unit


def _experience(request: PaymentRequest) -> dict[str, str]:
    context = {"user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING"}
    if request.return_url:
        context |= {"return_url": request.return_url, "cancel_url": request.return_url}
    return context


def _money(amount_minor: int, currency: str) -> dict[str, str]:
    try:
        return {"currency_code": currency, "value": to_paypal(amount_minor, currency)}
    except BadAmount as error:
        raise ProviderError(str(error), permanent=True) from None


def _in_path(ident: str) -> str:
    return quote(ident, safe="")
