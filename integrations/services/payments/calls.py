"""One call that may move money: its row first, then the call, then what came of it under the payment's lock."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction

from estateman.common import clock
from estateman.people.models import User
from integrations.door import call
from integrations.models import Payment, PaymentOperation
from integrations.outcomes import checked
from integrations.services.payments.approvals import is_heard
from integrations.services.payments.keeping import apply, end, fail, forget, locked, mark_unknown
from integrations.spi import (
    Gone,
    OutcomeUnknown,
    PaymentGateway,
    PaymentSnapshot,
    PaymentStatus,
    ProviderError,
    Unreachable,
)
from integrations.spi.operations import CANCEL_PAYMENT, CAPTURE_PAYMENT, CREATE_PAYMENT, REFUND_PAYMENT

LEASE = timedelta(minutes=5)
"""How long a call may take, its wait and its tries included: a request that would leave later does not."""
FIRST_LOOK = timedelta(seconds=5)

Kind = PaymentOperation.Kind
State = PaymentOperation.State
Act = Callable[[PaymentGateway, PaymentOperation], PaymentSnapshot]
_OPERATIONS = {
    Kind.CREATE: CREATE_PAYMENT,
    Kind.CAPTURE: CAPTURE_PAYMENT,
    Kind.CANCEL: CANCEL_PAYMENT,
    Kind.REFUND: REFUND_PAYMENT,
}


def open_operation(
    payment: Payment, kind: str, *, amount_minor: int, key: str = "", by: User | None
) -> PaymentOperation:
    """The row of a call that is about to be made, in the caller's transaction and under the payment's lock."""
    ends_at = clock.now() + LEASE
    return PaymentOperation.objects.create(
        payment=payment,
        kind=kind,
        amount_minor=amount_minor,
        before_minor=payment.refunded_minor if kind == Kind.REFUND else payment.captured_minor,
        idempotency_key=key,
        by=by,
        next_attempt_at=ends_at,
        lease_until=ends_at,
        lease_token=uuid4(),
    )


def run(operation: PaymentOperation) -> None:
    """Make the call, and keep what came of it. Not inside a transaction.

    Killed at any line, it leaves an open operation, which is settled by reading once its lease ends.
    """
    payment, asked_at = operation.payment, clock.now()
    try:
        snapshot = call(
            payment.integration,
            _OPERATIONS[Kind(operation.kind)],
            partial(_act, operation),
            correlation_id=f"payment:{payment.pk}",
        )
    except OutcomeUnknown as error:
        _keep_silence(operation, str(error))
    except ProviderError as error:
        _keep_refusal(operation, error)
    else:
        _keep_answer(operation, snapshot, asked_at=asked_at)


def _act(operation: PaymentOperation, provider: PaymentGateway) -> PaymentSnapshot:
    # Whoever slept between the row and here (a paused machine, a long queue) must not move money that was given up.
    if operation.lease_until is None or clock.now() >= operation.lease_until:
        raise Unreachable("It took too long until it could be asked for. Nothing was asked.")
    return checked(_ask(operation, provider), operation.payment.currency)


def _ask(operation: PaymentOperation, provider: PaymentGateway) -> PaymentSnapshot:
    payment, key = operation.payment, str(operation.key)
    if operation.kind == Kind.CREATE:
        return provider.create(payment.request(operation.key))
    if operation.kind == Kind.CANCEL:
        return provider.cancel(payment.ref, key=key)
    verb: Any = provider.capture if operation.kind == Kind.CAPTURE else provider.refund
    snapshot: PaymentSnapshot = verb(
        payment.ref, amount_minor=operation.amount_minor, currency=payment.currency, key=key
    )
    return snapshot


@transaction.atomic
def _keep_answer(operation: PaymentOperation, snapshot: PaymentSnapshot, *, asked_at: Any) -> None:
    """The provider's own word on this very call: it holds whatever was concluded meanwhile.

    A read that was asked for while it was under way may have seen the state before it, so it is older than the answer.
    """
    payment = locked(operation.payment_id)
    apply(payment, snapshot, asked_at=asked_at, known_at=clock.now(), by_id=operation.by_id)
    declined = operation.kind == Kind.CREATE and snapshot.status == PaymentStatus.FAILED
    end(operation, payment, State.FAILED if declined else State.DONE, error=snapshot.failure if declined else "")


@transaction.atomic
def _keep_refusal(operation: PaymentOperation, refused: ProviderError) -> None:
    """It was certainly not accepted. To let go of what the provider itself forgot is done, though."""
    payment = locked(operation.payment_id)
    operation.refresh_from_db(fields=["state"])
    if operation.state not in PaymentOperation.UNDECIDED:
        return
    lets_go = operation.kind == Kind.CANCEL and isinstance(refused, Gone)
    if lets_go and forget(payment, asked_at=clock.now(), by_id=operation.by_id):
        end(operation, payment, State.DONE)
        return
    operation.is_refused = refused.permanent
    fail(operation, payment, str(refused), by_id=operation.by_id, is_heard=is_heard(operation))


@transaction.atomic
def _keep_silence(operation: PaymentOperation, why: str) -> None:
    """It may have been accepted: to be found out, beginning soon."""
    payment = locked(operation.payment_id)
    operation.refresh_from_db(fields=["state"])
    if operation.state == State.OPEN:
        mark_unknown(operation, payment, why, look_at=clock.now() + FIRST_LOOK)
