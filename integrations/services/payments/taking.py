"""Asking for money, once."""

from django.db import IntegrityError, transaction

from estateman.people.models import User
from integrations.models import Integration, Payment, PaymentOperation
from integrations.models.payments import NOTHING_PAID
from integrations.permissions import require_taker
from integrations.services.locking import lock_integration
from integrations.services.payments.calls import Kind, open_operation, run
from integrations.services.payments.errors import AlreadyPaid, KeyUsedOtherwise, PaymentDeclined
from integrations.services.payments.orders import PaymentOrder, check_order, choose_gateway
from integrations.spi import PaymentStatus


def process_payment(order: PaymentOrder, *, key: str, by: User) -> Payment:
    """Ask one gateway for the money, and no other after it; the payment as it stands then.

    ``key`` is the request's own: the same again returns the payment as it stands, and calls nobody. Where the
    provider's answer failed to come, the payment ``is_unknown`` until it is found out. Raises ValidationError that
    names the field, NoProvider, IntegrationGone, AlreadyPaid, PaymentDeclined, KeyUsedOtherwise. Not to be called
    inside a transaction.
    """
    require_taker(by)
    payment = _kept(order, key=key, by=by)
    if payment is None:
        check_order(order, by=by)
        operation, is_new = _write(order, choose_gateway(order), key=key, by=by)
        if is_new:
            run(operation)
        payment = operation.payment
    payment.refresh_from_db()
    if payment.status == PaymentStatus.FAILED:
        raise PaymentDeclined(payment.failure or "The payment failed. Nothing was taken.", payment=payment.pk)
    return payment


def _kept(order: PaymentOrder, *, key: str, by: User) -> Payment | None:
    kept = Payment.objects.filter(by=by, idempotency_key=key).first()
    if kept is not None and kept.fingerprint != order.fingerprint:
        raise KeyUsedOtherwise("This Idempotency-Key was used for another payment. Take a new one.")
    return kept


def _write(order: PaymentOrder, gateway: Integration, *, key: str, by: User) -> tuple[PaymentOperation, bool]:
    """The rows of a payment to be made, and True; or those that a request with this key wrote meanwhile."""
    try:
        with transaction.atomic():
            lock_integration(gateway)
            payment = _create(order, gateway, key=key, by=by)
            return open_operation(payment, Kind.CREATE, amount_minor=order.amount_minor, by=by), True
    except IntegrityError as error:
        kept = _kept(order, key=key, by=by)
        if kept is None:
            raise _why_not(order, error) from None
        return kept.operations.get(kind=Kind.CREATE), False


def _create(order: PaymentOrder, gateway: Integration, *, key: str, by: User) -> Payment:
    return Payment.objects.create(
        integration=gateway,
        provider=gateway.provider,
        idempotency_key=key,
        fingerprint=order.fingerprint,
        purpose=order.purpose,
        amount_minor=order.amount_minor,
        currency=order.currency,
        captures_at_once=order.captures_at_once,
        method=order.method,
        description=order.description,
        invoice=order.invoice,
        room=order.room,
        receipt_email=order.receipt_email,
        return_url=order.return_url,
        by=by,
    )


def _why_not(order: PaymentOrder, error: IntegrityError) -> Exception:
    """Of one purpose at most one payment is alive; the last one, where it ended at this very moment."""
    same = Payment.objects.filter(purpose=order.purpose)
    living = same.exclude(status__in=NOTHING_PAID).first() or same.last()
    if living is None:
        return error
    paid = "was paid" if living.captured_minor else "is being paid"
    return AlreadyPaid(
        f"This {paid} already, as payment {living.pk}. If it is another one, give it an invoice of its own.",
        payment=living.pk,
        status=living.status,
    )
