"""What a PaymentIntent of Stripe says, in our words."""

from collections.abc import Mapping
from typing import Any

from integrations.money import from_stripe
from integrations.spi import PaymentSnapshot, PaymentStatus

KEY = "estateman_key"
"""Under which name in the metadata our key stands; by it a payment is found again."""
LATEST_CHARGE = "latest_charge"
"""What has to be asked for along with the intent: without it, what was given back is not told."""
_STATUSES = {
    "requires_payment_method": PaymentStatus.REQUIRES_ACTION,
    "requires_confirmation": PaymentStatus.REQUIRES_ACTION,
    "requires_action": PaymentStatus.REQUIRES_ACTION,
    "processing": PaymentStatus.PROCESSING,
    "requires_capture": PaymentStatus.AUTHORISED,
    "succeeded": PaymentStatus.CAPTURED,
    "canceled": PaymentStatus.CANCELLED,
}


def snapshot_of(intent: Mapping[str, Any]) -> PaymentSnapshot:
    currency = str(intent["currency"]).upper()
    charge = intent.get(LATEST_CHARGE)
    captured, refunded = _moved(intent, charge if isinstance(charge, dict) else {})
    status = _status(intent, captured, refunded)
    return PaymentSnapshot(
        ref=intent["id"],
        status=status,
        amount_minor=from_stripe(intent["amount"], currency),
        currency=currency,
        captured_minor=from_stripe(captured, currency),
        refunded_minor=from_stripe(refunded, currency),
        action_url=_action_url(intent) if status == PaymentStatus.REQUIRES_ACTION else "",
        receipt_url=(charge.get("receipt_url") or "") if isinstance(charge, dict) else "",
        failure=failure_of(intent.get("last_payment_error") or {}) if status == PaymentStatus.FAILED else "",
        is_live=bool(intent.get("livemode")),
        detail=f"{intent['id']} is {intent['status']}.",
    )


def _moved(intent: Mapping[str, Any], charge: Mapping[str, Any]) -> tuple[int, int]:
    """What was taken and what was given back, as Stripe counts."""
    if intent["status"] != "succeeded":
        return 0, 0
    if not charge:
        return intent.get("amount_received") or 0, 0
    captured = charge.get("amount_captured")
    captured = charge["amount"] if captured is None else captured
    # Of a hold that is captured in part, Stripe counts the rest as given back.
    let_go = charge["amount"] - captured
    return captured, max(0, (charge.get("amount_refunded") or 0) - let_go)


def _status(intent: Mapping[str, Any], captured: int, refunded: int) -> PaymentStatus:
    if intent["status"] == "requires_payment_method" and intent.get("last_payment_error"):
        return PaymentStatus.FAILED
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= captured else PaymentStatus.PARTIALLY_REFUNDED
    # A status that Stripe invents later is at least not final.
    return _STATUSES.get(intent["status"], PaymentStatus.PROCESSING)


def _action_url(intent: Mapping[str, Any]) -> str:
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return redirect.get("url") or ""


def failure_of(error: Mapping[str, Any]) -> str:
    code = error.get("decline_code") or error.get("code")
    message = error.get("message") or "The payment failed."
    return f"{message} ({code})" if code else message
