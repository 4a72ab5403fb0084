"""What Stripe tells us: proven by its SDK, by the clock that we are given."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import stripe

from integrations.providers.stripe.reading import KEY
from integrations.sealing import Secret
from integrations.spi import Handshake, Happening, PaymentMoved, RawRequest, Verified, WebhookRefused

TOLERANCE_SECONDS = 300
_TIME = re.compile(r"t=([0-9]{1,12})")


class StripeWebhooks:
    """Events, signed under the secret of the endpoint that they are sent to."""

    def handshake(self, request: RawRequest) -> Handshake | None:
        """Stripe asks nothing before it calls."""
        return None

    def verify(self, request: RawRequest, secrets: Sequence[Secret], now: datetime) -> Sequence[Verified]:
        header = request.headers.get("stripe-signature", "")
        _refuse_stale(header, now)
        if not any(_is_proven(request.body, header, secret) for secret in secrets):
            raise WebhookRefused("No secret of this integration proves the signature.")
        return [_event(request.body)]

    def read(self, event: Verified) -> Sequence[Happening]:
        if not event.kind.startswith(("payment_intent.", "charge.", "refund.")):
            return []
        told = event.payload["data"]["object"]
        intent = told if told.get("object") == "payment_intent" else told.get("payment_intent")
        ref = intent.get("id") if isinstance(intent, dict) else intent
        return [PaymentMoved(ref=ref, key=_key_of(told, intent))] if ref else []


def _refuse_stale(header: str, now: datetime) -> None:
    """The SDK knows no clock but its own, and takes what comes from the future."""
    times = [part for part in header.split(",") if part.startswith("t=")]
    # One time only: the SDK signs with the first, and a second must not be the one that is looked at.
    at = _TIME.fullmatch(times[0]) if len(times) == 1 else None
    if at is None:
        raise WebhookRefused("There is no readable Stripe-Signature.")
    if abs(now.timestamp() - int(at[1])) > TOLERANCE_SECONDS:
        raise WebhookRefused("It was signed too long ago, or in the future.")


def _is_proven(body: bytes, header: str, secret: Secret) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret.reveal()))
    except (stripe.SignatureVerificationError, UnicodeError, TypeError):
        return False  # TypeError: letters in a signature that are none of ASCII's


def _event(body: bytes) -> Verified:
    try:
        told = json.loads(body)
        return Verified(
            event_id=str(told["id"]),
            kind=str(told["type"]),
            payload=told,
            occurred_at=datetime.fromtimestamp(told["created"], UTC),
            is_live=bool(told["livemode"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        raise WebhookRefused("It is signed, but no event of Stripe.") from None


def _key_of(told: Mapping[str, Any], intent: Any) -> str:
    """The key of the payment's request, where it is told. That of a refund is the refund's own."""
    source = intent if isinstance(intent, dict) else told
    metadata = source.get("metadata") if source.get("object") != "refund" else None
    return str((metadata or {}).get(KEY, ""))
