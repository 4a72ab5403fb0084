"""Payments through Stripe, by its official SDK on our own line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import stripe

from integrations.limits import Rate
from integrations.money import BadAmount, to_stripe
from integrations.providers.stripe.line import HttpClient, refusal, unreadable
from integrations.providers.stripe.reading import KEY, LATEST_CHARGE, failure_of, snapshot_of
from integrations.providers.stripe.webhooks import StripeWebhooks
from integrations.registry import provider
from integrations.schema import Credential, setting, web_address
from integrations.sealing import Secret
from integrations.spi import (
    Found,
    Health,
    InvalidConfig,
    PaymentRequest,
    PaymentSnapshot,
    PaymentStatus,
    ProviderError,
)
from integrations.transport import Line

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams

CLOCKS_DIFFER_SECONDS = 600
MOST_PAGES = 100


@dataclass(frozen=True)
class StripeConfig:
    """Where Stripe answers."""

    api_url: str = setting(
        "Stripe's API; another address only for a stand-in", default="https://api.stripe.com", is_address=True
    )


@provider(
    "stripe",
    kind="payment",
    label="Stripe",
    config=StripeConfig,
    credentials=[
        Credential("api_key", about="Developers > API keys: a restricted key (rk_…) or the secret key (sk_…)")
    ],
    rate=Rate(per_minute=1200, burst=25),
    webhook_secret="Developers > Webhooks > the endpoint > Signing secret (whsec_…)",
)
class StripePayments(StripeWebhooks):
    """One Stripe account."""

    def __init__(self, config: StripeConfig, secrets: Mapping[str, Secret], line: Line) -> None:
        self.api_url, self.api_key = web_address("config.api_url", config.api_url), secrets["api_key"]
        self.http = HttpClient(line)
        if not self.api_key.reveal().startswith(("sk_", "rk_")):
            raise InvalidConfig("credentials.api_key", "This is no secret key: they begin with sk_ or rk_.")

    @cached_property
    def client(self) -> stripe.StripeClient:
        """Speaks to this account only; nothing global is set."""
        return stripe.StripeClient(
            self.api_key.reveal(),
            http_client=self.http,
            base_addresses={"api": self.api_url},
            max_network_retries=0,
        )

    def check(self) -> Health:
        """Ask for the balance."""
        with self._in_house_words():
            is_live = self.client.v1.balance.retrieve().livemode
        kind = "a live key: real money moves" if is_live else "a test key: no real money moves"
        return Health(ok=True, detail=f"Stripe accepts the key. It is {kind}.")

    def create(self, request: PaymentRequest) -> PaymentSnapshot:
        with self._in_house_words():
            try:
                intent = self.client.v1.payment_intents.create(_wanted(request), {"idempotency_key": request.key})
            except stripe.CardError as declined:
                return self._declined(declined)
            return snapshot_of(intent.to_dict())

    def capture(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        """What is left of the hold is let go by Stripe."""
        with self._in_house_words():
            intent = self.client.v1.payment_intents.capture(
                ref,
                {"amount_to_capture": to_stripe(amount_minor, currency), "expand": [LATEST_CHARGE]},
                {"idempotency_key": key},
            )
            return snapshot_of(intent.to_dict())

    def cancel(self, ref: str, *, key: str) -> PaymentSnapshot:
        with self._in_house_words():
            intent = self.client.v1.payment_intents.cancel(ref, {"expand": [LATEST_CHARGE]}, {"idempotency_key": key})
            return snapshot_of(intent.to_dict())

    def refund(self, ref: str, *, amount_minor: int, currency: str, key: str) -> PaymentSnapshot:
        """The payment comes with the answer: were it fetched afterwards, that could fail when all is done."""
        with self._in_house_words():
            refund = self.client.v1.refunds.create(
                {
                    "payment_intent": ref,
                    "amount": to_stripe(amount_minor, currency),
                    "metadata": {KEY: key},
                    "expand": [f"payment_intent.{LATEST_CHARGE}"],
                },
                {"idempotency_key": key},
            )
            return snapshot_of(refund.to_dict()["payment_intent"])

    def fetch(self, ref: str) -> PaymentSnapshot:
        with self._in_house_words():
            return snapshot_of(self._intent(ref))

    def find(self, request: PaymentRequest, since: datetime) -> Found:
        with self._in_house_words():
            ref = self._ref_of(request.key, int(since.timestamp()) - CLOCKS_DIFFER_SECONDS)
        return Found(payment=self.fetch(ref) if ref else None)

    def _intent(self, ref: str) -> dict[str, Any]:
        return self.client.v1.payment_intents.retrieve(ref, {"expand": [LATEST_CHARGE]}).to_dict()

    def _declined(self, error: stripe.CardError) -> PaymentSnapshot:
        """The payment that was made and not paid. Stripe tells it with the refusal, or at least its charge."""
        told: Any = error.json_body
        intent = told["error"].get("payment_intent")
        if not intent and (charge := told["error"].get("charge")):
            intent = self._intent(str(self.client.v1.charges.retrieve(charge).payment_intent))
        if not intent:
            raise ProviderError(f"The card was declined: {error.user_message}", permanent=True)
        failure = failure_of(told["error"])
        return replace(snapshot_of(intent), status=PaymentStatus.FAILED, failure=failure, detail=failure)

    def _ref_of(self, key: str, since: int) -> str:
        """The id of the payment with our ``key``; empty when there is none that young.

        Stripe lists the newest first. Its search would be shorter, but runs a minute behind.
        """
        wanted: PaymentIntentListParams = {"limit": 100}
        for _ in range(MOST_PAGES):
            page = self.client.v1.payment_intents.list(wanted).to_dict()
            intents = page["data"]
            found = next((each["id"] for each in intents if (each.get("metadata") or {}).get(KEY) == key), "")
            if found or not page["has_more"] or not intents or intents[-1]["created"] < since:
                return str(found)
            wanted["starting_after"] = intents[-1]["id"]
        raise ProviderError("Too many payments were made since: it can't be said that this one was not.")

    @contextmanager
    def _in_house_words(self) -> Iterator[None]:
        self.http.answered = None
        try:
            yield
        except stripe.StripeError as error:
            raise refusal(error, self.http.answered) from None
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            if self.http.answered is not None:
                raise unreadable(self.http.answered) from None
            if isinstance(error, BadAmount):
                raise ProviderError(str(error), permanent=True) from None
            raise


def _wanted(request: PaymentRequest) -> "PaymentIntentCreateParams":
    wanted: PaymentIntentCreateParams = {
        "amount": to_stripe(request.amount_minor, request.currency),
        "currency": request.currency.lower(),
        "capture_method": "automatic" if request.captures_at_once else "manual",
        "metadata": {KEY: request.key, "reference": request.reference},
        "expand": [LATEST_CHARGE],
    }
    if not request.method:  # it would wait for one, and nobody could give it
        raise ProviderError("Say how the payer pays: give the token that Stripe.js made, pm_….", permanent=True)
    wanted |= {"payment_method": request.method, "confirm": True}
    if request.description:
        wanted["description"] = request.description
    if request.return_url:
        wanted["return_url"] = request.return_url
    else:
        wanted["payment_method_types"] = ["card"]  # any other may lead the payer away, and nowhere back
    return wanted
