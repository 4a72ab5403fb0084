"""What became of payments, found out by reading. Nothing here moves money."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from estateman.common import clock
from estateman.common.claims import backoff, claim
from integrations.door import call
from integrations.models import Integration, Payment, PaymentOperation
from integrations.outcomes import Asked, Verdict, checked, verdict
from integrations.services.payments.calls import FIRST_LOOK, LEASE, Kind, State
from integrations.services.payments.keeping import NOT_BEGUN, apply, end, fail, forget, locked, mark_unknown
from integrations.spi import Found, Gone, PaymentGateway, PaymentSnapshot, PaymentStatus, ProviderError
from integrations.spi.operations import FETCH_PAYMENT, FIND_PAYMENT

logger = logging.getLogger(__name__)

BATCH = 20
GRACE = timedelta(minutes=15)
"""After this a request that left within its LEASE has landed or never will: what can't be seen then did not happen."""
CLOCKS_APART = timedelta(minutes=5)
NEVER_ARRIVED = "The provider never heard of it. Nothing was taken; it may be tried again."
NOT_DONE = "The provider did not do it. Nothing moved; it may be tried again."


def refresh_payment(payment: Payment) -> Payment:
    """Read how it stands at the provider, and keep that. Raises ProviderError. Not inside a transaction."""
    return _read(payment, partial(_look, payment))


def refresh_payment_by_ref(integration: Integration, *, ref: str, key: str = "") -> Payment | None:
    """Read the payment that ``integration`` told about; None when it is none of ours.

    It is found by the provider's id of it, or by the key of the call that asked for it, which may not have returned
    yet. Raises ProviderError. Not inside a transaction.
    """
    ours = Payment.objects.filter(integration=integration)
    payment = (ref and ours.filter(ref=ref).first()) or ours.moved_by(key).first()
    if not payment:
        return None
    return _read(payment, partial(_fetch, payment, payment.ref or ref))


def _read(payment: Payment, look: Callable[[], PaymentSnapshot | None]) -> Payment:
    asked_at = clock.now()
    try:
        seen = look()
    except Gone:
        if not _keep_absence(payment.pk, asked_at=asked_at):
            raise
    else:
        if seen is not None:
            _keep_reading(payment.pk, seen, asked_at=asked_at)
    payment.refresh_from_db()
    return payment


def reconcile_due() -> int:
    """Find out what became of a batch of calls whose outcome is not known; returns how many were claimed."""
    undecided = PaymentOperation.objects.filter(state__in=PaymentOperation.UNDECIDED)
    operations = claim(undecided.select_related("payment__integration"), limit=BATCH, lease=LEASE)
    for operation in operations:
        _reconcile(operation)
    return len(operations)


def _reconcile(operation: PaymentOperation) -> None:
    asked_at = clock.now()
    try:
        seen = _look(operation.payment)
        _conclude(operation, seen, asked_at=asked_at)
    except ProviderError as error:
        _weigh(operation, error, asked_at=asked_at)
    except Exception as error:  # one bad row must not stop the rest
        logger.exception("Payment operation %s could not be reconciled", operation.pk)
        _put_off(operation, f"{type(error).__name__}: {error}"[:500])


def _weigh(operation: PaymentOperation, error: ProviderError, *, asked_at: datetime) -> None:
    """It could not be read. Where it never will be, and nobody can have paid, that tells as much as an answer."""
    payment = operation.payment
    if isinstance(error, Gone) and _keep_absence(payment.pk, asked_at=asked_at):
        return
    if error.permanent and (not payment.ref or payment.status in NOT_BEGUN) and _is_over(operation, asked_at):
        _conclude(operation, None, asked_at=asked_at)
    else:
        _put_off(operation, str(error))


def _look(payment: Payment) -> PaymentSnapshot | None:
    """How it stands at the provider; None when that never heard of it. Raises ProviderError.

    What was given up is looked for no more: some providers are asked by making it anew.
    """
    if payment.ref:
        return _fetch(payment, payment.ref)
    asking = payment.operations.get(kind=Kind.CREATE)
    return None if asking.state == State.FAILED else _find(payment, asking)


