"""What an order of PayPal says, in our words."""

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.money import from_decimal
from integrations.spi import PaymentSnapshot, PaymentStatus

Order = dict[str, Any]
CANCELLED_MARK = "cancelled:"
"""Before our key on an order that was cancelled here: PayPal itself has no such state."""
_TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}
_GIVEN_BACK = {"COMPLETED", "PENDING"}
_HELD = {"CREATED", "PARTIALLY_CAPTURED"}
_OF_CAPTURES = {"PENDING": PaymentStatus.PROCESSING, "DECLINED": PaymentStatus.FAILED, "FAILED": PaymentStatus.FAILED}
_OF_AUTHORIZATIONS = {
    "CREATED": PaymentStatus.AUTHORISED,
    "PARTIALLY_CAPTURED": PaymentStatus.AUTHORISED,
    "PENDING": PaymentStatus.PROCESSING,
    "DENIED": PaymentStatus.FAILED,
    "VOIDED": PaymentStatus.CANCELLED,
    "EXPIRED": PaymentStatus.CANCELLED,
}
_OF_ORDERS = {
    "CREATED": PaymentStatus.REQUIRES_ACTION,
    "SAVED": PaymentStatus.REQUIRES_ACTION,
    "PAYER_ACTION_REQUIRED": PaymentStatus.REQUIRES_ACTION,
    # The payer has said yes: the money is ours to take, though PayPal holds none until it is told to.
    "APPROVED": PaymentStatus.AUTHORISED,
    "VOIDED": PaymentStatus.CANCELLED,
}


def unit_of(order: Order) -> dict[str, Any]:
    """The one thing that is paid by an order of ours."""
    return dict(order["purchase_units"][0])


def payments_of(order: Order, kind: str) -> list[dict[str, Any]]:
    """Its ``captures``, ``authorizations`` or ``refunds``."""
    return list((unit_of(order).get("payments") or {}).get(kind) or [])


def with_unit(order: Order, **changes: Any) -> Order:
    """``order`` with ``changes`` to what is paid by it."""
    return {**order, "purchase_units": [{**unit_of(order), **changes}]}


def with_payments(order: Order, kind: str, payments: Iterable[Mapping[str, Any]]) -> Order:
    """``order`` as it is after a call that told only what it did."""
    return with_unit(order, payments={**(unit_of(order).get("payments") or {}), kind: list(payments)})


def merged(before: Order, after: Order) -> Order:
    """PayPal leaves out of some answers what was known before."""
    told = after["purchase_units"][0] if after.get("purchase_units") else {}
    return with_unit({**before, **after, "purchase_units": before["purchase_units"]}, **told)


def open_authorization(order: Order) -> dict[str, Any] | None:
    """The hold that can be captured or let go."""
    return next((each for each in payments_of(order, "authorizations") if each.get("status") in _HELD), None)


def refundable_capture(order: Order, amount_minor: int) -> dict[str, Any] | None:
    """A capture that is large enough; PayPal itself counts what of it was given back."""
    taken = [each for each in payments_of(order, "captures") if each.get("status") in _TAKEN - {"REFUNDED"}]
    return next((each for each in taken if _minor(each["amount"]) >= amount_minor), None)


def is_cancelled(order: Order) -> bool:
    return str(unit_of(order).get("custom_id") or "").startswith(CANCELLED_MARK)


def amount_of(order: Order) -> int:
    """In the currency's smallest unit."""
    return _minor(unit_of(order)["amount"])


def snapshot_of(order: Order, *, is_live: bool) -> PaymentSnapshot:
    captured = _sum(payments_of(order, "captures"), _TAKEN)
    refunded = _sum(payments_of(order, "refunds"), _GIVEN_BACK)
    status = _status(order, captured, refunded)
    return PaymentSnapshot(
        ref=order["id"],
        status=status,
        amount_minor=amount_of(order),
        currency=unit_of(order)["amount"]["currency_code"],
        captured_minor=captured,
        refunded_minor=refunded,
        action_url=_action_url(order) if status == PaymentStatus.REQUIRES_ACTION else "",
        failure=_failure(order) if status == PaymentStatus.FAILED else "",
        is_live=is_live,
        detail=f"Order {order['id']} is {order.get('status')}.",
    )


def _status(order: Order, captured: int, refunded: int) -> PaymentStatus:
    if refunded:
        return PaymentStatus.REFUNDED if refunded >= captured else PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.CAPTURED if captured else _status_before_paid(order)


def _status_before_paid(order: Order) -> PaymentStatus:
    """By what was tried last. A state that PayPal invents later is at least not final."""
    captures, holds = payments_of(order, "captures"), payments_of(order, "authorizations")
    if captures:
        return _OF_CAPTURES.get(captures[-1].get("status", ""), PaymentStatus.PROCESSING)
    if is_cancelled(order):
        return PaymentStatus.CANCELLED
    if holds:
        return _OF_AUTHORIZATIONS.get(holds[-1].get("status", ""), PaymentStatus.PROCESSING)
    return _OF_ORDERS.get(order.get("status", ""), PaymentStatus.PROCESSING)


def _sum(payments: Iterable[Mapping[str, Any]], states: set[str]) -> int:
    return sum(_minor(each["amount"]) for each in payments if each.get("status") in states)


def _minor(amount: Mapping[str, Any]) -> int:
    return from_decimal(str(amount["value"]), str(amount["currency_code"]))


def _action_url(order: Order) -> str:
    links = {each.get("rel"): each.get("href") for each in order.get("links") or []}
    return links.get("payer-action") or links.get("approve") or ""


def _failure(order: Order) -> str:
    last = (payments_of(order, "captures") or payments_of(order, "authorizations"))[-1]
    reason = (last.get("status_details") or {}).get("reason")
    return f"PayPal declined it ({reason})." if reason else "PayPal declined it."
