"""Money: asked for, taken, let go and given back, and found out about where an answer failed to come.

A payment's row and its operation's are committed before the provider is called, and what came of the call is written in
a second transaction. Whoever dies in between leaves an operation that is found by its lease, and settled by reading.
"""

from integrations.services.payments.errors import (
    AlreadyPaid,
    AmountTooLarge,
    KeyUsedOtherwise,
    NotCancellable,
    NotCapturable,
    NothingPaid,
    NotRefundable,
    OperationFailed,
    PaymentDeclined,
    PaymentInProgress,
)
from integrations.services.payments.moving import (
    cancel_payment,
    capture_approved,
    capture_payment,
    refund_payment,
)
from integrations.services.payments.orders import PaymentOrder
from integrations.services.payments.reading import reconcile_due, refresh_payment, refresh_payment_by_ref
from integrations.services.payments.receipts import Receipt, queue_receipt, receipt_of
from integrations.services.payments.taking import process_payment
from integrations.services.payments.waiting import look_after_waiting

__all__ = [
    "AlreadyPaid",
    "AmountTooLarge",
    "KeyUsedOtherwise",
    "NotCancellable",
    "NotCapturable",
    "NotRefundable",
    "NothingPaid",
    "OperationFailed",
    "PaymentDeclined",
    "PaymentInProgress",
    "PaymentOrder",
    "Receipt",
    "cancel_payment",
    "capture_approved",
    "capture_payment",
    "look_after_waiting",
    "process_payment",
    "queue_receipt",
    "receipt_of",
    "reconcile_due",
    "refresh_payment",
    "refresh_payment_by_ref",
    "refund_payment",
]
