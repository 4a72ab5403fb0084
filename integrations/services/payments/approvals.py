"""The capture that a payer's approval causes: tried until it is done, refused for good, or was tried often enough."""

from integrations.models import Payment, PaymentOperation

MOST_TRIES = 20
_BY_APPROVAL = "on-approval:"
"""Before the number of the try, as the key of the operation: no request's own key begins so."""


def next_key(payment: Payment) -> str | None:
    """The key of the next try; None when there is to be none. Two who ask at once get the same."""
    tries = payment.operations.filter(idempotency_key__startswith=_BY_APPROVAL)
    last = tries.order_by("pk").last()
    if last is None:
        return f"{_BY_APPROVAL}1"
    if last.state != PaymentOperation.State.FAILED or _is_last(last):
        return None
    return f"{_BY_APPROVAL}{_number(last) + 1}"


def is_heard(operation: PaymentOperation) -> bool:
    """Whether a refusal reaches whoever asked, or a next try follows it; else it is to be announced."""
    if operation.idempotency_key.startswith(_BY_APPROVAL):
        return not _is_last(operation)
    return operation.by_id is not None


def _is_last(operation: PaymentOperation) -> bool:
    return operation.is_refused or _number(operation) >= MOST_TRIES


def _number(operation: PaymentOperation) -> int:
    return int(operation.idempotency_key.removeprefix(_BY_APPROVAL))
