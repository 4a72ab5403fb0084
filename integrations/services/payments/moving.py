"""What may be done with a payment: take what is held, let it go, give it back."""

from contextlib import suppress

from django.db import transaction

from estateman.people.models import User
from integrations.models import Payment, PaymentOperation
from integrations.money import shown
from integrations.permissions import require_taker
from integrations.services.locking import IntegrationGone, lock_integration
from integrations.services.payments.approvals import next_key
from integrations.services.payments.calls import Kind, State, open_operation, run
from integrations.services.payments.errors import (
    AmountTooLarge,
    KeyUsedOtherwise,
    NotCancellable,
    NotCapturable,
    NotRefundable,
    OperationFailed,
    PaymentInProgress,
)
from integrations.services.payments.keeping import locked
from integrations.spi import PaymentStatus

_NOT_POSSIBLE = {Kind.CAPTURE: NotCapturable, Kind.CANCEL: NotCancellable, Kind.REFUND: NotRefundable}


def capture_payment(payment: Payment, *, amount_minor: int | None = None, key: str, by: User) -> Payment:
    """Take what is held, or part of it; the payment as it stands then.

    ``key`` is the request's own: the same again moves nothing twice. Raises NotCapturable, AmountTooLarge,
    PaymentInProgress, OperationFailed, KeyUsedOtherwise, IntegrationGone. Not to be called inside a transaction.
    """
    return _move(payment, Kind.CAPTURE, amount_minor, key=key, by=by)


def cancel_payment(payment: Payment, *, key: str, by: User) -> Payment:
    """Let go of what was not captured; the payment as it stands then.

    Raises NotCancellable, PaymentInProgress, OperationFailed, KeyUsedOtherwise, IntegrationGone.
    """
    return _move(payment, Kind.CANCEL, None, key=key, by=by)


def refund_payment(payment: Payment, *, amount_minor: int | None = None, key: str, by: User) -> Payment:
    """Give back all that is left, or part of it; the payment as it stands then. There may be several.

    Raises NotRefundable, AmountTooLarge, PaymentInProgress, OperationFailed, KeyUsedOtherwise, IntegrationGone.
    """
    return _move(payment, Kind.REFUND, amount_minor, key=key, by=by)


def capture_approved(payment: Payment) -> None:
    """Take what its payer has approved at the provider, where it was to be taken at once. Not inside a transaction.

    Once, however often an approval is told. Where that failed for a passing reason the next call tries anew;
    when it failed for good, or too often, it is announced, and people may capture. Raises PaymentInProgress.
    """
    if not payment.captures_at_once or payment.status != PaymentStatus.AUTHORISED:
        return
    key = next_key(payment)
    if key is None:
        return
    with suppress(NotCapturable, IntegrationGone):  # somebody was faster
        operation, is_new = _open(payment, Kind.CAPTURE, None, key=key, by=payment.by)
        if is_new:
            run(operation)


def _move(payment: Payment, kind: Kind, amount_minor: int | None, *, key: str, by: User) -> Payment:
    require_taker(by)
    operation, is_new = _open(payment, kind, amount_minor, key=key, by=by)
    if is_new:
        run(operation)
    operation.refresh_from_db()
    if operation.state == State.FAILED:
        told = operation.error or "The provider did not do it. Nothing moved."
        raise OperationFailed(told, payment=payment.pk, operation=operation.pk)
    payment.refresh_from_db()
    return payment


@transaction.atomic
def _open(
    payment: Payment, kind: Kind, amount_minor: int | None, *, key: str, by: User | None
) -> tuple[PaymentOperation, bool]:
    """The row of the call to be made, and True; or the one that a request with this key wrote before."""
    now = locked(payment.pk)
    if kept := now.operations.filter(by=by, idempotency_key=key).first():
        if kept.kind != kind or amount_minor not in {None, kept.amount_minor}:
            raise KeyUsedOtherwise("This Idempotency-Key was used for something else. Take a new one.")
        return kept, False
    lock_integration(now.integration)
    _refuse_two_at_once(now)
    amount = _allowed(now, kind, amount_minor)
    return open_operation(now, kind, amount_minor=amount, key=key, by=by), True


def _refuse_two_at_once(payment: Payment) -> None:
    if going := payment.operations.filter(state__in=PaymentOperation.UNDECIDED).first():
        raise PaymentInProgress(
            f"A {going.get_kind_display().lower()} is under way. Look at the payment again in a moment.",
            payment=payment.pk,
            operation=going.pk,
        )


def _allowed(payment: Payment, kind: Kind, amount_minor: int | None) -> int:
    """How much is to be moved. Raises what stands in the way, with what can be done instead."""
    if kind not in payment.can:
        raise _NOT_POSSIBLE[kind](_words(payment, kind), status=payment.status, can=payment.can)
    most = {
        Kind.CAPTURE: payment.capturable_minor,
        Kind.CANCEL: payment.amount_minor,
        Kind.REFUND: payment.refundable_minor,
    }[kind]
    if amount_minor is not None and amount_minor > most:
        raise AmountTooLarge(f"At most {shown(most, payment.currency)} can be moved.", most_minor=most)
    return most if amount_minor is None else amount_minor


def _words(payment: Payment, kind: Kind) -> str:
    stands = f"This payment is {payment.get_status_display()}"
    return (
        f"{stands}; it can be: {', '.join(payment.can)}." if payment.can else f"{stands}; nothing can be done with it."
    )
