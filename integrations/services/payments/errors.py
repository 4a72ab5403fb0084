"""What may stand in the way of money."""

from estateman.common.errors import RuleBroken


class AlreadyPaid(RuleBroken):
    """Another payment for the same is alive: ``payment``, which stands at ``status``."""

    code = "already_paid"


class PaymentInProgress(RuleBroken):
    """One call about a payment at a time: ``operation`` of ``payment`` is not over."""

    code = "payment_in_progress"


class PaymentDeclined(RuleBroken):
    """Nothing was taken; ``payment`` is kept as failed."""

    code = "payment_declined"


class OperationFailed(RuleBroken):
    """The provider did not do it, and nothing moved; ``operation`` of ``payment`` is kept."""

    code = "operation_failed"


class NotCapturable(RuleBroken):
    """Only what is held can be captured. ``can`` names the verbs that the payment allows."""

    code = "not_capturable"


class NotCancellable(RuleBroken):
    """What was captured is refunded, and what ended is over. ``can`` names the verbs that the payment allows."""

    code = "not_cancellable"


class NotRefundable(RuleBroken):
    """Nothing of it is left to give back. ``can`` names the verbs that the payment allows."""

    code = "not_refundable"


class AmountTooLarge(RuleBroken):
    """More than there is: at most ``most_minor``."""

    code = "amount_too_large"


class NothingPaid(RuleBroken):
    """There is no receipt for what was not paid; the payment stands at ``status``."""

    code = "nothing_paid"


class KeyUsedOtherwise(RuleBroken):
    """The idempotency key was used before, for something else."""

    code = "idempotency_mismatch"
