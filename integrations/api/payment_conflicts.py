"""The rules that stand in the way of money, as the docs show them."""

from integrations.api.errors import NothingToSendBy
from integrations.services import IntegrationGone, payments

MISMATCH = payments.KeyUsedOtherwise("This Idempotency-Key was used for something else. Take a new one.")
IN_PROGRESS = payments.PaymentInProgress(
    "A refund is under way. Look at the payment again in a moment.", payment=31, operation=57
)
FAILED = payments.OperationFailed("The provider did not do it. Nothing moved.", payment=31, operation=57)
TOO_LARGE = payments.AmountTooLarge("At most 150.00 USD can be moved.", most_minor=15000)
NOTHING_PAID = payments.NothingPaid("Nothing was paid, so there is no receipt.", status="failed")
GONE = IntegrationGone("Stripe was deleted, and its credentials with it: nothing goes through it any more.")
PROCESS = (
    payments.AlreadyPaid(
        "This was paid already, as payment 31. If it is another one, give it an invoice of its own.",
        payment=31,
        status="captured",
    ),
    payments.PaymentDeclined("Your card was declined.", payment=31),
    NothingToSendBy("No payment integration is ready to be used."),
    GONE,
    MISMATCH,
)
CAPTURE = (
    payments.NotCapturable("This payment is captured; it can be: refund.", status="captured", can=["refund"]),
    TOO_LARGE,
    IN_PROGRESS,
    FAILED,
    GONE,
    MISMATCH,
)
CANCEL = (
    payments.NotCancellable("This payment is captured; it can be: refund.", status="captured", can=["refund"]),
    IN_PROGRESS,
    FAILED,
    GONE,
    MISMATCH,
)
REFUND = (
    payments.NotRefundable(
        "This payment is authorised; it can be: capture, cancel.", status="authorised", can=["capture", "cancel"]
    ),
    TOO_LARGE,
    IN_PROGRESS,
    FAILED,
    GONE,
    MISMATCH,
)