def _fetch(payment: Payment, ref: str) -> PaymentSnapshot:
    def fetch(provider: PaymentGateway) -> PaymentSnapshot:
        return checked(provider.fetch(ref), payment.currency)

    return call(payment.integration, FETCH_PAYMENT, fetch, correlation_id=f"payment:{payment.pk}")


def _find(payment: Payment, asking: PaymentOperation) -> PaymentSnapshot | None:
    def find(provider: PaymentGateway) -> Found:
        found = provider.find(payment.request(asking.key), asking.created_at - CLOCKS_APART)
        if found.payment is not None:
            checked(found.payment, payment.currency)
        return found

    return call(payment.integration, FIND_PAYMENT, find, correlation_id=f"payment:{payment.pk}").payment


@transaction.atomic
def _keep_reading(payment_id: int, seen: PaymentSnapshot, *, asked_at: datetime) -> None:
    """What a read shows, whoever asked for it. It may settle a call before that call's own answer comes."""
    payment = locked(payment_id)
    operation = _judgeable(payment)
    if operation is not None and _is_under_way(operation) and seen.status == PaymentStatus.FAILED:
        return  # half made, perhaps; the call's own answer will tell
    apply(payment, seen, asked_at=asked_at)
    if operation is not None and asked_at >= operation.created_at:
        _settle(operation, payment, seen)


@transaction.atomic
def _keep_absence(payment_id: int, *, asked_at: datetime) -> bool:
    """The provider knows it no longer; whether that can be, and was kept."""
    payment = locked(payment_id)
    operation = payment.operations.filter(state__in=PaymentOperation.UNDECIDED).first()
    if operation is not None and _is_under_way(operation):
        return False
    seen = forget(payment, asked_at=asked_at)
    if seen is not None and operation is not None:
        _settle(operation, payment, seen)
    return seen is not None


def _judgeable(payment: Payment) -> PaymentOperation | None:
    """The call that is not decided; or the one that was given up although it landed."""
    given_up = payment.operations.filter(kind=Kind.CREATE, state=State.FAILED)
    return payment.operations.filter(state__in=PaymentOperation.UNDECIDED).first() or given_up.first()


def _is_under_way(operation: PaymentOperation) -> bool:
    held = operation.lease_until is not None and operation.lease_until > clock.now()
    return operation.state == State.OPEN and held


def _settle(operation: PaymentOperation, payment: Payment, seen: PaymentSnapshot) -> bool:
    """End the call if ``seen`` tells what became of it; whether it does."""
    asked = Asked(kind=operation.kind, amount_minor=operation.amount_minor or 0, before_minor=operation.before_minor)
    found = verdict(asked, seen)
    if found == Verdict.DONE:
        end(operation, payment, State.DONE)
    if found == Verdict.FAILED:
        fail(operation, payment, seen.failure or f"The payment is {payment.get_status_display()}.")
    return found != Verdict.OPEN


@transaction.atomic
def _conclude(operation: PaymentOperation, seen: PaymentSnapshot | None, *, asked_at: datetime) -> None:
    """What the worker that claimed ``operation`` found out."""
    payment = locked(operation.payment_id)
    operation.refresh_from_db(fields=["state", "lease_token"])
    if seen is not None:
        apply(payment, seen, asked_at=asked_at)
    if operation.state not in PaymentOperation.UNDECIDED or (seen is not None and _settle(operation, payment, seen)):
        return
    if _is_over(operation, asked_at):
        fail(operation, payment, NEVER_ARRIVED if seen is None else NOT_DONE)
    else:
        _look_again(operation, payment, "The provider has not heard of it so far.")


def _is_over(operation: PaymentOperation, asked_at: datetime) -> bool:
    return asked_at >= operation.created_at + GRACE


@transaction.atomic
def _put_off(operation: PaymentOperation, why: str) -> None:
    """It could not be read. Only the claim's own worker writes: one that outlived its lease changes nothing."""
    payment, token = locked(operation.payment_id), operation.lease_token
    operation.refresh_from_db(fields=["state", "lease_token"])
    if operation.state in PaymentOperation.UNDECIDED and operation.lease_token == token:
        _look_again(operation, payment, why)


def _look_again(operation: PaymentOperation, payment: Payment, why: str) -> None:
    wait = backoff(operation.attempts, first=FIRST_LOOK)
    mark_unknown(operation, payment, why, look_at=clock.now() + wait)
